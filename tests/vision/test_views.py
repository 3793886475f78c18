"""Views of a tile: mirrored and back, and what they propose made one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.candidates import Candidates
from vision.tiled_detector import TiledDetector
from vision.views import fuse_views, views

IOU = 0.45


def boxes(*entries: tuple[float, float, float, float, float, int]) -> Candidates:
    """Candidates of (left, top, right, bottom, score, kind)."""
    table = np.array(entries, dtype=float).reshape(-1, 6)
    return Candidates(table[:, :4], table[:, 4], table[:, 5].astype(np.intp))


def test_there_are_one_two_or_four_views():
    assert [len(views(count)) for count in (1, 2, 4)] == [1, 2, 4]
    with pytest.raises(ValueError, match="3 views"):
        views(3)


def test_nothing_in_any_view_is_nothing():
    assert len(fuse_views([boxes(), boxes()], IOU)) == 0


@given(
    st.integers(0, 40), st.integers(0, 20), st.integers(1, 20), st.integers(1, 10), st.sampled_from(views(4))
)
def test_what_a_view_shows_comes_back_to_its_place(left, top, width, height, view):
    tile = np.zeros((30, 60, 3), np.uint8)
    tile[top : top + height, left : left + width] = 255
    rows, columns = np.nonzero(view.of(tile)[..., 0])
    seen = boxes((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1, 0.5, 0))
    expected = [left, top, min(left + width, 60), min(top + height, 30)]
    assert view.back(seen, tile).xyxy_px.tolist() == [expected]


def test_two_views_of_one_thing_are_its_mean_by_score():
    fused = fuse_views([boxes((0, 0, 10, 10, 0.9, 0)), boxes((0, 0, 12, 10, 0.3, 0))], IOU)
    assert fused.xyxy_px.tolist() == [[0, 0, 10.5, 10]]
    assert fused.score.tolist() == [pytest.approx(0.6)]


def test_what_one_view_alone_saw_keeps_its_place_with_half_the_score():
    fused = fuse_views([boxes((0, 0, 10, 10, 0.8, 0)), boxes((50, 0, 60, 10, 0.4, 0))], IOU)
    assert fused.xyxy_px[:, 0].tolist() == [0, 50]
    assert fused.score.tolist() == [0.4, 0.2]


def test_kinds_and_two_boxes_of_one_view_stay_apart():
    one = boxes((0, 0, 10, 10, 0.8, 0), (1, 0, 11, 10, 0.7, 0))
    other = boxes((0, 0, 10, 10, 0.6, 1))
    assert len(fuse_views([one, other], IOU)) == 3


@given(st.permutations(range(4)))
def test_the_order_of_candidates_does_not_matter(order):
    one = boxes(
        (0, 0, 10, 10, 0.8, 0), (30, 0, 40, 10, 0.8, 0), (2, 0, 12, 10, 0.4, 0), (0, 30, 9, 40, 0.4, 1)
    )
    other = boxes((1, 0, 11, 10, 0.6, 0))
    fused = fuse_views([one, other], IOU)
    again = fuse_views([one.take(np.array(order)), other], IOU)
    assert again.xyxy_px.tolist() == fused.xyxy_px.tolist()
    assert again.score.tolist() == fused.score.tolist()


class SeesTheUpperHalfOnly:
    """A network that finds white in the upper half of a tile of 64 px."""

    input_px = 64

    def run(self, tiles, take):
        for number, tile in enumerate(tiles):
            rows, columns = np.nonzero(tile[:32, :, 0] > 200)
            output = np.zeros((5, 1), np.float32)
            if len(rows):
                box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
                output[:, 0] = (*_centre_and_size(*box), 0.8)
            take(number, output)


def _centre_and_size(left, top, right, bottom):
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


@pytest.mark.parametrize(("count", "found"), [(1, 0), (2, 1), (4, 1)])
def test_a_detector_finds_in_another_view_what_one_does_not_show(count, found):
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[50:60, 10:20] = 255
    detector = TiledDetector(SeesTheUpperHalfOnly(), ["spot"], {"spot": 0.3}, view_count=count)
    detections = detector.detect(picture)
    assert len(detections) == found
    assert detections.xyxy_px.tolist() == [[10, 50, 20, 60]] * found
    assert detections.score.tolist() == [pytest.approx(0.4)] * found
