"""Batches of photos into a register: a real file, real photos, a detector that sees painted potholes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from shapely import LineString
from typer.testing import CliRunner

from models.catalogue import OpenedDetector
from pipeline.batch import default_survey_name
from pipeline.inspect_command import add_commands
from pipeline.inspection import InspectionResult, inspect_photos
from pipeline.photo_placing import Placing
from pipeline.register import Register
from pipeline.register.records import DefectRecord
from pipeline.review import Decision, decide
from pipeline.sites import Site, read_sites, write_sites
from tests.pipeline.made_videos import flying_north, write_srt, write_video
from vision.detector import Detections, Picture
from vision.errors import PantauError
from vision.frames import LocalFrame
from vision.surface.neglect import SURFACE_SETTINGS

FRAME = LocalFrame(-1.2654, 116.8312)
HEIGHT_M, FOCAL_PX, SIZE_PX = 30.0, 640.0, (640, 480)
POTHOLES_M = [(4.0, 3.0), (9.0, -2.0), (15.0, 4.0), (17.5, 4.0), (26.0, 0.0)]
CAMERAS_M = [(6.0 * i, 0.0) for i in range(6)]
DAY = datetime(2025, 3, 1, 9, 0)


class PaintFinder:
    """Finds dark painted spots; interrupted like a person's Ctrl-C after `patience` pictures."""

    kinds = ("pothole",)

    def __init__(self, patience: int | None = None) -> None:
        self.patience = patience

    def detect(self, picture: Picture, *, gsd_cm=None, within=None) -> Detections:
        if self.patience == 0:
            raise KeyboardInterrupt
        self.patience = None if self.patience is None else self.patience - 1
        spots = cv2.connectedComponentsWithStats((picture[:, :, 0] < 90).astype(np.uint8))[2][1:]
        boxes = np.array([[x, y, x + w, y + h] for x, y, w, h, _ in spots.tolist()], float).reshape(-1, 4)
        return Detections.of_boxes(boxes, np.full(len(boxes), 0.9), ["pothole"] * len(boxes))


def opened(patience: int | None = None, threshold: float = 0.5) -> OpenedDetector:
    return OpenedDetector("paint", "0" * 64, (), None, {"pothole": threshold}, PaintFinder(patience))


def write_photo(
    path: Path,
    east_m: float,
    north_m: float,
    taken_at: datetime,
    gnss_error_m: tuple[float, float] = (0.0, 0.0),
) -> Path:
    """A nadir photo with north up of spots of 0.8 m where the potholes are."""
    # The grain of asphalt: a surface without any fine detail counts as blurred.
    grain = np.random.default_rng(abs(int(10 * east_m))).integers(-12, 13, (SIZE_PX[1], SIZE_PX[0], 1))
    picture = np.broadcast_to(160 + grain, (SIZE_PX[1], SIZE_PX[0], 3)).astype(np.uint8)
    px_per_m = FOCAL_PX / HEIGHT_M
    for pothole_east_m, pothole_north_m in POTHOLES_M:
        x = SIZE_PX[0] / 2 + (pothole_east_m - east_m) * px_per_m
        y = SIZE_PX[1] / 2 - (pothole_north_m - north_m) * px_per_m
        cv2.circle(picture, (round(x), round(y)), 9, (40, 40, 40), -1)
    lat, lon = FRAME.to_lat_lon([[east_m + gnss_error_m[0], north_m + gnss_error_m[1]]])[0]
    properties = {
        "GpsLatitude": f"{lat:.9f}", "GpsLongitude": f"{lon:.9f}", "RelativeAltitude": f"+{HEIGHT_M}",
        "GimbalYawDegree": "+0.01", "GimbalPitchDegree": "-90.00", "GimbalRollDegree": "+0.00",
        "CalibratedFocalLength": f"{FOCAL_PX}",
    }  # fmt: skip
    attributes = " ".join(f'drone-dji:{name}="{value}"' for name, value in properties.items())
    xmp = f"<x:xmpmeta><rdf:RDF><rdf:Description {attributes}></rdf:Description></rdf:RDF></x:xmpmeta>"
    tags = Image.Exif()
    tags.update({ExifTags.Base.Make: "DJI", ExifTags.Base.Model: "TEST"})
    moment = f"{taken_at:%Y:%m:%d %H:%M:%S}"
    tags.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base.DateTimeOriginal: moment})
    Image.fromarray(picture).save(path, exif=tags, quality=92, xmp=xmp.encode())
    return path


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("march")
    return [
        write_photo(folder / f"{i}.jpg", *at, DAY + timedelta(seconds=3 * i))
        for i, at in enumerate(CAMERAS_M)
    ]


