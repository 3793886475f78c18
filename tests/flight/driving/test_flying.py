"""Flights from end to end: dronekit, MAVLink over TCP, the simulated vehicle in its own process."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from flight.driving.flying import fly
from flight.driving.vehicle import connected
from flight.flight_log import is_complete, read_flight_log
from flight.simulated_flying import measured_places
from flight.simulator.exposure import read_exposures

TIME_FACTOR = 30.0


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
    # The gimbal may still be turning down at the first photo.
    photo = [event for event in read_flight_log(log_file) if event.event == "photo"][-1]
    assert photo.pitch_deg == pytest.approx(-90, abs=0.5)
    assert photo.at == exposures[-1].at.replace(microsecond=photo.at.microsecond)


def press_ctrl_c():
    """As the terminal does it."""
    signal.raise_signal(signal.SIGINT)


def test_an_interrupt_just_after_lift_off_also_returns(simulated, short_mission, log_file, monkeypatch):
    from flight.driving import takeoff

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
    from flight.driving.vehicle import Vehicle

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
