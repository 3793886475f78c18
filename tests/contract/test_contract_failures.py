"""In flight things fail: link, battery, fence, satellites, camera, our own process."""

from __future__ import annotations

import _thread
import subprocess
import sys
import time
from concurrent.futures import Future
from dataclasses import replace

import pytest

from flight.driving.interruption import Decision
from flight.driving.vehicle import AUTO, GUIDED, RTL, connected
from flight.flight_log import flight_log_of
from flight.formats.qgroundcontrol import write_plan_file
from flight.missions.mission_extent import extent_of
from flight.resuming.camera_runs import camera_runs, is_photographed
from flight.resuming.rest_of_sortie import photos_of, rest_of
from tests.contract.conftest import fly_with
from tests.contract.link_faults import (
    TO_CLIENT,
    delayed,
    dropped,
    duplicated,
    named,
    overtaken,
)
from tests.contract.sorties import fenced, long_sortie, sortie
from tests.contract.station import in_mode, nth, photo, told
from vision.errors import PantauError

SET_MODE = 176
WARN_WITHIN_S = 3.0


class Fault:
    """Does something to the link or the vehicle in flight, and keeps when."""

    def __init__(self, station, action):
        self._station, self._action = station, action
        self.at_s = float("nan")

    def __call__(self):
        self._station.at_speed(2)
        self.at_s = time.monotonic()
        self._action()


def on_text(words, action):
    """Does something when the operator is told something, once."""
    done = []

    def say(text):
        if words in text and not done:
            done.append(True)
            action()

    return say


def as_planned(flown):
    extent = extent_of(flown.mission)
    return abs(flown.result.photos - extent.photos) <= extent.photo_runs


# --- the link --------------------------------------------------------------------------------------


@pytest.mark.failure("the link is cut for 2 s in flight")
def test_a_link_that_was_cut_is_opened_again_and_the_flight_watched_on(station, fly):
    cut = Fault(station, lambda: station.proxy.cut(for_s=2))
    station.when(photo(2), cut)
    flown = fly(long_sortie(station.home), say=on_text("heard again", station.full_speed))
    assert flown.told_at_s("No word") - cut.at_s < WARN_WITHIN_S
    assert flown.result.outcome == "completed"
    assert flown.events.index("link_lost") < flown.events.index("link_back") < flown.events.index("disarmed")
    assert as_planned(flown)
    assert flown.result.photos_unheard > 0


@pytest.mark.failure("the link freezes in flight and comes back")
def test_a_frozen_link_is_told_within_three_seconds_and_watched_on(station, fly):
    frozen = Fault(station, station.proxy.freeze)
    station.when(photo(2), frozen)

    def thaw():
        station.proxy.thaw()
        station.full_speed()

    flown = fly(long_sortie(station.home), say=on_text("No word", thaw))
    assert flown.told_at_s("No word") - frozen.at_s < WARN_WITHIN_S
    assert flown.was_told("heard again")
    assert flown.result.outcome == "completed"


@pytest.mark.failure("the link is gone for good in flight")
def test_a_link_that_does_not_come_back_is_left_by_ctrl_c_and_the_vehicle_flies_on(station, fly):
    cut = Fault(station, station.proxy.cut)
    station.when(photo(2), cut)
    flown = fly(sortie(station.home), say=on_text("No word", _thread.interrupt_main))
    assert flown.told_at_s("No word") - cut.at_s < WARN_WITHIN_S
    assert flown.result.outcome == "link_lost"
    assert any("look after the vehicle" in warning for warning in flown.result.warnings)
    station.full_speed()
    station.streams(2)
    station.wait_until_disarmed()


@pytest.mark.failure("the link is gone as the vehicle is about to be armed")
def test_a_link_that_dies_before_arming_leaves_the_vehicle_on_the_ground(station, fly):
    def confirm():
        station.proxy.freeze()
        return True

    flown = fly(sortie(station.home), confirm=confirm, say=on_text("No word", station.proxy.thaw))
    assert flown.result.outcome == "ended"
    assert not station.armed


