"""ArduPilot's dataflash logs, binary (.bin) or as text (.log), by pymavlink.

`CAM` rows are the shutter releases: by the camera's feedback where it is wired (then `TRIG` rows tell the
triggers), else by the trigger. They carry the vehicle's attitude; the camera's is in the `MNT` row written
along. `POS` rows are the way; `GPS` and `GPA` rows tell how surely it is known.
Fields: ArduPilot, LogStructure.h of AP_Camera, AP_Mount, AP_AHRS and AP_GPS.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import StringIO
from math import hypot, inf, isfinite, sqrt
from pathlib import Path
from typing import Any

from pipeline.capture_logs.capture_log import CaptureEvent, CaptureLog, TrackPoint, first_bytes
from pipeline.metadata.gnss import position_at, rtk_sigmas
from pipeline.metadata.recorded import Attitude, Recorded
from pipeline.metadata.trust import SIGMA_ALT_M, SIGMA_POSITION_M

_BINARY_BEGINNING = b"\xa3\x95\x80"  # a row of type FMT
_TEXT_BEGINNING = b"FMT,"
_ROWS = ["GPS", "GPA", "POS", "MNT", "CAM", "TRIG"]

# AP_GPS's fix types as the states of DJI's solutions, for one table of reference errors.
_RTK_STATES = {5: 34.0, 6: 50.0}
# The position is that of the flight controller, the camera hangs beside it.
_LEVER_ARM_M = 0.1
# Without feedback the row is written when the trigger is pulled; cameras take their time.
_SHUTTER_DELAY_SIGMA_S = 0.2
# A mount's row belongs to a photo when it was written within this time of it.
_SAME_MOMENT_S = 0.5
_EARLIEST_YEAR = 1990


@dataclass
class _Receiver:
    """What the rows so far tell of how sure the position is."""

    state: float = 0.0
    speed_m_s: float = 0.0
    sigma_east_north_m: float | None = None
    sigma_alt_m: float | None = None

    def hear(self, row: Any) -> None:
        """Take in a `GPS` or a `GPA` row."""
        if row.get_type() == "GPS":
            self.state, self.speed_m_s = _RTK_STATES.get(row.Status, 0.0), row.Spd
        else:  # HAcc is the error in the plane, of two axes together
            self.sigma_east_north_m, self.sigma_alt_m = row.HAcc / sqrt(2), row.VAcc

    def sigmas_m(self) -> tuple[float, float]:
        """1-σ of east and of north, and of the height."""
        per_axis_m = self.sigma_east_north_m
        horizontal_m, vertical_m = rtk_sigmas(self.state, per_axis_m, per_axis_m, self.sigma_alt_m)
        return horizontal_m or SIGMA_POSITION_M, vertical_m or SIGMA_ALT_M


@dataclass
class _Rows:
    """What is collected while the rows pass by; of several cameras, mounts or receivers the first one's."""

    receiver: _Receiver = field(default_factory=_Receiver)
    captures: list[CaptureEvent] = field(default_factory=list)
    speeds_m_s: list[float] = field(default_factory=list)
    track: list[TrackPoint] = field(default_factory=list)
    gimbal: list[tuple[float, Attitude]] = field(default_factory=list)
    has_feedback: bool = False
    instances: dict[str, int] = field(default_factory=dict)

    def is_of_first(self, row: Any) -> bool:
        """Whether a row is of the device that wrote the first row of its kind."""
        instance = getattr(row, "I", 0)
        return bool(self.instances.setdefault(row.get_type(), instance) == instance)


def is_dataflash(path: Path) -> bool:
    """Whether a file begins with the formats of its rows, binary or as text."""
    beginning = first_bytes(path, len(_TEXT_BEGINNING))
    return beginning.startswith((_BINARY_BEGINNING, _TEXT_BEGINNING))


