"""Pasted potholes lie on road, never on labelled damage, and take the road's colour."""

from __future__ import annotations

import numpy as np
import pytest

from models.labelled.pictures import LabelledBox
from models.training.forward_view import Tile
from models.training.pasting import PotholePatch, grouped_by_look, paste, patches_of_boxes, resized

GREY, GRASS, DARK = (125, 125, 125), (40, 160, 40), (50, 50, 50)


def road_tile(seed: int = 0) -> Tile:
    """Road on the left, grass on the right, a labelled crack in the road."""
    pixels = np.empty((512, 512, 3))
    pixels[:, :300], pixels[:, 300:] = GREY, GRASS
    pixels += np.random.default_rng(seed).normal(0, 4, pixels.shape)
    crack = LabelledBox("transverse_crack", (100.0, 240.0, 200.0, 270.0))
    return Tile(np.clip(pixels, 0, 255).astype(np.uint8), (crack,))


def patch(size_px: int = 40, road: int = 90) -> PotholePatch:
    pixels = np.full((size_px + 20, size_px + 20, 3), road, dtype=np.uint8)
    pixels[10:-10, 10:-10] = road - 50
    box = LabelledBox("pothole", (10.0, 10.0, size_px + 10.0, size_px + 10.0))
    [cut] = patches_of_boxes(pixels, [box])
    return cut


def test_a_tile_without_a_place_for_it_stays_the_same():
    tile = road_tile()
    assert paste(tile, [], np.random.default_rng(0)) is tile
    assert paste(Tile(tile.pixels, ()), [patch()], np.random.default_rng(0)).boxes == ()


@pytest.mark.parametrize("seed", range(8))
def test_potholes_are_pasted_on_free_road(seed):
    tile = road_tile(seed)
    pasted = paste(tile, [patch(), patch(60)], np.random.default_rng(seed))
    assert pasted.boxes[0] == tile.boxes[0] and len(pasted.boxes) == 3
    for one in pasted.boxes[1:]:
        left, top, right, bottom = map(int, one.xyxy_px)
        assert one.kind == "pothole" and right <= 300
        assert right < 100 or left > 200 or bottom < 240 or top > 270
        inside = pasted.pixels[top:bottom, left:right].astype(int)
        assert inside.mean() < tile.pixels[top:bottom, left:right].mean() - 25


def test_pasted_potholes_take_the_colour_of_the_road():
    pasted = paste(road_tile(), [patch(road=200)], np.random.default_rng(3))
    left, top, right, bottom = map(int, pasted.boxes[-1].xyxy_px)
    ring = pasted.pixels[top - 3 : bottom + 3, left - 3 : right + 3].astype(int)
    assert ring.max() < 160


def test_potholes_that_other_damage_or_the_edge_cuts_are_not_cut_out():
    pixels = np.full((100, 100, 3), 120, dtype=np.uint8)
    whole = LabelledBox("pothole", (40.0, 40.0, 60.0, 60.0))
    crack = LabelledBox("longitudinal_crack", (50.0, 0.0, 58.0, 100.0))
    assert len(patches_of_boxes(pixels, [whole])) == 1
    assert patches_of_boxes(pixels, [whole, crack]) == []
    assert patches_of_boxes(pixels, [LabelledBox("pothole", (0.0, 40.0, 20.0, 60.0))]) == []
    assert patches_of_boxes(pixels, [whole], highest_px=50) == []


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.7])
@pytest.mark.parametrize("seed", range(6))
def test_a_resized_patch_keeps_its_box_around_its_pothole(factor, seed):
    other = resized(patch(40), factor, np.random.default_rng(seed))
    left, top, right, bottom = other.xyxy_px
    assert right - left == pytest.approx(40 * factor, abs=2)
    assert bottom - top == pytest.approx(40 * factor, abs=2)
    assert other.pixels[(top + bottom) // 2, (left + right) // 2].max() < 60


def test_a_pothole_seen_twice_is_one_group():
    random = np.random.default_rng(0)
    shapes = [np.kron(random.integers(0, 2, (4, 4)), np.ones((10, 10))) * 60 + 60 for _ in range(2)]
    one, other = (np.repeat(shape[..., None], 3, axis=2).astype(np.uint8) for shape in shapes)
    patches = [
        PotholePatch(pixels, np.ones((40, 40)), (0, 0, 40, 40)) for pixels in (one, other, one // 2 + 20)
    ]
    assert grouped_by_look([]) == []
    assert [len(group) for group in grouped_by_look(patches)] == [2, 1]
