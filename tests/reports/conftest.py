"""A small surveyed district: two roads, a school, forty photos, twenty defects and some trouble."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from shapely import LineString, Polygon
from shapely.geometry import mapping

from pipeline.register import Register
from pipeline.register.records import DefectRecord, ObservationRecord
from reports.contents import Contents, read_contents
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.8852, 107.5421)
GSD_M, WIDTH_PX, HEIGHT_PX = 0.02, 1600, 1200
ROADS = {
    "r1": ("Jalan Merdeka", 7.5, LineString([(-330, -60), (-150, -20), (10, 10), (190, 90), (330, 120)])),
    "r2": ("Gang Cempaka", 3.2, LineString([(10, 10), (-20, 120), (-70, 210)])),
}
SCHOOL = Polygon([(60, -30), (130, 2), (112, 42), (42, 10)])
# road, station, offset to the right, kind, length, width, severity, priority, status
DAMAGE = [
    ("r1", 48.0, 1.2, "pothole", 0.92, 0.71, "high", 98.6, "new"),
    ("r1", 52.0, -1.6, "pothole", 0.64, 0.55, "high", 97.1, "confirmed"),
    ("r1", 95.0, 2.0, "alligator_crack", 3.9, 2.2, "high", 90.0, "assigned"),
    ("r1", 131.0, 0.3, "transverse_crack", 4.6, 0.22, "medium", 44.6, "new"),
    ("r1", 160.0, -2.6, "longitudinal_crack", 11.2, 0.3, "high", 80.0, "new"),
    ("r1", 214.0, 1.8, "pothole", 0.41, 0.36, "medium", 66.8, "new"),
    ("r1", 250.0, 0.0, "repair", 2.8, 1.9, "low", 0.0, "new"),
    ("r1", 287.0, -1.1, "alligator_crack", 1.8, 1.1, "medium", 54.0, "reopened"),
    ("r1", 333.0, 2.4, "pothole", 0.28, 0.22, "low", 34.7, "repaired"),
    ("r1", 371.0, 0.9, "transverse_crack", 6.1, 0.25, "medium", 46.1, "new"),
    ("r1", 402.0, -2.2, "longitudinal_crack", 5.3, 0.2, "medium", 45.3, "new"),
    ("r1", 447.0, 1.0, "manhole_cover", 0.8, 0.8, "low", 10.6, "new"),
    ("r1", 490.0, -0.4, "pothole", 0.77, 0.6, "high", 99.0, "new"),
    ("r1", 560.0, 2.1, "alligator_crack", 2.4, 1.6, "medium", 57.7, "verified"),
    ("r1", 622.0, -1.9, "repair", 1.4, 1.2, "low", 0.0, "new"),
    ("r2", 22.0, 0.5, "pothole", 0.55, 0.42, "medium", 69.2, "new"),
    ("r2", 60.0, -0.7, "longitudinal_crack", 4.0, 0.2, "medium", 44.0, "new"),
    ("r2", 101.0, 0.2, "alligator_crack", 5.6, 1.7, "high", 90.0, "confirmed"),
    ("r2", 150.0, 0.9, "transverse_crack", 2.1, 0.2, "low", 12.1, "new"),
    ("r2", 190.0, -0.3, "pothole", 0.35, 0.3, "medium", 65.8, "new"),
    ("r1", 20.0, 3.0, "pothole", 0.4, 0.4, "medium", 66.0, "rejected"),
    ("r1", 48.8, 1.3, "pothole", 0.6, 0.5, "high", 96.0, "duplicate"),
]


@pytest.fixture(scope="session")
def sample_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The register of the small district, in a folder with its photos; read it only."""
    return build_register(tmp_path_factory.mktemp("district"))


@pytest.fixture
def copied_register(sample_register: Path, tmp_path: Path) -> Path:
    """The small district's register and photos, to be changed."""
    folder = tmp_path / "district"
    shutil.copytree(sample_register.parent, folder)
    return folder / sample_register.name


@pytest.fixture(scope="session")
def sample_contents(sample_register: Path) -> Contents:
    """What the small district's register holds."""
    with Register.open(sample_register, read_only=True) as register:
        return read_contents(register)


