"""When a video was taken, in UTC, from clocks that do not tell their zone.

The file's own creation time is UTC by its standard, the telemetry's clock is local.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Zones are whole quarters of an hour; a file is created when its recording begins, give or take seconds.
_ZONE_STEP = timedelta(minutes=15)
_WIDEST_ZONE = timedelta(hours=14)
_CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Beginning:
    """When a video begins. Where `is_utc` is False, the time is that of an unknown zone."""

    at: datetime
    is_utc: bool

    def possible(self) -> list[datetime]:
        """The times in UTC that it may be."""
        if self.is_utc:
            return [self.at]
        steps = _WIDEST_ZONE // _ZONE_STEP
        return [self.at - step * _ZONE_STEP for step in range(-steps, steps + 1)]


def find_beginning(clock: datetime | None, created_at: datetime | None) -> Beginning | None:
    """The beginning by the telemetry's local clock and the file's creation time; None without either.

    Where both tell the same time, some cameras write local time into both.
    """
    if clock is None:
        return Beginning(created_at, is_utc=True) if created_at is not None else None
    local = clock.replace(tzinfo=UTC)
    if created_at is not None:
        zone = _ZONE_STEP * round((local - created_at) / _ZONE_STEP)
        if zone and abs(local - created_at - zone) <= _CLOCK_TOLERANCE and abs(zone) <= _WIDEST_ZONE:
            return Beginning(local - zone, is_utc=True)
    return Beginning(local, is_utc=False)
