from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink
from shapely import LineString, Point, Polygon

from flight import mission_building as building
from flight.fleet import find_drone
from flight.mission import Mission
from flight.planning.plan import Plan
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from pipeline.sites import Site


def planned() -> Plan:
    near = Site("near", "near", "road", LineString([(107.5, -6.87), (107.501, -6.87)]), width_m=5)
    far = Site("far", "far", "road", LineString([(107.503, -6.87), (107.504, -6.871)]), width_m=5)
    return plan_survey([near, far], find_drone("simulated-quad"), PlanSettings(solver_iterations=100))


@pytest.fixture(scope="module")
def mission() -> Mission:
    plan = planned()
    return building.build_mission(plan, plan.sorties[0])


def test_numbers_are_those_of_mavlink() -> None:
    assert mavlink.MAV_CMD_NAV_WAYPOINT == building.NAV_WAYPOINT
    assert mavlink.MAV_CMD_NAV_TAKEOFF == building.NAV_TAKEOFF
    assert mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH == building.NAV_RETURN_TO_LAUNCH
    assert mavlink.MAV_CMD_DO_CHANGE_SPEED == building.DO_CHANGE_SPEED
    assert mavlink.MAV_CMD_DO_MOUNT_CONTROL == building.DO_MOUNT_CONTROL
    assert mavlink.MAV_CMD_DO_SET_CAM_TRIGG_DIST == building.DO_SET_CAM_TRIGG_DIST


def test_mission_takes_off_looks_down_and_returns(mission: Mission) -> None:
    takeoff, gimbal = mission.items[:2]
    assert (takeoff.command, takeoff.frame, takeoff.alt_m) == (22, 3, pytest.approx(20.0))
    assert (gimbal.command, gimbal.params[0], gimbal.alt_m) == (205, -90.0, 2.0)
    assert mission.items[-1].command == building.NAV_RETURN_TO_LAUNCH


def test_camera_goes_on_and_off_in_pairs(mission: Mission) -> None:
    triggers = [item for item in mission.items if item.command == building.DO_SET_CAM_TRIGG_DIST]
    assert [item.params[0] > 0 for item in triggers] == [True, False] * 2
    assert all(item.params[2] == 1.0 for item in triggers[::2])  # one photo at once
    assert mission.items[-2] == triggers[-1]


def test_every_waypoint_has_the_flight_height_above_take_off(mission: Mission) -> None:
    waypoints = [item for item in mission.items if item.command == building.NAV_WAYPOINT]
    assert len(waypoints) >= 3
    assert {(item.frame, round(item.alt_m, 6)) for item in waypoints} == {(3, 20.0)}


def test_long_transits_are_flown_fast_and_passes_slowly(mission: Mission) -> None:
    speeds = [item.params[1] for item in mission.items if item.command == building.DO_CHANGE_SPEED]
    assert speeds[-2:] == [10.0, 4.0]


def test_fence_holds_home_and_every_waypoint_with_a_margin(mission: Mission) -> None:
    fence = Polygon([(lon, lat) for lat, lon in mission.fence])
    places = [Point(item.lon, item.lat) for item in mission.items if item.command == building.NAV_WAYPOINT]
    places.append(Point(mission.home.lon, mission.home.lat))
    margin_deg = 25 / 111_320
    assert fence.is_valid and all(fence.covers(place.buffer(margin_deg)) for place in places)
