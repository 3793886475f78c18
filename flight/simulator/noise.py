"""Noise on the ground raster: a function of position and seed alone, so it has no seams."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from flight.simulator.raster import FloatPicture, Window
from vision.camera import FloatArray

# Interpolating between lattice values costs variance; this brings it back to about 1.
_UNIT_VARIANCE = 1.9


def lattice(left: int, top: int, width: int, height: int, seed: int) -> FloatPicture:
    """Values in −1…1 (height, width), one for each whole position and seed.

    The mixing is Wellons' 32-bit integer hash "lowbias32".
    """
    x = (np.arange(left, left + width, dtype=np.int64) * 0x8DA6B343 & 0xFFFFFFFF).astype(np.uint32)
    y = (np.arange(top, top + height, dtype=np.int64) * 0xD8163841 & 0xFFFFFFFF).astype(np.uint32)
    mixed: NDArray[np.uint32] = (x[None, :] ^ y[:, None]) + np.uint32(seed * 0xCB1AB31F & 0xFFFFFFFF)
    mixed ^= mixed >> np.uint32(16)
    mixed *= np.uint32(0x7FEB352D)
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x846CA68B)
    mixed ^= mixed >> np.uint32(16)
    return mixed.astype(np.float32) * np.float32(2.0**-31) - np.float32(1.0)


def noise(window: Window, cell_px: int, seed: int) -> FloatPicture:
    """Smooth noise (height, width) of mean 0 and about unit variance, with features of `cell_px`."""
    if cell_px == 1:
        return lattice(window.left, window.top, window.width, window.height, seed) * 1.73
    if cell_px > 32:  # from a coarser noise: the same, without huge interpolations
        coarse = window.coarser(16)
        return window.from_coarser(noise(coarse, cell_px // 16, seed), coarse, 16)
    coarse = window.coarser(cell_px)
    values = lattice(coarse.left, coarse.top, coarse.width, coarse.height, seed) * _UNIT_VARIANCE
    return window.from_coarser(values, coarse, cell_px, smooth=True)


def layered(window: Window, gain_of_cell_px: Mapping[int, float], seed: int) -> FloatPicture:
    """Sum of noises of several feature sizes, each times its gain."""
    total = np.zeros((window.height, window.width), np.float32)
    for number, (cell_px, gain) in enumerate(gain_of_cell_px.items()):
        total += noise(window, cell_px, seed * 31 + number) * np.float32(gain)
    return total


def noise_at(x: FloatPicture | FloatArray, y: FloatPicture | FloatArray, seed: int) -> FloatPicture:
    """Smooth noise of mean 0 at any coordinates, with features of size 1; repeats every 256."""
    table = cv2.copyMakeBorder(lattice(0, 0, 256, 256, seed), 0, 2, 0, 2, cv2.BORDER_WRAP)
    wrapped = np.mod(x, 256).astype(np.float32), np.mod(y, 256).astype(np.float32)
    return np.asarray(cv2.remap(table, *wrapped, cv2.INTER_LINEAR), np.float32)
