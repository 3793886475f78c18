"""The detector around a network: resolution, tiles, places."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.tiled_detector import TiledDetector


class RedSquares:
    """A network that finds the box of all red in a tile, and notes how many tiles it read."""

    input_px = 64

    def __init__(self) -> None:
        self.tiles_read = 0

    def run(self, tiles, take):
        for number, tile in enumerate(tiles):
            self.tiles_read += 1
            rows, columns = np.nonzero((tile[..., 2] > 200) & (tile[..., 0] < 50))
            output = np.zeros((5, 1), np.float32)
            if len(rows):
                left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
                output[:, 0] = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top, 0.9
            take(number, output)


def with_square(width, height, left, top, size):
    picture = np.full((height, width, 3), 90, np.uint8)
    picture[top : top + size, left : left + size] = (0, 0, 255)
    return picture


def detector(gsd_cm=None) -> TiledDetector:
    return TiledDetector(RedSquares(), ["red"], {"red": 0.5}, gsd_cm)


def test_an_empty_picture_has_no_detections():
    assert len(detector().detect(np.full((200, 300, 3), 90, np.uint8))) == 0


@given(st.integers(0, 280), st.integers(0, 180), st.integers(4, 20))
def test_a_square_is_found_once_where_it_is(left, top, size):
    found = detector().detect(with_square(300, 200, left, top, size))
    expected = [left, top, min(left + size, 300), min(top + size, 200)]
    assert found.kind == ("red",)
    assert found.xyxy_px.tolist() == [expected]


def test_places_are_right_in_a_picture_smaller_than_a_tile():
    assert detector().detect(with_square(30, 21, 5, 7, 10)).xyxy_px.tolist() == [[5, 7, 15, 17]]


def test_a_finer_picture_is_shrunk_and_places_come_back_in_its_own_pixels():
    finder = detector(gsd_cm=(1.0, 2.0))
    picture = with_square(600, 400, 200, 100, 80)
    found = finder.detect(picture, gsd_cm=0.25)
    assert np.allclose(found.xyxy_px, [[200, 100, 280, 180]], atol=4)
    assert found.outline_px[0].max() > 270
    assert finder._network.tiles_read == 4  # of 106 × 71 px


def square_px(left: float, top: float, size: float) -> np.ndarray:
    return np.array([[left, top], [left + size, top], [left + size, top + size], [left, top + size]])


def test_within_nothing_nothing_is_read():
    finder = detector()
    assert len(finder.detect(with_square(300, 200, 20, 30, 10), within=[])) == 0
    assert finder._network.tiles_read == 0


@given(st.integers(0, 280), st.integers(0, 180), st.integers(0, 250), st.integers(0, 150))
def test_what_touches_the_area_is_found_and_nothing_else(left, top, area_left, area_top):
    picture, area = with_square(300, 200, left, top, 10), square_px(area_left, area_top, 40)
    found = detector().detect(picture, within=[area])
    beside = max(area_left - left - 10, left - area_left - 40, area_top - top - 10, top - area_top - 40)
    if beside < 0:
        assert found.kind == ("red",)
    if beside > 0:
        assert len(found) == 0


def test_only_tiles_on_the_area_are_read_however_many_polygons_it_has():
    finder = detector()
    finder.detect(np.zeros((640, 640, 3), np.uint8), within=[square_px(5, 5, 20), square_px(8, 8, 20)])
    assert finder._network.tiles_read == 1


def test_a_bar_over_three_tiles_is_one_detection_within_an_area_too():
    picture = np.full((200, 150, 3), 90, np.uint8)
    picture[90:96, 10:140] = (0, 0, 255)
    area = np.array([[0, 80], [150, 80], [150, 110], [0, 110]])
    finder = detector()
    found = finder.detect(picture, within=[area])
    assert finder._network.tiles_read >= 3
    assert found.xyxy_px.tolist() == [[10, 90, 140, 96]]


def test_a_picture_lower_than_a_tile_is_read_in_its_full_height(monkeypatch):
    seen = []
    monkeypatch.setattr(RedSquares, "run", lambda self, tiles, take: seen.extend(tiles) or 1 / 0)
    picture = np.full((40, 300, 3), 90, np.uint8)
    with pytest.raises(ZeroDivisionError):
        detector().detect(picture, within=[np.array([[0, 18], [300, 18], [300, 24], [0, 24]])])
    assert {int((tile[:, 0, 0] == 90).sum()) for tile in seen} == {40}


def test_an_area_is_meant_in_the_pictures_own_pixels():
    picture = with_square(600, 400, 200, 100, 80)
    finder = detector(gsd_cm=(1.0, 2.0))
    assert len(finder.detect(picture, gsd_cm=0.25, within=[square_px(210, 110, 20)])) == 1
    assert len(finder.detect(picture, gsd_cm=0.25, within=[square_px(410, 310, 20)])) == 0


def test_only_the_part_that_the_area_needs_is_resampled(monkeypatch):
    resampled_px = []
    resize = cv2.resize

    def noted(picture, *args, **kwargs):
        resampled_px.append(picture.shape[0] * picture.shape[1])
        return resize(picture, *args, **kwargs)

    monkeypatch.setattr("vision.resampling.cv2.resize", noted)
    picture = with_square(1200, 900, 900, 700, 40)
    found = detector(gsd_cm=(1.0, 2.0)).detect(picture, gsd_cm=0.7, within=[square_px(880, 680, 80)])
    assert np.allclose(found.xyxy_px, [[900, 700, 940, 740]], atol=3)
    assert 0 < sum(resampled_px) < 0.1 * 1200 * 900
