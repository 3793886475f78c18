"""Truth and score: what was found against what was there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shapely import LineString, Point

from flight.simulator.district import build_district
from flight.simulator.score import Finding, score_findings
from flight.simulator.truth import TrueDamage, read_truth, truth_of, write_truth
from pipeline.sites.site_reading import Site
from vision.errors import PantauError
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.3, 106.84)


def damage_at(name: str, kind: str, east: float, north: float) -> TrueDamage:
    lat, lon = FRAME.to_lat_lon([[east, north]])[0]
    return TrueDamage(name, kind, "r", Point(lon, lat).buffer(2e-6), 0.4, 0.4, 0.1)


def finding_at(kind: str, east: float, north: float, sigma_m: float = 0.5) -> Finding:
    lat, lon = FRAME.to_lat_lon([[east, north]])[0]
    return Finding(kind, float(lat), float(lon), sigma_m, 0.5)


POTHOLE = damage_at("T1", "pothole", 0, 0)
REPAIR = damage_at("T2", "repair", 10, 0)


def test_nothing_there_nothing_found() -> None:
    score = score_findings([], [])
    assert score.total.there == score.total.false == 0
    assert score.error_m(50) is None


def test_findings_where_nothing_is_are_false() -> None:
    assert score_findings([], [finding_at("pothole", 0, 0)]).kinds["pothole"].false == 1


def test_found_missed_and_false() -> None:
    found = [finding_at("pothole", 1.0, 0), finding_at("pothole", 50, 0)]
    score = score_findings([POTHOLE, REPAIR], found)
    assert (score.kinds["pothole"].found, score.kinds["pothole"].false) == (1, 1)
    assert score.kinds["repair"].missed == 1
    assert score.error_m(50) == pytest.approx(0.78, abs=0.02)
    assert score.error_m(50, "centre") == pytest.approx(1.0, abs=0.02)


def test_right_place_other_kind() -> None:
    score = score_findings([POTHOLE], [finding_at("repair", 0.5, 0)])
    assert score.kinds["pothole"].found_other_kind == 1
    assert score.kinds["pothole"].missed == score.kinds["repair"].false == 0
    assert score.kinds["repair"].reported_for_other == 1


def test_a_damage_found_twice_counts_once() -> None:
    score = score_findings([POTHOLE], [finding_at("pothole", 0.5, 0), finding_at("pothole", 0, 0.4)])
    assert (score.kinds["pothole"].found, score.kinds["pothole"].false) == (1, 1)


def test_same_kind_comes_before_nearer() -> None:
    found = [finding_at("repair", 0.1, 0), finding_at("pothole", 1.5, 0)]
    (match,) = score_findings([POTHOLE], found).matches
    assert (match.finding, match.found_kind) == (1, "pothole")


@pytest.mark.parametrize(("sigma_m", "found"), [(0.5, 0), (2.0, 1)])
def test_reach_grows_with_claimed_uncertainty(sigma_m: float, found: int) -> None:
    score = score_findings([POTHOLE], [finding_at("pothole", 4.0, 0, sigma_m)])
    assert score.kinds["pothole"].found == found


def test_what_was_not_photographed_does_not_count() -> None:
    found = [finding_at("repair", 10, 0)]
    score = score_findings([POTHOLE, REPAIR], found, photographed={"T1"})
    assert score.not_photographed == 1
    assert score.total.there == score.total.missed == 1
    assert score.total.false == 0


def test_table_and_json_say_the_same() -> None:
    score = score_findings([POTHOLE, REPAIR], [finding_at("pothole", 0, 0)])
    assert "pothole" in score.as_table() and "position error" in score.as_table()
    assert json.loads(json.dumps(score.as_dict()))["total"]["found"] == 1


def test_truth_survives_the_round_trip(tmp_path: Path) -> None:
    road = Site("r", "Road", "road", LineString([(106.84, -6.3), (106.8405, -6.3)]), 6.0)
    district = build_district([road], seed=4)
    write_truth(district, tmp_path / "truth.geojson")
    read, true = read_truth(tmp_path / "truth.geojson"), truth_of(district)
    assert [(d.id, d.kind, d.length_m) for d in read] == [(d.id, d.kind, d.length_m) for d in true]
    assert all(a.geometry.hausdorff_distance(b.geometry) < 2e-8 for a, b in zip(read, true, strict=True))
    assert list(tmp_path.iterdir()) == [tmp_path / "truth.geojson"]


def test_the_truth_itself_scores_full_marks() -> None:
    road = Site("r", "Road", "road", LineString([(106.84, -6.3), (106.841, -6.3)]), 6.0)
    truth = truth_of(build_district([road], seed=4))
    found = [Finding(d.kind, d.geometry.centroid.y, d.geometry.centroid.x, 0.5, 1.0) for d in truth]
    score = score_findings(truth, found)
    assert score.total.found == len(truth) > 4
    assert score.total.false == 0


def test_other_files_are_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"features": [{}]}', encoding="utf-8")
    with pytest.raises(PantauError, match=r"x\.json"):
        read_truth(tmp_path / "x.json")
