"""Pieces of photos that show a defect."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.register.records import ObservationRecord, PhotoRecord
from reports.contents import Contents
from reports.crops import CropOrder, crop_window, cut_crops, draw_crop

BOX = ((300.0, 200.0), (340.0, 200.0), (340.0, 230.0), (300.0, 230.0))


def test_no_orders_no_crops(tmp_path: Path) -> None:
    assert cut_crops([], tmp_path, lambda steps, detail: None) == {}


def test_a_small_outline_gets_the_smallest_window() -> None:
    left, top, right, bottom = crop_window(BOX, 1600, 1200)
    assert (right - left, bottom - top) == pytest.approx((341, 256), abs=1)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((320, 215), abs=1)


@given(
    st.integers(30, 5000),
    st.integers(30, 5000),
    st.tuples(*[st.floats(0, 1)] * 4).filter(lambda s: s[0] != s[2]),
)
def test_the_window_holds_the_outline_and_stays_in_the_photo(
    width: int, height: int, shares: tuple[float, float, float, float]
) -> None:
    corners = [
        (shares[0] * (width - 1), shares[1] * (height - 1)),
        (shares[2] * (width - 1), shares[3] * (height - 1)),
    ]
    left, top, right, bottom = crop_window(corners, width, height)
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    for x, y in corners:
        assert left - 1e-6 <= x <= right + 1e-6 and top - 1e-6 <= y <= bottom + 1e-6


@pytest.mark.parametrize("size", [(900, 1200), (40, 60), (3000, 200)])
def test_crops_are_512_to_640_px(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 128, np.uint8)
    crop = draw_crop(picture, ((5.0, 5.0), (size[1] - 5.0, 5.0), (30.0, size[0] - 5.0)), "#c8102e")
    assert 512 <= max(crop.shape[:2]) <= 640


def test_the_outline_is_drawn_in_its_colour_and_the_photo_stays_as_it_is() -> None:
    picture = np.full((1200, 1600, 3), 128, np.uint8)
    crop = draw_crop(picture, BOX, "#c8102e")
    assert (np.abs(crop.astype(int) - (0x2E, 0x10, 0xC8)).sum(axis=2) < 30).sum() > 100
    assert (picture == 128).all()


def test_problems_are_told_not_raised(
    tmp_path: Path, sample_contents: Contents, make_observation: Callable[..., ObservationRecord]
) -> None:
    gone = replace(sample_contents.photos[0], id="gone", path=tmp_path / "gone.jpg")
    text = replace(gone, id="text", path=tmp_path / "text.jpg")
    text.path.write_text("no picture")
    other = replace(gone, id="other", path=tmp_path / "other.jpg")
    cv2.imwrite(str(other.path), np.zeros((100, 100, 3), np.uint8))
    orders = [_order(photo, make_observation) for photo in (gone, text, other)]
    crops = cut_crops(orders, tmp_path / "pictures", lambda steps, detail: None)
    problems = {name: crop.problem for name, crop in crops.items()}
    assert problems == {"gone": "missing", "text": "unreadable", "other": "changed"}


def _order(photo: PhotoRecord, make_observation: Callable[..., ObservationRecord]) -> CropOrder:
    return CropOrder(make_observation(detection=photo.id), photo, "#c8102e", f"{photo.id}.jpg")