@pytest.fixture
def register(tmp_path) -> Iterator[Register]:
    with Register.open(tmp_path / "register.db", create=True) as opened_register:
        yield opened_register


def content(register: Register) -> dict[str, list[tuple]]:
    """Everything that a register holds."""
    tables = register.db.table_names()
    return {name: list(register.db.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}


def inspected_anew(folder: Path, *batches: list[Path]) -> list[DefectRecord]:
    """The defects of a new register after these batches."""
    with Register.open(folder / f"{next(_numbers)}.db", create=True) as register:
        for batch in batches:
            inspect_photos(register, batch, opened())
        return register.defects()


_numbers = itertools.count()


def test_an_empty_batch_finds_nothing(register):
    assert inspect_photos(register, [], opened()).defects_new == ()
    assert register.surveys() == register.runs() == []


def test_each_pothole_is_one_defect_where_it_is(register, photos):
    result = inspect_photos(register, photos, opened(), survey="march")
    assert (result.photos_used, len(result.defects_new)) == (6, len(POTHOLES_M))
    assert result.observations == result.detections > 2 * len(POTHOLES_M)
    places = FRAME.to_metres(*zip(*[(d.lat, d.lon) for d in register.defects()], strict=True))
    for pothole in POTHOLES_M:
        assert np.hypot(*(places - pothole).T).min() < 0.15
    assert {defect.first_seen[:10] for defect in register.defects()} == {"2025-03-01"}


def test_what_is_read_from_the_register_fits_together(register, photos):
    inspect_photos(register, photos, opened(), survey="march")
    (run,) = register.runs()
    settings = {"thresholds": {"pothole": 0.5}, "views": 1, "surface": SURFACE_SETTINGS}
    assert (run.state, run.survey, run.settings) == ("done", "march", json.loads(json.dumps(settings)))
    assert [photo.path for photo in register.photos("used")] == photos
    for defect in register.defects():
        seen = register.observations_of(defect.id)
        assert len(seen) == defect.observation_count == len({observation.photo for observation in seen})
        assert all(len(observation.outline_px) >= 4 for observation in seen)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(CAMERAS_M))))
def test_the_order_of_photos_does_not_matter(tmp_path, photos, order):
    assert inspected_anew(tmp_path, [photos[i] for i in order]) == inspected_anew(tmp_path, photos)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.sets(st.sampled_from(range(6)), min_size=1), action=st.sampled_from(["confirm", "reject"]))
def test_what_a_person_decided_survives_every_run(tmp_path, photos, first, action):
    with Register.open(tmp_path / f"{next(_numbers)}.db", create=True) as register:
        inspect_photos(register, [photos[i] for i in sorted(first)], opened())
        decided = [defect.id for defect in register.defects()]
        decide(register, decided, Decision(action, "ana"))
        inspect_photos(register, photos, opened())
        expected = {"confirm": "confirmed", "reject": "rejected"}[action]
        assert {register.defect(defect).status for defect in decided} == {expected}
        assert len(register.defects()) == len(POTHOLES_M)


