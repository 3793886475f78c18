"""Candidate boxes: what a network proposes in one tile, and which of them are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray
from vision.tiling import Window

IntArray = NDArray[np.intp]

# More candidates than this in one tile are noise of a threshold near zero (only scoring uses one);
# ultralytics keeps as many after suppression, so scores stay comparable.
_MOST_BEFORE_SUPPRESSION = 3000
_MOST_AFTER_SUPPRESSION = 300


@dataclass(frozen=True)
class Candidates:
    """Boxes (N, 4) in pixels with their score (N,) and the index of their kind (N,)."""

    xyxy_px: FloatArray
    score: FloatArray
    kind_index: IntArray

    def __len__(self) -> int:
        return len(self.score)

    def take(self, indices: IntArray) -> Candidates:
        """These candidates alone, in this order."""
        return Candidates(self.xyxy_px[indices], self.score[indices], self.kind_index[indices])

    def moved(self, x_px: float, y_px: float) -> Candidates:
        """The same candidates, moved to the right and down."""
        return Candidates(self.xyxy_px + np.array([x_px, y_px] * 2), self.score, self.kind_index)

    def clipped(self, window: Window) -> Candidates:
        """What of them lies inside a window; boxes of less than a pixel there are left out."""
        low, high = [window.left_px, window.top_px] * 2, [window.right_px, window.bottom_px] * 2
        xyxy_px = np.clip(self.xyxy_px, low, high)
        real = np.flatnonzero((xyxy_px[:, 2:] - xyxy_px[:, :2] >= 1).all(axis=1))
        return Candidates(xyxy_px, self.score, self.kind_index).take(real)

    @classmethod
    def stack(cls, parts: Sequence[Candidates]) -> Candidates:
        """All candidates of all parts, in order."""
        return cls(
            np.concatenate([np.empty((0, 4)), *(part.xyxy_px for part in parts)]),
            np.concatenate([np.empty(0), *(part.score for part in parts)]),
            np.concatenate([np.empty(0, dtype=np.intp), *(part.kind_index for part in parts)]),
        )


def read_yolo_output(output: NDArray[np.float32], thresholds: FloatArray) -> Candidates:
    """Candidates in a tile from the output (4 + K, anchors) of a YOLO network without suppression.

    Rows are the box's centre x, y, width and height in pixels of the tile, then a score per kind. A
    kind is proposed where its score reaches its threshold (K,).
    """
    kind_index, anchor = np.nonzero(output[4:] >= thresholds[:, None])
    score = output[4:][kind_index, anchor].astype(np.float64)
    if len(score) > _MOST_BEFORE_SUPPRESSION:
        best = np.argsort(-score, kind="stable")[:_MOST_BEFORE_SUPPRESSION]
        kind_index, anchor, score = kind_index[best], anchor[best], score[best]
    boxes = output[:4, anchor].T.astype(np.float64)
    half = boxes[:, 2:] / 2
    return Candidates(np.hstack([boxes[:, :2] - half, boxes[:, :2] + half]), score, kind_index)


def keep_best(candidates: Candidates, iou: float) -> IntArray:
    """Indices that greedy non-maximum suppression within each kind keeps, by falling score.

    Of two boxes of one kind whose intersection over union exceeds `iou` the lower score goes.
    Equal scores are ordered by kind and place, so that the order given does not matter.
    """
    if not len(candidates):
        return np.empty(0, dtype=np.intp)
    order = np.lexsort((*candidates.xyxy_px.T, candidates.kind_index, -candidates.score))
    ordered = candidates.take(order)
    corner = ordered.xyxy_px[:, :2]
    kept = cv2.dnn.NMSBoxesBatched(
        np.hstack([corner, ordered.xyxy_px[:, 2:] - corner]).tolist(),
        ordered.score.tolist(),
        ordered.kind_index.tolist(),
        score_threshold=0.0,
        nms_threshold=iou,
    )
    return order[np.sort(np.asarray(kept, dtype=np.intp).reshape(-1))]


def suppress_within_tile(candidates: Candidates, iou: float) -> Candidates:
    """The candidates of one tile that suppression keeps, at most 300."""
    return candidates.take(keep_best(candidates, iou)[:_MOST_AFTER_SUPPRESSION])
