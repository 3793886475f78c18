"""The part of a picture that shows given polygons, at the resolution at which surfaces are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray
from vision.detector import Picture

PIXEL_CM = 4.0
"""Surfaces are judged at about this ground resolution, or at the picture's own where that is coarser."""

COARSEST_PIXEL_CM = 12.5
"""The ground resolution from which on a patch of 0.25 m² is less than four pixels by four."""

_MOST_PIXELS = 1_500_000  # a large place is judged more coarsely, as long as that is fine enough

Mask = NDArray[np.uint8]


@dataclass(frozen=True)
class GroundPatch:
    """A cut-out of a picture, made smaller.

    `pixels` (height, width, 3) in blue, green, red; `inside` (height, width) is 255 within the
    polygons, 0 beside them. A pixel is `pixel_cm` on the ground. `origin_px` (x, y) is the cut-out's
    corner in the picture, `scale` how many of the picture's pixels make a side of one of these.
    """

    pixels: Picture
    inside: Mask
    pixel_cm: float
    origin_px: FloatArray
    scale: float

    def to_picture(self, corners: FloatArray) -> FloatArray:
        """Pixel positions (N, 2) of the cut-out as positions in the picture."""
        return (corners + 0.5) * self.scale - 0.5 + self.origin_px


def cut_out(picture: Picture, gsd_cm: float, polygons_px: Sequence[FloatArray]) -> GroundPatch | None:
    """Cut the polygons (each (M, 2), in the picture's pixels) out of a picture; None where it shows none."""
    bounds = _bounds_px(picture, polygons_px)
    if bounds is None:
        return None
    left, top, right, bottom = bounds
    halvings = _halvings(gsd_cm, (right - left) * (bottom - top))
    pixels = _halved(picture[top:bottom, left:right], halvings)
    origin_px = np.array([left, top], float)
    scale = 2.0**halvings
    inside = np.zeros(pixels.shape[:2], np.uint8)
    for polygon_px in polygons_px:
        corners = (np.asarray(polygon_px, float) - origin_px + 0.5) / scale - 0.5
        cv2.fillPoly(inside, [np.rint(corners).astype(np.int32)], 255)
    if not inside.any():
        return None
    return GroundPatch(pixels, inside, gsd_cm * scale, origin_px, scale)


def _halvings(gsd_cm: float, pixels: int) -> int:
    """How often a cut-out of so many pixels is halved."""
    halvings = max(0, round(log2(PIXEL_CM / gsd_cm)))
    while pixels / 4**halvings > _MOST_PIXELS and gsd_cm * 2 ** (halvings + 1) <= COARSEST_PIXEL_CM:
        halvings += 1
    return halvings


def _halved(part: Picture, halvings: int) -> Picture:
    """A part of a picture made smaller; up to 2 ** halvings - 1 pixels at its right and lower edge are lost.

    OpenCV halves even sides many times faster than it shrinks by any other factor.
    """
    whole = 2**halvings
    height, width = (max(side - side % whole, 1) for side in part.shape[:2])
    pixels: Any = part[:height, :width]
    for _ in range(halvings):
        size = (max(1, pixels.shape[1] // 2), max(1, pixels.shape[0] // 2))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(pixels, np.uint8)


def _bounds_px(picture: Picture, polygons_px: Sequence[FloatArray]) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the part of the picture that the polygons reach into."""
    corners = [np.asarray(polygon, float) for polygon in polygons_px if len(polygon) >= 3]
    if not corners:
        return None
    height, width = picture.shape[:2]
    lowest = np.floor(np.min([polygon.min(axis=0) for polygon in corners], axis=0))
    highest = np.ceil(np.max([polygon.max(axis=0) for polygon in corners], axis=0)) + 1
    left, top = np.clip(lowest, 0, (width, height)).astype(int)
    right, bottom = np.clip(highest, 0, (width, height)).astype(int)
    return (int(left), int(top), int(right), int(bottom)) if left < right and top < bottom else None
