"""Whether a photo is sharp and well enough exposed for damage to be seen in it.

**Blur.** Out of focus or moved during the exposure, a picture loses its fine detail; noise and JPEG put
other fine detail in. So it is not enough to look at how strong the finest detail is: the whole spectrum
counts. The power spectra of 64 small patches are averaged in seven bands of frequency and four directions,
over the most structured quarter of the patches and over all, turned so that the direction with the least
fine detail (that of the motion) comes first, and weighed by a logistic regression. Its weights were fitted
on road tiles, sharp ones with and without added noise and compression, and the same ones blurred by discs
and motions of 4 to 12 px in all directions (tests/benchmarks/fit_blur_weights.py), the limits chosen on
others of the train part; tests/benchmarks/bench_photo_quality.py measures all of it.

**Exposure.** The share of the picture that is white or black, where no detail is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.blur_weights import BLUR_WEIGHTS
from vision.camera import FloatArray
from vision.detector import Picture

READING_GSD_CM = 1.0
"""Finer photos are judged at this ground sample distance, at which they are read, too."""

BLURRED_FROM = 3.5
"""From this blur on damage is missed: about 8 px of motion, or 6 px of unsharpness."""

SLIGHTLY_BLURRED_FROM = 0.0
"""From this blur on fine damage may be missed: 4 px of either."""

_PATCH_PX = 64
_PATCHES_A_SIDE = 8
_STRUCTURED_SHARE = 0.25
# Edges of the bands in cycles per pixel.
_BANDS = (1 / 40, 1 / 16, 1 / 10, 0.15, 0.2, 0.25, 0.32, 0.5)
_BAND_COUNT, _DIRECTIONS = len(_BANDS) - 1, 4
_COARSE, _FINE = slice(0, 2), slice(3, 6)  # bands
# Quantisation to whole grey levels has a power of 1/12; below it spectra say nothing.
_LEAST_POWER = 0.3

# Logarithm of the mean power of coarse structure without which nothing can be said: of the road pictures
# at hand, sharp or blurred by 12 px, none has less than 3.6.
_LEAST_STRUCTURE = 3.0

# Every 16th pixel each way is looked at; these grey levels leave no room for a crack beside them.
_EXPOSURE_STEP = 16
_WHITE_FROM, _BLACK_TO = 250, 15
_BAD_SHARE, _WEAK_SHARE = 0.5, 0.15


@dataclass(frozen=True)
class PhotoQuality:
    """What was measured of a photo, and the `faults` found: reason codes of `pipeline.reasons`.

    `blur` is a score (see `BLURRED_FROM`), None where the picture is too small or has no structure at
    all; `bright_share` and `dark_share` are the shares of the picture that are white and black.
    """

    blur: float | None
    bright_share: float
    dark_share: float
    faults: tuple[str, ...]


def judge_quality(picture: Picture, gsd_cm: float | None = None) -> PhotoQuality:
    """Measure blur and exposure of a photo and say what is wrong with it.

    `gsd_cm` is its ground sample distance, where known: a photo finer than it is read at is judged at
    `READING_GSD_CM`, so that a blur that does no harm is none.
    """
    scale = min(1.0, gsd_cm / READING_GSD_CM) if gsd_cm else 1.0
    bright_share, dark_share = _exposure(picture)
    blur = _blur(picture, scale)
    faults = [
        *_graded(bright_share, _BAD_SHARE, _WEAK_SHARE, "overexposed", "partly_overexposed"),
        *_graded(dark_share, _BAD_SHARE, _WEAK_SHARE, "underexposed", "partly_underexposed"),
    ]
    if blur is not None:
        faults += _graded(blur, BLURRED_FROM, SLIGHTLY_BLURRED_FROM, "blurred", "slightly_blurred")
    return PhotoQuality(blur, bright_share, dark_share, tuple(faults))


def _graded(value: float, bad_from: float, weak_from: float, bad: str, weak: str) -> list[str]:
    if value >= bad_from:
        return [bad]
    return [weak] if value >= weak_from else []


def _exposure(picture: Picture) -> tuple[float, float]:
    sample = picture[::_EXPOSURE_STEP, ::_EXPOSURE_STEP]
    white = (sample.min(axis=2) >= _WHITE_FROM).mean()
    black = (sample.max(axis=2) <= _BLACK_TO).mean()
    return float(white), float(black)


def _blur(picture: Picture, scale: float) -> float | None:
    """The logarithm of the odds that the picture is blurred, as the regression sees it."""
    features = blur_features(picture, scale)
    if features is None or features[-1] < _LEAST_STRUCTURE:
        return None
    return float(BLUR_WEIGHTS[0] + features @ BLUR_WEIGHTS[1:])


def blur_features(picture: Picture, scale: float = 1.0) -> FloatArray | None:
    """What the regression weighs: spectral powers of the picture at a scale; None where it is too small.

    Logarithms of the power in seven bands along the direction with the least fine detail, across it,
    and between, each less the mean of the second band: of the most structured patches (21 numbers) and of
    the usual one (21); then the mean of the first two bands.
    """
    patches = _patches(picture, scale)
    if patches is None:
        return None
    power = _band_powers(patches)
    structure = power[:, _COARSE].sum(axis=(1, 2))
    count = max(1, round(_STRUCTURED_SHARE * len(power)))
    most = np.argsort(-structure, kind="stable")[:count]
    structured, usual = (
        np.log(mean + _LEAST_POWER) for mean in (power[most].mean(axis=0), np.median(power, axis=0))
    )
    fine = structured[_FINE].mean(axis=0) - structured[_COARSE].mean(axis=0)
    turn = -int(fine.argmin())
    return np.concatenate([_relative(structured, turn), _relative(usual, turn), [structured[_COARSE].mean()]])


def _relative(log_power: FloatArray, turn: int) -> FloatArray:
    """Powers along, across and between (21,), less the second band's, directions (columns) turned."""
    turned = np.roll(log_power, turn, axis=1)
    along, across, between = turned[:, 0], turned[:, 2], (turned[:, 1] + turned[:, 3]) / 2
    relative: FloatArray = np.stack([along, across, between], axis=1) - turned[1].mean()
    return relative.ravel()


