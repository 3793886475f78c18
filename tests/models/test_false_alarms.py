"""False alarms: what counts as one, how many there are on how much ground."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from models.scoring.background import count_on_background, read_background
from models.scoring.false_alarms import count_false_alarms
from tests.models.scored_readings import reading
from vision.detector import Detections
from vision.errors import PantauError

HERE, PART, THERE = (0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 10.0, 20.0), (50.0, 50.0, 60.0, 60.0)
THRESHOLDS = {"crack": 0.5, "pothole": 0.5}


class FindsTheSame:
    """A detector that finds these boxes in every picture, and notes at which resolution it was asked."""

    kinds = ("pothole",)

    def __init__(self, *boxes: tuple[float, float, float, float]) -> None:
        self.boxes, self.gsd_cm = boxes, []

    def detect(self, picture, *, gsd_cm=None, within=None) -> Detections:
        self.gsd_cm.append(gsd_cm)
        return Detections.of_boxes(
            np.array(self.boxes).reshape(-1, 4), np.full(len(self.boxes), 0.9), ["pothole"] * len(self.boxes)
        )


@pytest.fixture
def photos(tmp_path):
    """A folder with two grey photos of 100 × 100 px."""
    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((100, 100, 3), 90, np.uint8))
    return tmp_path


def test_nothing_read_has_no_false_alarm():
    alarms = count_false_alarms([], THRESHOLDS, None, (1.0, 1.0))
    assert (alarms.count, alarms.per_picture, alarms.interval, alarms.per_100_m2) == (0, 0, None, None)


def test_a_finding_on_damage_of_another_kind_is_none():
    tiles = [
        reading([("crack", HERE)], [("pothole", 0.9, HERE), ("crack", 0.9, PART)], "a"),
        reading([("crack", HERE)], [("crack", 0.9, THERE), ("crack", 0.4, THERE)], "b"),
    ]
    alarms = count_false_alarms(tiles, THRESHOLDS, {"a": 0, "b": 1}, (50.0, 100.0))
    assert (alarms.count, alarms.per_picture, dict(alarms.per_kind)) == (1, 0.5, {"crack": 1, "pothole": 0})
    # 2 × 9,900 px outside the boxes, each of 0.25 to 1 m².
    assert alarms.per_100_m2 == pytest.approx((100 / 19800, 100 / 4950))
    assert alarms.interval == (0, 1)


def test_a_folder_without_labels_is_all_background(photos):
    alarms = count_on_background(FindsTheSame(HERE, THERE), read_background(photos))
    assert (alarms.pictures, alarms.per_picture, alarms.elsewhere.count) == (2, 2, 4)
    assert alarms.elsewhere.per_100_m2 is None
    assert alarms.on_road.count == 0


def test_labels_tell_road_and_damage(photos):
    labels = {
        "pictures": [
            {
                "image": "a.png",
                "gsd_cm": 10,
                "road_px": [[[0, 0], [100, 0], [100, 20], [0, 20]]],
                "damage": [{"kind": "crack", "xyxy_px": [20, 0, 30, 10]}],
            }
        ]
    }
    (photos / "background.json").write_text(json.dumps(labels), encoding="utf-8")
    detector = FindsTheSame(HERE, THERE, (20.0, 0.0, 30.0, 12.0))
    alarms = count_on_background(detector, read_background(photos))
    assert detector.gsd_cm == [10.0]
    assert (alarms.on_road.count, alarms.elsewhere.count) == (1, 1)
    assert alarms.on_road.area_m2 == pytest.approx(19)
    assert alarms.elsewhere.per_100_m2 == pytest.approx(100 / 80)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"pictures": []}', '{"pictures": [{"image": "none.png"}]}',
             '{"pictures": [{"image": "a.png", "damage": [{"kind": "x", "xyxy_px": [9, 9, 1, 1]}]}]}']
)  # fmt: skip
def test_broken_labels_are_named(photos, text):
    file = photos / "labels.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PantauError, match=r"labels\.json"):
        read_background(photos, file)


def test_an_empty_folder_is_the_users_mistake(tmp_path):
    with pytest.raises(PantauError, match="no pictures"):
        read_background(tmp_path)


@pytest.mark.real_data
def test_the_labels_of_brighton_beach_fit_its_photos(shared, request):
    labels = request.path.with_name("brighton_beach_damage.json")
    pictures = read_background(shared / "data/photos/brighton-beach", labels)
    assert len(pictures) == 6
    for picture in pictures:
        assert picture.road.is_valid
        assert picture.road.bounds[2] <= 4000
        assert picture.road.bounds[3] <= 2250
        assert picture.damage
