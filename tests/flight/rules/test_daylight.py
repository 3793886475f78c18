"""When the sun is up."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from flight.rules.daylight import daylight, days_needed


def test_in_bandung_the_sun_rises_on_the_evening_before_by_utc() -> None:
    sun = daylight(-6.9, 107.6, date(2025, 3, 20))
    # Noon by the sun is 12:00 − 107.6°/(15°/h) + 7.5 min (equation of time) = 04:57; the day has 12 h 07 min.
    assert abs((sun.sunrise - datetime(2025, 3, 19, 22, 53, 30, tzinfo=UTC)).total_seconds()) < 120
    assert abs((sun.sunset - datetime(2025, 3, 20, 11, 0, 30, tzinfo=UTC)).total_seconds()) < 120


@pytest.mark.parametrize("lon", [-175.0, -60.0, 0.0, 60.0, 107.5, 141.0, 179.0])
def test_an_equinox_is_twelve_hours_everywhere(lon: float) -> None:
    assert daylight(0.0, lon, date(2025, 3, 20)).duration_s == pytest.approx(12.1 * 3600, abs=300)


def test_beyond_the_polar_circle_a_day_is_whole_or_nothing() -> None:
    assert daylight(69.6, 18.9, date(2025, 12, 21)).duration_s == 0
    assert daylight(69.6, 18.9, date(2025, 6, 21)).duration_s == 24 * 3600


def test_flights_are_counted_into_days() -> None:
    assert days_needed([], 10.0) == 0
    assert days_needed([4.0, 4.0], 10.0) == 1
    assert days_needed([4.0, 4.0, 4.0], 10.0) == 2
    assert days_needed([6.0, 6.0, 6.0], 10.0) == 3
    assert days_needed([11.0], 10.0) is None
