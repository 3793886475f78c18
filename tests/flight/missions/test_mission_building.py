from __future__ import annotations

from dataclasses import replace

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink
from shapely import LineString, Point, Polygon

from flight.fleet import find_drone
from flight.missions.mission import Mission
from flight.missions.mission_building import ITEMS_PER_LOOK, ITEMS_PER_PASS, ITEMS_PER_SORTIE, build_mission
from flight.missions.remote_route import count_items
from flight.planning.plan import Plan, Sortie, Waypoint
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from flight.rules.airspace import Zone
from pipeline.sites.site_reading import Site

WAYPOINT, TRIGGER = mavlink.MAV_CMD_NAV_WAYPOINT, mavlink.MAV_CMD_DO_SET_CAM_TRIGG_DIST
LOOK, LOOK_AWAY = mavlink.MAV_CMD_DO_SET_ROI_LOCATION, mavlink.MAV_CMD_DO_SET_ROI_NONE


@pytest.fixture(scope="module")
def plan() -> Plan:
    near = Site("near", "near", "road", LineString([(107.5, -6.87), (107.501, -6.87)]), width_m=5)
    far = Site("far", "far", "road", LineString([(107.503, -6.87), (107.504, -6.871)]), width_m=5)
    return plan_survey([near, far], find_drone("simulated-quad"), PlanSettings(solver_iterations=100))


@pytest.fixture(scope="module")
def mission(plan: Plan) -> Mission:
    return build_mission(plan, plan.sorties[0])


def looking(sortie: Sortie) -> Sortie:
    """The sortie with its first pass along a face."""
    first, *others = sortie.passes
    target = Waypoint(first.waypoints[0].lat + 2e-4, first.waypoints[0].lon, 5.0)
    return replace(sortie, passes=(replace(first, look_at=target), *others))


def test_mission_takes_off_looks_down_and_returns(mission: Mission) -> None:
    takeoff, gimbal = mission.items[:2]
    assert (takeoff.command, takeoff.frame) == (22, 3)
    assert takeoff.alt_m == pytest.approx(20.0)
    assert (gimbal.command, gimbal.params[0], gimbal.alt_m) == (205, -90.0, 2.0)
    assert mission.items[-1].command == mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH


def test_camera_goes_on_and_off_in_pairs(mission: Mission) -> None:
    triggers = [item for item in mission.items if item.command == TRIGGER]
    assert len(triggers) >= 4 and [item.params[0] > 0 for item in triggers] == [True, False] * (
        len(triggers) // 2
    )
    assert all(item.params[2] == 1.0 for item in triggers[::2])  # one photo at once
    assert triggers[-1].params[0] == 0.0


def test_waypoints_are_those_of_the_sortie_above_take_off(plan: Plan, mission: Mission) -> None:
    waypoints = [item for item in mission.items if item.command == WAYPOINT]
    flown = {(w.lat, w.lon, w.alt_m) for leg in plan.sorties[0].legs() for w in leg.waypoints}
    assert len(waypoints) >= 3 and {item.frame for item in waypoints} == {3}
    assert {(item.lat, item.lon, item.alt_m) for item in waypoints} <= flown


def test_long_transits_are_flown_fast_and_passes_slowly(plan: Plan, mission: Mission) -> None:
    speeds = [item.params[1] for item in mission.items if item.command == mavlink.MAV_CMD_DO_CHANGE_SPEED]
    assert speeds[-3:] == [
        10.0,
        pytest.approx(plan.speed_ms, abs=0.01),
        10.0,
    ]  # the way back is a transit too


