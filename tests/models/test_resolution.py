"""How coarse is too coarse: recall on a ladder of resolutions."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.scoring.resolution import LADDER_CM, coarsest_cm, coarsest_resolutions, measure_resolutions
from vision.detector import Detections


class SeesRedFrom:
    """Finds the one red square of a picture while it spans this many pixels, and notes what it was told."""

    kinds = ("crack", "pothole")

    def __init__(self, fewest_px: float) -> None:
        self.fewest_px = fewest_px
        self.told_cm: set[float] = set()

    def detect(self, picture, *, gsd_cm=None, within=None):
        self.told_cm.add(round(gsd_cm, 3))
        rows, columns = np.nonzero((picture[..., 2] > 150) & (picture[..., 0] < 80))
        if len(rows) == 0 or np.ptp(columns) + 1 < self.fewest_px:
            return Detections.none()
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Detections.of_boxes(np.array([box], float), np.array([0.9]), ["crack"])


@pytest.fixture
def squares(tmp_path: Path) -> list[LabelledPicture]:
    """Twenty pictures, each with a red square of 16…35 px that is a crack."""
    pictures = []
    for number in range(20):
        side = 16 + number
        pixels = np.full((128, 128, 3), 90, np.uint8)
        pixels[40 : 40 + side, 40 : 40 + side] = (0, 0, 255)
        file = tmp_path / f"{number:02d}.png"
        cv2.imwrite(str(file), pixels)
        box = LabelledBox("crack", (40.0, 40.0, 40.0 + side, 40.0 + side))
        pictures.append(LabelledPicture(file, 128, 128, (box,)))
    return pictures


def test_nothing_held_out_says_nothing():
    measured = measure_resolutions(SeesRedFrom(1), [], {}, {"crack": 0.5})
    assert [one.coarsest_gsd_cm for one in measured] == [None]
    assert coarsest_resolutions(measured) == {}


def test_a_kind_is_found_until_it_gets_too_small(squares):
    detector, gsd_cm = SeesRedFrom(10), {picture.name: 0.6 for picture in squares}
    crack, pothole = measure_resolutions(detector, squares, gsd_cm, {"crack": 0.5, "pothole": 0.5})
    assert detector.told_cm == set(LADDER_CM)
    assert crack.recall[0] == 1 and crack.recall[-1] == 0
    assert crack.ap50[0] == pytest.approx(1)
    # The fifth smallest square, of 20 px, spans ten pixels when it is seen at 1.2 cm.
    assert crack.coarsest_gsd_cm == pytest.approx(1.2, rel=0.15)
    assert crack.interval_cm is not None
    assert crack.interval_cm[0] <= crack.coarsest_gsd_cm <= crack.interval_cm[1]
    assert crack.by_itself and not pothole.by_itself
    assert set(pothole.ap50) == {None} and pothole.coarsest_gsd_cm == crack.coarsest_gsd_cm
    assert set(coarsest_resolutions((crack, pothole))) == {"crack", "pothole"}


def test_a_picture_joins_at_the_resolution_it_was_taken_at(squares):
    detector, gsd_cm = SeesRedFrom(1), {picture.name: 1.3 for picture in squares}
    (crack,) = measure_resolutions(detector, squares, gsd_cm, {"crack": 0.5})
    assert crack.recall[:2] == (None, None)
    assert crack.recall[2] == 1
    assert detector.told_cm == {1.3, 1.7, 2.4, 3.4, 4.8}


def test_the_limit_is_the_last_crossing_interpolated():
    nothing = float("nan")
    falling = np.array([nothing, 0.5, 0.5, 0.5, 0.3, 0.0, 0.0])
    assert coarsest_cm(falling) == pytest.approx(1.7 * (2.4 / 1.7) ** 0.5)
    assert coarsest_cm(np.array([0.3, 0.5, 0.3, 0.5, 0.5, 0.0, 0.0])) > 2.4
    assert coarsest_cm(np.ones(7)) == LADDER_CM[-1]
    assert np.isnan(coarsest_cm(np.zeros(7)))
