"""Windows over a picture: what a network with a fixed input size reads one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon, box

from vision.detector import Picture

# What ultralytics pads with when it trains, so that padding looks like padding to the network.
PADDING_GREY = 114

# Tiles narrow by quarters, and on one side only: OpenVINO takes 0.6 s of a core to prepare a network for each
# of these six sizes, and 37 MB. All of a tile is a little more than four quarters, which are rounded down to
# strides.
_MOST_QUARTERS = 3


@dataclass(frozen=True)
class Window:
    """A part of a picture in pixels; `right_px` and `bottom_px` are the first ones outside it."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int

    @property
    def size_px(self) -> int:
        """How many pixels it has."""
        return (self.right_px - self.left_px) * (self.bottom_px - self.top_px)

    def moved(self, x_px: int, y_px: int) -> Window:
        """The same window, moved to the right and down."""
        return Window(self.left_px + x_px, self.top_px + y_px, self.right_px + x_px, self.bottom_px + y_px)


def tile_windows(width_px: int, height_px: int, tile_px: int, overlap: float = 0.2) -> tuple[Window, ...]:
    """Windows of at most `tile_px` that cover the picture, row by row.

    Neighbours share at least `overlap` (0 ≤ overlap < 1) of a tile; the windows are spread evenly,
    so that no window overlaps any but its neighbours. A picture smaller than a tile is one window.
    """
    if not (width_px > 0 and height_px > 0 and tile_px > 0 and 0 <= overlap < 1):
        raise ValueError(f"no windows of {tile_px} px over {width_px} × {height_px} px at overlap {overlap}")
    return tuple(
        Window(left, top, min(left + tile_px, width_px), min(top + tile_px, height_px))
        for top in _starts(height_px, tile_px, overlap)
        for left in _starts(width_px, tile_px, overlap)
    )


def needed_windows(windows: Sequence[Window], area: Any, context_px: float) -> list[Window]:
    """Those of the windows that are needed to see an area (a shapely geometry in the same pixels).

    Windows that show some of it, without those of which the others show all that lies in the area and up
    to `context_px` beside it: where an area reaches a little into a window, its neighbours show that too.
    """
    frames = np.array([_frame(window) for window in windows])
    is_touched = shapely.area(shapely.intersection(area, frames)) > 0
    touched = [window for window, is_one in zip(windows, is_touched, strict=True) if is_one]
    if not touched:
        return []
    frames = frames[is_touched]
    wanted = area.buffer(context_px, cap_style="square", join_style="mitre")
    shown = shapely.intersection(wanted, frames)
    needed = set(range(len(touched)))
    smallest_first = np.argsort(shapely.area(shown), kind="stable")
    replaceable = ~shapely.intersects(wanted, _cores(touched))
    for index in smallest_first[replaceable[smallest_first]].tolist():
        others = [other for other in needed - {index} if _overlap(touched[index], touched[other])]
        if shapely.union_all(frames[others]).covers(shown[index]):
            needed.remove(index)
    return [touched[index] for index in sorted(needed)]


def hull_of(windows: Sequence[Window]) -> Window:
    """The smallest window that holds all of them (at least one)."""
    return Window(
        min(window.left_px for window in windows),
        min(window.top_px for window in windows),
        max(window.right_px for window in windows),
        max(window.bottom_px for window in windows),
    )


