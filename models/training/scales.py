"""Training pictures at other ground resolutions, and such without damage."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.training.forward_view import Tile
from vision.detector import Picture

# Damage that a crop's edge cuts stays labelled where this share of its box, or this length, is in view.
_LEAST_VISIBLE_SHARE, _LEAST_VISIBLE_PX = 0.35, 48.0
# In a shrunken tile, damage whose longer side is shorter than this is no longer to be seen.
_SHORTEST_PX = 10.0
_MOST_BLACK = 0.02
_TRIES = 30
_PADDING_GREY = 114


def enlarged_crop(tile: Tile, crop_px: int, size_px: int, random: np.random.Generator) -> Tile | None:
    """A crop of a tile around one of its boxes, enlarged to `size_px`.

    None when no place is found where every box is either well in view or not in view at all.
    """
    height, width = tile.pixels.shape[:2]
    for _ in range(_TRIES if tile.boxes else 0):
        box = tile.boxes[int(random.integers(len(tile.boxes)))]
        left = _start(box.xyxy_px[0], box.xyxy_px[2], crop_px, width, random)
        top = _start(box.xyxy_px[1], box.xyxy_px[3], crop_px, height, random)
        boxes = _boxes_in(tile.boxes, left, top, crop_px, size_px / crop_px)
        if boxes:
            return Tile(_enlarged(tile.pixels[top : top + crop_px, left : left + crop_px], size_px), boxes)
    return None


def window_without_damage(tile: Tile, crop_px: int, size_px: int, random: np.random.Generator) -> Tile | None:
    """A window of a tile that no box reaches into, enlarged to `size_px`; None when there is none."""
    height, width = tile.pixels.shape[:2]
    for _ in range(_TRIES):
        left, top = (
            int(random.integers(0, width - crop_px + 1)),
            int(random.integers(0, height - crop_px + 1)),
        )
        is_free = not any(
            box.xyxy_px[0] < left + crop_px
            and box.xyxy_px[2] > left
            and box.xyxy_px[1] < top + crop_px
            and box.xyxy_px[3] > top
            for box in tile.boxes
        )
        window = tile.pixels[top : top + crop_px, left : left + crop_px]
        if is_free and _is_filled(window):
            return Tile(_enlarged(window, size_px), ())
    return None


def is_seen_when_shrunken(picture: LabelledPicture, per_side: int, size_px: int) -> bool:
    """Whether all damage in a tile stays long enough to be seen on a canvas of `per_side`² tiles.

    What is too small to be seen, and therefore not labelled, must not be shown.
    """
    factor = size_px / per_side / max(picture.width_px, picture.height_px)
    return all(
        max(right - left, bottom - top) * factor >= _SHORTEST_PX
        for left, top, right, bottom in (box.xyxy_px for box in picture.boxes)
    )


def shrunken_canvas(tiles: Sequence[Tile], per_side: int, size_px: int) -> Tile:
    """`per_side`² tiles, shrunken, side by side on one canvas: the ground as if from higher up.

    Fewer tiles leave grey.
    """
    canvas = np.full((size_px, size_px, 3), _PADDING_GREY, dtype=np.uint8)
    boxes: list[LabelledBox] = []
    edges = [round(size_px * index / per_side) for index in range(per_side + 1)]
    for index, tile in enumerate(tiles[: per_side**2]):
        row, column = divmod(index, per_side)
        left, top = edges[column], edges[row]
        width, height = edges[column + 1] - left, edges[row + 1] - top
        across, down = width / tile.pixels.shape[1], height / tile.pixels.shape[0]
        canvas[top : top + height, left : left + width] = cv2.resize(
            tile.pixels, (width, height), interpolation=cv2.INTER_AREA
        )
        for box in tile.boxes:
            x0, y0, x1, y1 = box.xyxy_px
            corners = (left + x0 * across, top + y0 * down, left + x1 * across, top + y1 * down)
            boxes.append(LabelledBox(box.kind, corners))
    return Tile(canvas, tuple(boxes))


def background_windows(
    pixels: Picture, crop_px: Sequence[int], size_px: int, count: int, random: np.random.Generator
) -> list[Tile]:
    """Up to `count` windows of a photo without damage, of random sizes out of `crop_px`, each resized."""
    height, width = pixels.shape[:2]
    windows: list[Tile] = []
    for _ in range(count):
        side = min(int(random.choice(crop_px)), height, width)
        left, top = int(random.integers(0, width - side + 1)), int(random.integers(0, height - side + 1))
        windows.append(Tile(_enlarged(pixels[top : top + side, left : left + side], size_px), ()))
    return windows


def _start(first: float, end: float, crop_px: int, length_px: int, random: np.random.Generator) -> int:
    """Where a crop begins that shows a point of the span `first` … `end` near its middle half."""
    centre = random.uniform(first, end)
    start = centre - crop_px * random.uniform(0.2, 0.8)
    return int(np.clip(round(start), 0, length_px - crop_px))


def _boxes_in(
    boxes: Sequence[LabelledBox], left: int, top: int, crop_px: int, factor: float
) -> tuple[LabelledBox, ...]:
    """The boxes in a crop, clipped and scaled; none at all when one is neither well in view nor outside."""
    found = []
    for box in boxes:
        x0, y0, x1, y1 = (
            float(np.clip(value - start, 0, crop_px))
            for value, start in zip(box.xyxy_px, (left, top, left, top), strict=True)
        )
        if x1 - x0 <= 0 or y1 - y0 <= 0:
            continue
        share = (x1 - x0) * (y1 - y0) / _area(box)
        is_long = max(x1 - x0, y1 - y0) >= _LEAST_VISIBLE_PX and min(x1 - x0, y1 - y0) >= 6
        if share < _LEAST_VISIBLE_SHARE and not is_long:
            return ()
        found.append(LabelledBox(box.kind, (x0 * factor, y0 * factor, x1 * factor, y1 * factor)))
    return tuple(found)


def _area(box: LabelledBox) -> float:
    left, top, right, bottom = box.xyxy_px
    return max((right - left) * (bottom - top), 1e-9)


def _is_filled(window: Picture) -> bool:
    """Tiles at the edge of a photo are padded with black."""
    return float((window.max(axis=2) == 0).mean()) <= _MOST_BLACK


def _enlarged(pixels: Picture, size_px: int) -> Picture:
    method = cv2.INTER_CUBIC if size_px > pixels.shape[0] else cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, (size_px, size_px), interpolation=method), dtype=np.uint8)
