"""Commands, parameters and readiness, with the simulated vehicle on a real link."""

from __future__ import annotations

import pytest

from flight.vehicle import AUTO, GUIDED, connected, wait_until_ready
from vision.errors import PantauError


def test_readiness_needs_the_position_and_then_it_arms(simulated):
    with simulated() as process, connected(process.url, 10) as vehicle:
        vehicle.set_mode(GUIDED)
        early = vehicle.arm()
        assert early.result == 4
        assert "Arm: Need Position Estimate" in early.reason
        wait_until_ready(vehicle, 10)
        assert vehicle.position_ok
        assert vehicle.arm().accepted
        assert vehicle.disarm().accepted


def test_a_vehicle_without_satellites_never_gets_ready(simulated):
    with simulated("--no-gnss") as process, connected(process.url, 10) as vehicle:
        told = []
        with pytest.raises(PantauError, match=r"no position estimate.*view of the sky"):
            wait_until_ready(vehicle, 2, lambda seconds, missing: told.append(missing))
        assert "no position estimate yet" in told


def test_refusals_carry_the_vehicles_reasons(simulated):
    fault = ("--arming-fault", "Compass not calibrated")
    with simulated(*fault) as process, connected(process.url, 10) as vehicle:
        vehicle.set_mode(GUIDED)
        answer = vehicle.arm()
    assert answer.result == 4
    assert "Arm: Compass not calibrated" in answer.texts


def test_unknown_commands_parameters_and_modes(simulated):
    with simulated() as process, connected(process.url, 10) as vehicle:
        assert vehicle.command(31010).result == 3
        assert vehicle.parameter("NO_SUCH", wait_s=0.3) is None
        assert vehicle.parameter("RTL_ALT") == 1500
        assert "No such mode 99" in vehicle.set_mode(99).reason


def test_what_the_vehicle_tells_is_read(simulated, home):
    with simulated() as process, connected(process.url, 10) as vehicle:
        wait_until_ready(vehicle, 10)
        assert vehicle.position.lat == pytest.approx(home.lat, abs=1e-6)
        assert vehicle.battery_percent == 100
        assert vehicle.mission_state == 1
        assert not vehicle.armed
        assert vehicle.mode != AUTO
        assert vehicle.gimbal_pitch_roll_deg == pytest.approx((-35, 0), abs=0.1)