@pytest.fixture
def empty_register(tmp_path: Path) -> Path:
    """A register without anything in it."""
    Register.open(tmp_path / "empty.db", create=True).close()
    return tmp_path / "empty.db"


@pytest.fixture
def make_defect() -> Callable[..., DefectRecord]:
    """Makes a defect, any field of it as wanted."""

    def make(**wanted: Any) -> DefectRecord:
        usual: dict[str, Any] = dict(
            id="D-AAAA1111", kind="pothole", severity="high", priority=95.5, status="new",
            lat=-6.88512345678, lon=107.54200000049, sigma_m=1.25, length_m=0.8, width_m=0.55,
            area_m2=0.3456, outlined=True, crack_length_m=None, crack_width_m=None, diameter_m=0.6634,
            score=0.8765, observation_count=1, photo_count=3,
            first_seen="2026-11-21T02:03:04.000Z", last_seen="2026-11-21T02:03:04.000Z",
            site=None, station_m=None, assignee=None, duplicate_of=None,
        )  # fmt: skip
        return DefectRecord(**usual | wanted)

    return make


@pytest.fixture
def make_observation() -> Callable[..., ObservationRecord]:
    """Makes an observation of a square metre, any field of it as wanted."""

    def make(**wanted: Any) -> ObservationRecord:
        square = [[107.542, -6.88512], [107.542, -6.88511], [107.54201, -6.88511], [107.54201, -6.88512]]
        usual: dict[str, Any] = dict(
            detection="a1", defect="D-AAAA1111", photo="p1", kind="pothole", score=0.8765, lat=-6.885115,
            lon=107.542005, sigma_m=1.25, sigma_major_m=1.5, sigma_minor_m=0.94, sigma_azimuth_deg=30.0,
            length_m=0.8, width_m=0.55, area_m2=0.3456, outlined=True, crack_length_m=None,
            crack_width_m=None, diameter_m=0.6634,
            footprint={"type": "Polygon", "coordinates": [[*square, square[0]]]},
            outline_px=((100.0, 100.0), (180.0, 100.0), (180.0, 150.0), (100.0, 150.0)),
        )  # fmt: skip
        return ObservationRecord(**usual | wanted)

    return make


@pytest.fixture
def make_contents() -> Callable[..., Contents]:
    """Makes contents of a register with nothing in it but what is given."""

    def make(**wanted: Any) -> Contents:
        nothing: dict[str, Any] = dict(sites=(), surveys=(), runs=(), photos=(), defects=(), observations={})
        return Contents(**nothing | wanted)

    return make


@pytest.fixture
def three_defects(
    make_contents: Callable[..., Contents],
    make_defect: Callable[..., DefectRecord],
    make_observation: Callable[..., ObservationRecord],
) -> Contents:
    """The contents behind the golden files: plain, with everything, with next to nothing."""
    full = make_defect(
        id="D-BBBB2222", kind="alligator_crack", status="assigned", site="jalan-merdeka", station_m=100.25,
        assignee='Regu "2", Dinas PU', observation_count=2, photo_count=2,
        last_seen="2026-12-01T04:05:06.000Z", crack_length_m=2.4, crack_width_m=0.0123, diameter_m=None,
        sigma_major_m=1.5, sigma_minor_m=0.94, sigma_azimuth_deg=30.0,
    )  # fmt: skip
    bare = make_defect(
        id="D-CCCC3333", kind="sinkhole", severity="low", status="duplicate", duplicate_of="D-AAAA1111",
        priority=0.0, first_seen=None, last_seen=None, lat=0.0, lon=0.0, outlined=False, diameter_m=None,
    )  # fmt: skip
    observations = {
        "D-AAAA1111": (make_observation(),),
        "D-BBBB2222": (make_observation(),),
        "D-CCCC3333": (),
    }
    return make_contents(defects=(full, bare, make_defect()), observations=observations)


