"""A made-up ground, patterned at all scales, and what a camera sees of it."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from tests.benchmarks.synthetic_flights import Truth

_PX_M = 0.05
_WEST_NORTH_M = np.array([-25.0, 50.0])
_SIDE_PX = 1500


def seen_by(truth: Truth, number: int) -> np.ndarray:
    """The picture (height, width) that a photo of a flight truly takes of the ground, 75 m square."""
    width_px, height_px = truth.camera.width_px, truth.camera.height_px
    grid = np.stack(np.meshgrid(np.arange(float(width_px)), np.arange(float(height_px))), axis=-1)
    ground_px = (truth.ground_m(number, grid.reshape(-1, 2)) - _WEST_NORTH_M) / _PX_M * (1, -1)
    x, y = ground_px.astype(np.float32).reshape(height_px, width_px, 2).transpose(2, 0, 1)
    return cv2.remap(_pattern(), x, y, cv2.INTER_LINEAR)


@cache
def _pattern() -> np.ndarray:
    """Patterned at all scales from a decimetre to metres."""
    random = np.random.default_rng(7)
    ground = np.zeros((_SIDE_PX, _SIDE_PX))
    for cell in (2, 4, 8, 20, 60):
        coarse = random.standard_normal((_SIDE_PX // cell + 2, _SIDE_PX // cell + 2))
        fine = cv2.resize(coarse, None, fx=cell, fy=cell, interpolation=cv2.INTER_CUBIC)
        ground += fine[:_SIDE_PX, :_SIDE_PX]
    return np.clip(128 + 22 * ground, 0, 255).astype(np.uint8)
