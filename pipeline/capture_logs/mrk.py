"""DJI's event files, `…_Timestamp.MRK`, which Autel's RTK drones write too: one line per photo.

    29  296329.4  [2211]  5,N  0,E  75,V  47.6425,Lat  16.4749,Lon  513.05,Ellh  0.014, 0.013, 0.029  50,Q

Number in the file name, GPS seconds and week, antenna to camera in mm (north, east, down), latitude,
longitude and ellipsoidal height **of the camera** (compensated already: user manual of DJI's Matrice 4,
"Image Log File"), 1-σ in m (north, east, up), state of the solution (50 fixed, 34 floating, 16 single).
"""

from __future__ import annotations

import re
from math import isfinite
from pathlib import Path

from pipeline.capture_logs.capture_log import CaptureEvent, CaptureLog, first_bytes, utc_of_gps
from pipeline.metadata.gnss import position_at, rtk_sigmas
from pipeline.metadata.recorded import Recorded

_BEGINNING_BYTES = 4096
_NUMBER = r"([-+]?\d+(?:\.\d*)?)"
_LINE = re.compile(
    rf"^\s*(\d+)\s+{_NUMBER}\s+\[(\d+)\].*?{_NUMBER},\s*Lat\s+{_NUMBER},\s*Lon\s+{_NUMBER},\s*Ellh"
    rf"(?:\s+{_NUMBER},\s*{_NUMBER},\s*{_NUMBER})?(?:\s+(\d+),\s*Q)?"
)


def is_mrk(path: Path) -> bool:
    """Whether a file is named as an event file, or begins as one."""
    if path.suffix.lower() == ".mrk":
        return True
    text = first_bytes(path, _BEGINNING_BYTES).decode("utf-8", errors="replace")
    return _LINE.match(text) is not None


def read_mrk(path: Path) -> CaptureLog:
    """The captures of an event file; lines without a solution or cut off are left out.

    Raises OSError when it cannot be opened.
    """
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    captures = [event for event in map(_event, lines) if event is not None]
    captures.sort(key=lambda event: event.at)
    return CaptureLog(path, tuple(captures), files_numbered=True)


def _event(line: str) -> CaptureEvent | None:
    match = _LINE.match(line)
    if match is None:
        return None
    number, seconds, week, lat, lon, altitude_m, *deviations_m, state = match.groups()
    position = position_at(float(lat), float(lon))
    if position is None or state == "0" or not isfinite(float(seconds)):
        return None
    std_m = [float(text) if text else None for text in deviations_m]
    sigma_position_m, sigma_alt_m = rtk_sigmas(float(state) if state else None, *std_m)
    try:
        at = utc_of_gps(int(week), float(seconds))
    except OverflowError:
        return None
    recorded = Recorded(
        position=position,
        altitude_m=float(altitude_m),
        sigma_position_m=sigma_position_m,
        sigma_alt_m=sigma_alt_m,
        taken_at=at,
    )
    return CaptureEvent(at, recorded, int(number))
