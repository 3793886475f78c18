"""Pasting: real potholes put onto the road surface of real tiles, matched in colour.

Potholes are the rarest kind, and the few there are lie in few places. Pasted ones keep their own
shape and grain, take the colour of the road they are put on, and never cover labelled damage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.labelled.pictures import LabelledBox
from models.training.forward_view import POTHOLE, RoadView, Tile
from vision.camera import FloatArray
from vision.detector import Picture

# A patch is its pothole and this share of its size around it, over which it fades out.
_MARGIN_SHARE = 0.25
_PATCH_PX = (12, 190)
# Potholes beside other labelled damage would bring it along unlabelled.
_MOST_COVERED_BY_OTHERS = 0.02
# Road is grey. How far a place may be from the tile's own road in lightness and colour (CIE L*a*b*,
# 8 bit), and how much rougher than it: beyond that it is a marking, a kerb, grass, a car.
_LIGHTNESS_APART, _COLOUR_APART, _ROUGHER = 20.0, 6.0, 1.8
_ROAD_SPREAD = (4.0, 12.0)
_ROAD_RING_PX = 24
_BLACK = 12
_CLEARANCE_PX = 10
# Two small pictures of potholes whose correlation reaches this show the same one.
_LOOK_PX, _ALIKE = 16, 0.7
_TRIES = 40
# How much of a patch's difference in brightness to its own road survives on other road.
_RELIEF = (0.85, 1.25)
# The road around a pothole varies less in lightness than this (L*, 8 bit); beyond, it holds a marking.
_RING_SPREAD, _GRAIN_PX = 16.0, 2.0


@dataclass(frozen=True)
class PotholePatch:
    """A pothole cut out: pixels (H, W, 3), their opacity (H, W) in 0…1, the pothole's box in it."""

    pixels: Picture
    alpha: FloatArray
    xyxy_px: tuple[int, int, int, int]


