"""The passes of a mission as a vehicle sees them, and whether they are photographed.

That follows from the places of photos alone, whichever flights took them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from flight.flight_log import FlightEvent
from flight.missions.mission_extent import LATE_BY_M
from flight.resuming.photo_line import NEAR_M, Match, PhotoLine
from flight.resuming.run_reading import CameraRun, camera_runs

__all__ = ["CameraRun", "camera_runs", "is_photographed", "photographed_runs", "surplus_photos"]

# Each photo may be told so far from where it was taken, in any direction: a share of the spacing, so that
# a photo that is missing always leaves a gap that is too large. A gap may be larger by three times as much:
# in a bend, places beside the line are up to twice as far apart on it.
NOISE_SHARE = 1 / 10
_FIRST_SHARE = 3 / 4  # of the spacing: the first photo is nearer to the start than the second would be
_REACHED_M = 2.0  # WPNAV_RADIUS: so far from a waypoint the autopilot may count it as reached
_CLEARLY_M = 1.0  # what fits another pass so much better is of that pass


def is_photographed(run: CameraRun, photos: Sequence[FlightEvent]) -> bool:
    """Whether photos (in any order, of any flights) cover a pass without a gap.

    The first lies within three quarters of a spacing of the start, each next one within a spacing of the
    one before (straight, as autopilots measure; with their lateness, and noise by `NOISE_SHARE`), and the
    end within that of the last one. Of single shots each has its photo, within `NEAR_M`. Only photos count
    that fit the pass: see `flight.resuming.photo_line`.
    """
    line = _line_of(run)
    return _is_covered(run, line, photos, line.matches(photos))


def photographed_runs(runs: Sequence[CameraRun], photos: Sequence[FlightEvent]) -> tuple[int, ...]:
    """The numbers of the passes that are photographed.

    Unlike `is_photographed` for each, a photo does not count for a pass when it fits another one clearly
    better: a parallel one, or one past the same face at another height. Where a pass begins it counts all
    the same: there another one may end, and the gimbal may still turn from what that looked at.
    """
    lines = [_line_of(run) for run in runs]
    found = [line.matches(photos) for line in lines]
    best_m: dict[int, float] = {}
    for match in (match for matches in found for match in matches):
        best_m[match.photo] = min(match.off_m, best_m.get(match.photo, math.inf))

    def counts(run: CameraRun, match: Match) -> bool:
        start_m = _REACHED_M if run.spacing_m is None else _FIRST_SHARE * run.spacing_m
        return match.at_m <= start_m or match.off_m <= best_m[match.photo] + _CLEARLY_M

    return tuple(
        run.number
        for run, line, matches in zip(runs, lines, found, strict=True)
        if _is_covered(run, line, photos, [match for match in matches if counts(run, match)])
    )


def surplus_photos(runs: Sequence[CameraRun], photos: Sequence[FlightEvent]) -> tuple[int, ...]:
    """The numbers of photos that belong to no pass: taken on transits or the way home.

    Photos without a place are none of them: nobody knows.
    """
    belonging = {match.photo for run in runs for match in _line_of(run).matches(photos)}
    return tuple(
        photo.photo
        for index, photo in enumerate(photos)
        if index not in belonging and photo.photo is not None and photo.lat is not None
    )


def _line_of(run: CameraRun) -> PhotoLine:
    return PhotoLine(run.line, run.yaws_deg, run.looks_at)


def _is_covered(
    run: CameraRun, line: PhotoLine, photos: Sequence[FlightEvent], matches: Sequence[Match]
) -> bool:
    if run.spacing_m is None:
        return _has_all_shots(run, line, [photos[match.photo] for match in matches])
    if run.at_once and not matches:
        return False
    farthest_m = (1 + 3 * NOISE_SHARE) * run.spacing_m + LATE_BY_M
    covered_m = _FIRST_SHARE * run.spacing_m if run.at_once else line.reach_m(0.0, farthest_m)
    for at_m in sorted(match.at_m for match in matches):
        if at_m <= covered_m:
            covered_m = max(covered_m, line.reach_m(at_m, farthest_m))
    return covered_m >= line.length_m - _REACHED_M


def _has_all_shots(run: CameraRun, line: PhotoLine, photos: Sequence[FlightEvent]) -> bool:
    if not photos:
        return False
    apart = line.metres(photos)[:, None] - line.metres(run.shots)
    apart_m = np.hypot(apart[..., 0], apart[..., 1])
    nearest = apart_m.argmin(axis=1)
    taken = Counter(run.shots[shot] for shot in nearest[apart_m.min(axis=1) <= NEAR_M])
    return all(taken[shot] >= count for shot, count in Counter(run.shots).items())
