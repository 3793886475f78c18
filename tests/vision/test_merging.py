"""What several tiles saw of one thing becomes one detection."""

from __future__ import annotations

import numpy as np
from shapely import LineString, Polygon

from vision.candidates import Candidates
from vision.merging import merge_tiles
from vision.tiling import Window, tile_windows

KINDS = ("crack", "pothole")


def seen(windows, things, kind=0, score=0.5):
    """What tiles report of lines (their boxes inside each window), without errors."""
    return [
        _candidates([_box(line, window) for line in things if _box(line, window) is not None], kind, score)
        for window in windows
    ]


def _box(line: LineString, window: Window):
    part = line.buffer(5).intersection(
        Polygon.from_bounds(window.left_px, window.top_px, window.right_px, window.bottom_px)
    )
    return None if part.is_empty or part.area < 100 else part.bounds


def _candidates(boxes, kind=0, score=0.5) -> Candidates:
    count = len(boxes)
    return Candidates(
        np.array(boxes, dtype=float).reshape(-1, 4),
        np.full(count, score),
        np.full(count, kind, dtype=np.intp),
    )


def test_nothing_seen_is_nothing_found():
    windows = tile_windows(1000, 1000, 512)
    assert len(merge_tiles(windows, seen(windows, []), KINDS, 0.45)) == 0


def test_a_crack_over_three_tiles_is_one_detection():
    windows = tile_windows(1300, 512, 512)
    assert len(windows) == 3
    found = merge_tiles(windows, seen(windows, [LineString([(20, 250), (1280, 260)])]), KINDS, 0.45)
    assert found.kind == ("crack",)
    assert np.allclose(found.xyxy_px, [[15, 245, 1285, 265]], atol=1)


def test_a_diagonal_crack_over_many_tiles_is_one_detection_with_a_narrow_outline():
    windows = tile_windows(1500, 1500, 512)
    found = merge_tiles(windows, seen(windows, [LineString([(40, 60), (1440, 1430)])]), KINDS, 0.45)
    assert len(found) == 1
    hull_area = np.prod(found.xyxy_px[0, 2:] - found.xyxy_px[0, :2])
    assert Polygon(found.outline_px[0]).area < 0.6 * hull_area


def test_a_pothole_that_two_tiles_saw_whole_is_one_detection_with_the_better_score():
    windows = (Window(0, 0, 512, 512), Window(410, 0, 922, 512))
    parts = [_candidates([(430, 100, 480, 150)], 1, 0.4), _candidates([(432, 101, 481, 149)], 1, 0.8)]
    found = merge_tiles(windows, parts, KINDS, 0.45)
    assert found.kind == ("pothole",)
    assert found.score.tolist() == [0.8]


def test_a_piece_cut_by_a_seam_belongs_to_what_the_neighbour_saw_whole():
    windows = (Window(0, 0, 512, 512), Window(410, 0, 922, 512))
    parts = [_candidates([(480, 100, 511, 200)]), _candidates([(480, 98, 700, 205)])]
    found = merge_tiles(windows, parts, KINDS, 0.45)
    assert found.xyxy_px.tolist() == [[480, 98, 700, 205]]


def test_parallel_cracks_stay_apart():
    windows = tile_windows(1000, 512, 512)
    cracks = [LineString([(10, y), (990, y)]) for y in (100, 130, 400)]
    assert len(merge_tiles(windows, seen(windows, cracks), KINDS, 0.45)) == 3


def test_different_kinds_are_never_joined():
    windows = (Window(0, 0, 512, 512), Window(410, 0, 922, 512))
    parts = [_candidates([(300, 100, 512, 200)], 0), _candidates([(410, 100, 600, 200)], 1)]
    assert sorted(merge_tiles(windows, parts, KINDS, 0.45).kind) == ["crack", "pothole"]


def test_neighbours_within_one_tile_are_not_joined():
    windows = (Window(0, 0, 512, 512),)
    parts = [_candidates([(0, 0, 100, 100), (90, 0, 200, 100)])]
    assert len(merge_tiles(windows, parts, KINDS, 0.45)) == 2


def test_the_order_of_the_windows_does_not_matter():
    windows = tile_windows(1500, 1500, 512)
    parts = seen(windows, [LineString([(40, 60), (1440, 1430)]), LineString([(100, 1400), (900, 1400)])])
    first = merge_tiles(windows, parts, KINDS, 0.45)
    second = merge_tiles(windows[::-1], parts[::-1], KINDS, 0.45)
    assert first.xyxy_px.tolist() == second.xyxy_px.tolist()
    for one, other in zip(first.outline_px, second.outline_px, strict=True):
        assert one.tolist() == other.tolist()
