"""Cracks of known length and width, drawn on real road surface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from vision.detector import Picture

_FINER = 8  # times the picture's resolution, at which a crack is drawn before it is averaged down


@dataclass(frozen=True)
class SyntheticCrack:
    """A picture with one crack, the crack's box, and what a perfect measurement would say."""

    picture: Picture
    xyxy_px: tuple[float, float, float, float]
    length_px: float
    width_px: float
    contrast: float
    blur_px: float


def plain_surfaces(pictures: Sequence[Path], size_px: int, rng: np.random.Generator) -> Iterator[Picture]:
    """Square pieces of pictures that show road surface and nothing else, one a picture at most.

    Plain is what is grey, evenly lit and without strong edges once the texture is smoothed away.
    """
    for path in rng.permutation(np.array([str(path) for path in pictures])):
        picture = cv2.imread(path)
        for _ in range(6):
            top, left = rng.integers(0, np.array(picture.shape[:2]) - size_px + 1)
            piece = picture[top : top + size_px, left : left + size_px]
            if _is_plain(piece):
                yield piece.copy()
                break


def draw_crack(
    surface: Picture, rng: np.random.Generator, width_px: float, contrast: float, blur_px: float
) -> SyntheticCrack:
    """Draw a jagged crack across a piece of surface.

    `contrast` is the share of the light that the crack swallows, `blur_px` the standard deviation of
    the lens and sensor. The opening varies by some 15 % around its mean.
    """
    size_px = surface.shape[0]
    points = _jagged_path(rng, size_px)
    steps = np.hypot(*np.diff(points, axis=0).T)
    openings = width_px * (1 + 0.15 * _smooth_noise(rng, len(points)))
    openings *= width_px / float(np.average((openings[1:] + openings[:-1]) / 2, weights=steps))
    mask = _mask(points, openings, size_px)
    mask = cv2.GaussianBlur(mask, (0, 0), blur_px)
    drawn = surface.astype(np.float32) * (1 - contrast * mask[..., None])
    noisy = drawn + rng.normal(0, 1.0, surface.shape)
    picture = np.clip(noisy + 0.5, 0, 255).astype(np.uint8)
    low, high = points.min(axis=0), points.max(axis=0)
    reach = width_px / 2 + 2
    box = (*np.clip(low - reach, 0, size_px), *np.clip(high + reach, 0, size_px))
    left, top, right, bottom = (float(edge) for edge in box)
    return SyntheticCrack(
        picture, (left, top, right, bottom), float(steps.sum()), width_px, contrast, blur_px
    )


def _is_plain(piece: Picture) -> bool:
    smooth = cv2.blur(piece, (25, 25)).astype(np.float32)
    brightness = smooth.mean(axis=2)
    colourful = float(np.ptp(smooth, axis=2).mean())
    return colourful < 22 and float(np.ptp(brightness)) < 22 and 60 < float(brightness.mean()) < 215


def _jagged_path(rng: np.random.Generator, size_px: int) -> np.ndarray:
    """Points along a crack, x and y in pixels, turned by a random angle about the middle."""
    length_px = rng.uniform(0.45, 0.8) * size_px
    along = np.arange(0, length_px, 1.0) - length_px / 2
    sideways = 6.0 * _smooth_noise(rng, len(along), 25) + 1.5 * _smooth_noise(rng, len(along), 6)
    turn = rng.uniform(0, np.pi)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(np.column_stack([along, sideways]) @ rotation + size_px / 2)


def _smooth_noise(rng: np.random.Generator, count: int, sigma: float = 10.0) -> np.ndarray:
    """Noise of unit variance that changes over some `sigma` samples."""
    noise = cv2.GaussianBlur(rng.normal(size=(count, 1)), (1, 0), 0.1, sigmaY=sigma)[:, 0]
    return np.asarray((noise - noise.mean()) / noise.std())


def _mask(points: np.ndarray, openings: np.ndarray, size_px: int) -> np.ndarray:
    fine = np.zeros((size_px * _FINER, size_px * _FINER), np.uint8)
    places = (points + 0.5) * _FINER - 0.5
    for (start, end), opening in zip(pairwise(places), (openings[1:] + openings[:-1]) / 2, strict=True):
        along = (end - start) / np.hypot(*(end - start))
        half = np.array([-along[1], along[0]]) * opening * _FINER / 2
        reach = along * 0.3 * _FINER
        corners = [start - reach + half, end + reach + half, end + reach - half, start - reach - half]
        cv2.fillConvexPoly(fine, np.round(np.array(corners) * 16).astype(np.int32), 255, cv2.LINE_8, 4)
    return cv2.resize(fine, (size_px, size_px), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
