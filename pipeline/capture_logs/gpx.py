"""GPX tracks (GPX 1.0 and 1.1, topografix.com): points with time, and often an altitude.

A track is taken to begin where the aircraft stood: heights are those above its first point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from xml.etree import ElementTree

from pipeline.capture_logs.capture_log import CaptureLog, TrackPoint, first_bytes
from pipeline.metadata.gnss import position_at
from pipeline.metadata.recorded import Position, Recorded

# A receiver's own track: no better than any single GNSS position, its heights worse than a drone's own.
_SIGMA_POSITION_M = 3.0
_SIGMA_ALT_M = 5.0
_BEGINNING_BYTES = 4096


@dataclass(frozen=True)
class _Point:
    at: datetime
    position: Position
    altitude_m: float | None


def is_gpx(path: Path) -> bool:
    """Whether a file is a GPX file by its name or by its first element."""
    return path.suffix.lower() == ".gpx" or b"<gpx" in first_bytes(path, _BEGINNING_BYTES)


def read_gpx(path: Path) -> CaptureLog:
    """The points of all tracks of a file that have a time. A file that breaks off tells what comes before.

    Raises OSError when it cannot be opened.
    """
    points = sorted(_points(path), key=lambda point: point.at)
    ground_m = next((point.altitude_m for point in points), None)
    track = [_track_point(point, ground_m) for point in points]
    return CaptureLog(path, track=tuple(track))


def _track_point(point: _Point, ground_m: float | None) -> TrackPoint:
    known = point.altitude_m is not None and ground_m is not None
    recorded = Recorded(
        position=point.position,
        height_m=(point.altitude_m or 0.0) - (ground_m or 0.0) if known else None,
        altitude_m=point.altitude_m,
        sigma_position_m=_SIGMA_POSITION_M,
        sigma_alt_m=_SIGMA_ALT_M if known else None,
        taken_at=point.at,
    )
    return TrackPoint(point.at, recorded)


def _points(path: Path) -> Iterator[_Point]:
    try:
        for _, element in ElementTree.iterparse(path, events=("end",)):
            if _name(element) == "trkpt":
                point = _point(element)
                if point is not None:
                    yield point
                element.clear()
    except ElementTree.ParseError:
        return


def _point(element: ElementTree.Element) -> _Point | None:
    texts = {_name(child): child.text or "" for child in element}
    position = position_at(_number(element.get("lat")), _number(element.get("lon")))
    at = _time(texts.get("time", ""))
    if position is None or at is None:
        return None
    return _Point(at, position, _number(texts.get("ele")))


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None
