"""Windows over a picture: what a network with a fixed input size reads one after another."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from vision.detector import Picture

# What ultralytics pads with when it trains, so that padding looks like padding to the network.
PADDING_GREY = 114


@dataclass(frozen=True)
class Window:
    """A part of a picture in pixels; `right_px` and `bottom_px` are the first ones outside it."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int


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


def cut_tile(picture: Picture, window: Window, tile_px: int) -> Picture:
    """The pixels (tile_px, tile_px, 3) of a window; one smaller than the tile lies in grey, centred."""
    part = picture[window.top_px : window.bottom_px, window.left_px : window.right_px]
    if part.shape[:2] == (tile_px, tile_px):
        return part
    tile = np.full((tile_px, tile_px, 3), PADDING_GREY, dtype=np.uint8)
    left, top = _padding_px(window, tile_px)
    tile[top : top + part.shape[0], left : left + part.shape[1]] = part
    return tile


def tile_corner_px(window: Window, tile_px: int) -> tuple[int, int]:
    """Where in the picture (x, y) the top left corner of the tile lies that `cut_tile` cuts for a window."""
    left, top = _padding_px(window, tile_px)
    return window.left_px - left, window.top_px - top


def _padding_px(window: Window, tile_px: int) -> tuple[int, int]:
    width_px, height_px = window.right_px - window.left_px, window.bottom_px - window.top_px
    return (tile_px - width_px) // 2, (tile_px - height_px) // 2


def _starts(size_px: int, tile_px: int, overlap: float) -> list[int]:
    if size_px <= tile_px:
        return [0]
    longest_step_px = max(1, int(tile_px * (1 - overlap)))
    steps = ceil((size_px - tile_px) / longest_step_px)
    return [index * (size_px - tile_px) // steps for index in range(steps + 1)]
