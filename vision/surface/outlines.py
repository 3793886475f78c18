"""From a mask to outlines: patches worth reporting, with few corners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import shapely

from vision.camera import FloatArray
from vision.surface.ground_patch import GroundPatch, Mask

LEAST_AREA_M2 = 0.25
"""Smaller patches are left out: a tuft in a joint is no defect, and colour is less sure of it."""

_LEAST_HOLE_M2 = 1.0  # smaller ones are mostly gaps in the shade between leaves

_TOLERANCE_M = 0.05  # how far a simplified outline may lie from the patch's edge
_CM2_PER_M2 = 10_000.0
_SLIT_PX = 3  # wider than what simplifying closes again


def patch_outlines(mask: Mask, patch: GroundPatch) -> tuple[FloatArray, ...]:
    """Outlines (M, 2) in the picture's pixels of the patches of a mask, from 0.25 m² on.

    Strips narrower than three pixels (some 12 cm) are left out first: the mixed colours along the edges of
    paint look like such strips. Gaps of the width of a pixel are closed. An outline has no holes: a patch
    around a bare place of 1 m² or more is slit open, smaller holes count to it.
    """
    least_px = LEAST_AREA_M2 * _CM2_PER_M2 / patch.pixel_cm**2
    tolerance_px = max(1.0, _TOLERANCE_M * 100 / patch.pixel_cm)
    even = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    even = cv2.morphologyEx(even, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    even = _slit_open(np.asarray(even, np.uint8), _LEAST_HOLE_M2 * _CM2_PER_M2 / patch.pixel_cm**2)
    contours, _ = cv2.findContours(even, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = [contour for contour in contours if cv2.contourArea(contour) >= least_px]
    outlines = (outline for contour in found for outline in _simplified(contour, tolerance_px, least_px))
    return tuple(patch.to_picture(outline) for outline in outlines)


def _slit_open(mask: Mask, least_px: float) -> Mask:
    """The mask with a slit from each hole of at least this area up to the edge, or into the next hole."""
    slit = mask.copy()
    contours, hierarchy = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for index, contour in enumerate(contours):
        if hierarchy[0][index][3] < 0 or cv2.contourArea(contour) < least_px:
            continue
        x, y = contour[:, 0][contour[:, 0, 1].argmin()]  # the hole's top, on the patch's pixels
        bare_above = np.flatnonzero(mask[:y, x] == 0)
        end = int(bare_above[-1]) + 1 if len(bare_above) else 0
        slit[end : y + 1, max(0, x - _SLIT_PX // 2) : x + _SLIT_PX // 2 + 1] = 0
    return slit


def _simplified(contour: Any, tolerance_px: float, least_px: float) -> Iterator[FloatArray]:
    """A contour with fewer corners; where that would cross itself, its parts of at least this area."""
    corners = cv2.approxPolyDP(contour, tolerance_px, closed=True).reshape(-1, 2).astype(float)
    if len(corners) >= 3 and shapely.Polygon(corners).is_valid:
        yield corners
        return
    # A contour of pixels may touch itself, it never crosses itself: then a buffer of nothing loses nothing.
    whole = shapely.buffer(shapely.Polygon(contour.reshape(-1, 2).astype(float)), 0.0)
    parts = shapely.get_parts(whole)
    for part in shapely.get_parts(shapely.simplify(parts[shapely.area(parts) >= least_px], tolerance_px)):
        yield shapely.get_coordinates(part.exterior)[:-1]