def build_register(folder: Path) -> Path:
    """Write the small district's photos and register into a folder."""
    path = folder / "register.db"
    with Register.open(path, create=True) as register, register.transaction() as db:
        for table, rows in district_rows(folder).items():
            db.table(table).insert_all(rows)
    (folder / "photos" / "r1-008.jpg").unlink()
    return path


def district_rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of all tables, the ones that others refer to first."""
    tables: dict[str, list[dict[str, Any]]] = {
        "surveys": [
            {"id": 1, "name": "September 2026", "created_at": "2026-09-14T01:00:00.000Z"},
            {"id": 2, "name": "November 2026", "created_at": "2026-11-21T01:00:00.000Z"},
        ],
        "runs": [_run(1, "2026-09-14"), _run(2, "2026-11-21")],
        "sites": [_site(key, name, "road", line, width) for key, (name, width, line) in ROADS.items()],
    }
    tables["sites"].append(_site("f1", "SDN 2 Sukamaju", "facility", SCHOOL, None))
    tables["coverage"] = [_coverage(key, survey) for key in ROADS for survey in (1, 2)]
    photos = [photo for road in ROADS for photo in _photos_along(folder, road)]
    tables["photos"] = [photo["row"] for photo in photos] + _rejected_photos()
    tables["defects"], tables["detections"], tables["observations"] = [], [], []
    for number, damage in enumerate(DAMAGE):
        _add_defect(tables, photos, number, damage)
    return tables


def _run(number: int, day: str) -> dict[str, Any]:
    return {
        "id": number, "survey": number, "model": "road-damage-yolo11n",
        "model_sha256": "3fa9c1d27be0" * 5 + "00aa",
        "settings": "{}", "version": "0.1.0", "state": "done", "started_at": f"{day}T05:00:00.000Z",
    }  # fmt: skip


def _lon_lat(east_north_m: Any) -> list[tuple[float, float]]:
    return [(float(lon), float(lat)) for lat, lon in FRAME.to_lat_lon(east_north_m)]


def _site(key: str, name: str, kind: str, shape: Any, width_m: float | None) -> dict[str, Any]:
    geometry = (
        LineString(_lon_lat(shape.coords)) if kind == "road" else Polygon(_lon_lat(shape.exterior.coords))
    )
    return {
        "id": key, "name": name, "kind": kind, "width_m": width_m, "paved": 1,
        "geometry": json.dumps(mapping(geometry)),
    }  # fmt: skip


def _coverage(road: str, survey: int) -> dict[str, Any]:
    """The second survey shows nearly the whole road, the first one a tenth of it."""
    length_m = ROADS[road][2].length
    return {
        "survey": survey, "site": road, "total_m": length_m, "covered_m": length_m * (0.1, 0.98)[survey - 1],
        "gaps": json.dumps({"type": "FeatureCollection", "features": []}),
    }  # fmt: skip


def _along(road: str, station_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Position and direction (east, north) of a road at a station."""
    line = ROADS[road][2]
    here, ahead = line.interpolate(station_m), line.interpolate(station_m + 0.5)
    behind = line.interpolate(max(station_m - 0.5, 0))
    forward = np.array([ahead.x - behind.x, ahead.y - behind.y])
    return np.array([here.x, here.y]), forward / np.linalg.norm(forward)


def _on_ground(road: str, station_m: float, right_m: float, forward_m: float) -> np.ndarray:
    here, forward = _along(road, station_m)
    return here + forward * forward_m + np.array([forward[1], -forward[0]]) * right_m


def _rectangle(road: str, station_m: float, right_m: float, width_m: float, height_m: float) -> Polygon:
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    points = [_on_ground(road, station_m, right_m + x * width_m / 2, y * height_m / 2) for x, y in corners]
    return Polygon(_lon_lat(points))


def _photos_along(folder: Path, road: str) -> list[dict[str, Any]]:
    stations = np.arange(6, ROADS[road][2].length, 16 if road == "r1" else 12)
    return [_photo(folder, road, number, float(station)) for number, station in enumerate(stations)]


