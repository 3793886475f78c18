"""What happens when this program, the battery, the position or the remote control is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flight.checks.failsafes import failsafe_checks, station_id_check, told_of_our_death, when_station_is_lost

FACTORY = {
    "FS_GCS_ENABLE": 0, "FS_GCS_TIMEOUT": 5, "FS_OPTIONS": 16, "BATT_FS_LOW_ACT": 0, "BATT_LOW_VOLT": 10.5,
    "BATT_LOW_MAH": 0, "FS_EKF_ACTION": 1, "FS_THR_ENABLE": 1, "SYSID_MYGCS": 255,
}  # fmt: skip
SET = FACTORY | {"FS_GCS_ENABLE": 1, "BATT_FS_LOW_ACT": 2}


def failing(parameters):
    return [check.name for check in failsafe_checks(parameters) if not check.passed]


def test_a_vehicle_that_tells_nothing_gets_warnings_only():
    checks = [*failsafe_checks({}), station_id_check({})]
    assert not any(check.passed or check.serious for check in checks)


def test_the_factory_protects_neither_against_a_lost_link_nor_a_low_battery():
    assert failing(FACTORY) == ["lost ground station", "low battery"]
    assert failing(SET) == []


@pytest.mark.parametrize(
    ("changed", "name", "found"),
    [
        ({"FS_OPTIONS": 18}, "lost ground station", "continue in AUTO"),
        ({"FS_GCS_ENABLE": 5}, "lost ground station", "lands where it is"),
        ({"SYSID_MYGCS": 250}, "lost ground station", "listens to system 250"),
        ({"BATT_LOW_VOLT": 0}, "low battery", "never noticed"),
        ({"BATT_FS_LOW_ACT": 5}, "low battery", "STOPS ITS MOTORS"),
        ({"FS_EKF_ACTION": 0}, "lost position", "only reported"),
        ({"FS_THR_ENABLE": 0}, "lost remote control", "FS_THR_ENABLE 0"),
    ],
)
def test_what_does_not_bring_it_home_is_warned_of(changed, name, found):
    assert failing(SET | changed) == [name]
    check = next(check for check in failsafe_checks(SET | changed) if check.name == name)
    assert found in check.found
    assert not check.serious


def test_a_threshold_in_milliampere_hours_is_one_too():
    assert failing(SET | {"BATT_LOW_VOLT": 0, "BATT_LOW_MAH": 900}) == []


@pytest.mark.parametrize("action", [1, 2, 3, 4, 6, 99])
def test_these_actions_come_home(action):
    loss = when_station_is_lost(SET | {"FS_GCS_ENABLE": action, "FS_GCS_TIMEOUT": 7})
    assert loss.comes_home
    assert loss.after_s == 7


@pytest.mark.parametrize(
    ("parameters", "passes"),
    [
        ({"SYSID_MYGCS": 255}, True),
        ({"SYSID_MYGCS": 250}, False),
        ({"MAV_GCS_SYSID": 200, "MAV_GCS_SYSID_HI": 255}, True),
        ({"MAV_GCS_SYSID": 200, "MAV_GCS_SYSID_HI": 0}, False),
    ],
)
def test_our_heartbeats_must_be_the_ones_it_listens_to(parameters, passes):
    assert station_id_check(parameters).passed is passes


def test_the_operator_is_told_what_really_happens(short_mission):
    assert "returns and lands, by itself, after 5 s" in told_of_our_death(SET, short_mission)
    assert "lands where it is, by itself" in told_of_our_death(SET | {"FS_GCS_ENABLE": 5}, short_mission)
    off = told_of_our_death(FACTORY, short_mission)
    assert "to its end and then returns; nothing brings it home earlier (FS_GCS_ENABLE is 0" in off
    hovering = replace(short_mission, items=short_mission.items[:-1])
    assert "then hovers there" in told_of_our_death(FACTORY, hovering)
    assert "nothing brings it home" in told_of_our_death(SET | {"FS_OPTIONS": 2}, short_mission)
