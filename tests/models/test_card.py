"""The card says what is known and what is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.card import Evidence, card_text
from models.catalogue import find_model
from models.labelled.pictures import LabelledBox, LabelledPicture
from models.scoring.average_precision import Reading
from models.scoring.background import BackgroundAlarms, Ground
from models.scoring.evaluation import Evaluation, evaluate
from models.training.quantization import Int8Comparison
from vision.detector import Detections

MODEL = find_model("road-damage-yolo11n")
HERE = (0.0, 0.0, 10.0, 10.0)


@pytest.fixture
def evaluation() -> Evaluation:
    """Two pictures with a pothole each, of which one is found, and one false alarm beside it."""
    found = Detections.of_boxes(
        np.array([HERE, (50, 50, 60, 60)], float), np.array([0.9, 0.8]), ["pothole"] * 2
    )
    box = LabelledBox("pothole", HERE)
    readings = [
        Reading(LabelledPicture(Path("a.jpg"), 100, 100, (box,)), found),
        Reading(LabelledPicture(Path("b.jpg"), 100, 100, (box,)), Detections.none()),
    ]
    return evaluate(readings, {"pothole": 0.3, "repair": 0.3}, {"a": 0, "b": 1}, (0.6, 1.7))


def test_a_model_that_nobody_scored_says_so():
    card = card_text(replace(MODEL, gsd_cm=None), Evidence())
    assert "None: no picture was kept for scoring." in card
    assert "Unknown: pictures are read as they are." in card
    assert "Not counted." in card


def test_scores_come_with_their_intervals(evaluation):
    card = card_text(MODEL, Evidence(154, evaluation, data=("RDD2022, CC BY-SA",), notes=("A note.",)))
    row = next(line for line in card.splitlines() if line.startswith("| pothole"))
    assert row.startswith("| pothole | 2 | 2 | 0.505 (0.00–1.00) |")
    assert "| repair | 0 | 0 | – | – | 0.30 | – | – | – |" in card
    assert "repair: no box was scored" in card
    assert "mean F1 **0.500**" in card
    assert "draws of the 2 overlap groups" in card
    assert "* RDD2022, CC BY-SA" in card
    assert "* A note." in card


def test_scores_of_few_boxes_are_called_uncertain(evaluation):
    card = card_text(MODEL, Evidence(evaluation=evaluation))
    assert "pothole: only 2 boxes" in card
    assert "pothole: labelled in 2 overlap groups only" in card
    alone = evaluate(
        [Reading(LabelledPicture(Path("a.jpg"), 99, 99, (LabelledBox("pothole", HERE),)), Detections.none())],
        {"pothole": 0.3},
    )
    assert "pothole: labelled in one overlap group only; no interval" in card_text(MODEL, Evidence(0, alone))


def test_scores_that_nobody_knows_are_no_zeros():
    unlabelled = evaluate(
        [Reading(LabelledPicture(Path("a.jpg"), 9, 9, ()), Detections.none())], {"pothole": 0.3}
    )
    card = card_text(MODEL, Evidence(0, unlabelled, int8=Int8Comparison({})))
    assert "mAP50 **–** (–), mAP50-95 **–** (–), mean F1 **–** (–)" in card
    assert "nobody knows whether the network finds as much in INT8" in card


def test_false_alarms_are_told_by_ground(evaluation):
    photos = BackgroundAlarms(
        6, True, 2.5, Ground(1, {"repair": 1}, 1540.0, 0.065), Ground(14, {"pothole": 14}, None, None), ()
    )
    card = card_text(MODEL, Evidence(evaluation=evaluation, background=photos))
    assert "at the shipped thresholds: 1, 0.500 (0.00–1.00) a picture" in card
    assert "1 (repair 1), 0.07 on 100 m² (of 1540 m²)." in card
    assert "(grass, trees, roofs, water): 14 (pothole 14)." in card
    card = card_text(MODEL, Evidence(evaluation=evaluation, background=replace(photos, road_is_marked=False)))
    assert "In 6 whole photos, their roads not marked: 14 (pothole 14)." in card
    assert "On the road" not in card


def test_what_else_was_measured_is_told(evaluation):
    folds = {
        "kind": "pothole",
        "folds": 5,
        "epochs": 12,
        "imgsz_px": 416,
        "sources": {
            "drone": {
                "ap50": 0.41,
                "ap50_interval": (0.3, 0.5),
                "f1": 0.4,
                "precision": 0.5,
                "recall": 0.33,
                "boxes": 86,
                "pictures": 2401,
            }
        },
    }
    model = replace(MODEL, coarsest_gsd_cm={"pothole": 2.5})
    card = card_text(
        model, Evidence(154, evaluation, None, folds, Int8Comparison({"held-out": (0.567, 0.563)}))
    )
    assert "5-fold cross-validation of pothole" in card
    assert "drone: AP50 0.410 (0.30–0.50), F1 0.400" in card
    assert "mAP50 0.563 on the held-out pictures (FP32 0.567): it is what ships." in card
    assert "not reported: pothole 2.5 cm per pixel" in card
