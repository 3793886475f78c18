"""What a log beside the photos tells, as values: shutter releases, and the way that was flown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.metadata.recorded import Recorded

_GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
# GPS time runs ahead of UTC by the leap seconds since 1980; none was added since 2017 (IERS bulletin C).
_LEAP_SECONDS = 18


@dataclass(frozen=True)
class CaptureEvent:
    """One release of the shutter: when (UTC), what was recorded of it, and the log's own number of it."""

    at: datetime
    recorded: Recorded
    number: int | None = None


@dataclass(frozen=True)
class TrackPoint:
    """Where the aircraft was at a time (UTC)."""

    at: datetime
    recorded: Recorded


@dataclass(frozen=True)
class CaptureLog:
    """A log: `captures` and `track`, each in the order of time; either may be empty.

    `files_numbered` says that the captures' numbers are those in the photos' file names.
    """

    path: Path
    captures: tuple[CaptureEvent, ...] = ()
    track: tuple[TrackPoint, ...] = ()
    files_numbered: bool = False


@dataclass(frozen=True)
class LogFormat:
    """A kind of log: its name for people, and how it is recognised and read.

    `recognises` looks at the name and at most at the beginning of a file. `read` never raises because of what
    a file holds: what cannot be understood is left out.
    """

    name: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], CaptureLog]


def utc_of_gps(week: int, seconds: float) -> datetime:
    """UTC of a GPS week and the seconds in it.

    Raises OverflowError for a week out of this world.
    """
    return _GPS_EPOCH + timedelta(weeks=week, seconds=seconds - _LEAP_SECONDS)


def first_bytes(path: Path, count: int) -> bytes:
    """The beginning of a file; empty when it cannot be opened."""
    try:
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError:
        return b""
