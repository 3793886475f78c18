"""From boxes to shapes: what the pixels inside a detection's box say of its outline and size.

What is looked for depends on the kind: one line (a crack), a network of lines (alligator cracks), a
region that fills the box (a pothole, a patch). Where nothing trustworthy is found the box stays the
outline, and `Detections.outlined` says so. tests/benchmarks/bench_shapes.py measures the errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import nan

import cv2
import numpy as np
import shapely

from vision.camera import FloatArray
from vision.detector import Detections, Picture
from vision.shapes.crack_network import find_network
from vision.shapes.crack_path import find_path, without_faint_ends
from vision.shapes.crack_width import mean_width_px
from vision.shapes.darkness import darkness, line_strength
from vision.shapes.region import Prior, cut_out

# A crop larger than this is looked at at a coarser scale, so that no detection costs much.
_LONGEST_LINE_PX, _LONGEST_NETWORK_PX, _LONGEST_REGION_PX = 1024, 512, 64
# What is seen around a box: the background of a crack, the surface that a pothole differs from.
_LINE_MARGIN_PX = 24
_REGION_MARGIN_SHARE, _REGION_MARGIN_PX = 0.2, 6
# Boxes cut cracks off by a pixel or two.
_SLACK_PX = 2
# Mean line strength along a path from which it is a crack. On the training tiles 97 % of the cracks'
# boxes exceed it, and a quarter of boxes put where no crack is known.
_LEAST_EVIDENCE = 3.3
_SHORTEST_CRACK_PX = 12
# Wider cracks than that make their own background.
_WIDE_PX = 12.0
_SMALLEST_SHRUNK_PX = 64
# The ribbon that outlines a crack is at least so wide to each side: nobody sees thinner outlines.
_LEAST_HALF_RIBBON_PX = 1.0
_SMALLEST_BOX_PX = 8


@dataclass(frozen=True)
class _Shape:
    """An outline (M, 2) in the crop's pixels, and a crack's length and width (NaN where unknown)."""

    outline_px: FloatArray
    length_px: float = nan
    width_px: float = nan


@dataclass(frozen=True)
class _Crop:
    """A piece of the picture around a box, scaled; `box_px` is the box in the crop's pixels."""

    picture: Picture
    box_px: FloatArray
    corner_px: FloatArray
    scale: float

    def to_picture(self, points_px: FloatArray) -> FloatArray:
        """Points of the crop in the picture's pixels (the middle of a pixel is a whole number)."""
        return np.asarray((points_px + 0.5) / self.scale - 0.5 + self.corner_px)


def outline_damage(picture: Picture, detections: Detections) -> Detections:
    """The same detections with outlines from the pixels where these show one; boxes stay as they are.

    Cracks get `length_px` (along them; of alligator cracks all cracks together) and `mean_width_px`,
    both in the picture's pixels, NaN where it cannot be measured.
    """
    if not len(detections):
        return detections
    outlines, outlined, lengths, widths = [], [], [], []
    for index, kind in enumerate(detections.kind):
        shape = _shape(picture, detections.xyxy_px[index], kind)
        outlines.append(detections.outline_px[index] if shape is None else shape.outline_px)
        outlined.append(shape is not None)
        lengths.append(nan if shape is None else shape.length_px)
        widths.append(nan if shape is None else shape.width_px)
    return replace(
        detections,
        outline_px=tuple(outlines),
        outlined=np.array(outlined),
        length_px=np.array(lengths),
        mean_width_px=np.array(widths),
    )


def _shape(picture: Picture, xyxy_px: FloatArray, kind: str) -> _Shape | None:
    """The shape in the picture's pixels; None where nothing trustworthy is found."""
    box_px = np.clip(xyxy_px, 0, np.tile(picture.shape[1::-1], 2))
    if min(box_px[2] - box_px[0], box_px[3] - box_px[1]) < _SMALLEST_BOX_PX or kind not in _FINDERS:
        return None
    find, margin_px, longest_px = _FINDERS[kind]
    crop = _cut(picture, box_px, margin_px(box_px), longest_px)
    shape = find(crop)
    if shape is None:
        return None
    return _Shape(
        crop.to_picture(shape.outline_px), shape.length_px / crop.scale, shape.width_px / crop.scale
    )


