"""The way of a crack from one end of its box to the other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray
from vision.shapes.darkness import FloatImage

IntArray = NDArray[np.intp]

# A single dark spot must not draw the path to it: more than so many times the usual does not count.
_STRONGEST = 8.0
# What a step sideways costs, in line strengths: 0, 1, 2, 3 px per row.
_STEP_COST = np.array([2.4, 1.3, 0.5, 0.0, 0.5, 1.3, 2.4], dtype=np.float32)
_FARTHEST_STEP_PX = 3
# Shorter side over longer from which the crack in a box may lead from corner to corner.
_CHUNKY = 2.5
_SMOOTHING_PX = 2.0


@dataclass(frozen=True)
class CrackPath:
    """Points (L, 2), x and y in the crop's pixels, and the line strength at each (L,)."""

    points_px: FloatArray
    strength: FloatArray

    @property
    def length_px(self) -> float:
        """Length along the path."""
        return float(np.hypot(*np.diff(self.points_px, axis=0).T).sum())

    @property
    def evidence(self) -> float:
        """The mean line strength along it."""
        return float(self.strength.mean()) if len(self.strength) else 0.0


def find_path(lines: FloatImage) -> CrackPath:
    """The strongest path along the longer side of line strengths (H, W).

    Where that path leaves more than half of a chunky crop's shorter side unused, a path from corner to
    corner is taken: a box is as wide as the crack in it goes.
    """
    upright = lines.shape[0] >= lines.shape[1]
    rows = np.minimum(lines if upright else lines.T, _STRONGEST)
    columns = _best_columns(rows, 0.0, 0.0)
    width_px = rows.shape[1]
    if width_px > rows.shape[0] / _CHUNKY and np.ptp(columns) < width_px / 2:
        diagonals = [_best_columns(rows, 1.0, 0.0), _best_columns(rows, 0.0, 1.0)]
        columns = max(diagonals, key=lambda found: _strength(rows, found).mean())
    return _path(columns, _strength(rows, columns), upright)


def without_faint_ends(path: CrackPath) -> CrackPath:
    """The piece of the path whose strengths exceed half the usual one of the path by most.

    A faint stretch in the middle stays where what follows outweighs it; a faint end goes.
    """
    if not len(path.strength):
        return path
    gain = path.strength - max(np.median(path.strength) / 2, 1.0)
    total = np.concatenate([[0.0], np.cumsum(gain)])
    rise = total - np.minimum.accumulate(total)
    end = int(rise.argmax())
    start = int(total[: end + 1].argmin())
    return CrackPath(path.points_px[start:end], path.strength[start:end])


def _strength(rows: FloatImage, columns: IntArray) -> FloatArray:
    return rows[np.arange(len(rows)), columns].astype(np.float64)


def _path(columns: IntArray, strength: FloatArray, upright: bool) -> CrackPath:
    across = smoothed(columns.astype(np.float64)[:, None], _SMOOTHING_PX)[:, 0]
    along = np.arange(len(columns), dtype=np.float64)
    return CrackPath(np.column_stack([across, along] if upright else [along, across]), strength)


def smoothed(values: FloatArray, sigma: float) -> FloatArray:
    """Each column of values (N, K) smoothed by a Gaussian of `sigma` rows."""
    smooth = cv2.GaussianBlur(values, (1, 0), 0.1, sigmaY=sigma, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(smooth, dtype=np.float64).reshape(values.shape)


def _best_columns(rows: FloatImage, from_left: float, to_left: float) -> IntArray:
    """The column in each row of the path with the largest sum of strengths less costs of its steps.

    Where the two differ, the path leads from the left third (1) to the right third (0) or back.
    """
    reach = _FARTHEST_STEP_PX
    total = np.empty_like(rows)
    came_from = np.empty(rows.shape, dtype=np.int8)
    total[0] = rows[0] + _only(rows.shape[1], from_left - to_left)
    padded = np.full(rows.shape[1] + 2 * reach, -np.inf, dtype=np.float32)
    before = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    every_column = np.arange(rows.shape[1])
    for row in range(1, len(rows)):
        padded[reach:-reach] = total[row - 1]
        offered = before - _STEP_COST
        best = offered.argmax(axis=1)
        came_from[row] = best - reach
        total[row] = rows[row] + offered[every_column, best]
    columns = np.empty(len(rows), dtype=np.intp)
    columns[-1] = int((total[-1] + _only(rows.shape[1], to_left - from_left)).argmax())
    for row in range(len(rows) - 1, 0, -1):
        columns[row - 1] = columns[row] + came_from[row, columns[row]]
    return columns


def _only(width_px: int, side: float) -> FloatImage:
    """0 in the left third for a positive side, in the right one for a negative; −10⁶ elsewhere."""
    third = (width_px + 2) // 3
    allowed = np.zeros(width_px, dtype=np.float32)
    if side > 0:
        allowed[third:] = -1e6
    elif side < 0:
        allowed[:-third] = -1e6
    return allowed
