"""Photos and logs matched by time: releases by the times between them, tracks by the time of day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.capture_logs.capture_log import CaptureEvent, CaptureLog
from pipeline.capture_logs.clock_matching import match_clocks
from pipeline.capture_logs.shot import Shot
from pipeline.capture_logs.track import place_at
from pipeline.metadata.recorded import Recorded, distance_m

# 1-σ of a camera's clock that satellites set, and of one that a person did.
_SIGMA_CLOCK_S = 0.5
_SIGMA_CLOCK_BY_HAND_S = 2.0
_NEVER = datetime.min.replace(tzinfo=UTC)
# All zones, whole hours before the rarer ones.
_WHOLE_HOURS = [timedelta(hours=hours) for hours in range(-12, 15)]
_QUARTER_HOURS = [timedelta(minutes=15 * quarters) for quarters in range(-48, 57)]

Found = dict[Path, Recorded]


@dataclass(frozen=True)
class _Timed:
    """A camera's shots in the order of time, with their times: UTC, or its clock's as if that were UTC."""

    shots: tuple[Shot, ...]
    times: tuple[datetime, ...]
    knows_utc: bool

    @property
    def resolution_s(self) -> float:
        """What the clock rounds down to."""
        return max(shot.resolution_s for shot in self.shots)

    @property
    def by_gnss(self) -> bool:
        """Whether the times are UTC that satellites told."""
        return self.knows_utc and all(shot.by_gnss for shot in self.shots)


def match_releases(logs: Sequence[CaptureLog], shots: Iterable[Shot]) -> list[Found]:
    """What each log's releases tell of the shots, camera by camera.

    A camera's clock is off by the same in all flights: logs of flights that follow each other are matched as
    one. Those of the same time (two recorders of one flight) are each matched alone.
    """
    found: list[Found] = [{} for _ in logs]
    cameras = _by_camera(shots)
    for timeline in _timelines(logs):
        events = [(index, event) for index in timeline for event in logs[index].captures]
        for timed in cameras:
            for photo, number in _pairs(timed, [event for _, event in events]):
                index, event = events[number]
                found[index][timed.shots[photo].path] = event.recorded
    return found


def match_tracks(logs: Sequence[CaptureLog], shots: Iterable[Shot]) -> list[Found]:
    """Where each log's track was when the shots were taken, camera by camera."""
    found: list[Found] = [{} for _ in logs]
    for timed in _by_camera(shots):
        zone = timedelta(0) if timed.knows_utc else _zone(logs, timed.times)
        if zone is None:
            continue
        sigma_clock_s = _SIGMA_CLOCK_S if timed.by_gnss else _SIGMA_CLOCK_BY_HAND_S
        half_tick = timedelta(seconds=timed.resolution_s / 2)
        for log, places in zip(logs, found, strict=True):
            for shot, at in zip(timed.shots, timed.times, strict=True):
                place = place_at(log.track, at - zone + half_tick, sigma_clock_s)
                if place is not None:
                    places[shot.path] = place
    return found


def _by_camera(shots: Iterable[Shot]) -> list[_Timed]:
    """The shots of each camera, which has a clock of its own; those without a time are left out."""
    cameras: dict[str, list[Shot]] = {}
    for shot in shots:
        if shot.clock is not None or shot.utc is not None:
            cameras.setdefault(shot.camera, []).append(shot)
    return [_timed(sequence) for sequence in cameras.values()]


def _timed(shots: Sequence[Shot]) -> _Timed:
    knows_utc = all(shot.utc is not None for shot in shots)
    ordered = sorted(
        ((_time(shot, knows_utc), shot.path.name, shot) for shot in shots), key=lambda one: one[:2]
    )
    return _Timed(tuple(shot for *_, shot in ordered), tuple(at for at, *_ in ordered), knows_utc)


def _time(shot: Shot, by_utc: bool) -> datetime:
    """UTC, or what the camera's clock showed as if that were UTC; the same for all photos of a camera."""
    moment = shot.utc if by_utc or shot.clock is None else shot.clock.replace(tzinfo=UTC)
    return moment or _NEVER


def _timelines(logs: Sequence[CaptureLog]) -> list[list[int]]:
    """Indices of the logs with releases, in rows of such that follow each other in time."""
    timelines: list[list[int]] = []
    with_releases = [index for index, log in enumerate(logs) if log.captures]
    for index in sorted(with_releases, key=lambda index: logs[index].captures[0].at):
        begin = logs[index].captures[0].at
        before = (row for row in timelines if logs[row[-1]].captures[-1].at < begin)
        row = next(before, None)
        if row is None:
            timelines.append([index])
        else:
            row.append(index)
    return timelines


def _pairs(timed: _Timed, events: Sequence[CaptureEvent]) -> tuple[tuple[int, int], ...]:
    def apart_m(photo: int, event: int) -> float | None:
        one, other = timed.shots[photo].position, events[event].recorded.position
        return distance_m(one, other) if one is not None and other is not None else None

    match = match_clocks(
        np.array([at.timestamp() for at in timed.times]),
        np.array([event.at.timestamp() for event in events]),
        timed.resolution_s,
        expected_offset_s=0.0 if timed.by_gnss else None,
        apart_m=apart_m,
    )
    return match.pairs if match is not None else ()


def _zone(logs: Sequence[CaptureLog], times: Sequence[datetime]) -> timedelta | None:
    """The only zone in which all photos were taken during a track; None when there is none or several."""
    spans = [(log.track[0].at, log.track[-1].at) for log in logs]
    for zones in (_WHOLE_HOURS, _QUARTER_HOURS):
        fitting = [
            zone
            for zone in zones
            if all(any(first <= at - zone <= last for first, last in spans) for at in times)
        ]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None