def patches_of_view(view: RoadView) -> list[PotholePatch]:
    """The potholes of a road seen from above, cut out along their masks."""
    patches = []
    for number in view.usable:
        rows, columns = np.nonzero(view.regions == number)
        box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
        left, top, right, bottom = _with_margin(box, view.regions.shape)
        window = view.regions[top:bottom, left:right]
        fading_px = _margin_px(box)
        away = cv2.distanceTransform((window != number).astype(np.uint8), cv2.DIST_L2, 5)
        alpha = np.clip(1 - away / fading_px, 0, 1)
        alpha[(window != number) & (window > 0)] = 0
        inner = (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
        patches.append(PotholePatch(view.pixels[top:bottom, left:right], alpha, inner))
    return [patch for patch in patches if _is_usable(patch)]


def patches_of_boxes(
    pixels: Picture, boxes: Sequence[LabelledBox], highest_px: float = 0
) -> list[PotholePatch]:
    """The potholes of a labelled picture below the row `highest_px`, cut out along their boxes.

    Those that other damage touches, or the picture's edge cuts, are left out.
    """
    patches = []
    for box in boxes:
        others = [other for other in boxes if other is not box]
        corners = tuple(round(value) for value in box.xyxy_px)
        wide = _with_margin(corners, pixels.shape)  # type: ignore[arg-type]
        covered = max((_shared_share(wide, other.xyxy_px) for other in others), default=0.0)
        is_cut = _touches_edge(box.xyxy_px, pixels.shape)
        if box.kind != POTHOLE or box.xyxy_px[1] < highest_px or covered > _MOST_COVERED_BY_OTHERS or is_cut:
            continue
        left, top, right, bottom = wide
        inner = (corners[0] - left, corners[1] - top, corners[2] - left, corners[3] - top)
        alpha = _alpha_of_box((bottom - top, right - left), inner)
        patches.append(PotholePatch(pixels[top:bottom, left:right], alpha, inner))
    return [patch for patch in patches if _is_usable(patch)]


def grouped_by_look(patches: Sequence[PotholePatch]) -> list[list[PotholePatch]]:
    """The patches in groups that look alike: overlapping tiles show the same pothole again and again."""
    groups: list[list[PotholePatch]] = []
    looks: list[FloatArray] = []
    for patch in patches:
        look = _look(patch)
        alike = [index for index, other in enumerate(looks) if float((look * other).mean()) >= _ALIKE]
        if alike:
            groups[alike[0]].append(patch)
        else:
            groups.append([patch])
            looks.append(look)
    return groups


def _look(patch: PotholePatch) -> FloatArray:
    """A small grey picture of the pothole with mean 0 and variance 1."""
    left, top, right, bottom = patch.xyxy_px
    grey = cv2.cvtColor(patch.pixels[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (_LOOK_PX, _LOOK_PX), interpolation=cv2.INTER_AREA).astype(float)
    return np.asarray((small - small.mean()) / max(float(small.std()), 1e-6))


def resized(patch: PotholePatch, factor: float, random: np.random.Generator) -> PotholePatch:
    """The patch in another size, mirrored and turned by quarters at random."""
    turns, mirrored = int(random.integers(4)), bool(random.integers(2))
    size_px = tuple(max(4, round(side * factor)) for side in patch.alpha.shape[::-1])
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    inside = np.zeros(patch.alpha.shape, dtype=np.uint8)
    left, top, right, bottom = patch.xyxy_px
    inside[top:bottom, left:right] = 255
    layers = [cv2.resize(one, size_px, interpolation=method) for one in (patch.pixels, patch.alpha, inside)]
    if mirrored:
        layers = [one[:, ::-1] for one in layers]
    pixels, alpha, turned = (np.ascontiguousarray(np.rot90(one, turns)) for one in layers)
    rows, columns = np.nonzero(turned >= 128)
    box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    return PotholePatch(pixels.astype(np.uint8), np.clip(alpha, 0, 1), box)


def paste(tile: Tile, patches: Iterable[PotholePatch], random: np.random.Generator) -> Tile:
    """The tile with as many of the patches on its road as find a place; the same tile when none does."""
    road = _road_colour(tile)
    if road is None:
        return tile
    pixels, boxes = tile.pixels.copy(), list(tile.boxes)
    for patch in patches:
        place = _find_place(pixels, boxes, patch, road, random)
        if place is None:
            continue
        left, top = place
        height, width = patch.alpha.shape
        below = pixels[top : top + height, left : left + width]
        pixels[top : top + height, left : left + width] = _blend(below, patch, random)
        x0, y0, x1, y1 = patch.xyxy_px
        boxes.append(LabelledBox(POTHOLE, (left + x0, top + y0, left + x1, top + y1)))
    return Tile(pixels, tuple(boxes)) if len(boxes) > len(tile.boxes) else tile


def _find_place(
    pixels: Picture,
    boxes: Sequence[LabelledBox],
    patch: PotholePatch,
    road: FloatArray,
    random: np.random.Generator,
) -> tuple[int, int] | None:
    height, width = patch.alpha.shape
    free_px = (pixels.shape[1] - width, pixels.shape[0] - height)
    if min(free_px) <= 0:
        return None
    for _ in range(_TRIES):
        left, top = (int(random.integers(0, free)) for free in free_px)
        place = (left, top, left + width, top + height)
        is_free = all(_shared_share(_grown(place, _CLEARANCE_PX), box.xyxy_px) == 0 for box in boxes)
        if is_free and _is_road(pixels[top : top + height, left : left + width], road):
            return left, top
    return None


def _road_colour(tile: Tile) -> FloatArray | None:
    """What the road looks like just around the labelled damage: medians and spreads of L*, a*, b* (2, 3)."""
    height, width = tile.pixels.shape[:2]
    ring = np.zeros((height, width), dtype=bool)
    for box in tile.boxes:
        left, top, right, bottom = (round(value) for value in _grown(box.xyxy_px, _ROAD_RING_PX))
        ring[max(top, 0) : bottom, max(left, 0) : right] = True
    for box in tile.boxes:
        left, top, right, bottom = (round(value) for value in box.xyxy_px)
        ring[max(top, 0) : bottom, max(left, 0) : right] = False
    ring &= tile.pixels.max(axis=2) > _BLACK
    if ring.sum() < _ROAD_RING_PX**2:
        return None
    lab = cv2.cvtColor(tile.pixels, cv2.COLOR_BGR2LAB)[ring].astype(float)
    return np.array([np.median(lab, axis=0), lab.std(axis=0)])


def _is_road(place: Picture, road: FloatArray) -> bool:
    if (place.max(axis=2) <= _BLACK).mean() > 0:
        return False
    lab = cv2.cvtColor(place, cv2.COLOR_BGR2LAB).astype(float).reshape(-1, 3)
    apart = np.abs(np.median(lab, axis=0) - road[0])
    is_alike = apart[0] <= _LIGHTNESS_APART and max(apart[1:]) <= _COLOUR_APART
    roughest = _ROUGHER * float(np.clip(road[1, 0], *_ROAD_SPREAD))
    is_even = lab[:, 0].std() <= roughest and lab[:, 1:].std(axis=0).max() <= _COLOUR_APART
    return bool(is_alike and is_even)


def _blend(below: Picture, patch: PotholePatch, random: np.random.Generator) -> Picture:
    """The patch on what lies below it: shifted by the difference of the two roads, opaque inside."""
    alpha = patch.alpha[..., None]
    ring = _ring(patch)[..., None]
    weight = np.where(ring.any(), ring, np.ones_like(ring)).astype(float)
    own_road = (patch.pixels * weight).sum(axis=(0, 1)) / weight.sum()
    new_road = (below * weight).sum(axis=(0, 1)) / weight.sum()
    relief = random.uniform(*_RELIEF)
    light = np.clip(new_road.mean() / max(own_road.mean(), 1.0), 0.7, 1.4)
    matched = new_road + (patch.pixels - own_road) * relief * light
    return np.asarray(np.clip(below * (1 - alpha) + matched * alpha, 0, 255).round(), dtype=np.uint8)


def _ring(patch: PotholePatch) -> NDArray[np.bool_]:
    """The road of a patch: what lies around the pothole's box and is not wholly faded out."""
    ring = patch.alpha > 0.05
    left, top, right, bottom = patch.xyxy_px
    ring[top:bottom, left:right] = False
    return np.asarray(ring)


def _alpha_of_box(shape: tuple[int, int], box: tuple[int, int, int, int]) -> FloatArray:
    """Opaque in the ellipse that fills the box, fading out over the margin around it."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    left, top, right, bottom = box
    x = (columns + 0.5 - (left + right) / 2) / ((right - left) / 2)
    y = (rows + 0.5 - (top + bottom) / 2) / ((bottom - top) / 2)
    # Between an ellipse and a box: potholes fill their boxes' corners a little.
    from_centre = (np.abs(x) ** 3 + np.abs(y) ** 3) ** (1 / 3)
    return np.asarray(np.clip((1 + 2 * _MARGIN_SHARE - from_centre) / (2 * _MARGIN_SHARE), 0, 1))


def _margin_px(box: tuple[int, int, int, int]) -> int:
    return max(4, round(_MARGIN_SHARE * min(box[2] - box[0], box[3] - box[1])))


def _with_margin(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    left, top, right, bottom = _grown(box, _margin_px(box))
    return max(int(left), 0), max(int(top), 0), min(int(right), shape[1]), min(int(bottom), shape[0])


def _grown(box: tuple[float, float, float, float], by_px: float) -> tuple[float, float, float, float]:
    return box[0] - by_px, box[1] - by_px, box[2] + by_px, box[3] + by_px


def _shared_share(box: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """The share of a box that lies in the other."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    return max(width, 0) * max(height, 0) / max((box[2] - box[0]) * (box[3] - box[1]), 1e-9)


def _touches_edge(box: tuple[float, float, float, float], shape: tuple[int, ...]) -> bool:
    return min(box[:2]) < 2 or box[2] > shape[1] - 2 or box[3] > shape[0] - 2


def _is_usable(patch: PotholePatch) -> bool:
    """Whether the pothole has a size to be seen, and lies in plain road: no marking, no kerb."""
    left, top, right, bottom = patch.xyxy_px
    sides_px = (right - left, bottom - top)
    # Grain is no marking: it is averaged out.
    smooth = cv2.GaussianBlur(patch.pixels, (0, 0), _GRAIN_PX)
    lightness = cv2.cvtColor(smooth, cv2.COLOR_BGR2LAB)[..., 0][_ring(patch)]
    is_plain = lightness.size > 0 and float(lightness.std()) <= _RING_SPREAD
    return is_plain and _PATCH_PX[0] <= min(sides_px) and max(sides_px) <= _PATCH_PX[1]
