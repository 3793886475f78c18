"""Ultralytics weights through the same protocol as every detector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.catalogue import open_detector
from models.ultralytics_detector import _batches
from vision.decoding import read_picture


def test_without_tiles_there_is_no_batch():
    assert list(_batches([])) == []


def test_batches_hold_tiles_of_one_size_in_their_order():
    sizes = [(64, 64)] * 20 + [(64, 96)] * 3 + [(96, 96)]
    tiles = [np.full((*size, 3), number, np.uint8) for number, size in enumerate(sizes)]
    batches = list(_batches(tiles))
    assert [len(batch) for batch in batches] == [16, 4, 3, 1]
    assert [int(tile[0, 0, 0]) for batch in batches for tile in batch] == list(range(24))


@pytest.mark.real_data
@pytest.mark.slow
def test_within_an_area_weights_find_what_the_whole_picture_shows_there(shared: Path):
    pytest.importorskip("ultralytics")
    detector = open_detector(shared / "weights/road-damage-yolo11n-512-12epochs.pt").detector
    tile = read_picture(shared / "data/road-damage/drone/images/China_Drone_002144.jpg")
    picture = np.tile(tile, (2, 2, 1))
    whole = detector.detect(picture)
    area = np.array([[0, 0], [500, 0], [500, 500], [0, 500]])
    found = detector.detect(picture, within=[area])
    expected = [box for box in whole.xyxy_px.tolist() if box[0] < 300 and box[1] < 300]
    assert expected
    for box in expected:
        assert np.abs(found.xyxy_px - box).max(axis=1).min() < 25
