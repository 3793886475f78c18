"""Near-nadir pothole views from forward-looking road photos with masks of potholes and of the lane.

Only potholes are labelled in such photos: cracks and repairs around them are not, nor anything beside
the lane. A tile therefore shows the road only close around the potholes that it labels; further away
it is filled with road surface of the same colour and grain that has no structure at all. What is
unlabelled then does not teach the detector that damage is background.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from models.labelled.labelled_folder import files_below
from models.labelled.pictures import PICTURE_SUFFIXES, LabelledBox
from models.training.material_folder import read_pixels
from models.training.road_plane import (
    ForwardCamera,
    Ground,
    RoadPlane,
    estimate_road_plane,
    view_from_above,
)
from models.training.surface_texture import plain_surface
from vision.camera import FloatArray
from vision.detector import Picture
from vision.errors import PantauError

POTHOLE = "pothole"
IMAGES, POTHOLE_MASKS, LANE_MASKS = "images", "pothole_masks", "lane_masks"
# A view from above may stretch a pixel of the photo over this many of its own.
MOST_STRETCHED = 4.0
# Longer ones are strips of lost surface, no single potholes; smaller ones are slivers of the mask.
_LONGEST_M, _SMALLEST_M, _SMALLEST_PX = 2.2, 0.08, 10
# So much road around a labelled pothole is shown, fading out over the second length.
_SURROUNDING_M, _FADING_M = 0.18, 0.12
_BESIDE_LANE_M = 0.15
# A pothole that the tile's edge cuts is labelled from this share of its area on.
_LEAST_VISIBLE = 0.4

_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True)
class ForwardPhoto:
    """A forward-looking photo: pixels (H, W, 3), masks (H, W) of 0 and 255, and the road's plane."""

    name: str
    pixels: Picture
    potholes: Picture
    lane: Picture
    plane: RoadPlane


@dataclass(frozen=True)
class RoadView:
    """A lane seen from above: pixels, potholes as numbered regions (0: none), and where the lane is.

    `usable` are the numbers of the regions that are whole, and of a pothole's size.
    """

    name: str
    pixels: Picture
    regions: NDArray[np.int32]
    lane: NDArray[np.bool_]
    usable: tuple[int, ...]
    gsd_cm: float


@dataclass(frozen=True)
class Tile:
    """Pixels with the boxes of all damage in them."""

    pixels: Picture
    boxes: tuple[LabelledBox, ...]


def find_forward_photos(folder: Path) -> list[Path]:
    """The photos of a folder with `images`, `pothole_masks` and `lane_masks`, sorted by name.

    Raises PantauError when the folder has no such layout, or a photo lacks a mask.
    """
    photos = files_below([folder / IMAGES], PICTURE_SUFFIXES)
    missing = [name for name in (POTHOLE_MASKS, LANE_MASKS) if not (folder / name).is_dir()]
    if not photos or missing:
        raise PantauError(
            f"{folder}: has no {' and '.join(missing) or 'photos'}; forward-looking photos are a folder with "
            f"'{IMAGES}', '{POTHOLE_MASKS}' and '{LANE_MASKS}' of the same names."
        )
    for photo in photos:
        for mask in (folder / part / f"{photo.stem}.png" for part in (POTHOLE_MASKS, LANE_MASKS)):
            if not mask.is_file():
                raise PantauError(f"{mask}: there is no such mask; add it, or take {photo.name} out.")
    return photos


def read_forward_photo(photo: Path, camera: ForwardCamera) -> ForwardPhoto | None:
    """Read a photo with its masks; None where its lane does not tell the road's plane."""
    folder = photo.parent.parent
    lane = read_pixels(folder / LANE_MASKS / f"{photo.stem}.png")[..., 0]
    plane = estimate_road_plane(lane >= 128, camera)
    if plane is None:
        return None
    potholes = read_pixels(folder / POTHOLE_MASKS / f"{photo.stem}.png")[..., 0]
    return ForwardPhoto(photo.stem, read_pixels(photo), potholes, lane, plane)


def road_view(photo: ForwardPhoto, gsd_cm: float) -> RoadView:
    """The photo's lane from above, as far ahead as it is stretched no more than `MOST_STRETCHED` times."""
    height_px, width_px = photo.lane.shape
    left_m, right_m = photo.plane.lane_x_m
    ground = Ground(
        left_m - _BESIDE_LANE_M,
        right_m + _BESIDE_LANE_M,
        photo.plane.nearest_m(height_px, width_px),
        photo.plane.farthest_m(height_px, width_px, MOST_STRETCHED * gsd_cm),
    )
    above = [view_from_above(one, photo.plane, ground, gsd_cm) for one in (photo.pixels, photo.potholes)]
    # The mask of the lane also says where the photo shows the road at all.
    lane = view_from_above(photo.lane, photo.plane, ground, gsd_cm) >= 128
    _, regions, stats, _ = cv2.connectedComponentsWithStats(
        (above[1] >= 128).astype(np.uint8), connectivity=8
    )
    usable = tuple(
        number
        for number, (left, top, width, height, _) in enumerate(stats.tolist())
        if number and _is_whole_pothole((left, top, width, height), regions.shape, gsd_cm)
    )
    return RoadView(photo.name, above[0], regions.astype(np.int32), lane, usable, gsd_cm)


