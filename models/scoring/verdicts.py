"""What became of each finding and of each labelled box: right, or wrong in which way.

The kinds of error are those of TIDE (Bolya et al., TIDE: A General Toolbox for Identifying Object
Detection Errors, ECCV 2020), with its limits: an IoU of 0.5 is right, one below 0.1 is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.scoring.average_precision import Reading, iou_matrix, matched_boxes
from vision.camera import FloatArray
from vision.candidates import IntArray
from vision.detector import Detections

RIGHT_IOU = 0.5
ELSEWHERE_IOU = 0.1


class Verdict(StrEnum):
    """What a finding is."""

    RIGHT = "right"
    LOOSE = "loose"  # the right kind at a labelled box, but overlapping it too little
    WRONG_KIND = "wrong_kind"  # on a labelled box of another kind
    LOOSE_AND_WRONG = "loose_and_wrong"  # near a labelled box of another kind only
    DUPLICATE = "duplicate"  # on a box that a better finding has taken
    BACKGROUND = "background"  # where nothing is labelled


@dataclass(frozen=True)
class JudgedReading:
    """A reading with the verdict on each of its N findings and what became of its M labelled boxes.

    `box` (N,) is the labelled box that a finding hits or means, −1 where there is none; `iou` (N,) its
    overlap with it. `hit` (M,) tells which boxes a right finding took, `missed` (M,) which no finding
    even meant.
    """

    reading: Reading
    verdict: tuple[Verdict, ...]
    box: IntArray
    iou: FloatArray
    hit: NDArray[np.bool_]
    missed: NDArray[np.bool_]


def reported(readings: Sequence[Reading], thresholds: Mapping[str, float]) -> list[Reading]:
    """The same readings with only those findings that reach the threshold of their kind."""
    return [Reading(reading.picture, _reaching(reading.found, thresholds)) for reading in readings]


def judge_reading(reading: Reading) -> JudgedReading:
    """Judge every finding and every labelled box of one picture."""
    found, boxes = reading.found, reading.picture.boxes
    iou = iou_matrix(found.xyxy_px, np.array([box.xyxy_px for box in boxes]).reshape(-1, 4))
    same = np.array([[kind == box.kind for box in boxes] for kind in found.kind], dtype=bool)
    same = same.reshape(iou.shape)
    taken = matched_boxes(np.where(same, iou, 0), found.score, RIGHT_IOU)
    verdict, meant = [], np.full(len(found), -1, dtype=np.intp)
    for index in range(len(found)):
        word, meant[index] = _verdict(iou[index], same[index], int(taken[index]))
        verdict.append(word)
    hit = np.isin(np.arange(len(boxes)), taken)
    claims = [word in (Verdict.LOOSE, Verdict.WRONG_KIND) for word in verdict]
    claimed = np.isin(np.arange(len(boxes)), meant[claims])
    shown = np.array([iou[index, box] if box >= 0 else 0.0 for index, box in enumerate(meant)])
    return JudgedReading(reading, tuple(verdict), meant, shown, hit, ~hit & ~claimed)


def _reaching(found: Detections, thresholds: Mapping[str, float]) -> Detections:
    kept = [
        index
        for index, (kind, score) in enumerate(zip(found.kind, found.score, strict=True))
        if score >= thresholds[kind]
    ]
    return Detections.of_boxes(found.xyxy_px[kept], found.score[kept], [found.kind[i] for i in kept])


def _verdict(iou: FloatArray, same: NDArray[np.bool_], taken: int) -> tuple[Verdict, int]:
    """The verdict on one finding from its overlap (M,) with all boxes, and the box that it means."""
    if taken >= 0:
        return Verdict.RIGHT, taken
    if not len(iou) or iou.max() < ELSEWHERE_IOU:
        return Verdict.BACKGROUND, -1
    own, other = np.where(same, iou, 0), np.where(same, 0, iou)
    if ELSEWHERE_IOU <= own.max() < RIGHT_IOU:
        return Verdict.LOOSE, int(own.argmax())
    if other.max() >= RIGHT_IOU:
        return Verdict.WRONG_KIND, int(other.argmax())
    if own.max() >= RIGHT_IOU:
        return Verdict.DUPLICATE, int(own.argmax())
    return Verdict.LOOSE_AND_WRONG, int(other.argmax())
