"""Scores over folds count every box once, at thresholds that its own fold did not choose."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.scoring.average_precision import Reading
from models.training.cross_validation import FoldReadings
from models.training.cross_validation_scores import score_folds, scores_text
from vision.detector import Detections

BOX = (10.0, 10.0, 50.0, 50.0)
ELSEWHERE = (100.0, 100.0, 140.0, 140.0)


def reading(name: str, score: float, box: tuple[float, ...] = BOX) -> Reading:
    picture = LabelledPicture(Path(f"{name}.jpg"), 200, 200, (LabelledBox("pothole", BOX),))
    return Reading(picture, Detections.of_boxes(np.array([box]), np.array([score]), ["pothole"]))


def folds(*readings: list[Reading]) -> list[FoldReadings]:
    return [FoldReadings(number, {"drone": found}) for number, found in enumerate(readings)]


def test_no_folds_have_no_scores():
    assert score_folds([], "pothole", {}) == [] and scores_text([]) == ""


def test_every_box_is_counted_once():
    [scores] = score_folds(
        folds([reading("a", 0.9), reading("b", 0.8)], [reading("c", 0.7), reading("d", 0.9, ELSEWHERE)]),
        "pothole",
        {},
    )
    assert (scores.pictures, scores.boxes) == (4, 4)
    assert scores.recall == pytest.approx(0.75) and scores.f1 == pytest.approx(0.75)
    assert [fold.ap50 for fold in scores.per_fold] == [1.0, pytest.approx(0.25, abs=0.02)]
    assert scores.as_document()["ap50_over_folds"]["sd"] > 0.5
    assert "4 boxes in 4 pictures" in scores_text([scores])


def test_a_threshold_is_chosen_on_the_other_folds():
    sure = [reading(f"a{n}", 0.8) for n in range(40)] + [reading(f"w{n}", 0.4, ELSEWHERE) for n in range(40)]
    faint = [reading(f"b{n}", 0.3) for n in range(40)]
    [scores] = score_folds(folds(sure, faint), "pothole", {})
    assert scores.per_fold[1].threshold > 0.4 and scores.per_fold[1].recall == 0
    assert scores.per_fold[1].ap50 == pytest.approx(1.0)
