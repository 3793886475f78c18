"""`pantau plan` with everything that an operator can give it, on real files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import LineString, Point, box
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from typer.testing import CliRunner

from flight.planning.plan_files import PlanFiles, plan_from_files
from flight.planning.settings import PlanSettings
from pantau import app
from vision.errors import PantauError
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.87, 107.5)
QUICK = PlanSettings(solver_iterations=50)


def written(path: Path, *features: tuple[BaseGeometry, dict[str, Any]]) -> Path:
    """A GeoJSON of shapes in metres around the middle."""
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": about, "geometry": mapping(FRAME.shapes_to_lon_lat(shape))}
            for shape, about in features
        ],
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    """Two roads with a gap of 200 m between them, one after the other."""
    west, east = LineString([(-300, 0), (-100, 0)]), LineString([(100, 0), (300, 0)])
    return written(
        tmp_path / "roads.geojson",
        (west, {"id": "west", "width": 5, "name": "Jalan <Barat>"}),
        (east, {"id": "east", "width": 5}),
    )


def terrain(path: Path, rise_per_m: float, cells: int = 200) -> Path:
    """An elevation model of a slope that rises to the east, 10 m a cell."""
    rasterio = pytest.importorskip("rasterio")
    from rasterio.transform import from_origin

    step_deg = 10 / 111_000
    west, north = 107.5 - cells / 2 * step_deg, -6.87 + cells / 2 * step_deg
    east_m = (np.arange(cells) - cells / 2 + 0.5) * 10
    heights = np.tile(700 + rise_per_m * east_m, (cells, 1)).astype("float32")
    about = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    place = from_origin(west, north, step_deg, step_deg)
    with rasterio.open(path, "w", height=cells, width=cells, transform=place, **about) as file:
        file.write(heights, 1)
    return path


def planned(files: PlanFiles, folder: Path, settings: PlanSettings = QUICK) -> dict[str, Any]:
    summary = plan_from_files(files, settings, folder / "plan").summary
    assert summary is not None
    return summary


def test_heights_follow_a_slope_and_are_above_take_off(sites: Path, tmp_path: Path) -> None:
    dem = terrain(tmp_path / "dem.tif", rise_per_m=0.08)
    settings = PlanSettings(solver_iterations=50, launches=((-6.87, 107.5),), agl_tolerance_m=2.0)
    summary = planned(PlanFiles(sites, "simulated-quad", dem=dem), tmp_path, settings)
    assert summary["surroundings"]["ground_known"]
    assert not any("terrain" in warning for warning in summary["warnings"])
    document = json.loads((tmp_path / "plan" / "sortie-01.plan").read_text(encoding="utf-8"))
    items = [item["params"] for item in document["mission"]["items"] if item["command"] == 16]
    places = [(FRAME.to_metres(lat, lon)[0, 0], alt_m) for *_, lat, lon, alt_m in items]
    over_roads = [(east, alt_m) for east, alt_m in places if abs(east) > 90 and alt_m < 60]
    for end in (-300, -100, 100, 300):
        off_m = [alt_m - (20 + 0.08 * east) for east, alt_m in over_roads if abs(east - end) < 6]
        assert min(off_m) == pytest.approx(0, abs=2.1)


def test_obstacles_raise_legs_and_quiet_the_warning(sites: Path, tmp_path: Path) -> None:
    obstacles = written(
        tmp_path / "obstacles.geojson",
        (LineString([(200, -50), (200, 50)]), {"power": "line", "height": 30}),
        (box(-20, -20, 20, 20), {"building": "yes", "height": "50 m"}),
    )
    summary = planned(PlanFiles(sites, "simulated-quad", obstacles=obstacles), tmp_path)
    assert summary["surroundings"]["obstacles_known"]
    assert any("coarser photos: east" in warning for warning in summary["warnings"])
    assert not any("no obstacle data" in warning for warning in summary["warnings"])
    assert all(sortie["highest_m"] >= 55 for sortie in summary["sorties"])


def test_a_zone_between_two_roads_is_flown_round(sites: Path, tmp_path: Path) -> None:
    wall = (box(-20, -700, 20, 60), {"name": "Barak", "kind": "restricted", "margin": 0})
    zones = written(tmp_path / "zones.geojson", wall)
    files = PlanFiles(sites, "simulated-quad", zones=zones)
    with pytest.raises(PantauError, match=r"within 500 m of restricted zone 'Barak'.*--permit"):
        planned(files, tmp_path)
    assert not (tmp_path / "plan").exists()
    permitted = PlanSettings(solver_iterations=50, permits=("Barak",))
    assert planned(files, tmp_path, permitted)["violations"][0]["permitted"] is True


def test_an_elevation_model_that_ends_too_soon_names_the_road(sites: Path, tmp_path: Path) -> None:
    dem = terrain(tmp_path / "dem.tif", rise_per_m=0.0, cells=20)
    with pytest.raises(PantauError, match=r"says nothing about road '(west|east)'.*--dem"):
        planned(PlanFiles(sites, "simulated-quad", dem=dem), tmp_path)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"sites": None}, "give either SITES"),
        ({"gaps": Path("r.db")}, "give either SITES"),
        ({"survey": "may"}, "--gaps REGISTER"),
        ({"surface": Path("dsm.tif")}, "--dem"),
    ],
)
def test_what_makes_no_sense_together_is_refused(files: dict[str, Any], problem: str) -> None:
    with pytest.raises(PantauError, match=problem):
        PlanFiles(**{"sites": Path("a.geojson"), "drone": "simulated-quad", **files})


def test_the_command_writes_what_a_dji_remote_flies_in_indonesian(sites: Path, tmp_path: Path) -> None:
    words = ["plan", str(sites), "-o", str(tmp_path / "p"), "--drone", "dji-mavic-3e", "--iterations", "50"]
    result = CliRunner().invoke(app, [*words, "--lang", "id", "--date", "2026-12-01", "--wind", "3,270"])
    assert result.exit_code == 0, result.output
    names = {path.name for path in (tmp_path / "p").iterdir()}
    assert names >= {"plan.html", "operator-sheet.html", "plan.kml", "sortie-01.kmz", "sites.geojson"}
    assert not any(name.endswith(".plan") for name in names)
    page = (tmp_path / "p" / "plan.html").read_text(encoding="utf-8")
    assert "Jalan &lt;Barat&gt;" in page and "<Barat>" not in page
    assert "rintangan" in page


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--wind", "strong"], "--wind 'strong'"),
        (["--wind", "25"], "wind of 25"),
        (["--zones", "none.geojson"], "none.geojson"),
        (["--obstacles", "none.geojson"], "none.geojson"),
        (["--dem", "none.tif"], "none.tif"),
        (["--profile", "mars"], "indonesia"),
        (["--permit", "nobody"], "nobody"),
        (["--fleet", "none.toml"], "none.toml"),
        (["--lang", "fr"], "fr"),
        (["--forward-overlap", "1"], "forward_overlap"),
        (["--gaps", "register.db"], "either SITES"),
    ],
)
def test_mistakes_are_named_and_leave_nothing(
    sites: Path, tmp_path: Path, options: list[str], problem: str
) -> None:
    words = ["plan", str(sites), "-o", str(tmp_path / "p"), "--iterations", "50", *options]
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, PantauError)
    assert problem in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["roads.geojson"]


def test_a_point_alone_is_no_place_to_fly(tmp_path: Path) -> None:
    file = written(tmp_path / "points.geojson", (Point(0, 0), {"name": "tree"}))
    with pytest.raises(PantauError, match="no roads or facilities"):
        planned(PlanFiles(file, "simulated-quad"), tmp_path)
