"""Whether the vehicle as it stands there can fly."""

from __future__ import annotations

import pytest

from flight.checks.vehicle_state import (
    home_check,
    home_point_check,
    position_check,
    prearm_check,
    stations_check,
)
from flight.driving.vehicle import Position


def at(home, north_m=0.0, alt_rel_m=0.0):
    return Position(home.lat + north_m / 111_000, home.lon, alt_rel_m, 0.0)


def weight(check):
    return "ok" if check.passed else "FAIL" if check.serious else "warn"


@pytest.mark.parametrize(
    ("estimate", "fix", "satellites", "expected"),
    [
        (True, 3, 14, "ok"),
        (True, 6, None, "ok"),
        (True, None, None, "ok"),
        (True, 3, 6, "warn"),
        (True, 1, 3, "FAIL"),
        (False, 3, 14, "FAIL"),
        (False, None, None, "FAIL"),
    ],
)
def test_a_position_needs_estimator_and_receiver(estimate, fix, satellites, expected):
    assert weight(position_check(estimate, fix, satellites)) == expected


def test_the_vehicles_own_words_are_shown():
    assert prearm_check(True, ()).passed
    check = prearm_check(False, ("PreArm: Compass not calibrated", "PreArm: Compass not calibrated"))
    assert check.found == "Compass not calibrated"
    assert "does not say why" in prearm_check(False, ()).found


@pytest.mark.parametrize(("north_m", "expected"), [(0, "ok"), (29, "ok"), (60, "warn"), (120, "FAIL")])
def test_home_is_where_the_mission_begins(short_mission, home, north_m, expected):
    assert weight(home_check(at(home, north_m), short_mission)) == expected


def test_a_vehicle_without_a_position_has_no_home(short_mission):
    assert weight(home_check(None, short_mission)) == "FAIL"


def test_the_vehicles_home_is_where_it_stands(home):
    here = (home.lat, home.lon)
    assert weight(home_point_check(None, here)) == "ok"
    assert weight(home_point_check(at(home), None)) == "ok"
    assert weight(home_point_check(at(home, 5), here)) == "ok"
    assert weight(home_point_check(at(home, 15), here)) == "warn"
    assert weight(home_point_check(at(home, 0, alt_rel_m=-8), here)) == "warn"


@pytest.mark.parametrize(
    ("heard", "parameters", "expected"),
    [
        ({}, {}, "ok"),
        ({(255, 190): 0.4}, {}, "FAIL"),
        ({(255, 190): 60.0}, {}, "ok"),
        ({(250, 190): 0.4}, {}, "ok"),
        ({(250, 190): 0.4}, {"SYSID_MYGCS": 250}, "FAIL"),
        ({(254, 1): 1.0}, {"MAV_GCS_SYSID": 250, "MAV_GCS_SYSID_HI": 255}, "FAIL"),
        ({(250, 190): 1.0, (255, 230): 1.0}, {"SYSID_MYGCS": 255}, "FAIL"),
    ],
)
def test_another_station_with_our_id_hides_our_death(heard, parameters, expected):
    check = stations_check(heard, parameters)
    assert weight(check) == expected
    assert expected == "ok" or f"system {max(heard)[0]} component" in check.found
