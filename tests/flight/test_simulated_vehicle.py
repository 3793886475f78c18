"""The simulated vehicle against the notes on a real one, without a link and without real time."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from flight.missions.mission import MissionItem
from flight.simulator.exposure import read_exposures
from vision.frames import LocalFrame

AUTO, GUIDED, LOITER, RTL = 3, 4, 5, 6
ARM, START, PAUSE, TRIGGER, SET_CURRENT = 400, 300, 193, 206, 224
TAKEOFF = MissionItem(22, 3, (0.0,) * 4, 0.0, 0.0, 20.0)
HOME_AGAIN = MissionItem(20, 2, (0.0,) * 4, 0.0, 0.0, 0.0)


def started(vehicle, items):
    """Upload, arm, start."""
    assert vehicle.upload(items) == 0
    assert vehicle.command(ARM, 1) == 0
    assert vehicle.command(START) == 0


def test_before_streams_are_asked_for_there_is_no_position(bench):
    vehicle = bench()
    vehicle.run(50)
    assert {m.get_type() for m in vehicle.sent} <= {"HEARTBEAT", "STATUSTEXT", "TIMESYNC"}
    vehicle.tell("REQUEST_DATA_STREAM", 1, 1, 0, 4, 1)
    vehicle.sent.clear()
    vehicle.run(10)
    assert 39 <= len(vehicle.of_type("GLOBAL_POSITION_INT")) <= 41
    assert 9 <= len(vehicle.of_type("HEARTBEAT")) <= 11


def test_a_fix_is_not_yet_armable(bench):
    vehicle = bench()
    vehicle.run(10.5)
    vehicle.tell("SET_MODE", 1, 1, GUIDED)
    assert vehicle.pilot.senses.fix
    assert vehicle.command(ARM, 1) == 4
    vehicle.run(20)
    assert vehicle.command(ARM, 1) == 4
    assert "Arm: Need Position Estimate" in vehicle.texts()
    vehicle.run(12)
    assert vehicle.command(ARM, 1) == 0


def test_the_prearm_bit_is_there_before_the_position(bench):
    vehicle = bench()
    vehicle.run(25)
    assert vehicle.pilot.readiness.prearm_refusals() == []
    vehicle.tell("REQUEST_DATA_STREAM", 1, 1, 0, 4, 1)
    vehicle.run(1)
    assert vehicle.of_type("SYS_STATUS")[-1].onboard_control_sensors_health & 0x10000000
    assert not vehicle.pilot.senses.position


def test_auto_is_not_armable(ready):
    vehicle = ready()
    vehicle.upload((TAKEOFF, HOME_AGAIN))
    vehicle.tell("SET_MODE", 1, 1, AUTO)
    assert vehicle.command(ARM, 1) == 4
    assert vehicle.texts()[-1] == "Arm: AUTO mode not armable"
    vehicle.pilot.parameters.set("AUTO_OPTIONS", 1)
    assert vehicle.command(ARM, 1) == 0


def test_without_mission_start_nothing_moves_and_it_disarms(ready):
    vehicle = ready()
    vehicle.upload((TAKEOFF, HOME_AGAIN))
    vehicle.command(ARM, 1)
    vehicle.tell("SET_MODE", 1, 1, AUTO)
    vehicle.run(9)
    assert vehicle.pilot.armed
    assert vehicle.pilot.body.up_m == 0
    vehicle.run(2)
    assert not vehicle.pilot.armed


def test_a_mission_without_takeoff_does_not_start(ready, waypoint):
    vehicle = ready()
    vehicle.upload((waypoint(0, 20), HOME_AGAIN))
    vehicle.command(ARM, 1)
    assert vehicle.command(START) == 4
    assert "Auto: Missing Takeoff Cmd" in vehicle.texts()
    assert vehicle.pilot.mode == GUIDED


def test_takeoff_climbs_vertically_and_the_mission_ends_disarmed_in_auto(ready, short_mission):
    vehicle = ready()
    started(vehicle, short_mission.items)
    assert vehicle.run(30, lambda: vehicle.pilot.body.up_m > 19)
    assert (vehicle.pilot.body.east_m, vehicle.pilot.body.north_m) == (0, 0)
    assert vehicle.run(200, lambda: not vehicle.pilot.armed)
    vehicle.run(1)
    assert vehicle.pilot.mode == AUTO
    assert vehicle.of_type("MISSION_CURRENT")[-1].mission_state == 5
    assert vehicle.of_type("MISSION_ITEM_REACHED")[-1].seq == len(short_mission.items)


def test_the_takeoffs_reached_message_is_lost_behind_the_next_items(ready, short_mission):
    vehicle = ready()
    started(vehicle, short_mission.items)
    vehicle.run(40, lambda: vehicle.pilot.run.seq > 3)
    assert 1 not in [m.seq for m in vehicle.of_type("MISSION_ITEM_REACHED")]


def test_a_mission_without_return_hovers_armed(ready, waypoint):
    vehicle = ready()
    started(vehicle, (TAKEOFF, waypoint(0, 10)))
    vehicle.run(60)
    assert vehicle.pilot.armed
    assert vehicle.of_type("MISSION_CURRENT")[-1].mission_state == 5
    assert vehicle.pilot.body.up_m == pytest.approx(20, abs=0.5)


def test_disarming_and_clearing_are_refused_in_the_air(ready, short_mission):
    vehicle = ready()
    started(vehicle, short_mission.items)
    vehicle.run(15)
    assert vehicle.command(ARM, 0) == 4
    assert vehicle.tell("MISSION_CLEAR_ALL", 1, 1, 0)[0].type == 1
    assert len(vehicle.pilot.mission.items) == len(short_mission.items) + 1


def test_the_trigger_fires_at_once_then_each_distance_and_outside_auto(ready, waypoint):
    vehicle = ready()
    trigger = MissionItem(206, 2, (10.0, 0.0, 1.0, 0.0), 0.0, 0.0, 0.0)
    started(vehicle, (TAKEOFF, waypoint(0, 5), trigger, waypoint(200, 5), HOME_AGAIN))
    vehicle.run(90, lambda: len(vehicle.of_type("CAMERA_FEEDBACK")) == 6)
    places = [m.lng for m in vehicle.of_type("CAMERA_FEEDBACK")]
    apart_m = [(b - a) * 1e-7 * 110_650 for a, b in pairwise(places[1:])]
    assert all(9.95 <= metres <= 10.3 for metres in apart_m)
    vehicle.tell("SET_MODE", 1, 1, RTL)
    vehicle.run(20)
    assert len(vehicle.of_type("CAMERA_FEEDBACK")) > 8
    assert vehicle.command(TRIGGER, 0) == 0
    before = len(vehicle.of_type("CAMERA_FEEDBACK"))
    vehicle.run(10)
    assert len(vehicle.of_type("CAMERA_FEEDBACK")) == before


def test_pause_and_another_mode_and_back_resume_the_same_item(ready, waypoint):
    vehicle = ready()
    started(vehicle, (TAKEOFF, waypoint(0, 100), HOME_AGAIN))
    vehicle.run(20)
    assert vehicle.command(PAUSE, 0) == 0
    vehicle.run(8)
    assert vehicle.of_type("MISSION_CURRENT")[-1].mission_state == 4
    assert vehicle.pilot.body.ground_speed_ms < 0.1
    vehicle.command(PAUSE, 1)
    vehicle.tell("SET_MODE", 1, 1, LOITER)
    vehicle.run(3)
    vehicle.tell("SET_MODE", 1, 1, AUTO)
    vehicle.run(3)
    assert vehicle.pilot.run.seq == 2
    assert vehicle.pilot.body.ground_speed_ms > 2


def test_unknown_things_get_what_a_real_one_gives(ready):
    vehicle = ready()
    assert vehicle.command(31010) == 3
    assert vehicle.command(SET_CURRENT, 99) == 2
    assert vehicle.tell("PARAM_REQUEST_READ", 1, 1, b"NOPE", -1) == []
    assert vehicle.tell("PARAM_SET", 1, 1, b"NOPE", 1.0, 9) == []
    assert vehicle.command(176, 1, 99) == 4
    assert "No such mode 99" in vehicle.texts()


def test_speed_of_the_mission_holds_on_legs_but_not_on_the_way_home(ready, waypoint):
    vehicle = ready()
    slow = MissionItem(178, 2, (1.0, 4.0, -1.0, 0.0), 0.0, 0.0, 0.0)
    started(vehicle, (TAKEOFF, slow, waypoint(0, 80), HOME_AGAIN))
    vehicle.run(25)
    assert vehicle.pilot.body.ground_speed_ms == pytest.approx(4.0, abs=0.1)
    assert vehicle.run(60, lambda: vehicle.pilot.run.seq == 4)
    assert vehicle.run(20, lambda: vehicle.pilot.body.ground_speed_ms > 8)


def test_nose_and_camera_look_at_a_region_of_interest_until_told_otherwise(ready, home, waypoint, tmp_path):
    film = tmp_path / "exposures.jsonl"
    vehicle = ready(exposures=film, gnss_sigma_m=0.0)
    look = replace(waypoint(20, 35, 5.0), command=195)
    on, off = (
        MissionItem(206, 2, (metres, 0.0, now, 0.0), 0.0, 0.0, 0.0) for metres, now in ((5.0, 1.0), (0, 0))
    )
    away = MissionItem(197, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
    items = (TAKEOFF, look, waypoint(0, 15), on, waypoint(40, 15), off, away, waypoint(40, 60), HOME_AGAIN)
    started(vehicle, items)
    vehicle.run(200, lambda: not vehicle.pilot.armed)
    exposures = read_exposures(film)
    assert len(exposures) in (8, 9)
    for photo in exposures:
        east, north = LocalFrame(home.lat, home.lon).to_metres(photo.lat, photo.lon)[0]
        yaw_deg = math.degrees(math.atan2(20 - east, 35 - north))
        pitch_deg = -math.degrees(math.atan2(photo.alt_rel_m - 5, math.hypot(20 - east, 35 - north)))
        assert (photo.yaw_deg - yaw_deg + 180) % 360 - 180 == pytest.approx(0, abs=3)
        assert photo.pitch_deg == pytest.approx(pitch_deg, abs=1)
    told = [m.hdg / 100 for m in vehicle.of_type("GLOBAL_POSITION_INT")]
    assert max(told) > 300 and any(40 < heading < 60 for heading in told)  # first and last of the run


def test_after_a_region_of_interest_the_gimbal_is_neutral_until_it_is_told(ready, waypoint):
    vehicle = ready()
    look = replace(waypoint(0, 60, 0.0), command=195)
    away, down = (
        MissionItem(c, 2, (p, 0.0, 0.0, 0.0), 0.0, 0.0, z) for c, p, z in ((197, 0, 0), (205, -90, 2))
    )
    started(vehicle, (TAKEOFF, look, waypoint(0, 20), away, waypoint(0, 80), down, waypoint(0, 100)))
    pilot = vehicle.pilot
    assert vehicle.run(60, lambda: pilot.run.seq == 3 and pilot.body.north_m > 15)
    assert pilot.payload.gimbal.pitch_deg == pytest.approx(-25, abs=3)
    assert vehicle.run(60, lambda: pilot.run.seq == 5 and pilot.body.north_m > 60)
    assert pilot.payload.gimbal.pitch_deg == -35
    assert vehicle.run(60, lambda: pilot.run.complete)
    assert pilot.payload.gimbal.pitch_deg == -90


def test_a_region_of_interest_can_be_commanded_too(ready, waypoint):
    vehicle, place = ready(), waypoint(0, 20, 0.0)
    assert vehicle.command(195, 0, 0, 0, 0, place.lat, place.lon, 20.0) == 0
    vehicle.run(3)
    assert vehicle.pilot.payload.gimbal.pitch_deg == pytest.approx(20)  # as far up as it goes
    assert vehicle.command(197) == 0
    vehicle.run(3)
    assert vehicle.pilot.payload.gimbal.pitch_deg == -35


def test_exposures_tell_the_truth_and_feedback_what_was_measured(ready, short_mission, tmp_path):
    film = tmp_path / "exposures.jsonl"
    vehicle = ready(exposures=film, gnss_sigma_m=1.0, seed=4)
    started(vehicle, short_mission.items)
    vehicle.run(200, lambda: not vehicle.pilot.armed)
    exposures, told = read_exposures(film), vehicle.of_type("CAMERA_FEEDBACK")
    assert [e.number for e in exposures] == [m.img_idx for m in told] == list(range(1, len(told) + 1))
    assert len(exposures) in (5, 6)
    off_m = [(m.lng / 1e7 - e.lon) * 110_650 for e, m in zip(exposures, told, strict=True)]
    assert 0.01 < abs(off_m[0]) < 4
    assert abs(off_m[-1] - off_m[0]) < 1.5
    assert all(abs(e.pitch_deg + 90) <= 0.5 for e in exposures)


def test_the_same_seed_flies_the_same(ready, short_mission, tmp_path):
    films = []
    for number, extra_s in enumerate((0.0, 7.0)):
        film = tmp_path / f"{number}.jsonl"
        vehicle = ready(exposures=film, seed=9)
        vehicle.run(extra_s)
        started(vehicle, short_mission.items)
        vehicle.run(200, lambda vehicle=vehicle: not vehicle.pilot.armed)
        films.append([(e.lat, e.lon, e.yaw_deg, e.pitch_deg) for e in read_exposures(film)])
    assert len(films[0]) == len(films[1])
    for first, second in zip(*films, strict=True):
        assert first == pytest.approx(second, abs=1e-7)


def test_with_auto_options_it_arms_in_auto_and_takes_off_without_mission_start(ready, short_mission):
    vehicle = ready(parameters={"AUTO_OPTIONS": 3})
    vehicle.upload(short_mission.items)
    vehicle.tell("SET_MODE", 1, 1, AUTO)
    assert vehicle.command(ARM, 1) == 0
    vehicle.run(3)
    assert vehicle.pilot.landed  # the motors turn first
    assert vehicle.run(2, lambda: not vehicle.pilot.landed)


def test_a_gimbal_command_of_a_mission_turns_the_nose_for_that_leg_only(ready, waypoint):
    vehicle = ready()
    west = MissionItem(205, 2, (-90.0, 0.0, 270.0, 0.0), 0.0, 0.0, 2.0)
    started(vehicle, (TAKEOFF, west, waypoint(0, 40), waypoint(0, 80), HOME_AGAIN))
    body = vehicle.pilot.body
    assert vehicle.run(40, lambda: body.north_m > 30)
    assert body.yaw_deg == pytest.approx(270, abs=2)
    assert vehicle.run(40, lambda: body.north_m > 70)
    assert (body.yaw_deg + 180) % 360 == pytest.approx(180, abs=2)


def test_the_mount_tells_its_angles_against_the_vehicle_and_not_below_straight_down(ready, waypoint):
    vehicle = ready()
    down = MissionItem(205, 2, (-90.0, 0.0, 0.0, 0.0), 0.0, 0.0, 2.0)
    started(vehicle, (TAKEOFF, down, waypoint(0, 150), HOME_AGAIN))
    vehicle.run(60, lambda: vehicle.pilot.body.pitch_deg < -15)
    vehicle.run(0.3)
    w, x, y, z = vehicle.of_type("GIMBAL_DEVICE_ATTITUDE_STATUS")[-1].q
    told_deg = math.degrees(math.asin(2 * (w * y - z * x)))
    assert told_deg == pytest.approx(-90 - vehicle.pilot.body.pitch_deg, abs=3)
    assert vehicle.run(60, lambda: vehicle.pilot.body.pitch_deg > 5)
    vehicle.run(0.3)
    w, x, y, z = vehicle.of_type("GIMBAL_DEVICE_ATTITUDE_STATUS")[-1].q
    assert math.degrees(math.asin(min(1.0, max(-1.0, 2 * (w * y - z * x))))) == pytest.approx(-90)


def test_in_loiter_it_sinks_because_nobody_holds_its_throttle_stick(ready, short_mission):
    vehicle = ready()
    started(vehicle, short_mission.items)
    vehicle.run(40, lambda: vehicle.pilot.body.up_m > 19)
    vehicle.tell("SET_MODE", 1, 1, LOITER)
    assert vehicle.run(15, lambda: vehicle.pilot.landed)
    assert vehicle.run(11, lambda: not vehicle.pilot.armed)


def test_arming_waits_for_the_next_heartbeat_and_a_mode_does_not(ready):
    vehicle = ready()
    vehicle.run(0.5)
    assert vehicle.tell("SET_MODE", 1, 1, LOITER)[0].get_type() == "HEARTBEAT"
    vehicle.tell("SET_MODE", 1, 1, GUIDED)
    vehicle.sent.clear()
    vehicle.command(ARM, 1)
    vehicle.run(0.1)
    assert not vehicle.of_type("HEARTBEAT")
    vehicle.run(1)
    assert [m.base_mode & 128 for m in vehicle.of_type("HEARTBEAT")] == [128]
