"""AUTO: how a mission is flown, and what is told and written of it."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from flight.driving.mission_transfer import download
from flight.driving.vehicle import AUTO, GUIDED, LOITER, connected
from flight.missions.mission_extent import extent_of
from tests.contract.by_hand import launch, raw_upload
from tests.contract.link_faults import TO_CLIENT, TO_VEHICLE
from tests.contract.sorties import (
    HEIGHT_M,
    SPACING_M,
    SPEED_MS,
    TRIGGER,
    WAYPOINT,
    item,
    long_sortie,
    metres_from,
    sortie,
)
from tests.contract.station import disarmed, in_mode, nth, told
from vision.errors import PantauError

ARM, SET_MODE, START, ASK = 400, 176, 300, {512, 401, 520, 519}
MISSION_ACTIVE = 3


def places(flown):
    """Seconds on the vehicle's clock, metres east, north, up: as the vehicle told them in flight."""
    positions = [one.message for one in flown.of(TO_CLIENT, "GLOBAL_POSITION_INT")]
    return [
        (m.time_boot_ms / 1000, *metres_from(flown.mission.home, m.lat, m.lon), m.relative_alt / 1000)
        for m in positions
    ]


def test_a_mission_is_flown_to_its_end_and_the_vehicle_is_disarmed(completed, station):
    assert completed.result.outcome == "completed"
    assert completed.result.warnings == ()
    assert completed.events[-2:] == ["disarmed", "completed"]
    assert not station.armed


def test_photos_are_as_many_as_planned(completed):
    extent = extent_of(completed.mission)
    assert abs(completed.result.photos - extent.photos) <= extent.photo_runs
    assert completed.result.photos == len(completed.of(TO_CLIENT, "CAMERA_FEEDBACK"))


def test_photos_are_taken_at_once_and_then_at_their_spacing(completed):
    feedback = [one.message for one in completed.of(TO_CLIENT, "CAMERA_FEEDBACK")]
    east_m = [metres_from(completed.mission.home, photo.lat, photo.lng)[0] for photo in feedback]
    assert abs(east_m[0]) < 6  # corners are cut
    spacings_m = [b - a for a, b in pairwise(east_m)]
    assert all(SPACING_M - 0.5 < spacing_m < SPACING_M + 1.5 for spacing_m in spacings_m)


def test_the_camera_is_off_when_its_run_is_over(completed):
    feedback = [one.message for one in completed.of(TO_CLIENT, "CAMERA_FEEDBACK")]
    east_m = [metres_from(completed.mission.home, photo.lat, photo.lng)[0] for photo in feedback]
    assert east_m == sorted(east_m)
    assert completed.result.surplus_photos == ()


def test_photos_are_logged_where_the_vehicle_says_that_it_took_them(completed):
    feedback = [one.message for one in completed.of(TO_CLIENT, "CAMERA_FEEDBACK")]
    logged = [event for event in completed.log if event.event == "photo"]
    assert [event.image for event in logged] == [photo.img_idx for photo in feedback]
    for event, photo in zip(logged, feedback, strict=True):
        assert (event.lat, event.lon) == pytest.approx((photo.lat / 1e7, photo.lng / 1e7), abs=1e-7)
        assert event.alt_rel_m == pytest.approx(photo.alt_rel, abs=0.01)


def test_the_camera_looks_down_during_its_run(completed):
    if not completed.of(TO_CLIENT, "GIMBAL_DEVICE_ATTITUDE_STATUS"):
        pytest.skip("this vehicle tells nothing of its gimbal")
    pitches_deg = [event.pitch_deg for event in completed.log if event.event == "photo"]
    assert pitches_deg == pytest.approx([-90] * len(pitches_deg), abs=3)


def test_the_take_off_is_vertical_up_to_its_height_above_home(completed):
    climb = [place for place in places(completed) if place[3] < HEIGHT_M - 1]
    first_down = next(i for i, p in enumerate(climb) if i and p[3] < climb[i - 1][3] - 0.5)
    assert max(math.hypot(east, north) for _, east, north, _ in climb[:first_down]) < 3
    assert max(up for *_, up in places(completed)) == pytest.approx(HEIGHT_M, abs=1.5)


