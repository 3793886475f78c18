"""The surface that a network of cracks covers, and the length of its cracks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray
from vision.shapes.darkness import FloatImage

Mask = NDArray[np.uint8]

# A crack answers so many times as strongly as three quarters of the surface around the box.
_STRONG = 2.2
# Shorter pieces are grains of the surface.
_SHORTEST_PX = 12
# Cells of a network are closed up to this share of the crop's shorter side, twice over.
_CELL_SHARE = 0.15
_LEAST_CLOSING_PX, _MOST_CLOSING_PX = 5, 30
# A network fills more of its box than a few grains do.
_LEAST_FILLED = 0.5


@dataclass(frozen=True)
class CrackNetwork:
    """The outline (M, 2) of the cracked surface in the crop's pixels, the length of all its cracks.

    `filled` is the share of the crop that the surface takes.
    """

    outline_px: FloatArray
    crack_length_px: float
    filled: float

    @property
    def is_trustworthy(self) -> bool:
        """Whether enough of the box is cracked for its outline to mean something."""
        return self.filled >= _LEAST_FILLED


def find_network(lines: FloatImage, around: FloatImage) -> CrackNetwork:
    """The network in line strengths (H, W) within a box; `around` (N,) are those outside of it.

    The cracked surface is the convex hull of the largest set of cracks without wide gaps, as people
    measure it.
    """
    usual = float(np.percentile(around if len(around) else lines, 75))
    cracks = _long_pieces((lines >= _STRONG * usual).astype(np.uint8))
    radius = int(np.clip(_CELL_SHARE * min(lines.shape), _LEAST_CLOSING_PX, _MOST_CLOSING_PX))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    # Cracks that come within two radii of each other touch when both are spread by one.
    together = cv2.dilate(cracks, disc)
    count, labels = cv2.connectedComponents(together)
    if count < 2:
        return CrackNetwork(np.empty((0, 2)), 0.0, 0.0)
    largest = 1 + int(np.bincount(labels[cracks > 0], minlength=count)[1:].argmax())
    cracks = cracks * (labels == largest).astype(np.uint8)
    # The flanks of a line answer, too: its middle is what answers at least as usual for it.
    middles = cracks * (lines >= np.median(lines[cracks > 0])).astype(np.uint8)
    hull = cv2.convexHull(cv2.findNonZero(middles)).reshape(-1, 2).astype(np.float64)
    filled = cv2.contourArea(hull.astype(np.float32)) / lines.size
    return CrackNetwork(hull, _length_px(cracks), float(filled))


def _long_pieces(mask: Mask) -> Mask:
    """The mask without pieces that reach less than 12 px in both directions."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    longer = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) >= _SHORTEST_PX
    longer[0] = False
    return np.asarray(longer[labels], dtype=np.uint8)


def _length_px(mask: Mask) -> float:
    """Length of the strips of a mask: their area over their mean width.

    Across a strip of width w the distance to its edge has the mean w / 4 (pixels count from their
    centres, half a pixel too far in).
    """
    if not mask.any():
        return 0.0
    to_edge = cv2.distanceTransform(mask, cv2.DIST_L2, 5)[mask > 0]
    width_px = 4 * max(float(to_edge.mean()) - 0.5, 0.25)
    return float(mask.sum()) / width_px