def _photo(folder: Path, road: str, number: int, station_m: float) -> dict[str, Any]:
    path = folder / "photos" / f"{road}-{number:03d}.jpg"
    survey, day = (1, "2026-09-14") if road == "r1" and number % 7 == 3 else (2, "2026-11-21")
    lon, lat = _lon_lat([_along(road, station_m)[0]])[0]
    seen_damage = [
        (_outline(station_m, damage), damage[3]) for damage in DAMAGE if _is_seen(road, station_m, damage)
    ]
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(
        str(path), _picture(ROADS[road][1], [*seen_damage], seed=number), [cv2.IMWRITE_JPEG_QUALITY, 80]
    )
    ground = _rectangle(road, station_m, 0, WIDTH_PX * GSD_M, HEIGHT_PX * GSD_M)
    row = {
        "id": f"{road}{number:03d}", "survey": survey, "run": survey, "path": f"photos/{path.name}",
        "taken_at": f"{day}T02:{number:02d}:00.000Z", "lat": lat, "lon": lon, "alt_agl_m": 30.0,
        "yaw_deg": 0.0, "pitch_deg": -90.0, "roll_deg": 0.0, "sigma_position_m": 1.0, "camera": "FC300S",
        "width_px": WIDTH_PX, "height_px": HEIGHT_PX, "gsd_cm": GSD_M * 100,
        "footprint": json.dumps(mapping(ground)), "status": "used", "remarks": '["time_zone_unknown"]',
    }  # fmt: skip
    return {"row": row, "road": road, "station_m": station_m}


def _is_seen(road: str, station_m: float, damage: tuple[Any, ...]) -> bool:
    return bool(road == damage[0] and abs(damage[1] - station_m) < HEIGHT_PX * GSD_M / 2 - 1)


def _outline(station_m: float, damage: tuple[Any, ...]) -> np.ndarray:
    _, at_m, right_m, kind, length_m, width_m, *_ = damage
    across, ahead = (width_m, length_m) if kind == "longitudinal_crack" else (length_m, width_m)
    centre = np.array([WIDTH_PX / 2 + right_m / GSD_M, HEIGHT_PX / 2 - (at_m - station_m) / GSD_M])
    turns = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    wobble = 0.5 + 0.07 * np.sin(turns * 5)
    shape = np.column_stack([np.cos(turns) * across * wobble, np.sin(turns) * ahead * wobble])
    return np.asarray(np.clip(centre + shape / GSD_M, 0, (WIDTH_PX - 1, HEIGHT_PX - 1)).round(1))