def _patches(picture: Picture, scale: float) -> NDArray[np.float32] | None:
    """Grey patches (N, 64, 64) from all over the picture at a scale; None where it is smaller than one."""
    side = round(_PATCH_PX / scale)
    height, width = picture.shape[:2]
    if min(height, width) < side:
        return None
    tops, lefts = (
        np.linspace(0, size - side, min(_PATCHES_A_SIDE, size // side)).astype(int)
        for size in (height, width)
    )
    cut = [picture[top : top + side, left : left + side] for top in tops for left in lefts]
    if side != _PATCH_PX:
        size = (_PATCH_PX, _PATCH_PX)
        cut = [np.asarray(cv2.resize(p, size, interpolation=cv2.INTER_AREA), np.uint8) for p in cut]
    return np.stack([cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY) for patch in cut]).astype(np.float32)


def _band_powers(patches: NDArray[np.float32]) -> FloatArray:
    """Mean spectral power (N, bands, directions) of patches."""
    window, bands = _analysis()
    level = patches.mean(axis=(1, 2), keepdims=True)
    spectrum = np.fft.rfft2((patches - level) * window)
    power = (spectrum.real**2 + spectrum.imag**2).reshape(len(patches), -1)
    return np.asarray(power @ bands, dtype=np.float64).reshape(-1, _BAND_COUNT, _DIRECTIONS)


@cache
def _analysis() -> tuple[FloatArray, FloatArray]:
    """The window (64, 64), of unit power, and the matrix that averages a spectrum in bands."""
    hann = np.outer(np.hanning(_PATCH_PX), np.hanning(_PATCH_PX))
    along_y, along_x = np.fft.fftfreq(_PATCH_PX)[:, None], np.fft.rfftfreq(_PATCH_PX)[None]
    band = np.digitize(np.hypot(along_x, along_y), _BANDS) - 1
    eighths = (np.degrees(np.arctan2(along_y, along_x)) + 22.5) % 180 // 45
    member = band * _DIRECTIONS + eighths.astype(int)
    member[(band < 0) | (band >= _BAND_COUNT)] = -1
    bands = (member.ravel()[:, None] == np.arange(_BAND_COUNT * _DIRECTIONS)).astype(np.float64)
    return hann / np.sqrt((hann**2).sum()), bands / bands.sum(axis=0)
