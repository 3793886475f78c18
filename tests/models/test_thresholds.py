"""Thresholds are where F1 is best, and not where a single box says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.scoring.average_precision import Reading
from models.scoring.thresholds import choose_thresholds
from vision.detector import Detections

BOX = (0.0, 0.0, 10.0, 10.0)


def reading(kind: str, score: float, right: bool) -> Reading:
    truth = (LabelledBox(kind, BOX if right else (50.0, 50.0, 60.0, 60.0)),) if right else ()
    found = Detections.of_boxes(np.array([BOX]), np.array([score]), [kind])
    return Reading(LabelledPicture(Path("a.jpg"), 100, 100, truth), found)


def readings(kind: str, count: int, border: float) -> list[Reading]:
    """Findings whose score tells right from wrong at `border`."""
    scores = np.linspace(0.01, 0.99, count)
    return [reading(kind, value, bool(value > border)) for value in scores]


def test_too_few_boxes_choose_nothing():
    assert choose_thresholds([], ["crack", "pothole"]) == {"crack": 0.25, "pothole": 0.25}
    assert choose_thresholds([reading("crack", 0.9, True)], ["crack"]) == {"crack": 0.25}


def test_the_threshold_is_where_right_and_wrong_part():
    chosen = choose_thresholds(readings("crack", 200, 0.6), ["crack"])
    assert abs(chosen["crack"] - 0.6) <= 0.04


def test_a_rare_kind_takes_the_common_threshold():
    rare = [reading("pothole", 0.9, False), reading("pothole", 0.95, True)]
    chosen = choose_thresholds(readings("crack", 200, 0.4) + rare, ["crack", "pothole"])
    assert abs(chosen["pothole"] - 0.4) <= 0.04