def test_a_face_is_looked_at_from_the_way_there_until_its_end(plan: Plan) -> None:
    sortie = looking(plan.sorties[0])
    target = sortie.passes[0].look_at
    assert target is not None
    items = build_mission(plan, sortie).items
    commands = [item.command for item in items]
    look, away = commands.index(LOOK), commands.index(LOOK_AWAY)
    assert (items[look].lat, items[look].lon, items[look].alt_m) == (target.lat, target.lon, 5.0)
    assert items[look].frame == mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT
    assert look < commands.index(TRIGGER) < away
    assert commands[away + 1] == mavlink.MAV_CMD_DO_MOUNT_CONTROL and items[away + 1].params[0] == -90.0
    assert commands.count(LOOK) == commands.count(LOOK_AWAY) == 1


def test_a_drone_by_action_takes_each_photo_at_its_own_waypoint(plan: Plan) -> None:
    by_action = replace(plan, drone=replace(plan.drone, trigger="action"))
    items = build_mission(by_action, plan.sorties[0]).items
    photos = [n for n, item in enumerate(items) if item.command == mavlink.MAV_CMD_IMAGE_START_CAPTURE]
    places = [(items[n - 1].lat, items[n - 1].lon) for n in photos if items[n - 1].command == WAYPOINT]
    meant = [(p.lat, p.lon) for flown in plan.sorties[0].passes for p in flown.photos]
    assert len(photos) == len(meant) and len(places) >= len(meant) - len(plan.sorties[0].passes)
    assert set(places) <= set(meant)
    assert not any(item.command == TRIGGER for item in items)


def test_items_are_no_more_than_the_planner_counts_with(plan: Plan) -> None:
    sortie = plan.sorties[0]
    inside = sum(len(way) - 2 for way in sortie.transits)
    counted = sum(len(flown.waypoints) + ITEMS_PER_PASS for flown in sortie.passes)
    assert count_items(plan, sortie) <= ITEMS_PER_SORTIE + counted + inside
    assert count_items(plan, looking(sortie)) == count_items(plan, sortie) + ITEMS_PER_LOOK


def test_fence_holds_every_waypoint_and_straight_way_home_with_a_margin(mission: Mission) -> None:
    fence = Polygon([(lon, lat) for lat, lon in mission.fence])
    home = Point(mission.home.lon, mission.home.lat)
    places = [Point(item.lon, item.lat) for item in mission.items if item.command == WAYPOINT]
    margin_deg = 25 / 111_320
    assert fence.is_valid
    assert all(fence.covers(LineString([home, place]).buffer(margin_deg)) for place in places)


@pytest.mark.parametrize(
    ("lon", "floor_m", "ceiling_m", "kept"),
    [
        (107.51, 0.0, float("inf"), True),
        (107.51, 200.0, float("inf"), False),  # above everything that is flown
        (107.60, 0.0, float("inf"), False),  # out of reach
        (107.5, 0.0, float("inf"), False),  # the sortie enters it: its approval is in hand
    ],
)
def test_zones_in_reach_that_block_the_heights_are_exclusions(
    plan: Plan, lon: float, floor_m: float, ceiling_m: float, kept: bool
) -> None:
    area = Point(lon, -6.87).buffer(0.001, quad_segs=4)
    zoned = replace(plan, zones=(Zone("z", "zone", "restricted", area, floor_m, ceiling_m),))
    exclusions = build_mission(zoned, plan.sorties[0]).exclusions
    assert len(exclusions) == int(kept)
    if kept:
        polygon = Polygon([(lon, lat) for lat, lon in exclusions[0]])
        assert polygon.symmetric_difference(area).area < 0.02 * area.area


def test_a_round_zone_has_few_corners_all_inside_of_it(plan: Plan) -> None:
    area = Point(107.52, -6.87).buffer(0.01, quad_segs=500)
    zoned = replace(plan, zones=(Zone("z", "airport", "controlled", area),))
    exclusions = build_mission(zoned, plan.sorties[0]).exclusions
    polygon = Polygon([(lon, lat) for lat, lon in exclusions[0]])
    assert len(exclusions[0]) <= 60 and area.buffer(1e-7).covers(polygon)
    assert polygon.area > 0.97 * area.area
