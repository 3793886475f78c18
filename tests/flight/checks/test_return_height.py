"""Whether the way home is high enough; the short mission flies at 20 m throughout."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flight.checks.return_height import return_height_check, return_parameter
from flight.sortie_facts import SortieFacts

NOTHING = SortieFacts()
PLANNED = SortieFacts(return_height_m=40.0)
SURE = SortieFacts(return_height_m=40.0, obstacles_known=True)


def check(mission, facts=NOTHING, **parameters):
    return return_height_check(parameters, mission, facts)


def test_a_vehicle_that_does_not_tell_gets_a_warning(short_mission):
    result = check(short_mission)
    assert (result.passed, result.serious) == (False, False)
    assert "not told" in result.found


def test_it_never_descends_for_the_return(short_mission):
    assert check(short_mission, RTL_ALT=1500).passed
    assert check(short_mission, RTL_ALT=0).passed


def test_the_plan_may_want_more(short_mission):
    result = check(short_mission, PLANNED, RTL_ALT=1500)
    assert (result.passed, result.serious) == (False, False)
    assert "RTL_ALT to 4000" in result.remedy
    assert check(short_mission, PLANNED, RTL_ALT=4000).passed


def test_with_known_obstacles_a_low_return_is_serious(short_mission):
    assert check(short_mission, SURE, RTL_ALT=3900).serious
    assert not check(short_mission, SURE, RTL_ALT=3900).passed


def test_without_a_plan_the_highest_waypoint_counts(short_mission, waypoint):
    mission = replace(short_mission, items=(*short_mission.items[:-1], waypoint(0, 0, 35.0)))
    assert not check(mission, RTL_ALT=1500).passed
    assert not check(mission, RTL_ALT=1500).serious
    assert check(mission, RTL_ALT=3500).passed


def test_the_fence_keeps_the_return_below_its_ceiling(short_mission):
    fence = {"FENCE_ENABLE": 1, "FENCE_TYPE": 1, "FENCE_ALT_MAX": 41, "FENCE_MARGIN": 2}
    result = check(short_mission, PLANNED, RTL_ALT=4000, **fence)
    assert not result.passed
    assert "39 m" in result.found
    assert check(short_mission, PLANNED, RTL_ALT=4000, **fence | {"FENCE_TYPE": 6}).passed


def test_a_return_above_open_airspace_is_a_warning(short_mission):
    result = check(short_mission, SURE, RTL_ALT=15000)
    assert (result.passed, result.serious) == (False, False)


@pytest.mark.parametrize(
    ("parameters", "height_m", "value"),
    [({"RTL_ALT": 1500}, 40.001, 4001), ({"RTL_ALT": 1500}, 40.0, 4000), ({"RTL_ALT_M": 15}, 40.0, 40)],
)
def test_each_firmware_has_its_own_parameter_and_unit(parameters, height_m, value):
    assert return_parameter(parameters).value_for(height_m) == value


def test_newer_firmware_counts_in_metres(short_mission):
    assert check(short_mission, PLANNED, RTL_ALT_M=40).passed
    assert not check(short_mission, PLANNED, RTL_ALT_M=15).passed
