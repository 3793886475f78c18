"""Which frames of a video to look at: one for each step of the way, however fast it was flown."""

from __future__ import annotations

from math import hypot

import numpy as np

from vision.camera import Camera, FloatArray

FORWARD_OVERLAP = 0.7
"""The share of the ground that two frames in succession have in common, looking straight down."""


def default_spacing_m(camera: Camera, heights_m: FloatArray) -> FloatArray:
    """How far to fly between two frames for `FORWARD_OVERLAP`, at each height (N,) above the ground.

    The shorter side of the picture is taken to lie along the way: frames too many cost time only.
    """
    shorter_px = min(camera.width_px, camera.height_px)
    return (1 - FORWARD_OVERLAP) * shorter_px / camera.focal_px * heights_m


def choose_frames(places_m: FloatArray, spacing_m: FloatArray) -> list[int]:
    """Numbers of the frames, each at least the spacing (N,) of its place away from the one chosen before.

    `places_m` (N, 2) are those of all frames, NaN for frames that cannot be chosen. Distances are between
    the chosen frames, not along the way: a drone that stands still wanders in its own measurements.
    """
    chosen: list[int] = []
    last_east_m, last_north_m = np.inf, np.inf
    candidates = np.flatnonzero(np.isfinite(places_m).all(axis=1))
    for frame, (east_m, north_m), least_m in zip(
        candidates.tolist(), places_m[candidates].tolist(), spacing_m[candidates].tolist(), strict=True
    ):
        if hypot(east_m - last_east_m, north_m - last_north_m) >= least_m:
            chosen.append(frame)
            last_east_m, last_north_m = east_m, north_m
    return chosen