def test_the_speed_of_the_mission_is_kept_on_its_legs(completed):
    run = [p for p in places(completed) if 12 < p[1] < 28 and p[3] > HEIGHT_M - 1 and p[2] > 9]
    seconds, metres = run[-1][0] - run[0][0], run[-1][1] - run[0][1]
    assert metres / seconds == pytest.approx(SPEED_MS, rel=0.2)


def test_progress_follows_the_items_of_the_vehicle(completed):
    items = [int(event.text) for event in completed.log if event.event == "item"]
    assert items == sorted(items)
    assert items[0] == 1
    assert items[-1] == len(completed.mission.items)


def test_the_order_is_guided_arm_auto_start(completed):
    sent = [one.message for one in completed.of(TO_VEHICLE, "COMMAND_LONG")]
    orders = [
        (m.command, m.param2 if m.command == SET_MODE else m.param1) for m in sent if m.command not in ASK
    ]
    assert orders == [(SET_MODE, GUIDED), (ARM, 1), (SET_MODE, AUTO), (START, 0)]


def test_the_result_tells_of_way_time_and_battery(completed):
    extent, result = extent_of(completed.mission), completed.result
    assert result.distance_m == pytest.approx(extent.distance_m, rel=0.25)
    assert result.duration_s == pytest.approx(extent.duration_s, rel=0.35)
    assert result.battery_used_percent is None or 0 <= result.battery_used_percent < 40


def test_the_flight_is_logged_from_start_to_end(completed):
    assert {"start", "launched", "position", "item", "photo", "said"} <= set(completed.events)
    assert completed.events[0] == "start"


def test_nothing_moves_in_auto_without_mission_start(station):
    raw_upload(station, [item(WAYPOINT), *sortie(station.home).items])
    with connected(station.url, 10) as vehicle:
        assert vehicle.set_mode(GUIDED).accepted
        assert vehicle.arm().accepted
        assert vehicle.set_mode(AUTO).accepted
        station.wait(disarmed, station.limit_s(25), station.proxy.count, "disarming by itself")
    heights_mm = [m.relative_alt for m in station.proxy.told("GLOBAL_POSITION_INT")]
    assert heights_mm
    assert max(heights_mm) - min(heights_mm) < 1000


@pytest.mark.failure("a mission that does not begin with a take-off")
def test_a_mission_that_does_not_begin_with_a_takeoff_is_refused(station, fly):
    mission = sortie(station.home)
    wrong = type(mission)(mission.home, mission.items[1:])
    with pytest.raises(PantauError, match="take-off"):
        fly(wrong)
    assert not station.proxy.sent("MISSION_COUNT")
    raw_upload(station, [item(WAYPOINT), *wrong.items])
    with connected(station.url, 10) as vehicle:
        vehicle.set_mode(GUIDED)
        assert vehicle.arm().accepted
        assert "Missing Takeoff" in vehicle.set_mode(AUTO).reason
        vehicle.disarm()


@pytest.mark.failure("a flight mode that the vehicle does not have")
def test_a_refused_mode_is_told(station):
    with connected(station.url, 10) as vehicle:
        answer = vehicle.set_mode(99)
    assert not answer.accepted
    assert "99" in answer.reason


def test_in_the_air_it_pauses_and_goes_on_with_the_same_item(station):
    launch(station, long_sortie(station.home))
    station.wait(nth("CAMERA_FEEDBACK", 2), station.limit_s(60))
    with connected(station.url, 10) as vehicle:
        assert vehicle.pause().accepted
        seq = station.next("MISSION_CURRENT").message.seq
        station.wait(lambda one: told("GLOBAL_POSITION_INT")(one) and slow(one.message), station.limit_s(15))
        assert vehicle.go_on().accepted
        station.wait(
            lambda one: told("GLOBAL_POSITION_INT")(one) and not slow(one.message),
            station.limit_s(15),
            station.proxy.count,
        )
        assert station.next("MISSION_CURRENT").message.seq == seq


def slow(position):
    return math.hypot(position.vx, position.vy) < 30  # cm/s


