"""What a detector is: a picture in, detections out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray

Picture = NDArray[np.uint8]  # (height, width, 3), blue green red, as OpenCV decodes


@dataclass(frozen=True)
class Detections:
    """All detections in one picture, in arrays of one length N.

    `xyxy_px` (N, 4) are boxes left, top, right, bottom; `score` (N,) lies in 0…1; `kind` names
    the damage; `outline_px` are polygons (M, 2) of at least three corners.
    """

    xyxy_px: FloatArray
    score: FloatArray
    kind: tuple[str, ...]
    outline_px: tuple[FloatArray, ...]

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def none(cls) -> Detections:
        """No detections."""
        return cls(np.empty((0, 4)), np.empty(0), (), ())

    @classmethod
    def of_boxes(cls, xyxy_px: FloatArray, score: FloatArray, kind: Sequence[str]) -> Detections:
        """Detections whose outline is their box."""
        corners = [(0, 1), (2, 1), (2, 3), (0, 3)]
        outlines = tuple(np.array([[box[i], box[j]] for i, j in corners]) for box in xyxy_px)
        return cls(np.asarray(xyxy_px, float).reshape(-1, 4), np.asarray(score, float), tuple(kind), outlines)


class Detector(Protocol):
    """Finds damage in pictures of any size."""

    kinds: tuple[str, ...]

    def detect(self, picture: Picture, *, gsd_cm: float | None = None) -> Detections:
        """Find damage; boxes in the picture's own pixels, overlaps of tiles already merged.

        `gsd_cm` is the picture's ground sample distance in centimetres per pixel, where it is
        known: a picture finer than the detector was trained on is then read at the trained
        resolution. Without it the picture is read as it is.
        """
        ...
