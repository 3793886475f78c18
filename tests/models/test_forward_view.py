"""Tiles of forward-looking photos show labelled potholes and no other damage."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.forward_view import (
    MOST_STRETCHED,
    RoadView,
    find_forward_photos,
    pothole_tiles,
    read_forward_photo,
    road_view,
)
from models.training.road_plane import ForwardCamera
from models.training.surface_texture import plain_surface
from vision.errors import PantauError


def view_with(*boxes: tuple[int, int, int, int], usable: tuple[int, ...] | None = None) -> RoadView:
    """A grey road with dark potholes, and a white stripe across it that is labelled nowhere."""
    pixels = np.full((600, 350, 3), 120, dtype=np.uint8)
    pixels[300:310] = 255
    regions = np.zeros((600, 350), dtype=np.int32)
    for number, (left, top, right, bottom) in enumerate(boxes, start=1):
        pixels[top:bottom, left:right] = 40
        regions[top:bottom, left:right] = number
    numbers = tuple(range(1, len(boxes) + 1)) if usable is None else usable
    return RoadView("road", pixels, regions, np.ones((600, 350), dtype=bool), numbers, 1.0)


def test_a_road_without_potholes_gives_no_tile():
    assert list(pothole_tiles(view_with(), 512, 3, np.random.default_rng(0))) == []


@pytest.mark.parametrize("seed", range(5))
def test_boxes_lie_around_the_potholes_and_other_damage_is_gone(seed):
    view = view_with((50, 100, 90, 130), (200, 480, 230, 540))
    tiles = list(pothole_tiles(view, 256, 4, np.random.default_rng(seed)))
    assert len(tiles) == 2
    for tile in tiles:
        dark = tile.pixels.max(axis=2) < 60
        assert not (tile.pixels.min(axis=2) > 200).any()
        assert dark.sum() == sum(
            dark[int(top) : int(bottom), int(left) : int(right)].sum()
            for left, top, right, bottom in (box.xyxy_px for box in tile.boxes)
        )
        for left, top, right, bottom in (box.xyxy_px for box in tile.boxes):
            assert dark[int(top) : int(bottom), int(left) : int(right)].all()


def test_what_is_no_whole_pothole_is_not_shown():
    view = view_with((50, 100, 90, 130), (110, 100, 150, 130), usable=(1,))
    [tile] = pothole_tiles(view, 256, 1, np.random.default_rng(0))
    assert len(tile.boxes) == 1
    assert (tile.pixels.max(axis=2) < 60).sum() == pytest.approx(40 * 30, rel=0.1)


def test_plain_surface_keeps_colour_and_grain_and_loses_shapes():
    random = np.random.default_rng(0)
    pixels = np.clip(random.normal((90, 100, 110), 8, (256, 256, 3)), 0, 255).astype(np.uint8)
    pixels[:, 120:123] = 10
    plain = plain_surface(pixels, np.ones((256, 256), dtype=bool), random)
    assert np.allclose(plain.mean(axis=(0, 1)), pixels.mean(axis=(0, 1)), atol=3)
    assert 4 < plain.std(axis=(0, 1)).mean() < 14
    assert plain[:, 120:123].mean() > 75


def test_a_folder_of_another_layout_is_the_users_mistake(tmp_path):
    (tmp_path / "images").mkdir()
    with pytest.raises(PantauError, match="pothole_masks and lane_masks"):
        find_forward_photos(tmp_path)


@pytest.mark.real_data
def test_potholes_of_real_photos_have_the_size_of_potholes(shared):
    photos = find_forward_photos(shared / "data" / "road-damage" / "forward-view")[::20]
    heights, diameters = [], []
    for photo in photos:
        read = read_forward_photo(photo, ForwardCamera())
        assert read is not None
        heights.append(read.plane.height_m)
        view = road_view(read, gsd_cm=1.0)
        diameters += [2 * ((view.regions == one).sum() / np.pi) ** 0.5 / 100 for one in view.usable]
        farthest = read.plane.farthest_m(*read.lane.shape, MOST_STRETCHED)
        assert 8 < farthest < 14
    assert 2.0 < np.median(heights) < 2.8
    assert 0.3 < np.median(diameters) < 0.8
