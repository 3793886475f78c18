"""The whole chain in a small form: one road planned, flown over MAVLink, photographed, reported."""

from __future__ import annotations

import csv
import json

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def chain(pantau, tmp_path_factory):
    """One short road from sites file to register."""
    folder = tmp_path_factory.mktemp("chain")
    feature = {
        "type": "Feature",
        "properties": {"name": "Jalan Uji", "highway": "residential", "width": "6"},
        "geometry": {"type": "LineString", "coordinates": [[106.8400, -6.3000], [106.8404, -6.3000]]},
    }
    sites = folder / "road.geojson"
    sites.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    planned = pantau("plan", sites, "-o", folder / "plan", "--json")
    flown = pantau("fly", folder / "plan", "--simulate", "--photos", folder / "photos", "--json")
    inspected = pantau(
        "inspect", folder / "photos", "-r", folder / "register.db", "--plan", folder / "plan", "--json"
    )
    return folder, planned, flown, inspected


def test_the_plan_is_flown_and_every_photo_is_used(chain):
    folder, planned, flown, inspected = chain
    assert planned.code == 0, planned.err
    assert flown.code == 0, flown.err
    assert inspected.code == 0, inspected.err
    photos = sorted((folder / "photos").glob("*.[jJ][pP][gG]"))
    expected = planned.document["totals"]["photos"]
    assert abs(len(photos) - expected) <= 2
    log = (folder / "plan" / "sortie-01.flight.jsonl").read_text(encoding="utf-8").splitlines()
    assert len([1 for line in map(json.loads, log) if line["event"] == "photo"]) == len(photos)


def test_a_flown_sortie_is_not_flown_again_by_default(pantau, chain):
    folder, *_ = chain
    outcome = pantau("fly", folder / "plan", "--simulate")
    assert outcome.code == 2
    assert "--sortie" in outcome.err


def test_report_and_exports_agree(pantau, chain):
    folder, *_ = chain
    register = folder / "register.db"
    assert pantau("report", "-r", register, "-o", folder / "report", "--lang", "en").code == 0
    assert pantau("export", "-r", register, "-f", "geojson", "-o", folder / "d.geojson").code == 0
    assert pantau("export", "-r", register, "-f", "csv", "-o", folder / "d.csv").code == 0
    collection = json.loads((folder / "d.geojson").read_text(encoding="utf-8"))
    with (folder / "d.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [feature["properties"]["id"] for feature in collection["features"]]
    for feature in collection["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        assert abs(lat + 6.3) < 0.001
        assert abs(lon - 106.84) < 0.001
    assert "http://" not in (folder / "report" / "index.html").read_text(encoding="utf-8").replace(
        "http://www.w3.org/", ""
    )
