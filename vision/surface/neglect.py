"""Signs of neglect on paved ground, as detections beside those of damage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vision.camera import FloatArray
from vision.detector import Detections, Picture
from vision.surface.accuracy import VEGETATION_ACCURACY
from vision.surface.ground_patch import COARSEST_PIXEL_CM, PIXEL_CM, cut_out
from vision.surface.outlines import LEAST_AREA_M2, patch_outlines
from vision.surface.vegetation import (
    EVEN,
    LEAST_EXCESS_GREEN,
    LEAST_GREEN_OVER_RED,
    LEAST_RED_OVER_BLUE,
    LEAST_RED_OVER_BLUE_WHERE_EVEN,
    vegetation_mask,
)

VEGETATION = "vegetation"

SURFACE_SETTINGS = {
    "pixel_cm": PIXEL_CM,
    "least_area_m2": LEAST_AREA_M2,
    "limits": [
        LEAST_EXCESS_GREEN,
        LEAST_GREEN_OVER_RED,
        LEAST_RED_OVER_BLUE,
        LEAST_RED_OVER_BLUE_WHERE_EVEN,
        EVEN,
    ],
}
"""What a run notes among its settings: by it, photos that were looked over for neglect are known."""


def find_neglect(
    picture: Picture,
    gsd_cm: float,
    paved_px: Sequence[FloatArray],
    carriageways_px: Sequence[FloatArray] = (),
) -> Detections:
    """Find plants on paved ground; patches from 0.25 m² on.

    `paved_px` are the polygons (M, 2) of paved facilities, `carriageways_px` those of paved roads, both
    in the picture's pixels; outside them nothing is looked for. `gsd_cm` is the picture's ground sample
    distance; pictures coarser than 12.5 cm show nothing. The score is the measured share of what is
    found that is right (`vision.surface.accuracy`): colour gives no better one for the single patch.
    """
    patch = cut_out(picture, gsd_cm, [*paved_px, *carriageways_px]) if gsd_cm <= COARSEST_PIXEL_CM else None
    outlines = patch_outlines(vegetation_mask(patch), patch) if patch is not None else ()
    if not outlines:
        return Detections.none()
    boxes = np.array([[*outline.min(axis=0), *outline.max(axis=0)] for outline in outlines])
    score = np.full(len(outlines), VEGETATION_ACCURACY.precision)
    outlined = np.ones(len(outlines), bool)
    return Detections(boxes, score, (VEGETATION,) * len(outlines), outlines, outlined)
