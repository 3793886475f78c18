"""When the sun is up, and whether the flights of a day fit in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone


@dataclass(frozen=True)
class Daylight:
    """From sunrise to sunset, both in UTC; the same time twice where the sun does not rise."""

    sunrise: datetime
    sunset: datetime

    @property
    def duration_s(self) -> float:
        """How long the sun is up."""
        return (self.sunset - self.sunrise).total_seconds()


def daylight(lat: float, lon: float, day: date) -> Daylight:
    """Sunrise and sunset of the day that people at a place call by this date.

    Days are counted by the sun's own time there (15° of longitude an hour): in Indonesia the sun rises
    on the evening before by UTC. Where it does not set, the whole of that day is daylight.
    """
    from astral import Observer
    from astral.sun import noon, sunrise, sunset, zenith

    local = timezone(timedelta(hours=round(lon / 15)))
    place = Observer(lat, lon)
    try:
        rises, sets = sunrise(place, day, tzinfo=local), sunset(place, day, tzinfo=local)
    except ValueError:
        midday = noon(place, day, tzinfo=local)
        half_day = timedelta(hours=12 if zenith(place, midday) < 90 else 0)
        rises, sets = midday - half_day, midday + half_day
    return Daylight(rises.astimezone(UTC), sets.astimezone(UTC))


def days_needed(durations_s: list[float], day_s: float) -> int | None:
    """How many days of this length hold flights one after the other; None when one is longer than a day.

    The flights are filled in by their order; changing batteries and driving are not counted.
    """
    if any(duration_s > day_s for duration_s in durations_s):
        return None
    days, left_s = 0, -math.inf
    for duration_s in durations_s:
        if duration_s > left_s:
            days, left_s = days + 1, day_s
        left_s -= duration_s
    return days
