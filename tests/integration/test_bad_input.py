"""Mistakes get one sentence that names the file and the remedy, exit code 2, and leave nothing behind."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration


def refused(outcome, *words: str) -> None:
    assert outcome.code == 2, outcome.err
    assert outcome.out == ""
    for word in words:
        assert word in outcome.err


def collection(*features: dict) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def line(*coordinates: list[float]) -> dict:
    return {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "LineString", "coordinates": list(coordinates)},
    }


def test_sites_without_geometries(pantau, tmp_path):
    sites = tmp_path / "empty.geojson"
    sites.write_text(collection(), encoding="utf-8")
    refused(pantau("plan", sites, "-o", tmp_path / "plan"), "empty.geojson")
    assert not (tmp_path / "plan").exists()


def test_sites_outside_wgs84(pantau, tmp_path):
    sites = tmp_path / "metres.geojson"
    sites.write_text(collection(line([702000, 9303000], [702100, 9303000])), encoding="utf-8")
    refused(pantau("plan", sites, "-o", tmp_path / "plan"), "metres.geojson")
    assert not (tmp_path / "plan").exists()


def test_missing_sites_file(pantau, tmp_path):
    refused(pantau("plan", tmp_path / "nowhere.geojson", "-o", tmp_path / "plan"), "nowhere.geojson")


def test_unknown_drone_lists_the_known(pantau, one_road, tmp_path):
    outcome = pantau("plan", one_road, "-o", tmp_path / "plan", "--drone", "kite")
    refused(outcome, "kite", "simulated-quad", "dji-mini-4-pro")
    assert not (tmp_path / "plan").exists()


def test_empty_photo_folder(pantau, tmp_path):
    (tmp_path / "photos").mkdir()
    refused(pantau("inspect", tmp_path / "photos", "-r", tmp_path / "register.db"), "photos")
    assert not (tmp_path / "register.db").exists()


def test_register_that_is_another_database(pantau, tmp_path):
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE cats (name TEXT)")
    before = other.read_bytes()
    refused(pantau("report", "-r", other, "-o", tmp_path / "report"), "other.db")
    refused(pantau("review", "-r", other, "list"), "other.db")
    assert other.read_bytes() == before
    assert not (tmp_path / "report").exists()


def test_register_that_is_a_text_file(pantau, tmp_path):
    text = tmp_path / "notes.db"
    text.write_text("not a register", encoding="utf-8")
    refused(pantau("export", "-r", text, "-f", "csv", "-o", tmp_path / "out.csv"), "notes.db")
    assert not (tmp_path / "out.csv").exists()


def test_plan_file_of_complex_items_only(pantau, tmp_path):
    plan = tmp_path / "survey.plan"
    plan.write_text(
        json.dumps(
            {
                "fileType": "Plan",
                "version": 1,
                "groundStation": "QGroundControl",
                "geoFence": {"circles": [], "polygons": [], "version": 2},
                "rallyPoints": {"points": [], "version": 2},
                "mission": {
                    "version": 2,
                    "firmwareType": 3,
                    "vehicleType": 2,
                    "cruiseSpeed": 15,
                    "hoverSpeed": 5,
                    "plannedHomePosition": [-6.3, 106.84, 30],
                    "items": [{"type": "ComplexItem", "complexItemType": "survey", "version": 5}],
                },
            }
        ),
        encoding="utf-8",
    )
    refused(pantau("fly", plan, "--simulate"), "survey.plan")


@pytest.mark.parametrize("pixel", ["12", "a,b", "1,2,3"])
def test_pixel_that_is_none(pantau, tmp_path, pixel):
    photo = tmp_path / "photo.jpg"
    photo.write_text("text", encoding="utf-8")
    assert pantau("locate", photo, "--pixel", pixel).code == 2


def test_unknown_command_and_option(pantau):
    assert pantau("paint").code == 2
    assert pantau("plan", "--colour", "red").code == 2
    assert pantau("export", "-r", Path("none.db"), "-f", "dwg", "-o", "x").code == 2
