"""What logs of the flight tell of a video: flight logs, dataflash logs, GPX tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from pipeline.metadata.recorded import Recorded, distance_m
from pipeline.video.track import Moment, Track
from pipeline.video.video_clock import Beginning
from vision.camera import FloatArray

# A log without a stated error is a hand receiver's. A file's creation time is in whole seconds.
_SIGMA_POSITION_M = 5.0
_SIGMA_CLOCK_S = 0.5
# Two receivers of one flight agree within this; the way of another flight at another hour does not.
_SAME_WAY_M = 30.0
_COMPARED_TIMES = 50


@dataclass(frozen=True)
class LoggedFlight:
    """The way that logs tell, in the video's own time, and when by them the video began (UTC)."""

    track: Track
    begun_at: datetime


def find_logged_flight(
    outside: Sequence[Recorded], beginning: Beginning | None, own: Track, length_s: float
) -> LoggedFlight | None:
    """The part of the logs that belongs to a video; None where that is not beyond doubt.

    `outside` are the logs' records, each with its time. Where the video's zone is unknown, it is the one in
    which the logs tell the way that the video's own telemetry tells.
    """
    by_time = {
        record.taken_at: record
        for record in outside
        if record.taken_at is not None and record.position is not None
    }
    if beginning is None or not by_time:
        return None
    first = min(by_time)
    track = _track(by_time, first)
    begins = [begun_at for begun_at in beginning.possible() if _covers(track, begun_at - first, length_s)]
    if not beginning.is_utc:
        begins = [begun_at for begun_at in begins if _is_same_way(track, begun_at - first, own, length_s)]
    return LoggedFlight(_track(by_time, begins[0]), begins[0]) if len(begins) == 1 else None


def _track(by_time: Mapping[datetime, Recorded], begin: datetime) -> Track:
    """The records by the time since something began. Their attitude is the vehicle's, not the camera's."""
    moments = [
        Moment((at - begin).total_seconds(), replace(by_time[at], attitude=None)) for at in sorted(by_time)
    ]
    return Track(moments, _SIGMA_POSITION_M, _SIGMA_CLOCK_S)


def _times_s(length_s: float) -> FloatArray:
    return np.linspace(0.0, length_s, _COMPARED_TIMES)


def _covers(logged: Track, since: timedelta, length_s: float) -> bool:
    """Whether the logs tell of any time of a video that began so long after them."""
    places_m = logged.places_m(_times_s(length_s) + since.total_seconds())
    return bool(np.isfinite(places_m).all(axis=1).any())


def _is_same_way(logged: Track, since: timedelta, own: Track, length_s: float) -> bool:
    apart_m = []
    for at_s in _times_s(length_s).tolist():
        one = logged.recorded_at(at_s + since.total_seconds()).position
        other = own.recorded_at(at_s).position
        if one is not None and other is not None:
            apart_m.append(distance_m(one, other))
    return bool(apart_m) and float(np.median(apart_m)) <= _SAME_WAY_M
