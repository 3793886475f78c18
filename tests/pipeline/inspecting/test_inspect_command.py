"""The command: one document, its options, its mistakes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from shapely import LineString
from typer.testing import CliRunner

from pipeline.inspecting.inspect_command import add_commands
from pipeline.register import Register
from pipeline.sites.site_reading import Site, write_sites
from tests.pipeline.painted_photos import (
    CAMERAS_M,
    DAY,
    FRAME,
    HEIGHT_M,
    POTHOLES_M,
    opened,
    road,
    write_photo,
)
from vision.errors import PantauError


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


def test_ctrl_c_tells_that_the_photos_looked_at_are_kept(inspect, monkeypatch, photos):
    monkeypatch.setattr("models.catalogue.open_detector", lambda name: opened(patience=2))
    outcome = inspect(*photos)
    assert outcome.exit_code == 130 and outcome.stdout == ""
    assert "are kept" in outcome.stderr


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


def test_the_command_says_that_no_site_is_near(inspect, tmp_path, photos):
    write_sites([road(LineString([(-5, 9000), (80, 9000)]))], tmp_path / "sites.geojson")
    outcome = inspect(*photos, "--sites", tmp_path / "sites.geojson")
    assert "no photo shows any of the sites, the nearest of which is 9.0 km away" in outcome.output
    assert "covered  0 of 85 m" in outcome.output


def test_the_command_names_what_was_different_before(inspect, photos):
    inspect(*photos[:2])
    outcome = inspect(*photos[:2], "--align")
    assert "2 photos were inspected before in another way (alignment) and stay as they are" in outcome.output
    assert "2 inspected before in another way" in outcome.output
