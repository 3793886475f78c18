"""Honest scores: a detector's findings against labelled pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.labelled.pictures import LabelledPicture
from vision.camera import FloatArray
from vision.candidates import IntArray
from vision.decoding import Undecodable, read_picture
from vision.detector import Detections, Detector
from vision.errors import PantauError

# The threshold a detector is opened with to be scored: average precision asks for the whole curve.
LOWEST_THRESHOLD = 0.001
# COCO's ten: 0.50, 0.55 … 0.95.
IOU_LEVELS = np.linspace(0.5, 0.95, 10)
RECALL_LEVELS = np.linspace(0, 1, 101)
_NO_INDEX = np.empty(0, dtype=np.intp)


@dataclass(frozen=True)
class Reading:
    """A labelled picture and what a detector found in it."""

    picture: LabelledPicture
    found: Detections


@dataclass(frozen=True)
class Judgement:
    """All findings of one kind by falling score, and how many boxes of it are labelled.

    `score` is (N,); `hit` (N, 10) tells whether a finding is right at each IoU level; `picture` (N,)
    is the number of the reading it comes from. `boxes_in` (P,) counts each reading's labelled boxes.
    """

    score: FloatArray
    hit: NDArray[np.bool_]
    picture: IntArray
    boxes_in: IntArray

    @property
    def boxes(self) -> int:
        """How many boxes of the kind are labelled in all."""
        return int(self.boxes_in.sum())


@dataclass(frozen=True)
class KindScores:
    """Scores of one kind; all of them are None, unknown, where no box of it is labelled.

    `precision`, `recall` and `f1` hold at the score `threshold` and an IoU of 0.5.
    """

    kind: str
    boxes: int
    threshold: float
    ap50: float | None
    ap50_95: float | None
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Scores:
    """Scores over pictures: means over the kinds that are labelled at all, None where none is."""

    pictures: int
    map50: float | None
    map50_95: float | None
    per_kind: tuple[KindScores, ...]

    @property
    def f1(self) -> float | None:
        """The mean of F1 over the kinds that are labelled at all."""
        return mean_of_known([scores.f1 for scores in self.per_kind])

    @property
    def unlabelled(self) -> tuple[str, ...]:
        """The kinds that the means leave out, since no box of them is labelled."""
        return tuple(scores.kind for scores in self.per_kind if not scores.boxes)

    def as_document(self) -> dict[str, Any]:
        """The scores as plain values, `per_kind` by the kind's name."""
        per_kind = {scores.kind: asdict(scores) for scores in self.per_kind}
        for entry in per_kind.values():
            del entry["kind"]
        return {
            "pictures": self.pictures,
            "map50": self.map50,
            "map50_95": self.map50_95,
            "f1": self.f1,
            "per_kind": per_kind,
        }


def read_all(
    detector: Detector,
    pictures: Sequence[LabelledPicture],
    advance: Callable[[int, str], None] = lambda steps, detail: None,
) -> list[Reading]:
    """Let a detector read labelled pictures; `advance(1, name)` is called after each.

    Raises PantauError for a picture that cannot be decoded: scores without it would not be honest.
    """
    readings = []
    for picture in pictures:
        pixels = read_picture(picture.path)
        if isinstance(pixels, Undecodable):
            raise PantauError(
                f"{picture.path}: cannot be scored, {pixels.detail}; replace the file or take it out."
            )
        readings.append(Reading(picture, detector.detect(pixels)))
        advance(1, picture.name)
    return readings


def judge(readings: Sequence[Reading], kind: str) -> Judgement:
    """Match all findings of a kind with the labelled boxes of that kind, picture by picture.

    By falling score, each finding takes the labelled box that it overlaps most among those still
    free; it is a hit at an IoU level when that overlap reaches the level (COCO's rule).
    """
    scores, hits, pictures = [np.empty(0)], [np.empty((0, len(IOU_LEVELS)), dtype=bool)], [_NO_INDEX]
    boxes_in = np.zeros(len(readings), dtype=np.intp)
    for number, reading in enumerate(readings):
        truth = np.array([box.xyxy_px for box in reading.picture.boxes if box.kind == kind]).reshape(-1, 4)
        own = np.array([found == kind for found in reading.found.kind], dtype=bool)
        score, iou = reading.found.score[own], iou_matrix(reading.found.xyxy_px[own], truth)
        scores.append(score)
        hits.append(np.stack([matched_boxes(iou, score, level) >= 0 for level in IOU_LEVELS], axis=1))
        pictures.append(np.full(len(score), number, dtype=np.intp))
        boxes_in[number] = len(truth)
    score, hit, picture = np.concatenate(scores), np.concatenate(hits), np.concatenate(pictures)
    order = np.argsort(-score, kind="stable")
    return Judgement(score[order], hit[order], picture[order], boxes_in)


