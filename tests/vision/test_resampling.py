"""Parts of a resampled picture are those of the whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.resampling import Resampling
from vision.tiling import Window

NOISE = np.random.default_rng(0).integers(0, 255, (401, 603, 3), dtype=np.uint8)
PICTURE = cv2.GaussianBlur(NOISE, (0, 0), 1.5)


def test_a_picture_of_one_pixel_stays_one():
    assert Resampling.by(0.01, np.zeros((3, 5, 3), np.uint8)).whole(np.zeros((3, 5, 3), np.uint8)).shape == (
        1,
        1,
        3,
    )


def test_where_nothing_changes_nothing_is_copied():
    assert Resampling.by(1.0, PICTURE).whole(PICTURE) is PICTURE


@pytest.mark.parametrize(("scale", "how"), [(0.55, cv2.INTER_AREA), (1.37, cv2.INTER_CUBIC)])
def test_the_whole_is_what_opencv_makes_of_it(scale, how):
    size = round(603 * scale), round(401 * scale)
    expected = cv2.resize(PICTURE, size, interpolation=how).astype(int)
    assert np.abs(Resampling.by(scale, PICTURE).whole(PICTURE) - expected).max() <= 1


@given(st.sampled_from([0.33, 0.55, 0.7, 1.08, 1.37, 2.0]), st.tuples(*[st.floats(0, 1)] * 4))
def test_a_part_shows_what_the_whole_shows_there(scale, corners):
    resampling = Resampling.by(scale, PICTURE)
    across, down = sorted(corners[:2]), sorted(corners[2:])
    left, top = (int(share[0] * (side - 1)) for share, side in _sides(resampling, across, down))
    right, bottom = (int(share[1] * (side - 1)) + 1 for share, side in _sides(resampling, across, down))
    part, x, y = resampling.part(PICTURE, Window(left, top, right, bottom))
    assert 0 <= x <= left and 0 <= y <= top
    assert part.shape == (bottom - y, right - x, 3)
    whole = resampling.whole(PICTURE)[y:bottom, x:right].astype(int)
    inner = np.abs(part - whole)[top - y :, left - x :]
    assert inner.mean() < 1.0 and inner.max() <= 12


def _sides(resampling, across, down):
    return (across, resampling.read_width_px), (down, resampling.read_height_px)
