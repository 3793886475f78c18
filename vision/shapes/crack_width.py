"""The width of a crack from the shape of its profile.

What a camera shows of a crack of width w is a box of width w blurred by the lens and the sensor. Boxes
of many widths, blurred by Gaussians of several σ, are fitted to profiles across the crack; the blur is
one for the whole crack, the width one for each short piece of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import erf, sqrt

import cv2
import numpy as np

from vision.camera import FloatArray
from vision.shapes.crack_path import smoothed
from vision.shapes.darkness import FloatImage

LEAST_MEASURABLE_PX = 2.0
"""A narrower crack differs from a line of no width in depth alone, and that nobody knows."""

_WIDEST_PX = 16.0
_REACH_PX = 20
_OFFSETS_PX = np.arange(-_REACH_PX, _REACH_PX + 1, dtype=np.float64)
_CENTRE_SIGMA = 2.0  # points over which the middle of the crack is sought
_FARTHEST_CENTRE_PX = 4
_PIECE_PX = 9
_TANGENT_SIGMA = 3.0  # points: the direction of a path that goes by whole pixels
_BLURS_PX = (0.5, 0.7, 0.9, 1.2, 1.6, 2.1)
_WIDTHS_PX = np.concatenate([np.arange(0.5, 6.0, 0.25), np.arange(6.0, _WIDEST_PX + 0.1, 0.5)])
_SHIFTS_PX = np.arange(-2.0, 2.1, 0.5)
# Pieces whose profile is mostly noise (less than so much of the variance explained) do not vote.
_LEAST_EXPLAINED = 0.35
# Below 3 px a crack must be told from a blurred line: such lines are templates up to 1 px wide, and must
# leave 4 % more unexplained. Chosen on drawn cracks (tests/benchmarks/bench_shapes.py measures others).
_SURELY_WIDE_PX = 3.0
_LINE_PX = 1.0
_LEAST_LINE_EXCESS = 1.04


def mean_width_px(dark: FloatImage, points_px: FloatArray) -> float:
    """The mean width of the crack along a path (L, 2) in an image of darkness; NaN if not measurable.

    Not measurable are cracks narrower than 2 px, those that a blurred line of no width explains as well,
    and those lost in the texture. From some 12 px on measure in a smaller picture: 16 px is the most.
    """
    if len(points_px) < _PIECE_PX:
        return float("nan")
    fit = _fit(_piece_profiles(dark, points_px))
    telling = fit.explained >= _LEAST_EXPLAINED
    if telling.sum() < max(1, len(telling) // 4):
        return float("nan")
    widths_px = fit.width_px[telling]
    width_px, usual_px = float(np.mean(widths_px)), float(np.median(widths_px))
    is_line = usual_px < _SURELY_WIDE_PX and fit.line_excess < _LEAST_LINE_EXCESS
    is_measurable = min(width_px, usual_px) >= LEAST_MEASURABLE_PX and not is_line
    return width_px if is_measurable else float("nan")


def _piece_profiles(dark: FloatImage, points_px: FloatArray) -> FloatArray:
    """Mean profiles (pieces, samples) across the crack, of nine points each."""
    strip = _strip(dark, points_px)
    centre = smoothed(_centres(strip), _CENTRE_SIGMA)
    normal = _normals(points_px)
    strip = _strip(dark, points_px + normal * centre)
    pieces = len(strip) // _PIECE_PX
    means = strip[: pieces * _PIECE_PX].reshape(pieces, _PIECE_PX, -1).mean(axis=1)
    return np.asarray(means, dtype=np.float64)


def _strip(dark: FloatImage, points_px: FloatArray) -> FloatImage:
    """The darkness (L, samples) along the crack, straightened: a row for each point."""
    places = points_px[:, None, :] + _normals(points_px)[:, None, :] * _OFFSETS_PX[None, :, None]
    x, y = np.moveaxis(places.astype(np.float32), 2, 0)
    straight = cv2.remap(dark, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(straight, dtype=np.float32)


def _normals(points_px: FloatArray) -> FloatArray:
    tangent = smoothed(np.gradient(points_px, axis=0), _TANGENT_SIGMA)
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    return np.column_stack([-tangent[:, 1], tangent[:, 0]])


def _centres(strip: FloatImage) -> FloatArray:
    """How far (L, 1) beside the path the dark line's middle lies in each row."""
    smooth = cv2.GaussianBlur(strip, (0, 0), 1.0, sigmaY=_CENTRE_SIGMA)
    near = np.abs(_OFFSETS_PX) <= _FARTHEST_CENTRE_PX
    weight = np.maximum(smooth[:, near] - np.median(smooth), 0.0) ** 2
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(weight @ _OFFSETS_PX[near][:, None] / total, dtype=np.float64)


@dataclass(frozen=True)
class _Fit:
    """Widths and shares of variance explained (pieces,); `line_excess`: see `_fit`."""

    width_px: FloatArray
    explained: FloatArray
    line_excess: float


def _fit(profiles: FloatArray) -> _Fit:
    """Fit each piece's width under the one blur that, with one width, explains all pieces best.

    `line_excess` is how many times more variance the best line of no width leaves unexplained.
    """
    basis, templates = _templates()
    centred = profiles - (profiles @ basis) @ basis.T
    matches = np.maximum(centred @ templates.reshape(-1, templates.shape[-1]).T, 0.0) ** 2
    by_width = matches.reshape(-1, *templates.shape[:3]).max(axis=3)
    variance = (centred**2).sum(axis=1) + 1e-9
    unexplained = 1 - by_width.sum(axis=0) / variance.sum()
    blur = int(unexplained.min(axis=1).argmin())
    of_line = unexplained[:, _WIDTHS_PX <= _LINE_PX].min()
    best = by_width[:, blur].argmax(axis=1)
    return _Fit(
        _WIDTHS_PX[best],
        by_width[np.arange(len(best)), blur, best] / variance,
        float(of_line / max(unexplained.min(), 1e-9)),
    )


@cache
def _templates() -> tuple[FloatArray, FloatArray]:
    """A basis (samples, 2) of level and slope, and unit profiles (blurs, widths, shifts, samples)."""
    basis, _ = np.linalg.qr(np.column_stack([np.ones_like(_OFFSETS_PX), _OFFSETS_PX]))
    error_function = np.vectorize(erf)
    blur = np.array(_BLURS_PX)[:, None, None, None] * sqrt(2)
    half = _WIDTHS_PX[None, :, None, None] / 2
    off = _OFFSETS_PX - _SHIFTS_PX[None, None, :, None]
    profiles = error_function((off + half) / blur) - error_function((off - half) / blur)
    profiles = profiles - (profiles @ basis) @ basis.T
    return basis, profiles / np.linalg.norm(profiles, axis=-1, keepdims=True)
