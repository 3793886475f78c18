"""The outline of a thing that fills its box: a pothole, a patch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray
from vision.detector import Picture

Mask = NDArray[np.uint8]
Prior = Literal["ellipse", "rectangle"]

_ITERATIONS = 2  # of GrabCut; more change little
_SMOOTHING_PX = 0.5  # more would move edges outwards
# The piece of the box's middle that is taken for the thing without looking, by its shape.
_CORE = {"ellipse": 0.35, "rectangle": 0.6}
# A cut that takes less of the box, or reaches less far across it, has cut something else.
_LEAST_FILLED = 0.3
_LEAST_SPAN = 0.65
# Sealed cracks are repairs, too, but no region: hardly half of what they enclose is theirs.
_LEAST_SOLID = 0.8


@dataclass(frozen=True)
class Region:
    """The convex outline (M, 2) of a thing in a crop's pixels; its shares of the box.

    `filled` is the share of the box's area, `span` that of its width or height, the smaller one. `solid`
    is the share of the outline that differs from the surroundings.
    """

    outline_px: FloatArray
    filled: float
    span: float
    solid: float

    @property
    def is_trustworthy(self) -> bool:
        """Whether this is likely to be the thing that the box was drawn around."""
        return self.filled >= _LEAST_FILLED and self.span >= _LEAST_SPAN and self.solid >= _LEAST_SOLID


def cut_out(crop: Picture, box_px: FloatArray, prior: Prior) -> Region:
    """Cut out what fills the box (left, top, right, bottom) in a crop that shows more than the box.

    GrabCut (Rother, Kolmogorov and Blake, 2004) from a first guess of the shape, then the convex hull
    of its largest piece: a pothole holds light and dark, and its rim has gaps.
    """
    left, top, right, bottom = (int(edge) for edge in np.round(box_px))
    labels = _first_guess(crop.shape[:2], (left, top, right, bottom), prior)
    mask = _grab(crop, labels)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return Region(np.empty((0, 2)), 0.0, 0.0, 0.0)
    largest = max(contours, key=cv2.contourArea)
    hull = cv2.convexHull(largest).reshape(-1, 2).astype(np.float64)
    width, height = max(right - left, 1), max(bottom - top, 1)
    size = np.ptp(hull, axis=0) + 1
    within = cv2.fillConvexPoly(np.zeros_like(mask), hull.astype(np.int32), 1)
    area = float(within.sum())
    return Region(
        hull,
        area / (width * height),
        float(min(size[0] / width, size[1] / height)),
        float((mask * within).sum()) / max(area, 1.0),
    )


def _first_guess(shape: tuple[int, int], box: tuple[int, int, int, int], prior: Prior) -> Mask:
    left, top, right, bottom = box
    labels = np.full(shape, cv2.GC_BGD, dtype=np.uint8)
    labels[top:bottom, left:right] = cv2.GC_PR_BGD
    for share, label in ((1.0, cv2.GC_PR_FGD), (_CORE[prior], cv2.GC_FGD)):
        centre = (left + right) // 2, (top + bottom) // 2
        half = max(round((right - left) * share / 2), 1), max(round((bottom - top) * share / 2), 1)
        if prior == "ellipse":
            cv2.ellipse(labels, centre, half, 0, 0, 360, int(label), -1)
        else:
            corners = (
                (centre[0] - half[0], centre[1] - half[1]),
                (centre[0] + half[0] - 1, centre[1] + half[1] - 1),
            )
            cv2.rectangle(labels, *corners, int(label), -1)
    return labels


def _grab(crop: Picture, labels: Mask) -> Mask:
    mask = labels.copy()
    smooth = cv2.GaussianBlur(crop, (0, 0), _SMOOTHING_PX)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # GrabCut begins with random clusters
    whole = (0, 0, crop.shape[1], crop.shape[0])
    cv2.grabCut(smooth, mask, whole, background, foreground, _ITERATIONS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD), dtype=np.uint8)
