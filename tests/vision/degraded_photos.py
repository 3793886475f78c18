"""Good photos made bad: out of focus, moved, noisy, compressed."""

from __future__ import annotations

from math import ceil, cos, sin

import cv2
import numpy as np

from vision.detector import Picture

_FINER = 8


def out_of_focus(diameter_px: float) -> np.ndarray:
    """The kernel of a lens out of focus: a disc."""
    radius = ceil(diameter_px / 2)
    x = (np.arange(-radius * _FINER, (radius + 1) * _FINER) - (_FINER - 1) / 2) / _FINER
    inside = (np.hypot(*np.meshgrid(x, x)) <= diameter_px / 2).astype(np.float32)
    return _binned(inside, 2 * radius + 1)


def moved(length_px: float, direction: float) -> np.ndarray:
    """The kernel of a camera that moves straight on during the exposure."""
    side = 2 * (ceil(length_px / 2) + 1) + 1
    line = np.zeros((side * _FINER, side * _FINER), np.float32)
    middle = (side * _FINER - 1) / 2
    reach = np.array([cos(direction), sin(direction)]) * length_px * _FINER / 2
    ends = [tuple(np.round(middle + sign * reach).astype(int).tolist()) for sign in (-1, 1)]
    cv2.line(line, ends[0], ends[1], 1.0, _FINER)
    return _binned(line, side)


def degraded(picture: Picture, kernel: np.ndarray | None, rng: np.random.Generator) -> Picture:
    """The picture blurred, then with the noise of a sensor (0 to 4 grey levels), compressed as JPEG."""
    blurred = picture if kernel is None else cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REFLECT)
    noisy = blurred + rng.normal(0, rng.choice([0.0, 0.7, 1.5, 2.5, 4.0]), picture.shape)
    content = np.clip(noisy + 0.5, 0, 255).astype(np.uint8)
    quality = int(rng.choice([70, 80, 90, 95]))
    _, jpeg = cv2.imencode(".jpg", content, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), dtype=np.uint8)


def _binned(fine: np.ndarray, side: int) -> np.ndarray:
    kernel = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(kernel / kernel.sum())
