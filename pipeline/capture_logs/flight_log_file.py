"""The logs that `pantau fly` leaves beside a sortie, `sortie-01.flight.jsonl` (docs/design.md).

One JSON object a line; a last line that was cut off is left out. A `photo` event tells the camera's angles
where a gimbal told them, else the vehicle's yaw alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from pipeline.capture_logs.capture_log import CaptureEvent, CaptureLog, TrackPoint, first_bytes
from pipeline.metadata.gnss import position_at
from pipeline.metadata.recorded import Attitude, Recorded
from pipeline.metadata.trust import SIGMA_ALT_M, SIGMA_POSITION_M

_BEGINNING_BYTES = 4096


def is_flight_log(path: Path) -> bool:
    """Whether a file begins with an event of a flight."""
    line = first_bytes(path, _BEGINNING_BYTES).partition(b"\n")[0]
    return _values(line.decode("utf-8", errors="replace")) is not None


def read_flight_log(path: Path) -> CaptureLog:
    """The photos of a flight, and its way.

    Raises OSError when it cannot be opened.
    """
    captures, track = [], []
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        values = _values(line)
        at = _time(values.get("time")) if values else None
        if values is None or at is None:
            continue
        is_photo = values["event"] == "photo"
        recorded = _recorded(values, at, is_photo)
        if recorded.position is None:
            continue
        track.append(TrackPoint(at, recorded))
        if is_photo:
            captures.append(CaptureEvent(at, recorded, _whole(values.get("photo"))))
    captures.sort(key=lambda event: event.at)
    track.sort(key=lambda point: point.at)
    return CaptureLog(path, tuple(captures), tuple(track))


def _values(line: str) -> Mapping[str, Any] | None:
    try:
        values = json.loads(line)
    except ValueError:
        return None
    return values if isinstance(values, dict) and {"time", "event"} <= values.keys() else None


def _recorded(values: Mapping[str, Any], at: datetime, is_photo: bool) -> Recorded:
    lat, lon, height_m, yaw_deg, pitch_deg, roll_deg = (
        _number(values.get(name)) for name in ("lat", "lon", "alt_rel_m", "yaw_deg", "pitch_deg", "roll_deg")
    )
    of_camera = is_photo and yaw_deg is not None and pitch_deg is not None
    return Recorded(
        position=position_at(lat, lon),
        attitude=Attitude(yaw_deg or 0.0, pitch_deg or 0.0, roll_deg or 0.0) if of_camera else None,
        aircraft_yaw_deg=yaw_deg,
        height_m=height_m,
        sigma_position_m=SIGMA_POSITION_M,
        sigma_alt_m=SIGMA_ALT_M,
        taken_at=at,
    )


def _time(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return float(value) if is_number else None  # type: ignore[arg-type]


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
