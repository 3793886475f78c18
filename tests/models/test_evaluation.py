"""Scores of cases that are worked out by hand."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.scoring.average_precision import (
    IOU_LEVELS,
    Reading,
    average_precision,
    iou_matrix,
    judge,
    precision_recall_f1,
    read_all,
    score,
)
from models.torch_compat import import_ultralytics
from vision.detector import Detections
from vision.errors import PantauError


def reading(truth, found) -> Reading:
    """A picture with boxes labelled (kind, box), and findings (kind, score, box)."""
    boxes = tuple(LabelledBox(kind, box) for kind, box in truth)
    picture = LabelledPicture(Path("a.jpg"), 100, 100, boxes)
    detections = Detections.of_boxes(
        np.array([box for _, _, box in found], dtype=float).reshape(-1, 4),
        np.array([value for _, value, _ in found], dtype=float),
        [kind for kind, _, _ in found],
    )
    return Reading(picture, detections)


HERE, THERE = (0, 0, 10, 10), (50, 50, 60, 60)


def test_where_nothing_is_labelled_no_score_is_known():
    scores = score([reading([], [("pothole", 0.9, HERE)])], {"pothole": 0.5})
    assert (scores.pictures, scores.map50, scores.map50_95, scores.f1) == (1, None, None, None)
    assert scores.as_document()["per_kind"]["pothole"] == {"boxes": 0, "threshold": 0.5} | dict.fromkeys(
        ("ap50", "ap50_95", "precision", "recall", "f1")
    )


def test_means_leave_out_kinds_that_are_not_labelled():
    scores = score([reading([("pothole", HERE)], [("pothole", 0.9, HERE)])], {"pothole": 0.5, "repair": 0.5})
    assert (scores.map50, scores.f1) == (1, 1)
    assert scores.unlabelled == ("repair",)


def test_a_perfect_detector_scores_one():
    scores = score([reading([("pothole", HERE)], [("pothole", 0.9, HERE)])] * 3, {"pothole": 0.5})
    (only,) = scores.per_kind
    assert (scores.map50, scores.map50_95) == (1, 1)
    assert (only.boxes, only.precision, only.recall, only.f1) == (3, 1, 1, 1)


def test_a_second_finding_of_one_box_is_a_false_alarm():
    judged = judge(
        [reading([("pothole", HERE)], [("pothole", 0.4, HERE), ("pothole", 0.9, HERE)])], "pothole"
    )
    assert judged.score.tolist() == [0.9, 0.4]
    assert judged.hit[:, 0].tolist() == [True, False]
    assert precision_recall_f1(judged, 0.0) == (0.5, 1.0, pytest.approx(2 / 3))
    assert precision_recall_f1(judged, 0.5) == (1.0, 1.0, 1.0)


def test_the_right_place_with_the_wrong_kind_is_a_miss_and_a_false_alarm():
    scores = score([reading([("pothole", HERE)], [("repair", 0.9, HERE)])], {"pothole": 0.5, "repair": 0.5})
    assert [kind.f1 for kind in scores.per_kind] == [0, None]
    assert [kind.ap50 for kind in scores.per_kind] == [0, None]
    assert scores.map50 == 0


def test_a_loose_box_counts_at_low_overlaps_only():
    judged = judge([reading([("pothole", HERE)], [("pothole", 0.9, (0, 0, 10, 7.2))])], "pothole")
    assert judged.hit[0].tolist() == [level <= 0.72 for level in IOU_LEVELS]


def test_average_precision_by_hand():
    # Right, wrong, right of 2 boxes: precision 1 up to recall ½ (51 of 101 points), then 2/3.
    assert average_precision(np.array([True, False, True]), 2) == pytest.approx((51 + 50 * 2 / 3) / 101)
    # Recall never passes ½: the rest counts nothing.
    assert average_precision(np.array([True]), 2) == pytest.approx(51 / 101)
    assert average_precision(np.array([], dtype=bool), 2) == 0


def test_overlap_by_hand():
    assert iou_matrix(np.array([HERE], float), np.array([HERE, (5, 0, 15, 10), THERE], float)).tolist() == [
        [1, pytest.approx(1 / 3), 0]
    ]


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 40))
def test_average_precision_lies_between_none_and_the_recall_reached(hits, boxes):
    hit = np.array(hits, dtype=bool)
    boxes = max(boxes, int(hit.sum()))
    assert 0 <= average_precision(hit, boxes) <= hit.sum() / boxes + 1 / 101


@pytest.mark.skipif(find_spec("ultralytics") is None, reason="needs the extra train")
@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 60))
def test_average_precision_agrees_with_ultralytics(hits, boxes):
    metrics = import_ultralytics().utils.metrics
    hit = np.array(hits, dtype=bool)
    boxes = max(boxes, int(hit.sum()))
    right = np.cumsum(hit)
    theirs = metrics.compute_ap(right / boxes, right / np.arange(1, len(hit) + 1))[0]
    # They integrate between the 101 points by trapezes, COCO takes their mean.
    assert average_precision(hit, boxes) == pytest.approx(theirs, abs=0.02)


def test_a_picture_that_cannot_be_read_cannot_be_scored(tmp_path):
    (tmp_path / "a.jpg").write_text("no picture", encoding="utf-8")
    picture = LabelledPicture(tmp_path / "a.jpg", 10, 10, ())
    with pytest.raises(PantauError, match=r"a\.jpg"):
        read_all(None, [picture])
