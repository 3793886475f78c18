"""Arming: when the vehicle refuses and why, when it disarms by itself, and when it refuses to disarm."""

from __future__ import annotations

import pytest

from flight.driving.mission_transfer import upload_mission
from flight.driving.vehicle import AUTO, GUIDED, connected
from tests.contract.sorties import sortie
from tests.contract.station import above, disarmed, nth
from vision.errors import PantauError

FAILED = 4  # MAV_RESULT
TAKE_OFF = 22


def test_a_ready_vehicle_arms_in_guided_and_disarms_on_the_ground(station):
    with connected(station.url, 10) as vehicle:
        assert vehicle.set_mode(GUIDED).accepted
        assert vehicle.arm().accepted
        assert vehicle.disarm().accepted
        station.wait_until_disarmed()


def test_the_prearm_bit_tells_that_it_is_ready(station):
    with connected(station.url, 10) as vehicle:
        station.next("SYS_STATUS", station.limit_s(10))
        station.next("EKF_STATUS_REPORT", station.limit_s(10))
        station.wait(lambda one: vehicle.prearm_ok and vehicle.position_ok, 5)


@pytest.mark.failure("the battery is too low for arming")
def test_a_refusal_names_its_reason(station):
    station.set("BATT_ARM_VOLT", 30)
    with connected(station.url, 10) as vehicle:
        vehicle.set_mode(GUIDED)
        answer = vehicle.arm()
    assert answer.result == FAILED
    assert "volt" in answer.reason.lower()
    assert not station.armed


@pytest.mark.failure("arming is refused for two reasons")
def test_a_refusal_names_all_its_reasons(station):
    station.set("BATT_ARM_VOLT", 30)
    with connected(station.url, 10) as vehicle:
        vehicle.set_mode(AUTO)  # without a mission in it
        answer = vehicle.arm()
    assert answer.result == FAILED
    assert len([text for text in answer.texts if text.startswith("Arm: ")]) >= 2
    assert all(text in answer.reason for text in answer.texts)
    assert "voltage" in answer.reason
    assert "mission" in answer.reason


@pytest.mark.failure("the pre-arm checks fail")
def test_a_vehicle_with_failing_checks_is_not_said_to_be_ready(station):
    station.set("BATT_ARM_VOLT", 30)
    with connected(station.url, 10) as vehicle:
        station.wait(lambda one: one.name == "SYS_STATUS" and not vehicle.prearm_ok, station.limit_s(40))


def test_auto_is_not_armable(station):
    station.set("AUTO_OPTIONS", 0)
    with connected(station.url, 10) as vehicle:
        upload_mission(vehicle.link, sortie(station.home))
        assert vehicle.set_mode(AUTO).accepted
        answer = vehicle.arm()
    assert answer.result == FAILED
    assert "AUTO mode not armable" in answer.reason


@pytest.mark.failure("it is armed as soon as it has a GNSS fix")
def test_a_fix_is_not_yet_a_position_to_arm_with(station):
    station.reboot()
    with connected(station.url, 30) as vehicle:
        station.wait(lambda one: (vehicle.gnss_fix or 0) >= 3, station.limit_s(60), what="a fix")
        assert not vehicle.position_ok
        vehicle.set_mode(GUIDED)
        answer = vehicle.arm()
    assert answer.result == FAILED
    assert answer.texts


def test_left_idle_on_the_ground_it_disarms_by_itself(station):
    with connected(station.url, 10) as vehicle:
        vehicle.set_mode(GUIDED)
        assert vehicle.arm().accepted
        began_s = station.boot_s
        station.wait(disarmed, station.limit_s(20), station.proxy.count, "disarming by itself")
        assert station.boot_s - began_s == pytest.approx(10, abs=5)


@pytest.mark.failure("disarming is asked for in flight")
def test_in_flight_it_refuses_to_disarm(station):
    with connected(station.url, 10) as vehicle:
        vehicle.set_mode(GUIDED)
        assert vehicle.arm().accepted
        assert vehicle.command(TAKE_OFF, 0, 0, 0, 0, 0, 0, 8).accepted
        station.wait(above(3), station.limit_s(30))
        assert vehicle.disarm().result == FAILED
        station.wait(nth("HEARTBEAT", 2), station.limit_s(10), station.proxy.count)
        assert vehicle.flying


@pytest.mark.failure("the vehicle refuses to arm, though its checks were fine")
def test_a_refused_arming_ends_the_flight_before_it_begins(station, fly):
    station.set("SIM_ARM_FAIL", 1)
    said = []
    with pytest.raises(PantauError, match=r"refused to arm: .*Arm: "):
        fly(sortie(station.home), say=said.append)
    assert any("Arming refused" in text for text in said)
    assert not station.armed


@pytest.mark.failure("the vehicle does not become ready in time")
def test_a_vehicle_that_is_not_ready_is_not_flown_and_says_why(station, fly):
    station.set("BATT_ARM_VOLT", 30)
    with pytest.raises(PantauError, match=r"(?i)volt"):
        fly(sortie(station.home))
    assert 400 not in [sent.command for sent in station.proxy.sent("COMMAND_LONG")]
    assert not station.armed
