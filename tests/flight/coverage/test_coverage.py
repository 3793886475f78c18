from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon

from flight.coverage.network_cover import network_passes
from flight.coverage.passes import cut_in_half, dead_ends, facility_passes, road_passes
from flight.coverage.photo_geometry import TRIGGER_SLACK, Swath, footprints, photo_positions, swath_of
from flight.coverage.sure_photos import surely_shown
from flight.fleet import find_drone

QUAD = find_drone("simulated-quad")
SWATH = swath_of(QUAD, 20.0, 0.7, 0.6, 1.0, 2.0)
DEAD, JOINED = (True, True), (False, False)


def shown_by(passes: list[LineString], swath: Swath) -> shapely.Geometry:
    """What a real trigger photographs: each photo falls a little late."""
    spacing_m = swath.photo_spacing_m * TRIGGER_SLACK
    return shapely.union_all(
        [polygon for line in passes for polygon in footprints(photo_positions(line, spacing_m), swath)]
    )


def test_lonely_road_ends_dead_on_both_sides() -> None:
    assert dead_ends([]) == []
    assert dead_ends([LineString([(0, 0), (50, 0)])]) == [(True, True)]


def test_ends_on_other_roads_and_rings_are_not_dead() -> None:
    through, side = LineString([(0, 0), (100, 0)]), LineString([(50, 0), (50, 40)])
    ring = LineString([(0, 0), (-30, 0), (-30, 30), (0, 0)])
    assert dead_ends([through, side, ring]) == [(False, True), (False, True), (False, False)]


def test_narrow_road_is_one_pass_along_its_centreline() -> None:
    line = LineString([(0, 0), (100, 0)])
    assert road_passes(line, 6.0, SWATH, JOINED) == [line]


def test_dead_end_is_overflown_by_one_spacing() -> None:
    (track,) = road_passes(LineString([(0, 0), (100, 0)]), 6.0, SWATH, (False, True))
    assert list(track.coords) == [(0, 0), (pytest.approx(104.32), 0)]


def test_wide_road_takes_parallel_passes_with_the_wanted_overlap() -> None:
    passes = road_passes(LineString([(0, 0), (100, 0)]), 24.0, SWATH, JOINED)
    offsets = sorted(track.coords[0][1] for track in passes)
    assert len(passes) == 3
    assert np.diff(offsets).max() <= SWATH.pass_spacing_m
    assert offsets[-1] + SWATH.usable_m / 2 == pytest.approx(24 / 2 + SWATH.margin_m)


metres = st.floats(-150, 150, allow_nan=False).map(lambda value: round(value, 2))
vertices = st.lists(st.tuples(metres, metres), min_size=2, max_size=7, unique=True)


@settings(max_examples=150, deadline=None)
@given(
    vertices=vertices,
    width_m=st.floats(1.0, 40.0),
    forward_overlap=st.floats(0.1, 0.85),
    side_overlap=st.floats(0.0, 0.8),
)
@example([(-57.12, 0.0), (0.0, 22.08), (137.75, 2.0)], 39.01024336059959, 0.25, 0.5)  # GEOS failed
def test_every_metre_of_a_random_road_is_photographed(
    vertices: list[tuple[float, float]],
    width_m: float,
    forward_overlap: float,
    side_overlap: float,
) -> None:
    line = LineString(vertices)
    assume(line.length > 1)
    swath = swath_of(QUAD, 20.0, forward_overlap, side_overlap, 1.0, 2.0)
    passes = network_passes([line], [width_m], swath)[0]
    for ways in (passes, [track.reverse() for track in passes]):
        assert line.difference(shown_by(ways, swath).buffer(0.02)).length == 0


@settings(max_examples=60, deadline=None)
@given(length_m=st.floats(5, 300), width_m=st.floats(1, 60), turn_deg=st.floats(-20, 20))
def test_whole_width_of_a_gently_bent_road_is_photographed(
    length_m: float, width_m: float, turn_deg: float
) -> None:
    turn = np.radians(turn_deg)
    bend = [(0, 0), (0, length_m), (length_m * np.sin(turn), length_m * (1 + np.cos(turn)))]
    line = LineString(bend)
    shown = shown_by(road_passes(line, width_m, SWATH, DEAD), SWATH)
    assert line.buffer(width_m / 2, cap_style="flat").difference(shown.buffer(0.01)).area < 0.01


@pytest.mark.parametrize("forward_overlap", [0.1, 0.4, 0.7])
def test_nothing_is_missed_between_the_halves_of_a_pass(forward_overlap: float) -> None:
    swath = swath_of(QUAD, 20.0, forward_overlap, 0.6, 1.0, 2.0)
    first, second = cut_in_half(LineString([(0, 0), (100, 0)]), swath)
    shown = shown_by([first, second.reverse()], swath)  # both end at the cut
    assert shown.buffer(0.01).covers(LineString([(45, 0), (55, 0)]))


def test_sweeps_are_as_few_as_at_any_angle() -> None:
    yard = Polygon([(0, 0), (90, 20), (130, 90), (110, 110), (0, 40)])
    lines = facility_passes(yard, SWATH)
    area = yard.buffer(SWATH.margin_m, join_style="mitre", mitre_limit=2.0)
    level = [shapely.affinity.rotate(area, -angle).bounds for angle in range(180)]
    fewest = min(
        np.ceil((top - bottom - SWATH.usable_m) / SWATH.pass_spacing_m) + 1 for _, bottom, _, top in level
    )
    assert len(lines) == fewest


def test_rectangle_is_swept_along_its_long_side() -> None:
    passes = facility_passes(Polygon([(0, 0), (100, 0), (100, 30), (0, 30)]), SWATH)
    assert all(track.coords[0][1] == pytest.approx(track.coords[1][1]) for track in passes)
    assert len(passes) == 4
    turned = shapely.affinity.rotate(Polygon([(0, 0), (100, 0), (100, 30), (0, 30)]), 33)
    assert len(facility_passes(turned, SWATH)) == 4


def test_sweeps_leave_out_a_large_hole_and_fly_over_a_small_one() -> None:
    hall = [(0, 0), (200, 0), (200, 100), (0, 100)]
    large = Polygon(hall, [[(40, 30), (160, 30), (160, 70), (40, 70)]])
    small = Polygon(hall, [[(90, 45), (100, 45), (100, 55), (90, 55)]])
    flown_m = [sum(line.length for line in facility_passes(area, SWATH)) for area in (large, small)]
    assert flown_m[0] < flown_m[1] * 0.9
    shown = shapely.union_all([surely_shown(sweep, SWATH) for sweep in facility_passes(large, SWATH)])
    assert shown.buffer(0.01).covers(large)


@settings(max_examples=100, deadline=None)
@given(outline=st.lists(st.tuples(metres, metres), min_size=3, max_size=8, unique=True), cut=st.booleans())
def test_every_square_metre_of_a_random_facility_is_photographed(
    outline: list[tuple[float, float]], cut: bool
) -> None:
    polygon = Polygon(outline)
    assume(polygon.is_valid and polygon.area > 20)
    if cut:
        hole = polygon.centroid.buffer(8)
        assume(polygon.buffer(-1).contains(hole))
        polygon = polygon.difference(hole)
    shown = shown_by(facility_passes(polygon, SWATH), SWATH)
    assert polygon.difference(shown.buffer(0.01)).area < 0.01
