"""Ways round zones: never through, as long as they say, the same there and back."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from shapely import LineString, MultiPoint, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from flight.rules.airspace import Airspace, Zone
from flight.rules.profile import read_profile
from flight.rules.rule_checks import check_launches
from flight.rules.sight import hidden_pairs
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.87, 107.54)
INDONESIA = read_profile("indonesia")


def zone(area_m: BaseGeometry, name: str = "Z", kind: str = "controlled", **heights_m: float) -> Zone:
    return Zone(name, name, kind, FRAME.shapes_to_lon_lat(area_m), **heights_m)


def airspace(*areas_m: BaseGeometry, clearance_m: float = 2.0) -> Airspace:
    zones = [zone(area, f"Z{n}") for n, area in enumerate(areas_m)]
    return Airspace.around(zones, FRAME, INDONESIA, 0, 60, clearance_m)


def length_m(way: FloatArray) -> float:
    return float(np.hypot(*np.diff(way, axis=0).T).sum())


def places(*points: tuple[float, float]) -> FloatArray:
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def test_without_zones_everything_is_open() -> None:
    sky = Airspace()
    assert sky.distances_m(places(), places()).shape == (0, 0)
    assert sky.distances_m(places((0, 0)), places((3, 4), (0, 0))).tolist() == [[5.0, 0.0]]
    assert sky.way(np.zeros(2), np.ones(2)).tolist() == [[0, 0], [1, 1]]
    assert sky.closing(Point(0, 0)) is None and sky.forbidden is None
    assert sky.blocking(LineString([(0, 0), (1, 1)])) is None


def test_no_places_are_no_distances() -> None:
    assert airspace(box(0, 0, 9, 9)).distances_m(places(), places()).shape == (0, 0)


def test_the_way_round_a_square_is_the_shorter_side() -> None:
    sky = airspace(box(-100, -100, 100, 100), clearance_m=0.0)
    way = sky.way(np.array([-200.0, 50.0]), np.array([200.0, 50.0]))
    expected_m = 2 * math.hypot(100, 50) + 200
    assert expected_m < length_m(way) < expected_m + 4
    assert way[1:-1, 1].min() > 100
    assert sky.distances_m(way[:1], way[-1:])[0, 0] == pytest.approx(length_m(way), abs=1e-9)


def test_a_circle_is_gone_round_along_its_edge() -> None:
    sky = airspace(Point(0, 0).buffer(500, quad_segs=64), clearance_m=0.0)
    (found_m,) = sky.distances_m(places((-1000, 0)), places((1000, 0)))[0]
    tangent_m, arc_m = math.sqrt(1000**2 - 500**2), 500 * (math.pi - 2 * math.acos(500 / 1000))
    assert found_m == pytest.approx(2 * tangent_m + arc_m, rel=0.005)


def test_margin_and_clearance_are_kept_and_no_more_than_a_metre_more() -> None:
    prohibited = zone(box(0, 0, 300, 200), kind="prohibited")
    (closure,) = Airspace.around([prohibited], FRAME, INDONESIA, 0, 60, 3.0).closures
    area_m = FRAME.shapes_to_metres(prohibited.area)
    assert closure.area.covers(area_m.buffer(502.99, quad_segs=64))
    assert area_m.buffer(504.8, quad_segs=64).covers(closure.area)


def test_bays_and_holes_are_reached_only_through_their_mouths() -> None:
    bay = box(-200, -200, 200, 200).difference(box(-100, -100, 300, 100))
    ring = box(1000, -200, 1400, 200).difference(box(1100, -100, 1300, 100))
    sky = airspace(bay, ring)
    table_m = sky.distances_m(places((0, 0), (1200, 0)), places((-400, 0), (150, 50), (1210, 10)))
    assert table_m[0, 0] > 900 and table_m[0, 1] == pytest.approx(math.hypot(150, 50))
    assert np.isinf(table_m[1, :2]).all() and table_m[1, 2] == pytest.approx(math.hypot(10, 10))
    with pytest.raises(PantauError, match=r"no way leads round controlled zone 'Z0' and .* 'Z1'"):
        sky.way(np.array([1200.0, 0.0]), np.array([-400.0, 0.0]))


def test_a_place_inside_has_no_way_but_to_itself() -> None:
    table_m = airspace(box(0, 0, 100, 100)).distances_m(
        places((50, 50), (60, 60), (300, 0)), places((50, 50), (300, 0))
    )
    assert table_m.tolist() == [[0.0, math.inf], [math.inf, math.inf], [math.inf, 0.0]]


def test_zones_count_only_in_the_band_of_heights_that_is_flown() -> None:
    area = box(-100, -100, 100, 100)
    above, below = zone(area, floor_m=80), zone(area, ceiling_m=15)
    across = LineString([(-300, 0), (300, 0)])
    under = Airspace.around([above], FRAME, INDONESIA, 20, 60)
    over = Airspace.around([below], FRAME, INDONESIA, 20, 60)
    assert under.blocking(across) is None and under.closing(Point(0, 0)) is None
    assert over.blocking(across) is None and over.closing(Point(0, 0)) is not None  # nobody takes off inside
    assert over.forbidden is not None and over.forbidden.contains(Point(0, 0))
    assert Airspace.around([above], FRAME, INDONESIA, 20, 90).blocking(across) is not None
    assert Airspace.around([below], FRAME, INDONESIA, 10, 60).blocking(across) is not None


def test_an_approval_opens_a_zone_by_its_name_or_its_rule() -> None:
    closed = zone(box(0, 0, 100, 100), "Husein")
    for permit in ("husein", "controlled"):
        assert not Airspace.around([closed], FRAME, INDONESIA, permits=(permit,)).closures
    assert Airspace.around([closed], FRAME, INDONESIA, permits=("other",)).closures
    housing = zone(box(0, 0, 100, 100), kind="residential")
    a3 = read_profile("eu-a3")
    assert not Airspace.around([housing], FRAME, INDONESIA).closures
    assert Airspace.around([housing], FRAME, a3, permits=("built-up",)).closures  # no approval exists


def test_a_launch_point_in_a_zone_is_refused_by_name() -> None:
    sky = airspace(box(0, 0, 100, 100))
    check_launches(places((-50, 0)), sky)
    lat, lon = FRAME.to_lat_lon([[50, 50]])[0]
    sentence = rf"launch point 2 \({lat:.5f},{lon:.5f}\) lies in or too near controlled zone 'Z0'.*2\.1\.1\.1"
    with pytest.raises(PantauError, match=sentence):
        check_launches(places((-50, 0), (50, 50)), sky)


@st.composite
def shapes(draw: st.DrawFn) -> Polygon:
    """Boxes, hulls, stars and bent shapes of some hundred metres, wherever."""
    centre = np.array([draw(st.integers(-600, 600)), draw(st.integers(-600, 600))])
    corners = draw(st.integers(3, 14))
    radii_m = np.array(draw(st.lists(st.integers(20, 400), min_size=corners, max_size=corners)))
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = centre + radii_m[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    hull: BaseGeometry = Polygon(ring)
    return hull.convex_hull if draw(st.booleans()) else hull  # type: ignore[return-value]


points_m = st.tuples(st.integers(-900, 900), st.integers(-900, 900))


@settings(max_examples=60, deadline=None)
@given(areas=st.lists(shapes(), min_size=1, max_size=5), stops=st.lists(points_m, min_size=2, max_size=12))
def test_ways_go_round_every_zone(areas: list[Polygon], stops: list[tuple[int, int]]) -> None:
    sky = airspace(*areas)
    stop_m = np.array(stops, dtype=np.float64)
    table_m = sky.distances_m(stop_m, stop_m)
    straight_m = Airspace().distances_m(stop_m, stop_m)
    zones_m = shapely.union_all(areas)
    assert np.allclose(table_m, table_m.T, rtol=0, atol=1e-9) and (table_m >= straight_m - 1e-9).all()
    for one in range(len(stops)):
        for other in range(len(stops)):
            line = LineString([stop_m[one], stop_m[other]])
            if sky.blocking(line) is None:
                assert table_m[one, other] == pytest.approx(straight_m[one, other], abs=1e-9)
            elif stops[one] != stops[other] and np.isfinite(table_m[one, other]):
                way = sky.way(stop_m[one], stop_m[other])
                assert zones_m.distance(LineString(way)) > 1.9
                assert length_m(way) == pytest.approx(table_m[one, other], abs=1e-6)
                assert (way[[0, -1]] == stop_m[[one, other]]).all()


@settings(max_examples=60, deadline=None)
@given(areas=st.lists(shapes(), min_size=1, max_size=5), stops=st.lists(points_m, min_size=3, max_size=10))
def test_no_way_is_longer_than_one_over_a_third_place(
    areas: list[Polygon], stops: list[tuple[int, int]]
) -> None:
    table_m = airspace(*areas).distances_m(*[np.array(stops, dtype=np.float64)] * 2)
    assume(np.isfinite(table_m).any())
    over_m = (table_m[:, :, None] + table_m[None]).min(axis=1)
    # A way may cut through the metre or so that lies between a zone's edge and the corners gone round.
    assert (table_m <= over_m * 1.02 + 10).all()


@settings(max_examples=60, deadline=None)
@given(areas=st.lists(shapes(), min_size=1, max_size=3), stops=st.lists(points_m, min_size=2, max_size=15))
def test_who_sees_whom_agrees_with_testing_every_line(
    areas: list[Polygon], stops: list[tuple[int, int]]
) -> None:
    stop_m = np.unique(np.array(stops) + 0.137, axis=0)
    assume(not any(area.exterior.intersects(MultiPoint(stop_m)) for area in areas))
    hidden = hidden_pairs(stop_m, stop_m, areas)
    for one in range(len(stop_m)):
        for other in range(one):
            line = LineString([stop_m[one], stop_m[other]])
            assert hidden[one, other] == any(area.intersects(line) for area in areas)


@settings(max_examples=40, deadline=None)
@given(area=shapes(), outside=points_m, far=points_m)
def test_where_both_ends_are_outside_one_zone_there_is_a_way(
    area: Polygon, outside: tuple[int, int], far: tuple[int, int]
) -> None:
    assume(area.convex_hull.distance(MultiPoint([outside, far])) > 4)
    assert np.isfinite(airspace(area).distances_m(places(outside), places(far))).all()


@pytest.mark.slow
@pytest.mark.parametrize("area", [box(9000, 0, 9900, 900), box(-200, -2500, 200, 2500)])
def test_thousands_of_stops_take_seconds(area: Polygon) -> None:
    stops = default_rng(1).uniform(-3000, 3000, (3400, 2))
    sky = airspace(area)
    stops = stops[~shapely.intersects_xy(sky.forbidden, stops)]
    started_s = time.perf_counter()
    table_m = sky.distances_m(stops, stops)
    assert time.perf_counter() - started_s < 20  # 2 s on two free cores
    assert np.isfinite(table_m).all()