def test_loiter_and_back_to_auto_resumes_the_same_item(station):
    launch(station, long_sortie(station.home))
    station.wait(nth("CAMERA_FEEDBACK", 2), station.limit_s(60))
    seq = station.next("MISSION_CURRENT").message.seq
    for mode in (LOITER, AUTO):
        since = station.proxy.count
        station.pilot_mode(mode)
        station.wait(in_mode(mode), station.limit_s(10), since)
    current = station.next("MISSION_CURRENT").message
    assert (current.seq, current.mission_state) == (seq, MISSION_ACTIVE)


@pytest.mark.failure("the mission is cleared while it is flown")
def test_a_mission_that_is_flown_is_not_cleared(station):
    launch(station, sortie(station.home))
    refused = told("MISSION_ACK", type=1, mission_type=0)
    station.ask("MISSION_CLEAR_ALL", refused, mission_type=0)
    with connected(station.url, 10) as vehicle:
        assert len(download(vehicle.link)) == len(sortie(station.home).items) + 1


def test_after_landing_in_rtl_it_disarms_at_home(completed):
    *_, last = places(completed)
    assert math.hypot(last[1], last[2]) < 5
    assert last[3] == pytest.approx(0, abs=1.5)


def test_a_dry_run_changes_nothing(station, fly):
    flown = fly(sortie(station.home), confirm=None)
    assert flown.result.outcome == "dry_run"
    assert not station.proxy.sent("MISSION_COUNT", "MISSION_CLEAR_ALL", "PARAM_SET", "SET_MODE")
    assert {message.command for message in station.proxy.sent("COMMAND_LONG")} <= ASK
    assert not flown.log_file.exists()


def test_the_operator_is_told_what_happens_if_we_die_and_who_declines_stays_on_the_ground(station, fly):
    station.set("FS_GCS_ENABLE", 0)
    flown = fly(sortie(station.home), confirm=lambda: False)
    assert flown.was_told("if this program or the link dies")
    assert flown.result.outcome == "declined"
    commands = {message.command for message in station.proxy.sent("COMMAND_LONG")}
    assert not commands & {ARM, START, TRIGGER}
    assert not station.armed


def test_failsafes_and_fence_are_set_when_that_is_wished(station, fly):
    from tests.contract.sorties import fenced

    for name in ("FS_GCS_ENABLE", "BATT_FS_LOW_ACT", "FENCE_ENABLE"):
        station.set(name, 0)
    station.keep("FENCE_TYPE", "FENCE_ACTION", "RTL_ALT", "FS_OPTIONS")
    fly(fenced(sortie(station.home), east_m=90), confirm=lambda: False, set_protections=True)
    assert [station.parameter(n) for n in ("FS_GCS_ENABLE", "BATT_FS_LOW_ACT", "FENCE_ENABLE")] == [1, 2, 1]


def test_a_flight_that_is_going_on_is_watched_to_its_end(station, fly):
    mission = long_sortie(station.home)
    launch(station, mission)
    flown = fly(mission)
    assert flown.result.outcome == "completed"
    assert "attached" in flown.events
    assert not flown.of(TO_VEHICLE, "MISSION_COUNT", "MISSION_CLEAR_ALL")


@pytest.mark.failure("the vehicle is flying another mission already")
def test_a_vehicle_that_flies_another_mission_is_left_alone(station, fly):
    launch(station, sortie(station.home))
    with pytest.raises(PantauError, match="not this sortie"):
        fly(long_sortie(station.home))
    assert not station.proxy.sent("COMMAND_LONG", "MISSION_COUNT", "MISSION_CLEAR_ALL", "SET_MODE")


@pytest.mark.failure("somebody has armed the vehicle on the ground")
def test_a_vehicle_that_somebody_has_armed_is_left_alone(station, fly):
    station.at_speed(2)
    station.pilot_mode(GUIDED)
    station.next("HEARTBEAT", station.limit_s(5), custom_mode=GUIDED)
    assert station.command(ARM, 1) == 0
    with pytest.raises(PantauError, match="armed already"):
        fly(sortie(station.home))
    assert not station.proxy.sent("COMMAND_LONG", "MISSION_COUNT", "SET_MODE")
