"""How much of a road's stations and of a facility's area lies in pieces of shown ground."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from pipeline.coverage.site_coverage import Looks, cover_facility, cover_road

ROAD = LineString([(0, 0), (100, 0)])
YARD = box(0, 0, 60, 40)


def shapes(*pieces: Polygon) -> np.ndarray:
    return np.array(pieces, dtype=object)


def test_without_photos_all_is_one_gap():
    road, yard = cover_road(ROAD, 6.0, shapes()), cover_facility(YARD, shapes())
    assert (road.covered_m, road.total_m, road.covered_m2, road.total_m2) == (0, 100, 0, 600)
    assert [(gap.from_m, gap.to_m) for gap in road.gaps] == [(0, 100)]
    assert (yard.covered_m2, yard.total_m2, yard.looks) == (0, 2400, Looks(0, 0))
    assert [gap.area_m2 for gap in yard.gaps] == [2400]


def test_photos_over_all_leave_no_gap():
    road = cover_road(ROAD, 6.0, shapes(box(-1, -4, 60, 4), box(40, -4, 101, 4)))
    assert (road.covered_m, road.covered_m2, road.gaps) == (100, pytest.approx(600), ())
    yard = cover_facility(YARD, shapes(box(-1, -1, 40, 41), box(30, -1, 61, 41)))
    assert (yard.covered_m2, yard.gaps) == (2400, ())
    assert yard.looks == Looks(1, 1)


def test_a_gap_has_its_stations():
    road = cover_road(ROAD, 6.0, shapes(box(-1, -4, 30, 4), box(45, -4, 101, 4)))
    ((from_m, to_m),) = [(gap.from_m, gap.to_m) for gap in road.gaps]
    assert (from_m, to_m) == pytest.approx((30, 45), abs=0.5)
    assert road.covered_m == 100 - (to_m - from_m)
    assert road.gaps[0].shape_m.equals(LineString([(from_m, 0), (to_m, 0)]))


def test_half_the_width_is_area_but_no_length():
    road = cover_road(ROAD, 6.0, shapes(box(-1, 0, 101, 4)))
    assert road.covered_m == 0
    assert road.covered_m2 == pytest.approx(300, rel=0.1)
    assert road.looks == Looks(0, 0)


def test_looks_count_the_photos_of_the_least_seen_place_across():
    pieces = shapes(box(-1, -4, 101, 4), box(-1, -4, 101, 2), box(-1, -4, 30, 4))
    assert cover_road(ROAD, 6.0, pieces).looks == Looks(1, 1)
    assert cover_road(ROAD, 4.0, pieces).looks == Looks(2, 2)


def test_the_outside_of_a_bend_is_looked_at():
    bend = LineString([(0, 0), (50, 0), (50, 50)])
    all_but_the_corner = shapes(box(-1, -4, 50, 4), box(46, 0, 54, 51))
    (gap,) = cover_road(bend, 6.0, all_but_the_corner).gaps
    assert gap.from_m < 50 < gap.to_m
    assert gap.to_m - gap.from_m < 6


@pytest.mark.parametrize(
    "line",
    [
        LineString([(0, 0), (50, 0), (0, 0)]),
        LineString([(0, 0), (0.1, 0)]),
        LineString([(0, 0), (8, 0), (8, 8), (0, 8), (0, 0)]),
        LineString([(0, 0), (0, 0), (40, 0), (40, 0)]),
        LineString([(-20, 0), (20, 0), (20, 20), (0, 20), (0, -20)]),
    ],
    ids=["out and back", "tiny", "ring", "repeated points", "crossing itself"],
)
def test_odd_roads_are_covered_by_what_covers_their_area(line):
    around = shapes(line.buffer(3.01, quad_segs=64))
    assert cover_road(line, 6.0, around).gaps == ()
    assert cover_road(line, 6.0, shapes()).covered_m == 0


def test_a_gap_over_the_seam_of_a_ring_is_short_at_both_ends():
    ring = LineString(Point(0, 0).buffer(30, quad_segs=64).exterior)
    road = cover_road(ring, 6.0, shapes(ring.buffer(4) - box(25, -5, 40, 5)))
    assert [gap.to_m - gap.from_m for gap in road.gaps] == pytest.approx([5, 5], abs=1)


def test_a_crack_between_photos_is_no_gap_of_a_facility_and_a_strip_is():
    crack = cover_facility(YARD, shapes(box(-1, -1, 30, 41), box(30.3, -1, 61, 41)))
    assert (crack.gaps, crack.covered_m2) == ((), 2400)
    strip = cover_facility(YARD, shapes(box(-1, -1, 30, 41), box(32, -1, 61, 41)))
    assert [gap.area_m2 for gap in strip.gaps] == [pytest.approx(80)]
    assert strip.looks.fewest == 0


def test_a_wall_narrower_than_a_crack_must_be_photographed_too():
    assert cover_facility(box(0, 0, 20, 0.3), shapes()).covered_m2 == 0


def test_a_hole_in_a_facility_need_not_be_photographed():
    yard = Polygon(YARD.exterior.coords, [box(20, 10, 40, 30).exterior.coords])
    assert cover_facility(yard, shapes(YARD - box(21, 11, 39, 29))).gaps == ()


metres = st.floats(-60, 60).map(lambda value: round(value, 1))
places = st.tuples(metres, metres)
photos = st.lists(st.tuples(metres, metres, st.floats(0, 180)), max_size=25).map(
    lambda views: [
        shapely.affinity.rotate(box(east - 10, north - 7, east + 10, north + 7), turn)
        for east, north, turn in views
    ]
)


@settings(max_examples=100)
@given(st.lists(places, min_size=2, max_size=6), st.floats(0, 12), photos, st.data())
def test_covered_and_gaps_are_the_whole_road_and_fewer_photos_never_cover_more(points, width_m, pieces, data):
    line = LineString(points)
    assume(line.length > 0.1)
    kept = data.draw(st.lists(st.sampled_from(pieces), unique_by=id)) if pieces else []
    all_of_them, some = (cover_road(line, width_m, shapes(*part)) for part in (pieces, kept))
    for covered in (all_of_them, some):
        gaps_m = sum(gap.to_m - gap.from_m for gap in covered.gaps)
        assert covered.covered_m + gaps_m == pytest.approx(line.length)
        assert 0 <= covered.covered_m2 <= covered.total_m2 + 1e-6
        assert (covered.looks.fewest == 0) == bool(covered.gaps)
    assert some.covered_m <= all_of_them.covered_m + 1e-6
    assert some.covered_m2 <= all_of_them.covered_m2 + 1e-6
    assert some.looks.fewest <= all_of_them.looks.fewest


@settings(max_examples=100)
@given(st.lists(places, min_size=3, max_size=7, unique=True), photos, st.data())
def test_covered_and_gaps_are_the_whole_facility_and_fewer_photos_never_cover_more(corners, pieces, data):
    yard = Polygon(corners)
    assume(yard.is_valid and yard.area > 1)
    kept = data.draw(st.lists(st.sampled_from(pieces), unique_by=id)) if pieces else []
    all_of_them, some = (cover_facility(yard, shapes(*part)) for part in (pieces, kept))
    for covered in (all_of_them, some):
        gaps_m2 = sum(gap.area_m2 for gap in covered.gaps)
        assert covered.covered_m2 + gaps_m2 == pytest.approx(yard.area)
    assert some.covered_m2 <= all_of_them.covered_m2 + 1e-6
