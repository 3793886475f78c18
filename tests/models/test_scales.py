"""Crops, canvases and windows keep labels where the damage is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.training.forward_view import Tile
from models.training.scales import (
    background_windows,
    enlarged_crop,
    is_seen_when_shrunken,
    shrunken_canvas,
    window_without_damage,
)


def tile_with(*boxes: tuple[int, int, int, int]) -> Tile:
    """Grey with white damage."""
    pixels = np.full((512, 512, 3), 100, dtype=np.uint8)
    for left, top, right, bottom in boxes:
        pixels[top:bottom, left:right] = 255
    return Tile(pixels, tuple(LabelledBox("pothole", tuple(map(float, box))) for box in boxes))


def white_is_boxed(tile: Tile) -> None:
    white = tile.pixels.min(axis=2) > 200
    boxed = np.zeros(white.shape, dtype=bool)
    for left, top, right, bottom in (box.xyxy_px for box in tile.boxes):
        boxed[round(top) : round(bottom), round(left) : round(right)] = True
    assert (white & ~boxed).mean() < 0.002 and (boxed & ~white).mean() < 0.01


def test_without_damage_there_is_nothing_to_enlarge():
    assert enlarged_crop(tile_with(), 200, 512, np.random.default_rng(0)) is None


@pytest.mark.parametrize("seed", range(10))
def test_enlarged_damage_is_boxed(seed):
    tile = tile_with((60, 60, 160, 90), (300, 320, 380, 420))
    crop = enlarged_crop(tile, 220, 512, np.random.default_rng(seed))
    assert crop is not None and crop.boxes and crop.pixels.shape == (512, 512, 3)
    white_is_boxed(crop)


@pytest.mark.parametrize("per_side", [2, 3])
def test_shrunken_damage_is_boxed(per_side):
    canvas = shrunken_canvas([tile_with((60, 60, 160, 90)), tile_with((300, 320, 380, 420))], per_side, 512)
    assert len(canvas.boxes) == 2 and canvas.pixels.shape == (512, 512, 3)
    white_is_boxed(canvas)


def test_damage_that_would_vanish_is_not_shrunken():
    picture = LabelledPicture(Path("x.jpg"), 512, 512, tile_with((0, 0, 24, 12)).boxes)
    assert is_seen_when_shrunken(picture, 2, 512)
    assert not is_seen_when_shrunken(picture, 3, 512)


@pytest.mark.parametrize("seed", range(5))
def test_windows_without_damage_show_none(seed):
    window = window_without_damage(tile_with((100, 100, 300, 200)), 180, 512, np.random.default_rng(seed))
    assert window is not None and window.boxes == ()
    white_is_boxed(window)


def test_a_tile_full_of_damage_or_black_has_no_window():
    random = np.random.default_rng(0)
    assert window_without_damage(tile_with((0, 0, 512, 512)), 180, 512, random) is None
    black = Tile(np.zeros((512, 512, 3), dtype=np.uint8), ())
    assert window_without_damage(black, 180, 512, random) is None


def test_background_windows_fit_small_photos():
    windows = background_windows(np.zeros((200, 300, 3), np.uint8), (256,), 512, 3, np.random.default_rng(0))
    assert [window.pixels.shape for window in windows] == [(512, 512, 3)] * 3