def _is_whole_pothole(box: tuple[int, int, int, int], shape: tuple[int, ...], gsd_cm: float) -> bool:
    left, top, width, height = box
    shortest, longest = min(width, height), max(width, height)
    is_whole = top > 1 and left > 1 and top + height < shape[0] - 1 and left + width < shape[1] - 1
    is_sane = shortest * gsd_cm >= 100 * _SMALLEST_M and longest * gsd_cm <= 100 * _LONGEST_M
    return is_whole and is_sane and shortest >= _SMALLEST_PX


def pothole_tiles(view: RoadView, size_px: int, most: int, random: np.random.Generator) -> Iterator[Tile]:
    """Up to `most` square tiles that together show the view's potholes, in random order and place."""
    waiting = list(view.usable)
    random.shuffle(waiting)
    for _ in range(most):
        if not waiting:
            return
        tile, shown = _tile_around(view, waiting[0], size_px, random)
        waiting = [number for number in waiting[1:] if number not in shown]
        if tile.boxes:
            yield tile


def _tile_around(
    view: RoadView, number: int, size_px: int, random: np.random.Generator
) -> tuple[Tile, set[int]]:
    """A tile that shows one pothole whole, somewhere in it, and whatever others lie beside it."""
    rows, columns = np.nonzero(view.regions == number)
    top = _placed(rows.min(), rows.max() + 1, size_px, random)
    left = _placed(columns.min(), columns.max() + 1, size_px, random)
    pixels = _cut(view.pixels, top, left, size_px)
    regions = _cut(view.regions, top, left, size_px)
    lane = _cut(view.lane, top, left, size_px)
    area_px = np.bincount(view.regions.ravel(), minlength=view.regions.max() + 1)
    visible_px = np.bincount(regions.ravel(), minlength=len(area_px))
    shown = {one for one in view.usable if visible_px[one] >= _LEAST_VISIBLE * area_px[one]}
    alpha = _shown_share(regions, lane, shown, view.gsd_cm)
    plain = plain_surface(pixels, lane & (regions == 0), random)
    blended = pixels * alpha[..., None] + plain * (1 - alpha[..., None])
    boxes = tuple(LabelledBox(POTHOLE, _box_of(regions == one)) for one in sorted(shown))
    return _turned(Tile(np.asarray(blended.round(), dtype=np.uint8), boxes), random), shown


def _placed(first: int, end: int, size_px: int, random: np.random.Generator) -> int:
    """The start of a window that holds `first` … `end` at a random place in it."""
    spare = max(size_px - int(end - first), 0)
    return int(first) - int(random.integers(0, spare + 1))


def _cut(array: NDArray[_Scalar], top: int, left: int, size_px: int) -> NDArray[_Scalar]:
    """A square window of an array, zero where it reaches beyond it."""
    window = np.zeros((size_px, size_px, *array.shape[2:]), dtype=array.dtype)
    rows = slice(max(top, 0), min(top + size_px, array.shape[0]))
    columns = slice(max(left, 0), min(left + size_px, array.shape[1]))
    window[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = array[
        rows, columns
    ]
    return window


def _shown_share(
    regions: NDArray[np.int32], lane: NDArray[np.bool_], shown: set[int], gsd_cm: float
) -> FloatArray:
    """How much of each pixel is the photo's own: 1 in and around the shown potholes, 0 far from them."""
    is_shown = np.isin(regions, list(shown))
    is_hidden = (regions > 0) & ~is_shown
    surrounding, fading = (length * 100 / gsd_cm for length in (_SURROUNDING_M, _FADING_M))
    away = cv2.distanceTransform((~is_shown).astype(np.uint8), cv2.DIST_L2, 5)
    alpha = np.clip(1 - (away - surrounding) / fading, 0, 1)
    for hidden, over in ((is_hidden, surrounding / 2), (~lane & ~is_shown, fading)):
        if hidden.any():
            from_hidden = cv2.distanceTransform((~hidden).astype(np.uint8), cv2.DIST_L2, 5)
            alpha *= np.clip(from_hidden / over, 0, 1)
    return np.asarray(np.maximum(alpha, is_shown), dtype=float)


def _box_of(region: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(region)
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


def _turned(tile: Tile, random: np.random.Generator) -> Tile:
    """The tile with its axes swapped or not: potholes, unlike cracks, know no direction."""
    if random.random() < 0.5:
        return tile
    boxes = tuple(
        LabelledBox(box.kind, (box.xyxy_px[1], box.xyxy_px[0], box.xyxy_px[3], box.xyxy_px[2]))
        for box in tile.boxes
    )
    return Tile(np.ascontiguousarray(tile.pixels.transpose(1, 0, 2)), boxes)
