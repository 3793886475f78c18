"""What people read of an evaluation."""

from __future__ import annotations

from models.scoring.background import BackgroundAlarms, Ground
from models.scoring.evaluation import evaluate
from models.scoring.evaluation_text import evaluation_text
from tests.models.scored_readings import reading

HERE = (0.0, 0.0, 10.0, 10.0)


def test_of_kinds_without_boxes_nothing_is_known_and_the_means_leave_them_out():
    tiles = [
        reading([("crack", HERE)], [("crack", 0.9, HERE), ("pothole", 0.9, HERE)], name) for name in "ab"
    ]
    text = evaluation_text(evaluate(tiles, {"crack": 0.5, "pothole": 0.5}))
    assert "2 pictures: mAP50 1.000 (1.00–1.00), mAP50-95 1.000 (1.00–1.00), mean F1 1.000" in text
    row = next(line for line in text.splitlines() if line.split()[0] == "pothole")
    assert row.split() == ["pothole", "0", "0", "–", "–", "–", "–", "–", "at", "0.50"]
    assert "the means leave out pothole." in text


def test_where_nothing_is_labelled_there_are_no_means():
    text = evaluation_text(evaluate([reading([], [("crack", 0.9, HERE)])], {"crack": 0.5}))
    assert text.startswith("1 pictures: mAP50 –, mAP50-95 –, mean F1 –")
    assert "crack 1" in text


def test_whole_photos_whose_roads_nobody_marked_tell_nothing_of_the_road():
    tile = reading([("crack", HERE)], [("crack", 0.9, HERE)])
    none, some = Ground(0, {}, None, None), Ground(3, {"crack": 3}, None, None)
    text = evaluation_text(evaluate([tile], {"crack": 0.5}), BackgroundAlarms(2, False, 1.5, none, some, ()))
    assert "Findings on 2 whole photos: 1.5 a photo: 3 (crack 3); nobody marked what is road" in text
    assert "on the road" not in text
