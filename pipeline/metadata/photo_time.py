"""When a photo was taken, in UTC.

EXIF's DateTimeOriginal is the camera's local time without a zone. The zone comes from
OffsetTimeOriginal, else from the GPS time beside it, else nobody knows it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.metadata.exif import Exif

# Zones are whole quarters of an hour; a fix may be some seconds old, a clock some off.
_ZONE_STEP = timedelta(minutes=15)
_CLOCK_TOLERANCE = timedelta(minutes=2)
_WIDEST_ZONE = timedelta(hours=14)
_PLAUSIBLE_YEARS = (1990, 2200)


def taken_at(exif: Exif) -> tuple[datetime | None, str | None]:
    """The UTC time of a photo and a remark on how surely it is known (None when well)."""
    local, gps = _local_time(exif), _gps_time(exif)
    zone = _zone(exif)
    if local is None:
        return gps, None
    if zone is not None:
        moment = (local - zone).replace(tzinfo=UTC)
        contradicted = gps is not None and abs(moment - gps) > _CLOCK_TOLERANCE
        return (gps, "clock_offset") if contradicted else (moment, None)
    if gps is None:
        return local.replace(tzinfo=UTC), "time_zone_unknown"
    difference = local.replace(tzinfo=UTC) - gps
    zone = _ZONE_STEP * round(difference / _ZONE_STEP)
    if abs(difference - zone) > _CLOCK_TOLERANCE or abs(zone) > _WIDEST_ZONE:
        return gps, "clock_offset"
    return (local - zone).replace(tzinfo=UTC), None


def local_time(exif: Exif, name: str) -> datetime | None:
    """A time tag as the camera's clock showed it, without zone; None for a clock never set."""
    try:
        moment = datetime.strptime(exif.text(name) or "", "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    return moment if _PLAUSIBLE_YEARS[0] <= moment.year < _PLAUSIBLE_YEARS[1] else None


def _local_time(exif: Exif) -> datetime | None:
    moment = local_time(exif, "EXIF DateTimeOriginal") or local_time(exif, "Image DateTime")
    fraction = exif.text("EXIF SubSecTimeOriginal") or ""
    if moment is not None and fraction.isdecimal() and fraction.isascii():
        moment += timedelta(seconds=float(f"0.{fraction}"))
    return moment


def _zone(exif: Exif) -> timedelta | None:
    """The zone of OffsetTimeOriginal, `+07:00`."""
    try:
        return datetime.strptime(exif.text("EXIF OffsetTimeOriginal") or "", "%z").utcoffset()
    except ValueError:
        return None


def _gps_time(exif: Exif) -> datetime | None:
    time_of_day = exif.numbers("GPS GPSTimeStamp")
    try:
        day = datetime.strptime((exif.text("GPS GPSDate") or "").replace("-", ":"), "%Y:%m:%d")
        hours, minutes, seconds = time_of_day
        moment = day.replace(tzinfo=UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return moment if _PLAUSIBLE_YEARS[0] <= moment.year < _PLAUSIBLE_YEARS[1] else None
