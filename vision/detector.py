"""What a detector is: a picture in, detections out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]
Picture = NDArray[np.uint8]  # (height, width, 3), blue green red, as OpenCV decodes


@dataclass(frozen=True)
class Detections:
    """All detections in one picture, in arrays of one length N.

    `xyxy_px` (N, 4) are boxes left, top, right, bottom; `score` (N,) lies in 0…1; `kind` names
    the damage; `outline_px` are polygons (M, 2) of at least three corners.

    `vision.shapes` adds what follows. `outlined` (N,) says where the outline is that of the damage
    itself and not a box around it. `length_px` (N,) is a crack's length along it (of a network of cracks
    that of all of them), `mean_width_px` (N,) its mean width; NaN where it cannot be measured.
    """

    xyxy_px: FloatArray
    score: FloatArray
    kind: tuple[str, ...]
    outline_px: tuple[FloatArray, ...]
    outlined: BoolArray = field(default_factory=lambda: np.empty(0, dtype=bool))
    length_px: FloatArray = field(default_factory=lambda: np.empty(0))
    mean_width_px: FloatArray = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        """Nothing is outlined or measured where nobody said so."""
        for name, nothing in (("outlined", False), ("length_px", np.nan), ("mean_width_px", np.nan)):
            if len(getattr(self, name)) != len(self.kind):
                object.__setattr__(self, name, np.full(len(self.kind), nothing))

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, indices: Sequence[int] | IntArray) -> Detections:
        """These detections alone, in this order."""
        chosen = np.asarray(indices, dtype=np.intp)
        return Detections(
            self.xyxy_px[chosen],
            self.score[chosen],
            tuple(self.kind[index] for index in chosen),
            tuple(self.outline_px[index] for index in chosen),
            self.outlined[chosen],
            self.length_px[chosen],
            self.mean_width_px[chosen],
        )

    def joined(self, others: Detections) -> Detections:
        """These detections, and behind them the others of the same picture."""
        return Detections(
            np.concatenate([self.xyxy_px, others.xyxy_px]),
            np.concatenate([self.score, others.score]),
            (*self.kind, *others.kind),
            (*self.outline_px, *others.outline_px),
            np.concatenate([self.outlined, others.outlined]),
            np.concatenate([self.length_px, others.length_px]),
            np.concatenate([self.mean_width_px, others.mean_width_px]),
        )

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

    def detect(
        self,
        picture: Picture,
        *,
        gsd_cm: float | None = None,
        within: Sequence[FloatArray] | None = None,
    ) -> Detections:
        """Find damage; boxes in the picture's own pixels, overlaps of tiles already merged.

        `gsd_cm` is the picture's ground sample distance in centimetres per pixel, where it is
        known: a picture finer than the detector was trained on is then read at the trained
        resolution. Without it the picture is read as it is.

        `within` are polygons (M, 2) in the picture's pixels: only what they hold needs to be read, and
        only what touches one of them is reported. None is the whole picture, no polygon is nothing.
        """
        ...
