"""Which photos agree no better with the others for having been aligned."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment.adjustment import sighted_ground
from pipeline.alignment.consistency import scatter_m
from pipeline.alignment.tie_points import TiePoints
from pipeline.photo import Photo
from vision.frames import LocalFrame

_FEWEST_CHECKS = 4


def without_gain(
    recorded: Sequence[Photo],
    result: Sequence[Photo],
    aligned: Collection[int],
    checks: TiePoints,
    frame: LocalFrame,
) -> list[int]:
    """The aligned photos, by their places in the lists, that had better stay as they were recorded.

    `checks` are points that the alignment has not used. Connected photos are judged together first.
    """
    return _of_worse_components(recorded, result, aligned, checks, frame) or _better_as_recorded(
        recorded, result, aligned, checks, frame
    )


def _of_worse_components(
    recorded: Sequence[Photo],
    result: Sequence[Photo],
    aligned: Collection[int],
    checks: TiePoints,
    frame: LocalFrame,
) -> list[int]:
    """Photos of connected ones that agree less with each other than they did, or cannot be checked."""
    before, after = scatter_m(recorded, checks, frame), scatter_m(result, checks, frame)
    members: dict[str, list[int]] = {}
    for number in aligned:
        members.setdefault(result[number].flight, []).append(number)
    worse: list[int] = []
    for numbers in members.values():
        mine = np.isin(checks.photo, numbers) & np.isfinite(before) & np.isfinite(after)
        if mine.sum() < _FEWEST_CHECKS or np.median(after[mine]) > np.median(before[mine]) + _noise_m(
            checks, mine, result[numbers[0]]
        ):
            worse += numbers
    return worse


def _better_as_recorded(
    recorded: Sequence[Photo],
    result: Sequence[Photo],
    aligned: Collection[int],
    checks: TiePoints,
    frame: LocalFrame,
) -> list[int]:
    """Aligned photos that would agree more with all others if they were left as recorded."""
    places_m, recorded_m = (sighted_ground(photos, checks, frame)[:, :2] for photos in (result, recorded))
    known = np.isfinite(places_m + recorded_m).all(axis=1)
    means_m, times = checks.means(places_m, known)
    others = times[checks.point] - 1
    known &= others > 0
    # The mean without the sighting itself.
    elsewhere_m = means_m[checks.point] + (means_m[checks.point] - places_m) / np.maximum(others, 1)[:, None]
    away_m, recorded_away_m = (np.hypot(*(own - elsewhere_m).T) for own in (places_m, recorded_m))
    better = []
    for number in np.unique(checks.photo):
        mine = known & (checks.photo == number)
        if number in aligned and mine.sum() >= _FEWEST_CHECKS:
            noise_m = _noise_m(checks, mine, result[number])
            if np.median(away_m[mine]) > np.median(recorded_away_m[mine]) + noise_m:
                better.append(int(number))
    return better


def _noise_m(checks: TiePoints, mine: NDArray[np.bool_], photo: Photo) -> float:
    """What the sightings' own errors make on the ground."""
    return float(checks.sigma_px[mine].mean()) * photo.pose.alt_agl_m / photo.camera.focal_px
