"""Whole plans over random networks, held against what they promise by other code than made them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from flight.fleet import find_drone
from flight.heights.clearance import clearance_along
from flight.heights.obstacles import Obstacle, Obstacles
from flight.missions.remote_route import count_items
from flight.planning.plan import Plan, Sortie
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from flight.rules.airspace import Zone
from flight.surroundings import Surroundings, frame_of
from pipeline.sites.site_reading import Site
from vision.errors import PantauError
from vision.frames import LocalFrame

QUAD = find_drone("simulated-quad")
QUICK = PlanSettings(solver_iterations=50, clearance_m=5.0)
FRAME = LocalFrame(-6.87, 107.5)

places = st.tuples(st.integers(-500, 500), st.integers(-500, 500))
lines = st.lists(st.lists(places, min_size=2, max_size=4, unique=True), min_size=1, max_size=5)


def roads(drawn: list[list[tuple[int, int]]], width_m: float = 6.0) -> list[Site]:
    return [
        Site(f"r{n}", f"r{n}", "road", FRAME.shapes_to_lon_lat(LineString(line)), width_m=width_m)
        for n, line in enumerate(drawn)
    ]


def in_metres(sortie: Sortie, frame: LocalFrame) -> list[tuple[str, np.ndarray]]:
    return [
        (
            leg.name,
            np.column_stack(
                [
                    frame.to_metres([p.lat for p in leg.waypoints], [p.lon for p in leg.waypoints]),
                    [p.alt_m for p in leg.waypoints],
                ]
            ),
        )
        for leg in sortie.legs()
    ]


def keeps_battery_and_items(plan: Plan) -> bool:
    battery_s = plan.drone.endurance_min * 60 * (1 - plan.settings.battery_reserve)
    return all(
        sortie.duration_s <= battery_s + 1e-6 and count_items(plan, sortie) <= plan.drone.item_limit
        for sortie in plan.sorties
    )


@settings(max_examples=40, deadline=None)
@given(lines, st.lists(st.tuples(places, st.integers(20, 150)), min_size=1, max_size=3))
def test_no_leg_enters_a_zone_or_the_plan_is_refused_by_name(
    drawn: list[list[tuple[int, int]]], discs: list[tuple[tuple[int, int], int]]
) -> None:
    areas = [shapely.Point(middle).buffer(radius_m) for middle, radius_m in discs]
    zones = [
        Zone(f"z{n}", f"zone {n}", "prohibited", FRAME.shapes_to_lon_lat(area))
        for n, area in enumerate(areas)
    ]
    profile = _close_profile()
    try:
        plan = plan_survey(roads(drawn), QUAD, QUICK, zones=zones, profile=profile)
    except PantauError as error:
        assert "zone" in str(error)
        kept_m = 10 + QUICK.lateral_tolerance_m + 60  # margin, and how far passes reach beyond their roads
        assert any(area.distance(LineString(line)) < kept_m for area in areas for line in drawn)
        return
    for sortie in plan.sorties:
        for name, points in in_metres(sortie, FRAME):
            line = LineString(points[:, :2]) if len(np.unique(points[:, :2], axis=0)) > 1 else None
            shape = line or shapely.Point(points[0, :2])
            assert all(area.distance(shape) >= 10 - 0.01 for area in areas), name
    assert keeps_battery_and_items(plan)


@settings(max_examples=30, deadline=None)
@given(
    lines,
    st.lists(st.tuples(places, st.integers(5, 80)), min_size=1, max_size=6),
    st.floats(0.2, 0.6),
    st.floats(0, 6),
)
def test_every_leg_clears_obstacles_and_keeps_the_battery(
    drawn: list[list[tuple[int, int]]],
    masts: list[tuple[tuple[int, int], int]],
    reserve: float,
    wind_ms: float,
) -> None:
    sites = roads(drawn)
    standing = tuple(Obstacle("mast", shapely.Point(place), h, float(h)) for place, h in masts)
    around = replace(Surroundings.unknown(frame_of(sites)), obstacles=Obstacles(standing))
    around = replace(around, frame=FRAME)
    try:
        plan = plan_survey(sites, QUAD, replace(QUICK, battery_reserve=reserve, wind_ms=wind_ms), around)
    except PantauError as error:  # masts of 80 m all over a hamlet leave nowhere to launch
        assert "launch" in str(error)
        return
    for sortie in plan.sorties:
        for name, points in in_metres(sortie, FRAME):
            assert clearance_along(points, around, QUICK.clearance_m)[0] >= QUICK.clearance_m - 0.05, name
        assert sortie.return_height_m >= max(p[:, 2].max() for _, p in in_metres(sortie, FRAME)) - 1e-6
    assert keeps_battery_and_items(plan)
    assert plan.obstacles_known


@settings(max_examples=40, deadline=None)
@given(lines, st.floats(2, 30), st.sampled_from(["simulated-quad", "dji-mavic-3e", "dji-mini-4-pro"]))
def test_random_networks_are_covered_and_fit_the_drone(
    drawn: list[list[tuple[int, int]]], width_m: float, drone: str
) -> None:
    plan = plan_survey(roads(drawn, width_m), find_drone(drone), QUICK)
    assert min(plan.covered.values()) > 0.999
    assert min(look.fewest for look in plan.looks.values()) >= 1
    assert plan.distance_m >= plan.lower_bound_m - 1e-6
    assert keeps_battery_and_items(plan)
    for sortie in plan.sorties:
        ways = [way for pair in zip(sortie.transits, sortie.passes, strict=False) for way in pair]
        ends = [way if isinstance(way, tuple) else way.waypoints for way in [*ways, sortie.transits[-1]]]
        assert all(before[-1] == after[0] for before, after in pairwise(ends))


def test_a_launch_point_in_a_zone_is_refused_by_name() -> None:
    zone = Zone("z", "barracks", "prohibited", FRAME.shapes_to_lon_lat(shapely.Point(0, 900).buffer(100)))
    lat, lon = FRAME.to_lat_lon(np.array([[0.0, 900.0]]))[0]
    wanted = replace(QUICK, launches=((float(lat), float(lon)),))
    with pytest.raises(PantauError, match=r"launch point 1.*barracks"):
        plan_survey(roads([[(0, 0), (100, 0)]]), QUAD, wanted, zones=[zone])


def test_a_launch_point_under_a_mast_is_refused() -> None:
    sites = roads([[(0, 0), (100, 0)]])
    mast = Obstacle("mast", shapely.Point(0, 50), 40.0, 40.0)
    around = replace(Surroundings.unknown(FRAME), obstacles=Obstacles((mast,)))
    lat, lon = FRAME.to_lat_lon(np.array([[0.0, 53.0]]))[0]
    with pytest.raises(PantauError, match=r"launch point 1.*something 40 m high"):
        plan_survey(sites, QUAD, replace(QUICK, launches=((float(lat), float(lon)),)), around)


def test_transits_over_unknown_ground_are_flown_at_a_safe_height() -> None:
    plan = plan_survey(roads([[(0, 0), (100, 0)], [(0, 300), (100, 300)]]), QUAD, QUICK)
    (sortie,) = plan.sorties
    assert max(place.alt_m for place in sortie.transits[1]) == pytest.approx(40.0)
    assert {round(place.alt_m, 6) for flown in sortie.passes for place in flown.waypoints} == {20.0}
    low = plan_survey(
        roads([[(0, 0), (100, 0)], [(0, 300), (100, 300)]]), QUAD, replace(QUICK, transit_height_m=20.0)
    )
    assert low.duration_s < plan.duration_s
    assert low.distance_m == pytest.approx(plan.distance_m)


def _close_profile():
    from flight.rules.profile import read_profile

    profile = read_profile("indonesia")
    rules = tuple(
        replace(rule, margin_m=10.0) if "prohibited" in getattr(rule, "kinds", ()) else rule
        for rule in profile.rules
    )
    return replace(profile, rules=rules)


@settings(max_examples=20, deadline=None)
@given(lines, st.integers(250, 700))
def test_no_pass_lies_farther_from_its_launch_point_than_the_range(
    drawn: list[list[tuple[int, int]]], range_m: int
) -> None:
    wanted = replace(QUICK, max_range_m=float(range_m), launches_at_most=3)
    try:
        plan = plan_survey(roads(drawn), QUAD, wanted)
    except PantauError as error:
        assert "--max-range" in str(error)
        return
    for sortie in plan.sorties:
        home = FRAME.to_metres(sortie.home.lat, sortie.home.lon)[0]
        for flown in sortie.passes:
            places = FRAME.to_metres([p.lat for p in flown.waypoints], [p.lon for p in flown.waypoints])
            assert np.hypot(*(places - home).T).max() <= range_m + 0.01


def test_a_long_road_within_range_of_several_launch_points_is_cut_between_them() -> None:
    site = roads([[(-900, 0), (900, 0)]])
    plan = plan_survey(site, QUAD, replace(QUICK, max_range_m=500.0))
    assert len({sortie.home for sortie in plan.sorties}) >= 2
    assert sum(flown.length_m for sortie in plan.sorties for flown in sortie.passes) > 1800
    assert min(plan.covered.values()) > 0.999