def _cut(picture: Picture, box_px: FloatArray, margin_px: float, longest_px: int) -> _Crop:
    corner = np.floor(np.maximum(box_px[:2] - margin_px, 0)).astype(int)
    end = np.ceil(np.minimum(box_px[2:] + margin_px, picture.shape[1::-1])).astype(int)
    piece = picture[corner[1] : end[1], corner[0] : end[0]]
    scale = min(1.0, longest_px / max(piece.shape[:2]))
    if scale < 1:
        smaller = cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        piece = np.asarray(smaller, dtype=np.uint8)
    inner = (box_px - np.tile(corner, 2)) * scale
    return _Crop(np.ascontiguousarray(piece), inner, corner.astype(np.float64), scale)


def _find_crack(crop: _Crop) -> _Shape | None:
    """A crack as `_trace_crack` finds it; a wide one in a picture shrunk until it is not wide any more."""
    shape = _trace_crack(crop)
    if shape is None or not shape.width_px > _WIDE_PX or min(crop.picture.shape[:2]) < _SMALLEST_SHRUNK_PX:
        return shape
    smaller = cv2.resize(crop.picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    shrunk = _Crop(np.asarray(smaller, dtype=np.uint8), crop.box_px / 2, np.zeros(2), 0.5)
    found = _find_crack(shrunk)
    if found is None:
        return shape
    return _Shape(shrunk.to_picture(found.outline_px), found.length_px * 2, found.width_px * 2)


def _trace_crack(crop: _Crop) -> _Shape | None:
    dark = darkness(crop.picture)
    window = _window(crop.box_px)
    path = find_path(line_strength(dark)[window])
    if path.evidence < _LEAST_EVIDENCE:
        return None
    path = without_faint_ends(path)
    if len(path.points_px) < _SHORTEST_CRACK_PX:
        return None
    points = path.points_px + _corner(window)
    width_px = mean_width_px(dark, points)
    half_px = _LEAST_HALF_RIBBON_PX if np.isnan(width_px) else max(width_px / 2, _LEAST_HALF_RIBBON_PX)
    line = shapely.LineString(points).simplify(0.7)
    ribbon = line.buffer(half_px, cap_style="flat", join_style="mitre", mitre_limit=2.0)
    return _Shape(np.array(ribbon.exterior.coords)[:-1], path.length_px, width_px)


def _find_network(crop: _Crop) -> _Shape | None:
    lines = line_strength(darkness(crop.picture))
    window = _window(crop.box_px)
    is_around = np.ones(lines.shape, dtype=bool)
    is_around[window] = False
    network = find_network(lines[window], lines[is_around])
    if not network.is_trustworthy:
        return None
    return _Shape(network.outline_px + _corner(window), network.crack_length_px)


def _find_region(prior: Prior) -> Callable[[_Crop], _Shape | None]:
    def find(crop: _Crop) -> _Shape | None:
        region = cut_out(crop.picture, crop.box_px, prior)
        return _Shape(region.outline_px) if region.is_trustworthy else None

    return find


def _window(box_px: FloatArray) -> tuple[slice, slice]:
    """Rows and columns of a box with a little slack."""
    start = np.maximum(np.floor(box_px[:2]).astype(int) - _SLACK_PX, 0)
    end = np.ceil(box_px[2:]).astype(int) + _SLACK_PX
    return slice(start[1], end[1]), slice(start[0], end[0])


def _corner(window: tuple[slice, slice]) -> FloatArray:
    rows, columns = window
    return np.array([columns.start, rows.start], dtype=np.float64)


def _line_margin_px(box_px: FloatArray) -> float:
    return _LINE_MARGIN_PX


def _region_margin_px(box_px: FloatArray) -> float:
    return max(_REGION_MARGIN_PX, _REGION_MARGIN_SHARE * float((box_px[2:] - box_px[:2]).max()))


_Finder = tuple[Callable[[_Crop], _Shape | None], Callable[[FloatArray], float], int]
_FINDERS: dict[str, _Finder] = {
    "longitudinal_crack": (_find_crack, _line_margin_px, _LONGEST_LINE_PX),
    "transverse_crack": (_find_crack, _line_margin_px, _LONGEST_LINE_PX),
    "alligator_crack": (_find_network, _line_margin_px, _LONGEST_NETWORK_PX),
    "pothole": (_find_region("ellipse"), _region_margin_px, _LONGEST_REGION_PX),
    "repair": (_find_region("rectangle"), _region_margin_px, _LONGEST_REGION_PX),
}
