"""What the simulated vehicle does by itself: failsafes, fences, and flying without a position."""

from __future__ import annotations

import re
from math import hypot

import pytest

from flight.missions.mission import MissionItem

STABILIZE, AUTO, GUIDED, LOITER, RTL, LAND, BRAKE = 0, 3, 4, 5, 6, 9, 17
ARM, START, PREARM_CHECKS, TAKE_OFF = 400, 300, 401, 22
TAKEOFF = MissionItem(22, 3, (0.0,) * 4, 0.0, 0.0, 20.0)
HOME_AGAIN = MissionItem(20, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
HEARTBEAT = (6, 8, 0, 0, 4, 3)
CRITICAL = 5  # MAV_STATE


def started(vehicle, items):
    """Upload, arm, start."""
    assert vehicle.upload(items) == 0
    assert vehicle.command(ARM, 1) == 0
    assert vehicle.command(START) == 0


@pytest.fixture
def flying(ready, waypoint):
    """Makes a vehicle that flies a long leg in AUTO, at 20 m."""

    def make(**parameters):
        vehicle = ready(parameters=parameters)
        vehicle.tell("HEARTBEAT", *HEARTBEAT)
        started(vehicle, (TAKEOFF, waypoint(0, 250), HOME_AGAIN))
        assert vehicle.run(40, lambda: vehicle.pilot.body.north_m > 20)
        return vehicle

    return make


def last(vehicle, name):
    """The newest message of a kind."""
    return vehicle.of_type(name)[-1]


def test_failsafes_are_off_until_they_are_set(ready, short_mission):
    vehicle = ready()
    vehicle.tell("HEARTBEAT", 6, 8, 0, 0, 4, 3)
    started(vehicle, short_mission.items)
    vehicle.run(15)
    assert vehicle.pilot.mode == AUTO
    vehicle.pilot.parameters.set("FS_GCS_ENABLE", 1)
    vehicle.run(1)
    assert vehicle.pilot.mode == RTL
    vehicle.tell("HEARTBEAT", 6, 8, 0, 0, 4, 3)
    vehicle.run(1)
    assert vehicle.pilot.mode == RTL
    assert vehicle.texts()[-2:] == ["GCS Failsafe", "GCS Failsafe Cleared"]


def test_after_a_battery_failsafe_arming_stays_refused(ready, short_mission):
    vehicle = ready(endurance_s=60.0)
    vehicle.pilot.parameters.set("BATT_FS_LOW_ACT", 2)
    started(vehicle, short_mission.items)
    assert vehicle.run(120, lambda: "Battery Failsafe" in vehicle.texts())
    assert vehicle.run(120, lambda: not vehicle.pilot.armed)
    vehicle.tell("SET_MODE", 1, 1, GUIDED)
    assert vehicle.command(ARM, 1) == 4
    assert vehicle.texts()[-1] == "Arm: Battery failsafe"


def test_a_fence_that_is_enabled_is_kept(ready, waypoint):
    vehicle = ready()
    corners = [waypoint(east, north) for east, north in ((-50, -50), (50, -50), (50, 50), (-50, 50))]
    fence = tuple(MissionItem(5001, 0, (4.0, 0.0, 0.0, 0.0), c.lat, c.lon, 0.0) for c in corners)
    assert vehicle.upload(fence, 1) == 0
    assert vehicle.upload((MissionItem(5001, 0, (5.0, 0, 0, 0), 1, 1, 0), *fence[1:]), 1) == 1
    assert vehicle.upload(fence, 1) == 0
    vehicle.pilot.parameters.set("FENCE_ENABLE", 1)
    started(vehicle, (TAKEOFF, waypoint(0, 120), HOME_AGAIN))
    assert vehicle.run(60, lambda: vehicle.pilot.mode == RTL)
    assert "Polygon fence breached" in vehicle.texts()
    assert vehicle.pilot.body.north_m == pytest.approx(50, abs=5)


def test_a_zone_to_stay_out_of_is_not_entered(ready, waypoint):
    vehicle = ready()
    zone = [waypoint(east, north) for east, north in ((-20, 60), (20, 60), (20, 90), (-20, 90))]
    fence = tuple(MissionItem(5002, 0, (4.0, 0.0, 0.0, 0.0), c.lat, c.lon, 0.0) for c in zone)
    assert vehicle.upload(fence, 1) == 0
    vehicle.pilot.parameters.set("FENCE_ENABLE", 1)
    started(
        vehicle, (TAKEOFF, waypoint(60, 0), waypoint(60, 120), waypoint(0, 120), waypoint(0, 0), HOME_AGAIN)
    )
    assert vehicle.run(120, lambda: vehicle.pilot.mode == RTL)
    assert vehicle.pilot.body.north_m == pytest.approx(90, abs=5)
    assert vehicle.pilot.body.east_m == pytest.approx(0, abs=5)
    assert "Polygon fence breached" in vehicle.texts()


@pytest.mark.parametrize(
    ("options", "mode", "text"),
    [(0, RTL, "GCS Failsafe"), (2, AUTO, "GCS Failsafe - Continuing Auto Mode")],
)
def test_a_lost_ground_station_brings_it_home_unless_it_may_go_on(flying, options, mode, text):
    vehicle = flying(FS_OPTIONS=options)
    vehicle.tell("HEARTBEAT", *HEARTBEAT)
    vehicle.set(FS_GCS_ENABLE=1)
    vehicle.run(4.9)
    assert vehicle.pilot.mode == AUTO
    vehicle.run(0.5)
    assert (vehicle.pilot.mode, vehicle.texts()[-1]) == (mode, text)
    vehicle.run(1)
    assert last(vehicle, "HEARTBEAT").system_status == CRITICAL


def test_another_systems_heartbeat_is_not_the_ground_stations(flying):
    vehicle = flying()
    vehicle.tell("HEARTBEAT", *HEARTBEAT)
    vehicle.set(FS_GCS_ENABLE=1)
    for _ in range(12):
        vehicle.vehicle.handle(
            vehicle, vehicle.message("HEARTBEAT", *HEARTBEAT, source=(254, 190)), vehicle.wall_s
        )
        vehicle.run(0.5)
    assert vehicle.pilot.mode == RTL


def test_on_the_ground_a_failsafe_disarms(ready):
    vehicle = ready(parameters={"FS_GCS_ENABLE": 1})
    vehicle.tell("HEARTBEAT", *HEARTBEAT)
    vehicle.command(ARM, 1)
    vehicle.run(6)
    assert not vehicle.pilot.armed
    assert "GCS Failsafe - Disarming" in vehicle.texts()


def test_a_low_battery_is_told_as_recorded_and_a_critical_one_lands(flying):
    vehicle = flying(
        BATT_LOW_VOLT=11, BATT_LOW_TIMER=3, BATT_FS_LOW_ACT=2, BATT_CRT_VOLT=10, BATT_FS_CRT_ACT=1
    )
    vehicle.set(SIM_BATT_VOLTAGE=10.5)
    vehicle.run(2.9)
    assert vehicle.pilot.mode == AUTO
    vehicle.run(0.3)
    low, failsafe = vehicle.texts()[-2:]
    assert re.fullmatch(r"Battery 1 is low 10\.50V used \d+ mAh", low)
    assert failsafe == "Battery Failsafe"
    assert vehicle.pilot.mode == RTL
    vehicle.set(SIM_BATT_VOLTAGE=9.5)
    vehicle.run(4)
    assert vehicle.pilot.mode == LAND
    assert vehicle.texts()[-2].startswith("Battery 1 is critical 9.50V")


def test_a_low_charge_acts_without_a_timer_and_a_weaker_action_does_not_undo_it(flying):
    vehicle = flying(BATT_FS_LOW_ACT=1, BATT_FS_CRT_ACT=2)
    left_mah = 3300 - vehicle.pilot.battery.used_mah
    vehicle.set(BATT_LOW_MAH=left_mah - 2, BATT_CRT_MAH=left_mah - 10)
    assert vehicle.run(3, lambda: vehicle.pilot.mode == LAND)
    assert vehicle.run(9, lambda: any("critical" in text for text in vehicle.texts()))
    assert vehicle.pilot.mode == LAND
    assert vehicle.texts().count("Battery Failsafe") == 1


def test_the_smallest_arming_voltage_is_kept_and_shown_before(ready):
    vehicle = ready(parameters={"BATT_ARM_VOLT": 12.0})
    vehicle.set(SIM_BATT_VOLTAGE=11.5)
    assert vehicle.command(PREARM_CHECKS) == 0
    assert vehicle.texts()[-1] == "PreArm: Battery 1 below minimum arming voltage"
    vehicle.run(1)
    assert not last(vehicle, "SYS_STATUS").onboard_control_sensors_health & 0x10000000
    assert vehicle.command(ARM, 1) == 4
    assert vehicle.texts()[-1] == "Arm: Battery 1 below minimum arming voltage"
    vehicle.set(SIM_BATT_VOLTAGE=12.6)
    assert vehicle.command(ARM, 1) == 0
    assert vehicle.command(PREARM_CHECKS) == 1


def test_failing_prearm_checks_are_told_at_once_and_every_half_minute(ready):
    vehicle = ready()
    vehicle.set(SIM_GPS_DISABLE=1)
    vehicle.run(75)
    assert vehicle.texts().count("PreArm: GPS 1: Bad fix") == 3


def test_a_fault_of_arming_shows_only_then(ready):
    vehicle = ready(parameters={"SIM_ARM_FAIL": 1})
    assert vehicle.pilot.readiness.prearm_refusals() == []
    assert vehicle.command(ARM, 1) == 4
    assert vehicle.texts()[-1] == "Arm: Throttle too high"


@pytest.mark.parametrize("fault", [{"SIM_GPS_DISABLE": 1}])
def test_without_position_it_lands_drifting_with_the_wind(flying, fault):
    vehicle = flying(SIM_WIND_SPD=4, SIM_WIND_DIR=270)
    vehicle.set(**fault)
    vehicle.run(1)
    assert (last(vehicle, "GPS_RAW_INT").fix_type, last(vehicle, "EKF_STATUS_REPORT").flags) == (1, 831)
    assert vehicle.run(12, lambda: vehicle.pilot.mode == LAND)
    assert not last(vehicle, "EKF_STATUS_REPORT").flags & 16
    assert vehicle.texts()[-2:] == ["EKF variance", "EKF Failsafe: changed to LAND Mode"]
    east_m, told = vehicle.pilot.body.east_m, last(vehicle, "GLOBAL_POSITION_INT")
    assert vehicle.run(90, lambda: not vehicle.pilot.armed)
    assert vehicle.pilot.body.east_m - east_m > 60
    assert last(vehicle, "GLOBAL_POSITION_INT").lon == told.lon
    assert "EKF3 IMU0 stopped aiding" in vehicle.texts()


def test_without_position_no_mode_that_needs_it_can_be_entered(flying):
    vehicle = flying(SIM_WIND_SPD=0)
    vehicle.set(SIM_GPS_DISABLE=1)
    assert vehicle.run(12, lambda: vehicle.pilot.mode == LAND)
    assert vehicle.command(176, 1, RTL) == 4
    assert "Mode change to RTL failed: requires position" in vehicle.texts()


def test_a_receiver_that_comes_back_in_time_is_not_missed(flying):
    vehicle = flying()
    vehicle.set(SIM_GPS_DISABLE=1)
    vehicle.run(6)
    vehicle.set(SIM_GPS_DISABLE=0)
    vehicle.run(5)
    assert vehicle.pilot.mode == AUTO


@pytest.mark.parametrize("lost_s", [9, 20])
def test_a_receiver_that_comes_back_later_clears_the_failsafe_but_not_the_mode(flying, lost_s):
    vehicle = flying()
    vehicle.set(SIM_GPS_DISABLE=1)
    vehicle.run(lost_s)
    vehicle.set(SIM_GPS_DISABLE=0)
    assert vehicle.run(14, lambda: vehicle.pilot.senses.position)
    assert vehicle.run(1.5, lambda: vehicle.texts()[-1] == "EKF Failsafe Cleared")
    assert vehicle.pilot.mode == LAND


@pytest.mark.parametrize(("action", "mode"), [(0, AUTO), (2, 2), (3, LAND)])
def test_what_a_lost_position_does_is_set(flying, action, mode):
    vehicle = flying(FS_EKF_ACTION=action)
    vehicle.set(SIM_GPS_DISABLE=1)
    vehicle.run(9)
    assert vehicle.pilot.mode == mode
    assert "EKF variance" in vehicle.texts()


def test_the_circle_and_the_height_are_fences_too(flying):
    vehicle = flying(FENCE_ENABLE=1, FENCE_RADIUS=60)
    assert vehicle.run(30, lambda: vehicle.pilot.mode == RTL)
    assert hypot(vehicle.pilot.body.east_m, vehicle.pilot.body.north_m) == pytest.approx(60, abs=2)
    assert vehicle.texts()[-2:] == ["Circle fence breached", "Manual recovery started"]
    vehicle.run(1)
    told = last(vehicle, "FENCE_STATUS")
    assert (told.breach_status, told.breach_count, told.breach_type) == (1, 1, 3)
    assert vehicle.run(30, lambda: vehicle.texts()[-1] == "Fence breach cleared")
    vehicle.set(FENCE_ALT_MAX=10)
    vehicle.run(1)
    assert "Max Alt fence breached" in vehicle.texts()


def test_far_outside_a_fence_it_lands(flying, waypoint):
    vehicle = flying(FENCE_ENABLE=1, FENCE_RADIUS=300)
    assert vehicle.run(60, lambda: vehicle.pilot.body.north_m > 160)
    vehicle.set(FENCE_RADIUS=30)
    vehicle.run(1)
    assert vehicle.pilot.mode == LAND


def test_an_added_fence_is_watched_when_the_fence_is_switched_on_again(flying):
    vehicle = flying(FENCE_ENABLE=1, FENCE_TYPE=4)
    vehicle.set(FENCE_TYPE=7, FENCE_RADIUS=10)
    vehicle.run(1)
    assert vehicle.pilot.mode == AUTO
    for enabled in (0, 1):
        vehicle.set(FENCE_ENABLE=enabled)
        vehicle.run(0.5)
    assert vehicle.pilot.mode == RTL


def test_fence_status_is_streamed_only_with_a_fence(flying):
    vehicle = flying()
    assert vehicle.of_type("FENCE_STATUS") == []
    vehicle.set(FENCE_ENABLE=1)
    vehicle.run(2)
    assert 7 <= len(vehicle.of_type("FENCE_STATUS")) <= 9


def test_outside_its_fence_it_does_not_arm(ready, waypoint):
    vehicle = ready()
    corners = [waypoint(east, north) for east, north in ((50, 0), (90, 0), (90, 50))]
    fence = tuple(MissionItem(5001, 0, (3.0, 0.0, 0.0, 0.0), c.lat, c.lon, 0.0) for c in corners)
    assert vehicle.upload(fence, 1) == 0
    vehicle.set(FENCE_ENABLE=1)
    vehicle.run(1)
    assert vehicle.command(ARM, 1) == 4
    assert vehicle.texts()[-1] == "Arm: Vehicle breaching Polygon fence"