def read_dataflash(path: Path) -> CaptureLog:
    """The captures and the way of a log; nothing without GNSS time. One that breaks off tells what it has.

    Raises OSError when it cannot be opened.
    """
    path.open("rb").close()
    rows = _Rows()
    with _quiet(), suppress(Exception):  # pymavlink raises anything on damaged logs; what came before counts
        for row in _read_rows(path):
            _take(row, rows)
    # Rows of several tasks may be written a little out of their order.
    rows.gimbal.sort(key=lambda entry: entry[0])
    captures = sorted(_finished(rows), key=lambda event: event.at)
    return CaptureLog(path, tuple(captures), tuple(sorted(rows.track, key=lambda point: point.at)))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what pymavlink prints about damaged rows off our output."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        yield


def _read_rows(path: Path) -> Iterator[Any]:
    from pymavlink import DFReader

    is_binary = first_bytes(path, len(_BINARY_BEGINNING)) == _BINARY_BEGINNING
    reader = (DFReader.DFReader_binary if is_binary else DFReader.DFReader_text)(str(path))
    try:
        while (row := reader.recv_match(type=_ROWS)) is not None:
            yield row
    finally:
        reader.close()


def _take(row: Any, rows: _Rows) -> None:
    kind = row.get_type()
    if not rows.is_of_first(row):
        return
    if kind in ("GPS", "GPA"):
        rows.receiver.hear(row)
    elif kind == "TRIG":
        rows.has_feedback = True
    elif kind == "MNT":
        attitude = _gimbal(row)
        if attitude is not None:
            rows.gimbal.append((row._timestamp, attitude))
    else:
        _take_place(kind, row, rows)


def _take_place(kind: str, row: Any, rows: _Rows) -> None:
    """A `CAM` or a `POS` row."""
    at = datetime.fromtimestamp(row._timestamp, UTC)
    position = position_at(row.Lat, row.Lng)
    if position is None or at.year < _EARLIEST_YEAR:
        return
    sigma_position_m, sigma_alt_m = rows.receiver.sigmas_m()
    recorded = Recorded(
        position=position,
        height_m=getattr(row, "RelAlt", getattr(row, "RelHomeAlt", None)),
        altitude_m=row.Alt,
        sigma_position_m=hypot(sigma_position_m, _LEVER_ARM_M),
        sigma_alt_m=hypot(sigma_alt_m, _LEVER_ARM_M),
        taken_at=at,
    )
    if kind == "POS":
        rows.track.append(TrackPoint(at, recorded))
        return
    yaw_deg = getattr(row, "Y", getattr(row, "Yaw", None))
    rows.captures.append(
        CaptureEvent(at, replace(recorded, aircraft_yaw_deg=yaw_deg), getattr(row, "Img", None))
    )
    rows.speeds_m_s.append(rows.receiver.speed_m_s)


def _gimbal(row: Any) -> Attitude | None:
    """The camera's attitude against the earth; mounts that cannot tell write no numbers there."""
    angles_deg = [getattr(row, name, float("nan")) for name in ("YawE", "Pitch", "Roll")]
    return Attitude(*angles_deg) if all(map(isfinite, angles_deg)) else None


def _finished(rows: _Rows) -> Iterator[CaptureEvent]:
    """The captures with the gimbal's attitude, and less sure where the shutter gave no feedback."""
    for event, speed_m_s in zip(rows.captures, rows.speeds_m_s, strict=True):
        recorded = replace(event.recorded, attitude=_attitude_at(event.at.timestamp(), rows))
        if not rows.has_feedback:
            moved_m = speed_m_s * _SHUTTER_DELAY_SIGMA_S
            sigma_m = hypot(recorded.sigma_position_m or SIGMA_POSITION_M, moved_m)
            recorded = replace(recorded, sigma_position_m=sigma_m)
        yield replace(event, recorded=recorded)


def _attitude_at(timestamp_s: float, rows: _Rows) -> Attitude | None:
    """The gimbal's attitude nearest in time; None where none was written at that moment."""
    after = bisect_left(rows.gimbal, timestamp_s, key=lambda entry: entry[0])
    near = rows.gimbal[max(after - 1, 0) : after + 1]
    at_s, attitude = min(near, key=lambda entry: abs(entry[0] - timestamp_s), default=(-inf, None))
    return attitude if abs(at_s - timestamp_s) <= _SAME_MOMENT_S else None
