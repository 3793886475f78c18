"""Where to cut tiles out of a photo so that everything in them is decided.

A tile teaches that whatever is not labelled in it is no damage. So undecided findings in a tile are
painted over, and a tile is left out where that would hit a decided one, or where it may show a defect
that was found in other photos only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, hypot

import numpy as np
import shapely

from models.labelled.pictures import LabelledBox
from pipeline.register.records import DefectRecord, PhotoRecord
from reports.reviewed_findings import FOUND_BY_COLOUR, NO_DAMAGE, Finding
from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.tiling import Window, tile_windows

TOO_NEAR = "an undecided finding lies on a decided one"
UNSEEN = "it may show a defect that was found in other photos only"
UNKNOWN_SIZE = "the photo's size or ground resolution is not known"

_MARGIN_PX = 8.0  # around what is painted over: detectors' boxes end early
_LEAST_BOX_PX = 2.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class TrainingTile:
    """A tile of a photo that was resampled by `scale`: its window there, and boxes within the tile.

    `painted_over` are boxes of undecided findings; `defects` the ids of the decided ones. `lat`, `lon`
    and `reach_m` are a circle on the ground that holds the tile, with 1 σ of its place.
    """

    photo: PhotoRecord
    scale: float
    window: Window
    boxes: tuple[LabelledBox, ...]
    painted_over: tuple[Box, ...]
    defects: tuple[str, ...]
    lat: float
    lon: float
    reach_m: float


@dataclass(frozen=True)
class KnownDefects:
    """All defects of a register that a detector is to learn and that are not rejected.

    Duplicates count as their original.
    """

    defects: Sequence[DefectRecord]

    def within(self, lat: float, lon: float, reach_m: float) -> set[str]:
        """The ids of the defects that may lie, in part, within a circle on the ground."""
        if not self._real:
            return set()
        east_north_m = self._places_m - self._frame.to_metres(lat, lon)
        near = np.hypot(*east_north_m.T) <= reach_m + self._reaches_m
        return {defect.id for defect, is_near in zip(self._real, near, strict=True) if is_near}

    @cached_property
    def _real(self) -> list[DefectRecord]:
        learnt = (defect for defect in self.defects if defect.kind not in FOUND_BY_COLOUR)
        return [defect for defect in learnt if defect.status != NO_DAMAGE and defect.duplicate_of is None]

    @cached_property
    def _frame(self) -> LocalFrame:
        return LocalFrame(self._real[0].lat, self._real[0].lon)

    @cached_property
    def _places_m(self) -> FloatArray:
        return self._frame.to_metres([d.lat for d in self._real], [d.lon for d in self._real])

    @cached_property
    def _reaches_m(self) -> FloatArray:
        return np.array([d.length_m / 2 + d.sigma_m for d in self._real])


def plan_tiles(
    photo: PhotoRecord, findings: Sequence[Finding], known: KnownDefects, tile_px: int, scale: float
) -> tuple[list[TrainingTile], Counter[str]]:
    """Tiles around the decided findings of a photo resampled by `scale`; and why others are left out.

    A finding within a tile that is there already gets no other, one larger than a tile gets several.
    """
    if not (photo.width_px and photo.height_px and photo.gsd_cm):
        return [], Counter({UNKNOWN_SIZE: sum(finding.is_decided for finding in findings)})
    size_px = (max(1, round(photo.width_px * scale)), max(1, round(photo.height_px * scale)))
    shapes = [_shape(finding, size_px, photo) for finding in findings]
    tiles: list[TrainingTile] = []
    left_out: Counter[str] = Counter()
    for finding, shape in zip(findings, shapes, strict=True):
        if not finding.is_decided or any(_box_of(tile.window).contains(shape) for tile in tiles):
            continue
        for window in _windows_around(shape.bounds, tile_px, size_px):
            tile = _tile(window, findings, shapes)
            place = _ground_circle(finding, shape, window, photo.gsd_cm / 100 * photo.width_px / size_px[0])
            in_photo = {other.defect for other in findings}
            if tile is None:
                left_out[TOO_NEAR] += 1
            elif known.within(*place) - in_photo:
                left_out[UNSEEN] += 1
            else:
                tiles.append(TrainingTile(photo, scale, window, *tile, *place))
    return tiles, left_out


def _tile(
    window: Window,
    findings: Sequence[Finding],
    shapes: Sequence[shapely.Geometry],
) -> tuple[tuple[LabelledBox, ...], tuple[Box, ...], tuple[str, ...]] | None:
    """Boxes, what is painted over, and decided defects; None where painting would hit a decided one."""
    inside = [
        (finding, shapely.intersection(shape, _box_of(window)))
        for finding, shape in zip(findings, shapes, strict=True)
        if shape.intersects(_box_of(window))
    ]
    decided = [(finding, shape) for finding, shape in inside if finding.is_decided]
    painted = [
        shape.envelope.buffer(_MARGIN_PX).envelope for finding, shape in inside if not finding.is_decided
    ]
    if any(paint.intersects(shape.envelope) for paint in painted for _, shape in decided):
        return None
    boxes = (
        LabelledBox(finding.kind, _moved(shape.bounds, window)) for finding, shape in decided if finding.kind
    )
    return (
        tuple(box for box in boxes if _is_visible(box.xyxy_px)),
        tuple(_moved(paint.bounds, window) for paint in painted),
        tuple(sorted({finding.defect for finding, _ in decided if finding.defect})),
    )


def _ground_circle(
    finding: Finding, shape: shapely.Geometry, window: Window, gsd_m: float
) -> tuple[float, float, float]:
    """Centre (lat, lon) and radius in metres of a circle around the finding that holds the window."""
    assert finding.place is not None, "a decided finding is of a defect, and so has a place"
    lat, lon, sigma_m = finding.place
    x, y = shape.centroid.coords[0]
    corners = [(a, b) for a in (window.left_px, window.right_px) for b in (window.top_px, window.bottom_px)]
    return lat, lon, max(hypot(a - x, b - y) for a, b in corners) * gsd_m + sigma_m


def _windows_around(bounds: Box, tile_px: int, size_px: tuple[int, int]) -> Iterator[Window]:
    """Windows of `tile_px` (less in a smaller photo) that cover a box, moved inwards at the photo's edges."""
    left, top, right, bottom = bounds
    parts = tile_windows(max(1, ceil(right - left)), max(1, ceil(bottom - top)), tile_px, overlap=0.0)
    width_px, height_px = (min(tile_px, side) for side in size_px)
    for part in parts:
        centre = (left + (part.left_px + part.right_px) / 2, top + (part.top_px + part.bottom_px) / 2)
        x = int(min(max(centre[0] - width_px / 2, 0), size_px[0] - width_px))
        y = int(min(max(centre[1] - height_px / 2, 0), size_px[1] - height_px))
        yield Window(x, y, x + width_px, y + height_px)


def _shape(finding: Finding, size_px: tuple[int, int], photo: PhotoRecord) -> shapely.Geometry:
    factors = np.array(size_px) / (photo.width_px, photo.height_px)
    return shapely.MultiPoint(np.asarray(finding.outline_px) * factors).convex_hull


def _box_of(window: Window) -> shapely.Polygon:
    return shapely.box(window.left_px, window.top_px, window.right_px, window.bottom_px)


def _moved(bounds: Box, window: Window) -> Box:
    """A box of the photo in the tile's pixels, within the tile."""
    left, top, right, bottom = bounds
    width, height = window.right_px - window.left_px, window.bottom_px - window.top_px
    return (
        max(left - window.left_px, 0.0),
        max(top - window.top_px, 0.0),
        min(right - window.left_px, float(width)),
        min(bottom - window.top_px, float(height)),
    )


def _is_visible(box: Box) -> bool:
    return box[2] - box[0] >= _LEAST_BOX_PX and box[3] - box[1] >= _LEAST_BOX_PX
