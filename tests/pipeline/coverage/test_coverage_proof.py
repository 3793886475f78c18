"""The coverage proof of a survey in a real register, and what becomes of it when photos come later."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from shapely import LineString, box

from pipeline.coverage.coverage_proof import prove_coverage
from pipeline.coverage.coverage_summary import coverage_rows, proof_document, proof_text
from pipeline.coverage.coverage_update import sites_of_survey, update_coverage, whole_sites
from pipeline.geotagging.geotag import photo_footprint
from pipeline.photo import Photo, Pose, RejectedPhoto
from pipeline.register import Register
from pipeline.register.batches import Model, add_photo, add_rejected, add_sites, begin_run, survey_number
from pipeline.register.rows import photo_row
from pipeline.sites.site_reading import Site
from vision.camera import Camera
from vision.detector import Detections
from vision.errors import PantauError
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.87, 107.5)
CAMERA = Camera.centred("test", 2401, 1801, 2500.0)  # 19.2 m by 14.4 m from 20 m
MODEL = Model("none", "0" * 64, "{}")
NOTHING = Detections.of_boxes(np.zeros((0, 4)), np.zeros(0), [])


def in_degrees(shape):
    return FRAME.shapes_to_lon_lat(shape)


ROAD = Site("r1", "Jalan Uji", "road", in_degrees(LineString([(0, 0), (100, 0)])), width_m=6.0)
YARD = Site("y1", "Sekolah", "facility", in_degrees(box(0, 50, 30, 70)))


def photo(name: str, east_m: float, north_m: float = 0.0, pitch_deg: float = -90.0) -> Photo:
    lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0]
    pose = Pose(float(lat), float(lon), 20.0, 0.0, pitch_deg, 0.0, sigma_position_m=1.0)
    return Photo(name, Path(f"{name}.jpg"), None, CAMERA, pose)


def enter(register: Register, survey: str, *photos: Photo | RejectedPhoto) -> None:
    with register.transaction() as db:
        number = survey_number(db, survey, None)
        run = begin_run(db, number, MODEL, "0")
        for entered in photos:
            if isinstance(entered, RejectedPhoto):
                add_rejected(db, entered, number, register.folder)
            else:
                row = photo_row(entered, number, run, register.folder, photo_footprint(entered), 0.8)
                add_photo(db, row, MODEL, NOTHING, [])


def row_of_photos(*east_m: float) -> list[Photo]:
    return [photo(f"at {east:.0f}", east) for east in east_m]


@pytest.fixture
def register(tmp_path):
    with Register.open(tmp_path / "register.db", create=True) as opened:
        with opened.transaction() as db:
            add_sites(db, [ROAD])
        yield opened


def test_without_surveys_or_sites_there_is_no_proof(tmp_path):
    with Register.open(tmp_path / "empty.db", create=True) as register:
        with pytest.raises(PantauError, match=r"empty\.db: has no survey yet.*pantau inspect"):
            prove_coverage(register)
        enter(register, "march", photo("a", 0))
        with pytest.raises(PantauError, match=r"no sites.*--plan DIR or --sites FILE"):
            prove_coverage(register)


def test_an_unknown_survey_is_told_with_the_known_ones(register):
    enter(register, "march", photo("a", 0))
    with pytest.raises(PantauError, match="no survey 'may'; it has 'march'"):
        prove_coverage(register, "may")


def test_what_lies_between_far_photos_is_a_gap(register):
    enter(register, "march", *row_of_photos(0, 15, 30, 60, 75, 90, 105))
    proof = prove_coverage(register)
    (gap,) = proof.gaps
    assert (gap.from_m, gap.to_m) == pytest.approx((30 + 8.6, 60 - 8.6), abs=0.5)
    assert gap.cause == "no photo"
    assert (proof.total_m, proof.photos_used) == (pytest.approx(100, abs=0.01), 7)
    assert proof.covered_m == pytest.approx(proof.total_m - (gap.to_m - gap.from_m))
    assert proof.share == proof.sites[0].share == proof.covered_m / proof.total_m


def test_the_newest_survey_is_proved_without_a_name_and_each_for_itself(register):
    enter(register, "march", *row_of_photos(0, 15, 30, 45, 60, 75, 90, 105))
    enter(register, "may", photo("b", 50))
    assert prove_coverage(register, "march").gaps == ()
    assert prove_coverage(register).survey == "may"
    assert prove_coverage(register).covered_m == pytest.approx(17.2, abs=1)


def test_a_gap_tells_which_photos_were_rejected_there(register):
    cut = RejectedPhoto("cut", Path("cut.jpg"), "truncated", "ends early", photo("cut", 45))
    blurred = RejectedPhoto("dim", Path("dim.jpg"), "some_reason_of_tomorrow", "", photo("dim", 47))
    lost = RejectedPhoto("lost", Path("lost.jpg"), "no_position", "no position")
    enter(register, "march", *row_of_photos(0, 15, 30, 60, 75, 90, 105), cut, blurred, lost)
    proof = prove_coverage(register)
    (gap,) = proof.gaps
    assert gap.rejected == {"truncated": 1, "some_reason_of_tomorrow": 1}
    assert gap.cause == "rejected photos: 1 truncated, 1 some_reason_of_tomorrow"
    assert proof.rejected == {"some_reason_of_tomorrow": 1, "no_position": 1, "truncated": 1}


def test_a_place_seen_only_flatly_is_no_gap_without_photos(register):
    enter(register, "march", *row_of_photos(0, 15, 30, 60, 75, 90, 105), photo("flat", 45, -60, -15.0))
    assert prove_coverage(register).gaps[0].cause == "only at the edge of photos, or too flatly"


def test_a_facility_counts_by_its_area(register):
    with register.transaction() as db:
        add_sites(db, [YARD])
    enter(register, "march", *(photo(f"{e} {n}", e, n) for e in (0, 15) for n in (50, 60, 70)))
    proof = prove_coverage(register, site_ids=["y1"])
    assert (proof.total_m, proof.total_m2) == (0, pytest.approx(600, rel=1e-3))
    assert proof.covered_m2 == pytest.approx(20 * (15 + 8.6), rel=1e-2)
    assert proof.share == pytest.approx(proof.covered_m2 / 600, rel=1e-3)
    assert [gap.from_m for gap in proof.gaps] == [None]
    both = prove_coverage(register, site_ids=["r1", "y1"])
    assert both.share == 0.0 < both.covered_m2  # the road is not photographed at all
    assert "0 of 100 m of road (0.0 %), 472 of 600 m² of facilities (78." in proof_text(both)


def test_the_proof_is_told_in_plain_values(register):
    enter(register, "march", *row_of_photos(0, 15, 30, 60, 75, 90, 105))
    proof = prove_coverage(register)
    document = json.loads(json.dumps(proof_document(proof)))
    (site,) = document["sites"]
    assert (document["survey"], document["total_m"], site["id"]) == ("march", 100.0, "r1")
    assert document["share"] == site["share"] == pytest.approx(document["covered_m"] / 100, abs=1e-3)
    assert site["looks"] == {"fewest": 0, "median": 1.0}
    assert site["gaps"][0]["cause"] == "no photo"
    assert proof_text(proof) == "87 of 100 m of road (86.5 %), 1 gap"


def test_rows_of_the_proof_come_back_and_are_brought_up_to_date(register):
    enter(register, "march", *row_of_photos(0, 15, 30, 60, 75, 90, 105))
    update_coverage(register, "march", [ROAD], lambda steps, detail: None)
    (row,) = register.coverage()
    assert (row.survey, row.site, row.total_m, row.looks_fewest) == ("march", "r1", pytest.approx(100), 0)
    (feature,) = row.gaps["features"]
    assert feature["geometry"]["type"] == "LineString"
    gap = feature["properties"]
    assert gap["to_m"] - gap["from_m"] == pytest.approx(row.total_m - row.covered_m, abs=0.1)
    enter(register, "march", photo("late", 45))
    update_coverage(register, "march", [ROAD], lambda steps, detail: None)
    (row,) = register.coverage("march")
    assert (row.covered_m, row.gaps["features"]) == (row.total_m, [])
    assert register.coverage("may") == []


def test_a_survey_is_proved_over_the_sites_it_was_given(register):
    with register.transaction() as db:
        add_sites(db, [YARD])
    enter(register, "march", photo("a", 0))
    assert [coverage.site.id for coverage in prove_coverage(register).sites] == ["r1", "y1"]
    update_coverage(register, "march", [YARD], lambda steps, detail: None)
    assert [coverage.site.id for coverage in prove_coverage(register).sites] == ["y1"]
    assert [site.id for site in sites_of_survey(register, "march", [ROAD])] == ["r1", "y1"]


def test_pieces_of_known_sites_stand_for_the_whole(register):
    piece = Site("r1 STA 0+010–0+040", "Jalan Uji", "road", ROAD.geometry, width_m=6.0, part_of="r1")
    strange = Site("x STA 0+010–0+040", "Jalan", "road", ROAD.geometry, width_m=6.0, part_of="x")
    assert [site.id for site in whole_sites(register, [piece, strange, piece])] == ["r1", strange.id]
    assert whole_sites(register, [ROAD]) == (ROAD,)


def test_coverage_rows_of_many_sites_are_one_each(register):
    enter(register, "march", photo("a", 0))
    with register.transaction() as db:
        add_sites(db, [YARD])
    rows = coverage_rows(prove_coverage(register))
    assert [(row["site"], row["total_m"], round(row["total_m2"])) for row in rows] == [
        ("r1", pytest.approx(100, abs=0.01), 600), ("y1", 0.0, 600),
    ]  # fmt: skip