def iou_matrix(boxes: FloatArray, others: FloatArray) -> FloatArray:
    """Intersection over union (N, M) of boxes (N, 4) and (M, 4)."""
    corner_min = np.maximum(boxes[:, None, :2], others[None, :, :2])
    corner_max = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(corner_max - corner_min, 0, None).prod(axis=2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    other_area = (others[:, 2:] - others[:, :2]).prod(axis=1)
    return np.asarray(shared / np.maximum(area[:, None] + other_area[None] - shared, 1e-9))


def average_precision(hit: NDArray[np.bool_], boxes: int) -> float:
    """Area under the precision-recall curve by 101 points, as COCO defines it.

    `hit` (N,) tells by falling score whether a finding is right; `boxes` ≥ 1 are labelled.
    """
    right = np.cumsum(hit)
    recall = right / boxes
    precision = right / np.arange(1, len(hit) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    reached = np.searchsorted(recall, RECALL_LEVELS, side="left")
    return float(np.append(best_from_here, 0.0)[reached].mean())


def precision_recall_f1(judgement: Judgement, threshold: float) -> tuple[float, float, float]:
    """Precision, recall and F1 of the findings that reach the threshold, at an IoU of 0.5.

    Each is 0 where it is a fraction of nothing.
    """
    reported = judgement.score >= threshold
    right = int(judgement.hit[reported, 0].sum())
    wrong, missed = int(reported.sum()) - right, judgement.boxes - right
    return (
        right / max(right + wrong, 1),
        right / max(right + missed, 1),
        2 * right / max(2 * right + wrong + missed, 1),
    )


def score(readings: Sequence[Reading], thresholds: Mapping[str, float]) -> Scores:
    """Score readings of a detector that was opened with `LOWEST_THRESHOLD` for every kind.

    `thresholds` are those it ships with, for each kind; precision, recall and F1 are taken there.
    """
    per_kind = tuple(_score_kind(kind, judge(readings, kind), thresholds[kind]) for kind in thresholds)
    return Scores(
        len(readings),
        mean_of_known([scores.ap50 for scores in per_kind]),
        mean_of_known([scores.ap50_95 for scores in per_kind]),
        per_kind,
    )


def _score_kind(kind: str, judgement: Judgement, threshold: float) -> KindScores:
    if not judgement.boxes:
        return KindScores(kind, 0, threshold, None, None, None, None, None)
    levels = [average_precision(hit, judgement.boxes) for hit in judgement.hit.T]
    precision, recall, f1 = precision_recall_f1(judgement, threshold)
    return KindScores(
        kind, judgement.boxes, threshold, levels[0], float(np.mean(levels)), precision, recall, f1
    )


def mean_of_known(values: Sequence[float | None]) -> float | None:
    """The mean of those values that are known, None where none is."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def matched_boxes(iou: FloatArray, score: FloatArray, needed: float) -> IntArray:
    """The labelled box (N,) that each finding hits at one IoU level, −1 where none; from their IoU (N, M).

    By falling score, each finding takes the box that it overlaps most among those still free.
    """
    taken = np.full(iou.shape[0], -1, dtype=np.intp)
    if not iou.size:
        return taken
    free = np.ones(iou.shape[1], dtype=bool)
    reaching = iou.max(axis=1) >= needed
    order = np.argsort(-score, kind="stable")
    for finding in order[reaching[order]]:
        best = int(np.argmax(np.where(free, iou[finding], 0)))
        if free[best] and iou[finding, best] >= needed:
            taken[finding], free[best] = best, False
    return taken
