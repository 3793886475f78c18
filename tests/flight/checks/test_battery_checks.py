"""Whether the battery lasts: by the plan's figures, by an estimate, and by its voltage."""

from __future__ import annotations

import pytest

from flight.checks.battery import battery_check, voltage_check
from flight.sortie_facts import SortieFacts

HALF = SortieFacts(duration_s=600, endurance_s=1200)


def weight(check):
    return "ok" if check.passed else "FAIL" if check.serious else "warn"


@pytest.mark.parametrize(("percent", "expected"), [(100, "ok"), (75, "ok"), (70, "warn"), (60, "FAIL")])
def test_with_the_plans_figures_too_little_is_serious(short_mission, percent, expected):
    check = battery_check(percent, short_mission, HALF)
    assert weight(check) == expected
    assert "uses 50 %" in check.found


@pytest.mark.parametrize("facts", [SortieFacts(), SortieFacts(endurance_s=600), SortieFacts(duration_s=600)])
def test_an_estimate_says_so_and_only_warns(short_mission, facts):
    check = battery_check(5, short_mission, facts)
    assert weight(check) == "warn"
    assert "about" in check.found
    assert "if a full battery lasts" in check.found


def test_a_charge_that_is_not_measured_is_told(short_mission):
    check = battery_check(None, short_mission, HALF)
    assert weight(check) == "warn"
    assert "not measured" in check.found


@pytest.mark.parametrize(
    ("volts", "percent", "expected"),
    [
        (None, None, "warn"),
        (12.6, 100, "ok"),
        (13.05, 100, "ok"),
        (25.2, 100, "ok"),
        (11.1, 100, "warn"),
        (22.2, 95, "warn"),
        (11.1, 50, "ok"),
        (11.1, None, "ok"),
        (10.4, 50, "warn"),
    ],
)
def test_the_voltage_tells_whether_the_count_began_full(volts, percent, expected):
    assert weight(voltage_check(volts, percent, low_v=10.5)) == expected
