"""Flights from end to end: dronekit, MAVLink over TCP, the simulated vehicle in its own process."""

from __future__ import annotations

import signal
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from flight.dronekit_link import open_link
from flight.flight_log import is_complete, read_flight_log
from flight.flying import fly
from flight.mission_transfer import download
from flight.simulated_flying import measured_places
from flight.simulator.exposure import read_exposures
from flight.vehicle import connected
from vision.errors import PantauError

TIME_FACTOR = 30.0
LOITER, RTL = 5, 6


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    """Where the flight's log goes."""
    return tmp_path / "sortie-01.flight.jsonl"


def fly_now(process, mission, log_file, **options):
    """Fly without questions."""
    options = {"confirm": lambda: True, "time_factor": TIME_FACTOR} | options
    return fly(mission, process.url, log_file, **options)


def events(log_file):
    """The names of what happened, each once, in order."""
    return list(dict.fromkeys(event.event for event in read_flight_log(log_file)))


def test_a_mission_is_flown_photographed_and_logged(simulated, short_mission, log_file, tmp_path):
    film = tmp_path / "exposures.jsonl"
    start_s = time.monotonic()
    with simulated(exposures=film, gnss_sigma_m=0.0) as process:
        result = fly_now(process, short_mission, log_file)
    assert time.monotonic() - start_s < 15
    assert result.outcome == "completed"
    assert result.warnings == ()
    assert abs(result.photos - result.photos_planned) <= 1
    exposures, measured = read_exposures(film), measured_places(log_file)
    assert list(measured) == [exposure.number for exposure in exposures]
    for exposure in exposures:
        assert measured[exposure.number] == pytest.approx(
            (exposure.lat, exposure.lon, exposure.alt_rel_m), abs=1e-2
        )
    assert is_complete(log_file)
    assert {"start", "launched", "position", "item", "photo", "disarmed", "completed"} <= set(
        events(log_file)
    )
    photo = next(event for event in read_flight_log(log_file) if event.event == "photo")
    assert photo.pitch_deg == pytest.approx(-90, abs=0.5)
    assert photo.at == exposures[0].at.replace(microsecond=photo.at.microsecond)


def test_a_dry_run_changes_nothing(simulated, short_mission, log_file):
    with simulated() as process:
        result = fly_now(process, short_mission, log_file, confirm=None)
        with connected(process.url, 10) as vehicle:
            assert download(vehicle.link) == []
            assert not vehicle.armed
    assert result.outcome == "dry_run"
    assert {"position", "pre-arm", "home", "battery", "return height"} <= {one.name for one in result.checks}
    assert not log_file.exists()


def test_who_says_no_does_not_fly(simulated, short_mission, log_file):
    with simulated() as process:
        assert fly_now(process, short_mission, log_file, confirm=lambda: False).outcome == "declined"
        with connected(process.url, 10) as vehicle:
            assert not vehicle.armed


def test_refused_arming_is_explained_and_leaves_it_disarmed(simulated, short_mission, log_file):
    with simulated(parameters={"SIM_ARM_FAIL": 1}) as process:
        with pytest.raises(PantauError, match="refused to arm: Arm: Throttle too high"):
            fly_now(process, short_mission, log_file)
        with connected(process.url, 10) as vehicle:
            assert not vehicle.armed
    assert events(log_file)[-1] == "ended"


def test_a_mission_that_begins_elsewhere_is_not_flown(simulated, short_mission, log_file):
    far = replace(short_mission, home=replace(short_mission.home, lat=-6.31))
    with simulated() as process, pytest.raises(PantauError, match=r"home: .* m from the planned"):
        fly_now(process, far, log_file)


def test_a_camera_that_never_fires_is_noticed(simulated, short_mission, log_file):
    with simulated(parameters={"SIM_CAM_FAIL": 1}) as process:
        result = fly_now(process, short_mission, log_file)
    assert result.outcome == "completed"
    assert not result.as_planned
    assert "check the camera" in result.warnings[0]