def test_the_same_photos_again_change_nothing(register, photos):
    inspect_photos(register, photos, opened())
    before = content(register)
    again = inspect_photos(register, [*reversed(photos), photos[0]], opened())
    assert (again.survey, again.photos_known, again.photos_repeated) == (None, 6, 1)
    assert content(register) == before


def test_another_model_leaves_known_photos_as_they_are(register, photos):
    inspect_photos(register, photos, opened())
    before = content(register)
    again = inspect_photos(register, photos, opened(threshold=0.7))
    assert (again.photos_used, again.photos_known, again.photos_of_other_model) == (0, 0, 6)
    assert content(register) == before


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, register, photos):
    with pytest.raises(KeyboardInterrupt):
        inspect_photos(register, photos, opened(patience=4))
    assert [run.state for run in register.runs()] == ["interrupted"]
    assert (len(register.photos()), register.defects()) == (4, [])
    result = inspect_photos(register, photos, opened())
    assert (result.photos_used, result.photos_known) == (2, 4)
    assert register.defects() == inspected_anew(tmp_path, photos)


def test_a_run_interrupted_before_association_is_completed_by_the_next(register, photos, monkeypatch):
    def interrupt(db: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.inspection.update_defects", interrupt)
        with pytest.raises(KeyboardInterrupt):
            inspect_photos(register, photos, opened())
    assert len(inspect_photos(register, photos, opened()).defects_new) == len(POTHOLES_M)


def next_survey(folder: Path, days: int = 92) -> list[Path]:
    """The same road some days later, with another error of the GNSS."""
    then = DAY + timedelta(days=days)
    return [
        write_photo(folder / f"later-{i}.jpg", *at, then + timedelta(seconds=3 * i), gnss_error_m=(0.9, -0.8))
        for i, at in enumerate(CAMERAS_M)
    ]


def test_the_next_survey_sees_the_same_defects_again(tmp_path, register, photos):
    inspect_photos(register, photos, opened(), survey="march")
    before = {defect.id: defect for defect in register.defects()}
    result = inspect_photos(register, next_survey(tmp_path), opened(), survey="june")
    assert (result.defects_new, set(result.defects_seen_again)) == ((), set(before))
    for defect in register.defects():
        assert defect.sigma_m < before[defect.id].sigma_m
        assert (defect.first_seen[:7], defect.last_seen[:7]) == ("2025-03", "2025-06")


def test_a_mended_defect_seen_again_is_proposed_for_reopening_once(tmp_path, register, photos):
    inspect_photos(register, photos, opened(), survey="march")
    mended = register.defects()[0].id
    for action in ("confirm", "repair"):
        decide(register, [mended], Decision(action, "ana"))
    inspect_photos(register, next_survey(tmp_path, days=36525), opened(), survey="a century later")
    assert register.defect(mended).status == "repaired"
    assert [(p.kind, p.subject, p.state) for p in register.proposals()] == [("reopen", mended, "open")]


def test_photos_from_before_the_repair_propose_nothing(tmp_path, register, photos):
    inspect_photos(register, photos[:3], opened(), survey="march")
    mended = [defect.id for defect in register.defects()]
    for action in ("confirm", "repair"):
        decide(register, mended, Decision(action, "ana"))
    inspect_photos(register, photos, opened(), survey="march")
    assert register.proposals() == []


def test_bad_photos_are_rejected_with_their_reasons_and_the_rest_goes_on(tmp_path, register, photos):
    good = photos[0].read_bytes()
    (tmp_path / "cut.jpg").write_bytes(good[: len(good) // 2])
    (tmp_path / "text.jpg").write_text("a text", encoding="utf-8")
    Image.new("RGB", (64, 48)).save(tmp_path / "nowhere.jpg")
    bad = [tmp_path / name for name in ("cut.jpg", "text.jpg", "nowhere.jpg", "missing.jpg")]
    result = inspect_photos(register, [*bad, *photos], opened())
    assert result.photos_used == len(photos)
    assert {photo.path.name: photo.reason for photo in result.photos_rejected} == {
        "cut.jpg": "truncated",
        "text.jpg": "not_an_image",
        "nowhere.jpg": "no_camera",
        "missing.jpg": "not_an_image",
    }
    assert len(register.photos("rejected")) == 4
    before = content(register)
    inspect_photos(register, [*photos, *bad], opened())
    assert content(register) == before


def test_defects_get_their_site_and_station(register, photos):
    line = LineString(FRAME.to_lat_lon([[-10, 0], [40, 0]])[:, ::-1])
    inspect_photos(register, photos, opened(), sites=[Site("r1", "Jalan Uji", "road", line, width_m=6.0)])
    assert {defect.site for defect in register.defects()} == {"r1"}
    stations_m = sorted(defect.station_m for defect in register.defects())
    assert stations_m == pytest.approx(sorted(10 + east_m for east_m, _ in POTHOLES_M), abs=0.2)


def test_what_lies_beside_all_sites_makes_no_defect(register, photos):
    line = LineString(FRAME.to_lat_lon([[-10, 60], [40, 60]])[:, ::-1])
    result = inspect_photos(register, photos, opened(), sites=[Site("r1", "Far", "road", line, width_m=6.0)])
    assert result.off_site == result.detections > 0
    assert register.defects() == []


ROAD_M = LineString([(-5, 0), (35, 0)])


def road(line_m: LineString = ROAD_M, **more: str) -> Site:
    return Site("r1", "Jalan Uji", "road", FRAME.shapes_to_lon_lat(line_m), width_m=6.0, **more)


def test_coverage_is_proved_where_sites_are_known(register, photos):
    assert inspect_photos(register, photos, opened()).coverage is None
    proof = inspect_photos(register, photos, opened(), sites=[road()]).coverage
    assert (proof.survey, proof.share, proof.photos_used) == (register.surveys()[0].name, 1.0, 6)
    (row,) = register.coverage()
    assert (row.covered_m, row.total_m) == (pytest.approx(40, abs=0.01),) * 2
    assert inspect_photos(register, photos, opened()).coverage == proof


def test_photos_of_a_second_batch_close_the_gap_of_the_first(register, photos):
    long = road(LineString([(-5, 0), (80, 0)]))
    first = inspect_photos(register, photos[:2], opened(), survey="march", sites=[long]).coverage
    second = inspect_photos(register, photos, opened(), survey="march").coverage
    assert (len(first.gaps), len(second.gaps)) == (1, 1)
    assert first.gaps[0].from_m + 24 == pytest.approx(second.gaps[0].from_m, abs=0.5)


def test_photos_of_a_re_flight_belong_to_the_whole_road(tmp_path, register, photos):
    inspect_photos(register, photos[:2], opened(), survey="march", sites=[road()])
    piece = replace(road(LineString([(15, 0), (35, 0)])), id="r1 STA 0+020–0+040", part_of="r1")
    write_sites([piece], tmp_path / "sites.geojson")
    again = read_sites(tmp_path / "sites.geojson").sites
    result = inspect_photos(register, photos[2:], opened(), survey="march", sites=again)
    assert [site.id for site in register.sites()] == ["r1"]
    assert {defect.site for defect in register.defects()} == {"r1"}
    assert result.coverage.share == 1.0


def test_a_survey_keeps_to_its_sites_without_being_told_again(register, photos):
    far = road(LineString([(-10, 60), (40, 60)]))
    inspect_photos(register, photos[:1], opened(), survey="march", sites=[far])
    assert inspect_photos(register, photos, opened(), survey="march").off_site > 0
    assert register.defects() == []


def test_a_gap_tells_of_the_truncated_photo(tmp_path, register, photos):
    cut = tmp_path / "cut.jpg"
    content = photos[3].read_bytes()
    cut.write_bytes(content[: len(content) * 2 // 3])
    long = road(LineString([(-5, 0), (80, 0)]))
    proof = inspect_photos(register, [*photos[:2], cut], opened(), sites=[long]).coverage
    assert [gap.rejected for gap in proof.gaps] == [{"truncated": 1}]
    (rejected,) = register.photos("rejected")
    assert (rejected.run, rejected.alt_agl_m, rejected.reason) == (None, 30.0, "truncated")


def test_sites_may_come_later(register, photos):
    inspect_photos(register, photos, opened())
    assert {defect.site for defect in register.defects()} == {None}
    line = LineString(FRAME.to_lat_lon([[-10, 0], [40, 0]])[:, ::-1])
    inspect_photos(register, photos, opened(), sites=[Site("r1", "Jalan Uji", "road", line, width_m=6.0)])
    assert {defect.site for defect in register.defects()} == {"r1"}


def test_a_moved_photo_is_found_where_it_is(tmp_path, register, photos):
    moving = tmp_path / "moving.jpg"
    moving.write_bytes(photos[0].read_bytes())
    inspect_photos(register, [moving], opened())
    moved = moving.rename(tmp_path / "moved.jpg")
    inspect_photos(register, [moved], opened())
    assert [photo.path.name for photo in register.photos()] == ["moved.jpg"]


def test_the_survey_is_named_by_folder_and_first_day(register, photos):
    result = inspect_photos(register, photos, opened())
    assert result.survey == f"{photos[0].parent.name} 2025-03-01"
    assert default_survey_name([photos[0]], []) == photos[0].parent.name


@pytest.fixture
def inspect(tmp_path, monkeypatch):
    """The command with the detector for painted spots."""
    monkeypatch.setattr("models.catalogue.open_detector", lambda name: opened())
    app = typer.Typer(rich_markup_mode=None)
    add_commands(app)

    def run(*words: object):
        return CliRunner().invoke(app, [str(word) for word in (*words, "-r", tmp_path / "new.db")])

    return run


def test_the_command_prints_one_document(inspect, tmp_path, photos):
    (tmp_path / "text.jpg").write_text("a text", encoding="utf-8")
    outcome = inspect(*photos, tmp_path / "text.jpg", "--json")
    document = json.loads(outcome.stdout)
    assert outcome.exit_code == 1
    assert document["photos"]["used"] == 6
    assert document["photos"]["remarks"] == {"time_zone_unknown": 6}
    assert [(Path(r["path"]).name, r["reason"]) for r in document["rejected"]] == [
        ("text.jpg", "not_an_image")
    ]
    assert len(document["defects"]["new"]) == len(POTHOLES_M)
    assert (document["coverage"], document["alignment"], document["logs"]) == (None, None, [])


def test_the_command_tells_the_coverage(inspect, tmp_path, photos):
    write_sites([road(LineString([(-5, 0), (80, 0)]))], tmp_path / "sites.geojson")
    document = json.loads(inspect(*photos, "--sites", tmp_path / "sites.geojson", "--json").stdout)
    covered = document["coverage"]
    assert covered["total_m"] == pytest.approx(85, abs=0.1)
    assert covered["share"] == pytest.approx(covered["covered_m"] / 85, abs=0.001)
    lines = inspect(*photos).stdout
    assert "of 85 m of road (" in lines and "1 gap" in lines and "plan --gaps" in lines


def test_the_command_reads_the_plan_for_its_sites(inspect, tmp_path, photos):
    (tmp_path / "plan").mkdir()
    line = LineString(FRAME.to_lat_lon([[-10, 0], [40, 0]])[:, ::-1])
    write_sites([Site("r1", "Jalan Uji", "road", line, width_m=6.0)], tmp_path / "plan" / "sites.geojson")
    assert inspect(*photos, "--plan", tmp_path / "plan").exit_code == 0
    with Register.open(tmp_path / "new.db") as register:
        assert [site.name for site in register.sites()] == ["Jalan Uji"]
        assert [row.site for row in register.coverage()] == ["r1"]
        assert register.surveys()[0].plan == str(tmp_path / "plan")


def test_photos_without_position_get_theirs_from_a_flight_log(inspect, tmp_path):
    lines = []
    for index, (east_m, north_m) in enumerate(CAMERAS_M):
        at = DAY + timedelta(seconds=2 * index + (index > 3))
        path = write_photo(tmp_path / f"{index}.jpg", east_m, north_m, at)
        path.write_bytes(path.read_bytes().replace(b"drone-dji:Gps", b"drone-dji:Was"))
        lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0]
        event = {"time": f"{at - timedelta(hours=7)}+00:00", "event": "photo", "lat": lat, "lon": lon}
        lines.append(json.dumps(event | {"alt_rel_m": HEIGHT_M}) + "\n")
    log = tmp_path / "sortie-01.flight.jsonl"
    log.write_text("".join(lines), encoding="utf-8")
    assert "no_position" in inspect(tmp_path).stdout
    outcome = inspect(tmp_path, "--flight", log, "--json")
    document = json.loads(outcome.stdout)
    assert (outcome.exit_code, document["photos"]["used"]) == (0, 6)
    assert document["logs"] == ["sortie-01.flight.jsonl: tells of 6 of 6 photos"]
    assert len(document["defects"]["new"]) == len(POTHOLES_M)


class FindsNothing:
    kinds = ("pothole",)

    def detect(self, picture: Picture, *, gsd_cm=None, within=None) -> Detections:
        return Detections.none()


def test_frames_of_a_video_are_photos_of_the_run(register, tmp_path):
    video = write_video(tmp_path / "DJI_0001.MP4", frames=60, texture=True)
    write_srt(video, flying_north(7))
    blind = replace(opened(), detector=FindsNothing())
    result = inspect_photos(register, [video], blind, placing=Placing(video_spacing_m=10))
    assert (len(register.photos()), result.photos_used + len(result.photos_rejected)) == (3, 3)
    assert result.photos_used > 0
    again = inspect_photos(register, [video], blind, placing=Placing(video_spacing_m=10))
    assert (again.photos_used, again.photos_known) == (0, result.photos_used)


def test_a_run_notes_that_photos_were_aligned_and_how_well(register, photos):
    plain = inspect_photos(register, photos[:1], opened())
    aligned = inspect_photos(register, photos, opened(), placing=Placing(align=True))
    assert plain.alignment is None
    assert aligned.alignment.aligned + aligned.alignment.kept == len(photos)
    assert ["alignment" in run.settings for run in register.runs()] == [False, True]
    assert inspect_photos(register, photos, opened(), placing=Placing(align=True)).alignment is None


@pytest.mark.parametrize(
    "words",
    [
        ["{}/empty"], ["{}/nowhere"], ["{}", "--plan", "{}"], ["{}", "--plan", "{}", "--sites", "{}"],
        ["{}", "--flight", "{}/nowhere.bin"], ["{}", "--flight", "{}/photo.jpg"],
        ["{}", "--gcp", "{}/photo.jpg"], ["{}", "--dem", "{}/photo.jpg"],
        ["{}", "--take-off", "-1.2,116.8"], ["{}", "--take-off", "here"],
    ],
)  # fmt: skip
def test_mistakes_leave_no_register_behind(inspect, tmp_path, words):
    (tmp_path / "empty").mkdir()
    (tmp_path / "photo.jpg").write_text("a text", encoding="utf-8")
    outcome = inspect(*[word.format(tmp_path) for word in words])
    assert isinstance(outcome.exception, PantauError)
    assert not (tmp_path / "new.db").exists()


def test_results_count_reasons():
    result = InspectionResult(None, 0, (), 0, 0, 0, 0, 0, 0, (), ())
    assert result.rejected_by_reason == {}
