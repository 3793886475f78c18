"""Commands, parameters and readiness, with the simulated vehicle on a real link."""

from __future__ import annotations

import pytest

from flight.driving.readiness import wait_until_ready
from flight.driving.vehicle import AUTO, GUIDED, connected


def test_readiness_needs_the_position_and_then_it_arms(simulated):
    with simulated() as process, connected(process.url, 10) as vehicle:
        vehicle.set_mode(GUIDED)
        early = vehicle.arm()
        assert early.result == 4
        assert "Arm: Need Position Estimate" in early.reason
        assert wait_until_ready(vehicle, 10)
        assert vehicle.position_ok
        assert vehicle.arm().accepted
        assert vehicle.disarm().accepted


def test_a_vehicle_without_satellites_never_gets_ready(simulated):
    with simulated(parameters={"SIM_GPS_DISABLE": 1}) as process, connected(process.url, 10) as vehicle:
        told = []
        assert not wait_until_ready(vehicle, 2, lambda seconds, missing: told.append(missing))
        assert "no position estimate yet" in told


def test_refusals_carry_the_vehicles_reasons(simulated):
    with simulated(parameters={"SIM_ARM_FAIL": 1}) as process, connected(process.url, 10) as vehicle:
        vehicle.set_mode(GUIDED)
        answer = vehicle.arm()
    assert answer.result == 4
    assert "Arm: Throttle too high" in answer.texts


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


def test_a_parameter_is_set_and_read_back(simulated):
    with simulated() as process, connected(process.url, 10) as vehicle:
        assert vehicle.set_parameter("RTL_ALT", 4200)
        assert vehicle.parameter("RTL_ALT") == 4200
        assert not vehicle.set_parameter("NO_SUCH", 1)


def test_a_link_that_was_closed_is_opened_again_under_the_same_inboxes(simulated):
    with simulated() as process, connected(process.url, 10) as vehicle:
        wait_until_ready(vehicle, 10)
        with vehicle.link.listen("SYS_STATUS") as inbox:
            vehicle.link.close()
            assert not vehicle.link.open
            vehicle.link.send("MISSION_REQUEST_LIST", mission_type=0)  # falls on the floor, raises nothing
            assert vehicle.link.reconnect(10)
            while inbox.next(0) is not None:
                pass
            assert inbox.next(5) is not None
        assert vehicle.parameter("RTL_ALT") == 1500


def test_what_was_told_before_is_forgotten_when_nobody_answers_any_more(simulated):
    with simulated() as process, connected(process.url, 10) as vehicle:
        wait_until_ready(vehicle, 10)
        process.process.kill()
        process.process.wait()
        assert not vehicle.link.reconnect(1)
        assert vehicle.mode is vehicle.position is None
