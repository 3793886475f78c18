"""The card says what is known and what is not."""

from __future__ import annotations

from dataclasses import replace

from models.card import card_text
from models.catalogue import find_model
from models.scoring.average_precision import KindScores, Scores

MODEL = find_model("road-damage-yolo11n")


def test_a_model_that_nobody_scored_says_so():
    card = card_text(replace(MODEL, gsd_cm=None), None, 0, (), ())
    assert "None: no picture was kept for scoring." in card
    assert "Unknown: pictures are read as they are." in card


def test_scores_of_few_boxes_are_called_uncertain():
    pothole = KindScores("pothole", 17, 0.3, 0.25, 0.1, 0.5, 0.4, 0.44)
    unlabelled = KindScores("repair", 0, 0.3, None, None, 0, 0, 0)
    card = card_text(
        MODEL, Scores(484, 0.25, 0.1, (pothole, unlabelled)), 154, ("RDD2022, CC BY-SA",), ("A note.",)
    )
    assert "| pothole | 17 | 0.250 | 0.100 | 0.30 | 0.500 | 0.400 | 0.440 |" in card
    assert "pothole: only 17 boxes" in card
    assert "* RDD2022, CC BY-SA" in card
    assert "* A note." in card
