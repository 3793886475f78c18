"""Windows cover the picture and lie inside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box, union_all

from vision.tiling import (
    PADDING_GREY,
    Window,
    cut_tile,
    hull_of,
    narrow_windows,
    needed_windows,
    tile_corner_px,
    tile_windows,
)

sizes = st.integers(1, 700)
tiles = st.integers(8, 300)
overlaps = st.floats(0, 0.9)


def test_a_picture_of_one_tile_is_one_window():
    assert tile_windows(512, 512, 512) == (Window(0, 0, 512, 512),)


def test_a_picture_smaller_than_a_tile_is_one_window():
    assert tile_windows(300, 20, 512) == (Window(0, 0, 300, 20),)


@pytest.mark.parametrize("bad", [(0, 5, 8, 0.2), (5, 5, 0, 0.2), (5, 5, 8, 1.0), (5, 5, 8, -0.1)])
def test_nonsense_is_refused(bad):
    with pytest.raises(ValueError):
        tile_windows(*bad)


@given(sizes, sizes, tiles, overlaps)
def test_every_pixel_is_covered_by_windows_inside_the_picture(width, height, tile, overlap):
    covered = np.zeros((height, width), dtype=bool)
    for window in tile_windows(width, height, tile, min(overlap, 0.5)):
        assert 0 <= window.left_px < window.right_px <= width
        assert 0 <= window.top_px < window.bottom_px <= height
        assert window.right_px - window.left_px == min(tile, width)
        assert window.bottom_px - window.top_px == min(tile, height)
        covered[window.top_px : window.bottom_px, window.left_px : window.right_px] = True
    assert covered.all()


@given(st.integers(1, 5000), tiles, overlaps)
def test_neighbours_share_at_least_the_overlap(width, tile, overlap):
    lefts = [window.left_px for window in tile_windows(width, 1, tile, overlap)]
    steps = np.diff(lefts)
    assert (steps > 0).all()
    assert (steps <= max(1, tile * (1 - overlap))).all()


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_small_window_lies_centred_in_grey(width, height):
    picture = np.full((height, width, 3), 7, np.uint8)
    window = Window(0, 0, width, height)
    tile = cut_tile(picture, window, 40)
    left, top = (-value for value in tile_corner_px(picture, window, 40))
    assert tile.shape == (40, 40, 3)
    assert (tile[top : top + height, left : left + width] == 7).all()
    assert (tile == PADDING_GREY).sum() == (40 * 40 - width * height) * 3
    assert abs((40 - width) - 2 * left) <= 1
    assert abs((40 - height) - 2 * top) <= 1


def test_the_hull_of_windows_holds_them_all_and_no_more():
    assert hull_of([Window(3, 4, 9, 8), Window(5, 1, 7, 6)]) == Window(3, 1, 9, 8)


def test_without_area_no_window_is_needed():
    assert needed_windows(tile_windows(900, 700, 256), box(2000, 0, 2100, 100), 32) == []


def test_an_area_that_ends_at_a_windows_edge_does_not_need_it():
    windows = (Window(0, 0, 256, 256), Window(256, 0, 512, 256))
    assert needed_windows(windows, box(0, 0, 256, 100), 0) == [windows[0]]


@pytest.mark.parametrize(("context_px", "needed"), [(20, [0]), (60, [0, 1])])
def test_a_window_is_left_out_where_its_neighbour_shows_its_part_and_what_lies_around(context_px, needed):
    windows = (Window(0, 0, 256, 256), Window(156, 0, 412, 256))
    found = needed_windows(windows, box(10, 100, 210, 150), context_px)
    assert found == [windows[index] for index in needed]


areas = st.tuples(st.integers(0, 800), st.integers(0, 600), st.integers(1, 300), st.integers(1, 300))


@given(areas, areas, st.sampled_from([0, 32, 64]))
def test_narrowed_windows_hold_all_of_the_area(one, other, context_px):
    area = union_all(
        [box(left, top, left + width, top + height) for left, top, width, height in (one, other)]
    )
    needed = needed_windows(tile_windows(900, 700, 256), area, context_px)
    narrowed = list(narrow_windows(needed, area, 256, 32))
    held = union_all([_frame(window) for window in narrowed])
    assert held.buffer(1e-6).covers(area.intersection(box(0, 0, 900, 700)))
    for whole, part in zip(needed, narrowed, strict=True):
        assert _frame(whole).covers(_frame(part))


@given(areas, areas, st.sampled_from([0.2, 0.6]))
def test_no_needed_window_can_be_left_out(one, other, overlap):
    area = union_all(
        [box(left, top, left + width, top + height) for left, top, width, height in (one, other)]
    )
    wanted = area.buffer(32, cap_style="square", join_style="mitre")
    needed = needed_windows(tile_windows(900, 700, 256, overlap), area, 32)
    for window in needed:
        others = union_all([_frame(kept) for kept in needed if kept != window])
        assert not others.buffer(-1e-6).covers(wanted.intersection(_frame(window)))


@given(areas)
def test_windows_narrow_on_one_side_to_few_sizes_and_lie_on_the_steps_of_whole_ones(area):
    left, top, width, height = area
    area = box(left, top, left + width, top + height)
    needed = needed_windows(tile_windows(900, 700, 256), area, 32)
    for whole, part in zip(needed, narrow_windows(needed, area, 256, 32), strict=True):
        shorter, longer = sorted((part.right_px - part.left_px, part.bottom_px - part.top_px))
        assert longer == 256
        assert shorter in {64, 128, 192, 256}
        assert (part.left_px - whole.left_px) % 32 == (part.top_px - whole.top_px) % 32 == 0


def test_a_window_narrows_on_the_side_that_can_lose_more():
    window = Window(0, 0, 256, 256)
    assert list(narrow_windows([window], box(40, 50, 90, 200), 256, 32)) == [Window(32, 0, 96, 256)]
    assert list(narrow_windows([window], box(50, 40, 200, 90), 256, 32)) == [Window(0, 32, 256, 96)]


def test_a_side_shorter_than_a_tile_is_not_narrowed():
    windows = tile_windows(900, 100, 256)
    narrowed = list(narrow_windows(windows[:1], box(0, 40, 60, 50), 256, 32))
    assert narrowed == [Window(0, 0, 64, 100)]


def _frame(window: Window):
    return box(window.left_px, window.top_px, window.right_px, window.bottom_px)
