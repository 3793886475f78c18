"""Drawn paving shows joints and no damage; it never covers what is labelled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.labelled.pictures import LabelledBox
from models.training.forward_view import Tile
from models.training.paving import paved_beside, paving

SIDE_PX = 96


def grey_tile(*boxes: tuple[float, float, float, float]) -> Tile:
    pixels = np.full((SIDE_PX, SIDE_PX, 3), 120, dtype=np.uint8)
    return Tile(pixels, tuple(LabelledBox("pothole", box) for box in boxes))


def test_a_tile_full_of_damage_is_left_alone():
    assert paved_beside(grey_tile((0, 0, SIDE_PX, SIDE_PX)), np.random.default_rng(0)) is None


def test_the_same_seed_draws_the_same_paving():
    once, again, other = (paving(SIDE_PX, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert once.shape == (SIDE_PX, SIDE_PX, 3)
    assert np.array_equal(once, again) and not np.array_equal(once, other)


@pytest.mark.parametrize("size_px", [1, 2, 33])
def test_paving_of_any_size_can_be_drawn(size_px):
    assert paving(size_px, np.random.default_rng(3)).shape == (size_px, size_px, 3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(5, 80), st.integers(5, 80))
def test_no_box_is_paved_over(seed, left, top):
    box = (float(left), float(top), left + 14.0, top + 12.0)
    tile = grey_tile(box)
    paved = paved_beside(tile, np.random.default_rng(seed))
    if paved is not None:
        inside = np.s_[top : top + 12, left : left + 14]
        assert paved.boxes == tile.boxes
        assert np.array_equal(paved.pixels[inside], tile.pixels[inside])
        changed = float((paved.pixels != tile.pixels).any(axis=2).mean())
        assert 0.1 < changed < 0.9


def test_most_tiles_can_be_paved():
    tile = grey_tile((40.0, 40.0, 60.0, 50.0))
    paved = [paved_beside(tile, np.random.default_rng(seed)) for seed in range(30)]
    assert sum(one is not None for one in paved) >= 28