def _picture(road_width_m: float, damage: list[tuple[np.ndarray, str]], seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed)
    picture = np.empty((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    picture[:] = (62, 104, 86)
    half = int(road_width_m / GSD_M / 2)
    picture[:, WIDTH_PX // 2 - half : WIDTH_PX // 2 + half] = (128, 126, 124)
    if road_width_m > 5:
        for top in range(-seed * 40 % 300 - 300, HEIGHT_PX, 300):
            cv2.rectangle(
                picture, (WIDTH_PX // 2 - 4, top), (WIDTH_PX // 2 + 4, top + 150), (225, 228, 228), -1
            )
    grains = cv2.resize(noise.normal(0, 9, (HEIGHT_PX // 3, WIDTH_PX // 3)), (WIDTH_PX, HEIGHT_PX))
    for outline, kind in damage:
        points = outline.astype(np.int32)
        if kind == "pothole":
            cv2.fillPoly(picture, [points], (58, 62, 66), cv2.LINE_AA)
        elif kind == "repair":
            cv2.fillPoly(picture, [points], (84, 82, 80))
        else:
            _draw_cracks(picture, points, noise, 14 if kind == "alligator_crack" else 1)
    return np.asarray(np.clip(picture + grains[..., None], 0, 255), dtype=np.uint8)


def _draw_cracks(picture: np.ndarray, points: np.ndarray, noise: np.random.Generator, count: int) -> None:
    low, high = points.min(axis=0), points.max(axis=0)
    for _ in range(count):
        start, end = (noise.uniform(low, high), noise.uniform(low, high)) if count > 1 else (low, high)
        steps = np.linspace(start, end, 14) + noise.normal(0, 2.5, (14, 2))
        cv2.polylines(picture, [steps.astype(np.int32)], False, (56, 58, 60), 2, cv2.LINE_AA)


def _rejected_photos() -> list[dict[str, Any]]:
    return [
        {"id": "x1", "survey": 2, "path": "photos/catatan.jpg", "status": "rejected", "remarks": "[]",
         "reason": "not_an_image", "detail": "the content is of no picture format that can be read"},
        {"id": "x2", "survey": 2, "path": "photos/DJI_0042.JPG", "status": "rejected", "remarks": "[]",
         "reason": "no_position", "detail": "neither EXIF nor XMP holds a latitude"},
        {"id": "x3", "survey": 2, "path": "photos/DJI_0043.JPG", "status": "rejected", "remarks": "[]",
         "reason": "truncated", "detail": "the picture's data end before the picture does"},
    ]  # fmt: skip


def _measured(kind: str, length_m: float, area_m2: float, outlined: bool) -> dict[str, Any]:
    """What was measured of the damage itself: of every third nothing, of short cracks no width."""
    is_crack, is_hole = outlined and kind.endswith("_crack"), outlined and kind == "pothole"
    is_single = is_crack and kind != "alligator_crack"
    return {
        "outlined": int(outlined),
        "crack_length_m": round(length_m * (3.0 if kind == "alligator_crack" else 1.05), 3)
        if is_crack
        else None,
        "crack_width_m": 0.0142 if is_single and length_m > 5 else None,
        "diameter_m": round(2 * (area_m2 / np.pi) ** 0.5, 3) if is_hole else None,
    }


def _add_defect(
    tables: dict[str, list[dict[str, Any]]],
    photos: list[dict[str, Any]],
    number: int,
    damage: tuple[Any, ...],
) -> None:
    road, at_m, right_m, kind, length_m, width_m, severity, priority, status = damage
    defect_id = f"D-{number:02d}7K2MQX"
    lon, lat = _lon_lat([_on_ground(road, at_m, right_m, 0)])[0]
    views = [photo for photo in photos if _is_seen(photo["road"], photo["station_m"], damage)]
    scores = [round(0.42 + 0.5 * ((number * 7 + view * 3) % 10) / 10, 3) for view in range(len(views))]
    size = {"length_m": length_m, "width_m": width_m, "area_m2": round(length_m * width_m * 0.78, 3)}
    size |= _measured(kind, length_m, size["area_m2"], outlined=number % 3 != 2)
    times = sorted(view["row"]["taken_at"] for view in views)
    sigma_m = 0.5 + (number * 5 % 9) / 5
    tables["defects"].append(
        {
            "id": defect_id, "kind": kind, "severity": severity, "priority": priority, "status": status,
            "duplicate_of": "D-007K2MQX" if status == "duplicate" else None,
            "assignee": "Regu 2, Dinas PU" if status == "assigned" else None,
            "lat": lat, "lon": lon, "sigma_m": sigma_m, **size, "score": max(scores),
            "observation_count": len(views), "photo_count": len(views) + 1,
            "first_seen": times[0], "last_seen": times[-1],
            "site": road, "station_m": at_m,
        }
    )  # fmt: skip
    for view, score in zip(views, scores, strict=True):
        detection = f"{defect_id}-{view['row']['id']}"
        tables["detections"].append(
            {
                "id": detection, "photo": view["row"]["id"], "run": view["row"]["run"], "kind": kind,
                "outline_px": json.dumps(_outline(view["station_m"], damage).tolist()), "score": score,
            }
        )  # fmt: skip
        tables["observations"].append(
            {
                "detection": detection, "defect": defect_id, "kind": kind, "score": score,
                "lat": lat, "lon": lon,
                "sigma_m": sigma_m * 1.5, "sigma_major_m": sigma_m * 1.7, "sigma_minor_m": sigma_m * 1.2,
                "sigma_azimuth_deg": 20.0, **size,
                "footprint": json.dumps(mapping(_rectangle(road, at_m, right_m, length_m, width_m))),
            }
        )  # fmt: skip