def narrow_windows(windows: Iterable[Window], area: Any, tile_px: int, stride_px: int) -> Iterator[Window]:
    """What of the windows is needed to see an area (a shapely geometry in the same pixels).

    The area touches all of them. The side that can lose more shrinks to one, two or three quarters of a tile,
    if that holds the area in the window, so that few sizes occur; a side shorter than a tile stays, for it is
    padded anyway. What is left begins a multiple of `stride_px` from the window's edge: a network with that
    stride then sees it just as it would have in the whole window, but for what lies far away.
    """
    quarter_px = max(1, tile_px // 4 // stride_px) * stride_px
    for window in windows:
        left, top, right, bottom = area.intersection(_frame(window)).bounds
        lower, narrower = window, window
        if window.bottom_px - window.top_px == tile_px:
            top_px, bottom_px = _narrowed(window.top_px, window.bottom_px, top, bottom, stride_px, quarter_px)
            lower = replace(window, top_px=top_px, bottom_px=bottom_px)
        if window.right_px - window.left_px == tile_px:
            left_px, right_px = _narrowed(window.left_px, window.right_px, left, right, stride_px, quarter_px)
            narrower = replace(window, left_px=left_px, right_px=right_px)
        yield min(lower, narrower, key=lambda part: part.size_px)


def cut_tile(picture: Picture, window: Window, tile_px: int) -> Picture:
    """The pixels (height, width, 3) of a window; a picture smaller than a tile lies in grey, centred."""
    part = picture[window.top_px : window.bottom_px, window.left_px : window.right_px]
    if min(picture.shape[:2]) >= tile_px:
        return part
    left, top = _padding_px(picture, tile_px)
    height_px, width_px = (
        tile_px if whole < tile_px else side
        for whole, side in zip(picture.shape[:2], part.shape[:2], strict=True)
    )
    tile = np.full((height_px, width_px, 3), PADDING_GREY, dtype=np.uint8)
    tile[top : top + part.shape[0], left : left + part.shape[1]] = part
    return tile


def tile_corner_px(picture: Picture, window: Window, tile_px: int) -> tuple[int, int]:
    """Where in the picture (x, y) the top left corner of the tile lies that `cut_tile` cuts for a window."""
    left, top = _padding_px(picture, tile_px)
    return window.left_px - left, window.top_px - top


def _frame(window: Window) -> Any:
    return box(window.left_px, window.top_px, window.right_px, window.bottom_px)


def _cores(windows: Sequence[Window]) -> NDArray[np.object_]:
    """The middle of each window, at least one, that no other window reaches; empty where there is none."""
    starts = np.array([(window.left_px, window.top_px) for window in windows])
    ends = np.array([(window.right_px, window.bottom_px) for window in windows])
    begun_before = (starts[None] < starts[:, None]) & (ends[None] > starts[:, None])
    begun_inside = (starts[None] > starts[:, None]) & (starts[None] < ends[:, None])
    low = np.where(begun_before, ends[None], starts[:, None]).max(axis=1)
    high = np.where(begun_inside, starts[None], ends[:, None]).min(axis=1)
    cores: NDArray[np.object_] = shapely.box(*low.T, *high.T)
    cores[(low >= high).any(axis=1)] = Polygon()
    return cores


def _overlap(one: Window, other: Window) -> bool:
    across = one.left_px < other.right_px and other.left_px < one.right_px
    return across and one.top_px < other.bottom_px and other.top_px < one.bottom_px


def _padding_px(picture: Picture, tile_px: int) -> tuple[int, int]:
    """The grey to the left and on top, where the picture is smaller than a tile."""
    height_px, width_px = picture.shape[:2]
    return max(0, tile_px - width_px) // 2, max(0, tile_px - height_px) // 2


def _narrowed(
    start_px: int, end_px: int, low: float, high: float, stride_px: int, quarter_px: int
) -> tuple[int, int]:
    """Of an extent from start to end the quarters that hold low to high; all of it where three do not."""
    low_px = start_px + int((low - start_px) // stride_px) * stride_px
    quarters = ceil((high - low_px) / quarter_px)
    if quarters > _MOST_QUARTERS or quarters * quarter_px >= end_px - start_px:
        return start_px, end_px
    low_px = min(low_px, end_px - quarters * quarter_px)
    return low_px, low_px + quarters * quarter_px


def _starts(size_px: int, tile_px: int, overlap: float) -> list[int]:
    if size_px <= tile_px:
        return [0]
    longest_step_px = max(1, int(tile_px * (1 - overlap)))
    steps = ceil((size_px - tile_px) / longest_step_px)
    return [index * (size_px - tile_px) // steps for index in range(steps + 1)]
