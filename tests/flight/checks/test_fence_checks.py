"""The vehicle's fence against a mission; the short mission goes up to 20 m, and 43 m away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flight.checks.fence import fence_checks

FACTORY = {
    "FENCE_ENABLE": 0, "FENCE_AUTOENABLE": 0, "FENCE_TYPE": 7, "FENCE_ACTION": 1, "FENCE_ALT_MAX": 100,
    "FENCE_RADIUS": 300, "FENCE_MARGIN": 2, "FENCE_TOTAL": 0,
}  # fmt: skip
ON = FACTORY | {"FENCE_ENABLE": 1}


def square(home, metres):
    d = metres / 111_000
    return tuple(
        (home.lat + north * d, home.lon + east * d) for north, east in ((1, 1), (1, -1), (-1, -1), (-1, 1))
    )


@pytest.fixture
def fenced(short_mission, home):
    return replace(short_mission, fence=square(home, 80))


def results(parameters, mission):
    return {check.name: (check.passed, check.serious) for check in fence_checks(parameters, mission)}


def test_without_any_fence_there_is_nothing_to_check(short_mission):
    assert fence_checks({}, short_mission) == []
    assert fence_checks(FACTORY, short_mission) == []


def test_a_fence_of_the_plan_wants_to_be_kept(fenced):
    assert results(FACTORY, fenced) == {"fence": (False, False), "way": (True, False)}
    assert all(passed for passed, _ in results(ON, fenced).values())


@pytest.mark.parametrize("changed", [{"FENCE_TYPE": 3}, {"FENCE_ACTION": 0}])
def test_a_fence_that_does_nothing_is_not_kept(fenced, changed):
    assert results(ON | changed, fenced)["fence"] == (False, False)


def test_a_fence_that_is_switched_on_at_arming_is_on(fenced):
    assert results(FACTORY | {"FENCE_AUTOENABLE": 3}, fenced)["fence"][0]


@pytest.mark.parametrize(
    ("changed", "name"), [({"FENCE_ALT_MAX": 20}, "fence ceiling"), ({"FENCE_RADIUS": 40}, "fence circle")]
)
def test_a_fence_that_would_end_the_flight_is_serious(short_mission, changed, name):
    assert results(ON | changed, short_mission)[name] == (False, True)
    assert results(ON | changed | {"FENCE_ACTION": 0}, short_mission)[name] == (False, False)
    assert name not in results(FACTORY | changed, short_mission)


def test_a_ceiling_within_the_margin_is_a_warning(short_mission):
    assert results(ON | {"FENCE_ALT_MAX": 21}, short_mission)["fence ceiling"] == (False, False)


def test_a_fence_of_another_plan_is_told(short_mission):
    assert results(ON | {"FENCE_TOTAL": 6}, short_mission)["fence"] == (False, False)
    assert "fence" not in results(ON, short_mission)


def test_a_way_out_of_its_own_fence_is_told(short_mission, home):
    tight = replace(short_mission, fence=square(home, 10))
    assert results(ON, tight)["way"] == (False, True)
    assert results(FACTORY, tight)["way"] == (False, False)


def test_a_way_through_its_own_exclusion_is_told(fenced, home):
    apart = replace(home, lat=home.lat + 15 / 111_000, lon=home.lon + 20 / 111_000)
    crossed = replace(fenced, exclusions=(square(apart, 5),))
    assert results(ON, crossed)["way"] == (False, True)
    beside = replace(fenced, exclusions=(square(replace(apart, lat=home.lat - 50 / 111_000), 5),))
    assert results(ON, beside)["way"] == (True, True)


def test_a_badly_drawn_fence_does_not_stop_the_checks(short_mission, home):
    corners = square(home, 80)
    for drawn in (corners[:2], (corners[0], corners[2], corners[1], corners[3])):
        assert "way" in results(ON, replace(short_mission, fence=drawn))
