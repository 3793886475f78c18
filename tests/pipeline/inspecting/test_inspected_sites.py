"""What an inspection says of the sites that it was given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shapely import LineString

from pipeline.inspecting.inspection import inspect_photos
from pipeline.sites.site_reading import Site, read_sites, write_sites
from tests.pipeline.painted_photos import (
    FRAME,
    POTHOLES_M,
    opened,
    road,
)


def test_defects_get_their_site_and_station(register, photos):
    line = LineString(FRAME.to_lat_lon([[-10, 0], [40, 0]])[:, ::-1])
    inspect_photos(register, photos, opened(), sites=[Site("r1", "Jalan Uji", "road", line, width_m=6.0)])
    assert {defect.site for defect in register.defects()} == {"r1"}
    stations_m = sorted(defect.station_m for defect in register.defects())
    assert stations_m == pytest.approx(sorted(10 + east_m for east_m, _ in POTHOLES_M), abs=0.2)


def test_what_lies_beside_all_sites_makes_no_defect(register, photos):
    line = LineString(FRAME.to_lat_lon([[-10, 14], [40, 14]])[:, ::-1])
    result = inspect_photos(
        register, photos, opened(), sites=[Site("r1", "Beside", "road", line, width_m=4.0)]
    )
    assert result.off_site == result.detections > 0
    assert register.defects() == []


def test_photos_that_show_no_site_are_not_even_decoded(register, photos):
    photos[0].write_bytes(photos[0].read_bytes()[:-2000] + bytes(1998) + b"\xff\xd9")
    line = LineString(FRAME.to_lat_lon([[-10, 60], [40, 60]])[:, ::-1])
    result = inspect_photos(register, photos, opened(), sites=[Site("r1", "Far", "road", line, width_m=6.0)])
    assert (result.photos_used, result.detections, result.photos_rejected) == (6, 0, ())
    assert all("shows_no_site" in photo.remarks for photo in register.photos())


def test_coverage_is_proved_where_sites_are_known(register, photos):
    assert inspect_photos(register, photos, opened()).coverage is None
    proof = inspect_photos(register, photos, opened(), sites=[road()]).coverage
    assert (proof.survey, proof.share, proof.photos_used) == (register.surveys()[0].name, 1.0, 6)
    (row,) = register.coverage()
    assert (row.covered_m, row.total_m) == (pytest.approx(40, abs=0.01),) * 2
    assert inspect_photos(register, photos, opened()).coverage == proof


def test_photos_too_coarse_for_every_kind_prove_nothing(register, photos):
    detector = replace(opened(), coarsest_gsd_cm={"pothole": 2.0})  # the photos have 4.7 cm
    result = inspect_photos(register, photos, detector, sites=[road()])
    assert (result.photos_used, result.rejected_by_reason) == (0, {"too_coarse": 6})
    assert "4.69 cm" in result.photos_rejected[0].detail and "2.00 cm" in result.photos_rejected[0].detail
    (gap,) = result.coverage.gaps
    assert (result.coverage.share, gap.rejected) == (0.0, {"too_coarse": 6})


def test_photos_too_coarse_for_one_kind_show_the_others(register, photos):
    detector = replace(opened(), thresholds={"pothole": 0.5, "crack": 0.5}, coarsest_gsd_cm={"crack": 2.0})
    result = inspect_photos(register, photos, detector, sites=[road()])
    assert result.coverage.share == 1.0
    assert (result.photos_used, result.remarks["too_coarse_for:crack"]) == (6, 6)


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
    beside = road(LineString([(-10, 15), (40, 15)]))
    inspect_photos(register, photos[:1], opened(), survey="march", sites=[beside])
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