@pytest.mark.failure("the vehicle is heard, but does not hear the order to return")
def test_a_return_that_is_not_answered_sends_the_operator_to_the_remote_control(station, fly):
    def interrupted():
        station.proxy.rules = (
            dropped(lambda way, m: m.get_type() == "COMMAND_LONG" and m.command == SET_MODE),
        )
        _thread.interrupt_main()

    def orders_of_a_mode(way, message):
        return message.get_type() == "COMMAND_LONG" and message.command == SET_MODE

    station.when(photo(2), Fault(station, interrupted))
    flown = fly(sortie(station.home), say=on_text("use the remote control", station.full_speed))
    assert flown.was_told("use the remote control")
    assert not station.armed


@pytest.mark.failure("the link dies and the vehicle's own failsafe brings it home")
def test_a_vehicle_that_comes_home_without_its_ground_station_is_understood(station, fly):
    station.set("FS_GCS_ENABLE", 1)
    station.when(photo(2), Fault(station, station.proxy.freeze))
    station.when(in_mode(RTL), station.proxy.thaw)
    flown = fly(long_sortie(station.home), say=on_text("heard again", station.full_speed))
    assert flown.result.outcome == "failsafe"
    assert flown.result.reason
    assert flown.was_told("heard again")
    assert station.mode == RTL
    assert not station.armed


@pytest.mark.failure("a fifth of all messages and half of the camera's reports are lost in flight")
def test_a_flight_over_a_lossy_link_is_completed_and_unheard_photos_are_counted(station, fly):
    lossy = (dropped(named("CAMERA_FEEDBACK"), share=0.5, seed=4), dropped(named(), share=0.2, seed=5))

    def lose():
        station.at_speed(8)  # a lost answer costs two real seconds: no long part of the flight
        station.proxy.rules = lossy

    station.when(told("HEARTBEAT", custom_mode=AUTO), lose)
    flown = fly(long_sortie(station.home))
    assert flown.result.outcome == "completed"
    assert flown.result.photos <= extent_of(flown.mission).photos + 2  # of the last ones nobody may know
    assert flown.result.photos_unheard > 0
    assert any("did not tell of" in warning for warning in flown.result.warnings)


@pytest.mark.failure("messages come late, twice and in the wrong order during the whole flight")
def test_messages_out_of_order_are_no_takeover(station, fly):
    disorder = (overtaken(named("HEARTBEAT", direction=TO_CLIENT)), duplicated(named("CAMERA_FEEDBACK")))
    late = delayed(named("COMMAND_ACK", "MISSION_CURRENT"), 0.1)
    station.when(photo(3), Fault(station, _thread.interrupt_main))
    station.when(nth("HEARTBEAT", 4, custom_mode=RTL), station.full_speed)
    with station.proxy.under(*disorder, late):
        flown = fly(sortie(station.home))
    assert flown.result.outcome == "interrupted"
    assert "hands_off" not in flown.events
    assert flown.result.photos <= extent_of(flown.mission).photos + 1


# --- the vehicle -----------------------------------------------------------------------------------


@pytest.mark.failure("the battery becomes low in flight")
def test_a_low_battery_brings_it_home_with_the_reason_and_keeps_it_from_arming(station, fly):
    good = {"SIM_BATT_VOLTAGE": 12.6, "BATT_LOW_VOLT": 11.0, "BATT_LOW_TIMER": 3, "BATT_FS_LOW_ACT": 2}
    for name, value in good.items():
        station.set(name, value)
    station.when(photo(2), lambda: station.set("SIM_BATT_VOLTAGE", 10.4))
    flown = fly(long_sortie(station.home))
    assert flown.result.outcome == "failsafe"
    assert "battery" in flown.result.reason.lower()
    assert "trigger_off" in flown.events
    assert not station.armed
    with connected(station.url, 10) as vehicle:
        vehicle.set_mode(GUIDED)
        assert "battery" in vehicle.arm().reason.lower()