def press_ctrl_c():
    """As the terminal does it."""
    signal.raise_signal(signal.SIGINT)


def once_flying(action, photo=2):
    """Progress that acts at a photo."""
    seen = []

    def progress(steps, detail):
        seen.extend([1] * steps)
        if len(seen) >= photo and not done:
            done.append(True)
            action()

    done: list[bool] = []
    return progress


def test_when_the_pilot_takes_over_hands_are_off(simulated, short_mission, log_file):
    said = []
    with simulated() as process:
        pilot = open_link(process.url, 10)

        def take_over():
            pilot.send("SET_MODE", base_mode=1, custom_mode=LOITER)

        def say(text):
            said.append(text)
            if "hands off" in text:
                pilot.send("SET_MODE", base_mode=1, custom_mode=RTL)

        result = fly_now(process, short_mission, log_file, progress=once_flying(take_over), say=say)
        pilot.close()
    assert result.outcome == "taken_over"
    assert not is_complete(log_file)
    assert {"hands_off", "trigger_off"} <= set(events(log_file))
    assert "returning" not in events(log_file)
    assert result.photos < result.photos_planned


def test_an_interrupt_switches_the_camera_off_and_returns(simulated, short_mission, log_file):
    with simulated() as process:
        result = fly_now(process, short_mission, log_file, progress=once_flying(press_ctrl_c))
        with connected(process.url, 10) as vehicle:
            assert vehicle.mode == RTL
            assert not vehicle.armed
    assert result.outcome == "interrupted"
    order = events(log_file)
    assert order.index("trigger_off") < order.index("returning") < order.index("disarmed")


def test_messages_from_before_an_interrupt_are_no_takeover(simulated, short_mission, log_file):
    def interrupt():
        time.sleep(0.2)  # heartbeats still in AUTO wait in the inbox then
        press_ctrl_c()

    with simulated() as process:
        result = fly_now(process, short_mission, log_file, progress=once_flying(interrupt))
    assert result.outcome == "interrupted"
    assert "hands_off" not in events(log_file)


def test_an_interrupt_just_after_lift_off_also_returns(simulated, short_mission, log_file, monkeypatch):
    from flight import takeoff

    climbs = takeoff._climbs

    def then_interrupted(*arguments):
        found = climbs(*arguments)
        press_ctrl_c()
        return found

    monkeypatch.setattr(takeoff, "_climbs", then_interrupted)
    with simulated() as process:
        result = fly_now(process, short_mission, log_file)
    assert result.outcome == "interrupted"
    assert result.photos == 0


def test_an_interrupt_before_lift_off_disarms(simulated, short_mission, log_file, monkeypatch):
    from flight.vehicle import Vehicle

    start_mission = Vehicle.start_mission

    def then_interrupted(vehicle):
        press_ctrl_c()
        return start_mission(vehicle)

    monkeypatch.setattr(Vehicle, "start_mission", then_interrupted)
    with simulated() as process:
        with pytest.raises(KeyboardInterrupt):
            fly_now(process, short_mission, log_file)
        with connected(process.url, 10) as vehicle:
            assert not vehicle.armed
    assert events(log_file)[-1] == "ended"


def test_a_lost_link_is_told_within_three_seconds(simulated, short_mission, log_file):
    told = []

    def say(text):
        if "No word" in text:
            told.append(time.monotonic())

    with simulated() as process:
        cut: list[float] = []

        def kill():
            process.process.kill()
            cut.append(time.monotonic())

        result = fly_now(process, short_mission, log_file, progress=once_flying(kill), say=say)
    assert result.outcome == "link_lost"
    assert told[0] - cut[0] < 3
    assert "link_lost" in events(log_file)


def test_nobody_there_is_a_mistake_of_the_user(short_mission, log_file):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"tcp:127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(PantauError, match="No vehicle answered"):
            fly(short_mission, url, log_file, confirm=None, connect_limit_s=0.3)
    assert not log_file.exists()
