"""DJI's telemetry as subtitles: what one block tells, in each of its dialects.

Every dialect is a strategy: a function from the text of a block to a `Reading`, or None where it does
not recognise itself. To add one, write a function and put it into `DIALECTS`. What is cut off
(`[latitude : -34.86`) or not known (`GPS(N/A,N/A,9)`, `H n/a`) is absent, never half a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import radians, sqrt

from pipeline.metadata.recorded import Attitude, Position, Recorded

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
# A value ends where its bracket does, or where the next key begins; else it may be cut.
_PAIR = re.compile(rf"(\w+)\s*:\s*({_NUMBER})(?=\s*\]|[ ,]+\w+\s*:)")
_GPS = re.compile(rf"\bGPS\s*\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*({_NUMBER}M?)\s*\)")
_BAROMETER = re.compile(rf"\b(?:BAROMETER|Hb)\s*[:(]\s*({_NUMBER})(?=M?(?:\)|\s|$))")
_HEIGHT = re.compile(rf"\bH ({_NUMBER})m\b")
_GIMBAL = re.compile(rf"\bG\.PRY\s*\(({_NUMBER})°?,\s*({_NUMBER})°?,\s*({_NUMBER})°?\)")
_AIRCRAFT = re.compile(rf"\bF\.PRY\s*\(({_NUMBER})°?,\s*({_NUMBER})°?,\s*({_NUMBER})°?\)")
# 2017.8.5 14:11:51 · 2026-05-27 13:10:00.015 · 2022-08-07 13:40:40,774,808
_CLOCK = re.compile(r"(\d{4})([-.])(\d\d?)\2(\d\d?) (\d\d?):(\d\d):(\d\d)(?:[.,](\d{3})(?:,(\d{3}))?)?")

_METRES_PER_RAD = 6_371_000.0


@dataclass(frozen=True)
class Reading:
    """What one block tells. `rounding_m` is the 1-σ error that rounding left in the position.

    `equivalent_mm` is the focal length as that of 35 mm film, with digital zoom. `clock` is the local
    time of an unknown zone.
    """

    recorded: Recorded
    rounding_m: float = 0.0
    equivalent_mm: float | None = None
    clock: datetime | None = None


Dialect = Callable[[str], Reading | None]


def bracketed(text: str) -> Reading | None:
    """`[latitude: 59.302335] [longitude: 18.203059] [rel_alt: 1.300 abs_alt: 132.860] …`.

    From the Mavic 2 on. Older ones write `longtitude`, and `altitude` for the absolute one; the newest
    add the gimbal's angles. Focal lengths are millimetres, or tenths of them where no point is written.
    """
    pairs = dict(_PAIR.findall(text))
    if "[" not in text or not pairs:
        return None

    def number(*names: str) -> float | None:
        return next((float(pairs[name]) for name in names if name in pairs), None)

    lon_text = pairs.get("longitude", pairs.get("longtitude"))
    position, rounding_m = _position(pairs.get("latitude"), lon_text)
    yaw_deg, pitch_deg, roll_deg = number("gb_yaw"), number("gb_pitch"), number("gb_roll")
    attitude = (
        Attitude(yaw_deg, pitch_deg, roll_deg or 0.0)
        if yaw_deg is not None and pitch_deg is not None
        else None
    )
    recorded = Recorded(
        position=position,
        attitude=attitude,
        height_m=number("rel_alt"),
        altitude_m=number("abs_alt", "altitude"),
    )
    return Reading(recorded, rounding_m, _equivalent_mm(pairs), _clock(text))


def captioned(text: str) -> Reading | None:
    """`F/5.6, SS 400, …, GPS (lon, lat, satellites), …, H 85.80m, …, F.PRY (…), G.PRY (…)`.

    Phantom 4 and Mavic Mini; the RTK one adds pitch, roll and yaw of aircraft and gimbal. `H` is the
    height above take-off.
    """
    gps = _GPS.search(text)
    if gps is None or "F/" not in text:
        return None
    position, rounding_m = _position(gps[2], gps[1])
    gimbal, aircraft, height = _GIMBAL.search(text), _AIRCRAFT.search(text), _HEIGHT.search(text)
    recorded = Recorded(
        position=position,
        attitude=Attitude(float(gimbal[3]), float(gimbal[1]), float(gimbal[2])) if gimbal else None,
        aircraft_yaw_deg=float(aircraft[3]) if aircraft else None,
        height_m=float(height[1]) if height else None,
    )
    return Reading(recorded, rounding_m, clock=_clock(text))


def listed(text: str) -> Reading | None:
    """`GPS(149.0251,-20.2533,16) BAROMETER:1.9`, or `Hb:1.9`.

    Mavic Pro and older write longitude, latitude and the number of satellites; Matrice 300 and Avata 2
    latitude, longitude and an altitude (written as 0.0M where it is not known). The barometer counts
    from take-off: in whole flights it begins and ends at 0.
    """
    gps, barometer = _GPS.search(text), _BAROMETER.search(text)
    if (gps is None and barometer is None) or "F/" in text:
        return None
    position, rounding_m, altitude_m = None, 0.0, None
    if gps is not None:
        first, second, third = gps.groups()
        if third.isdecimal() and abs(float(second)) <= 90:
            position, rounding_m = _position(second, first)
        else:
            position, rounding_m = _position(first, second)
            altitude_m = float(third.removesuffix("M")) or None
    height_m = float(barometer[1]) if barometer else None
    return Reading(
        Recorded(position=position, height_m=height_m, altitude_m=altitude_m), rounding_m, clock=_clock(text)
    )


DIALECTS: tuple[Dialect, ...] = (bracketed, captioned, listed)


def read_block(text: str) -> Reading | None:
    """What a block tells in the first dialect that recognises it; None when it is no telemetry."""
    readings = (dialect(text) for dialect in DIALECTS)
    return next((reading for reading in readings if reading is not None), None)


def _position(lat_text: str | None, lon_text: str | None) -> tuple[Position | None, float]:
    """A position and the error of its rounding; None when absent, off the globe, or (0, 0): no fix."""
    if lat_text is None or lon_text is None:
        return None, 0.0
    lat, lon = float(lat_text), float(lon_text)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180) or (lat, lon) == (0.0, 0.0):
        return None, 0.0
    digits = max(len(text.partition(".")[2]) for text in (lat_text, lon_text))
    return Position(lat, lon), radians(10.0**-digits) * _METRES_PER_RAD / sqrt(12)


def _equivalent_mm(pairs: dict[str, str]) -> float | None:
    text = pairs.get("focal_len", "0")
    focal_mm = float(text) if "." in text else float(text) / 10
    zoom = float(pairs.get("dzoom_ratio", "1"))
    return focal_mm * max(zoom, 1.0) if focal_mm > 0 else None


def _clock(text: str) -> datetime | None:
    found = _CLOCK.search(text)
    if found is None:
        return None
    year, _, month, day, hour, minute, second, milli, micro = found.groups()
    fraction = int((milli or "0") + (micro or "000")) if milli else 0
    try:
        return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), fraction)
    except ValueError:
        return None