@pytest.mark.failure("the vehicle flies out of its fence")
def test_a_breached_fence_brings_it_home_with_the_reason(station, fly):
    station.keep("FENCE_TYPE", "FENCE_ACTION")
    station.set("FENCE_ENABLE", 1)
    narrow = fenced(sortie(station.home), east_m=25)
    flown = fly(narrow, despite=frozenset({"fence", "way"}))
    assert flown.result.outcome == "failsafe"
    assert "fence" in flown.result.reason.lower()
    assert not station.armed


@pytest.mark.failure("the satellites are lost in flight")
def test_a_vehicle_without_satellites_lands_and_that_is_told(station, fly):
    station.satellites(visible=True)
    station.when(photo(2), lambda: station.satellites(visible=False))
    flown = fly(long_sortie(station.home))
    assert flown.was_told("lost its satellites")
    assert flown.result.outcome == "failsafe"
    assert flown.result.reason
    assert not station.armed


@pytest.mark.failure("the camera does not fire")
def test_a_camera_that_does_not_fire_is_noticed_in_flight(station, fly):
    station.at_speed(12)  # a loaded machine hears too few positions of a pass that takes half a second
    rules = ()
    if station.parameter("SIM_CAM_FAIL") is not None:
        station.set("SIM_CAM_FAIL", 1)
    else:  # for a ground station it is the same when none of its reports arrives
        rules = (dropped(named("CAMERA_FEEDBACK")),)
    with station.proxy.under(*rules):
        flown = fly(sortie(station.home))
    assert flown.events.index("camera_silent") < flown.events.index("disarmed")
    assert flown.was_told("No photo for")
    assert (flown.result.outcome, flown.result.photos) == ("completed", 0)
    assert any("check the camera" in warning for warning in flown.result.warnings)


@pytest.mark.failure("the vehicle stands far from where the mission begins")
def test_a_mission_that_begins_elsewhere_is_not_flown(station, fly):
    home = station.home
    step = 0.01 if home.lat < 0 else -0.01
    mission = replace(sortie(home), home=replace(home, lat=home.lat + step))
    with pytest.raises(PantauError, match=r"home: .* m from the planned"):
        fly(mission)
    assert not station.proxy.sent("MISSION_COUNT")


# --- our process -----------------------------------------------------------------------------------


@pytest.mark.failure("our process is killed in flight")
def test_a_second_start_after_a_crash_finds_the_flight_and_watches_it_on(station, tmp_path):
    plan_file = tmp_path / "sortie-01.plan"
    mission = long_sortie(station.home)
    write_plan_file(mission, plan_file)
    words = ["fly", str(plan_file), "--connect", station.url, "--yes", "--site-checked", "--json"]
    program = [sys.executable, "-c", "import pantau; pantau.main()"]
    process = subprocess.Popen([*program, *words], stdout=subprocess.DEVNULL)
    try:
        station.wait(photo(2), 60 + station.limit_s(120), what="the second photo")
    finally:
        station.at_speed(2)
        process.kill()
        process.wait()
    station.full_speed()
    flown = fly_with(station, mission, flight_log_of(plan_file))
    assert flown.result.outcome == "completed"
    assert "attached" in flown.events
    assert as_planned(flown)
    assert [event.event for event in flown.log].count("start") == 1


@pytest.mark.failure("a sortie is interrupted in its first pass and resumed later")
def test_a_resumed_sortie_photographs_what_was_left(station, tmp_path):
    mission = long_sortie(station.home)
    logs = [tmp_path / "first.flight.jsonl", tmp_path / "second.flight.jsonl"]
    station.when(photo(3), _thread.interrupt_main)
    first = fly_with(station, mission, logs[0], ask=choosing(Decision.RETURN))
    assert first.result.outcome == "interrupted"
    rest = rest_of(mission, logs[:1], 15.0)
    assert rest.first_run == 1
    assert fly_with(station, rest.mission, logs[1]).result.outcome == "completed"
    photos = photos_of(logs)
    assert all(is_photographed(run, photos) for run in camera_runs(mission))


def choosing(decision):
    """An operator who decides at once."""

    def ask(choices):
        answer: Future[Decision] = Future()
        answer.set_result(decision)
        return answer

    return ask
