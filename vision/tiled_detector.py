"""A detector for pictures of any size around a network for tiles of one size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from shapely import Polygon, box, intersects, union_all
from shapely.affinity import translate

from vision.camera import FloatArray
from vision.candidates import Candidates, read_yolo_output, suppress_within_tile
from vision.detector import Detections, Picture
from vision.merging import merge_tiles
from vision.reading_resolution import reading_scale
from vision.resampling import Resampling
from vision.tiling import (
    Window,
    cut_tile,
    hull_of,
    narrow_windows,
    needed_windows,
    tile_corner_px,
    tile_windows,
)
from vision.views import fuse_views, views

# Intersection over union above which two boxes of one kind are one. On held-out training pictures of
# the road detector: mAP50 0.588 at 0.45, 0.586 at 0.5, 0.570 at 0.6, 0.553 at 0.7; lower, the kinds
# disagree.
NMS_IOU = 0.45
TILE_OVERLAP = 0.2
# What one of several views proposes counts from this score on, though less than a threshold: the others
# may be surer of it. Below, it would change a mean by less than a hundredth.
_LEAST_SCORE_OF_A_VIEW = 0.02

_STRIDE_PX = 32
# A tile is left out where its neighbours show all of the sites in it and so much beside them.
_CONTEXT_PX = 64.0
_NO_CORNER_PX = np.zeros(2)


class TileNetwork(Protocol):
    """Runs a YOLO network on tiles of at most `input_px` pixels a side."""

    input_px: int

    def run(self, tiles: Iterable[Picture], take: Callable[[int, NDArray[np.float32]], None]) -> None:
        """Read tiles (height, width, 3) and call `take(number of the tile, output)` for each.

        Sides are multiples of the network's stride; tiles of one size come one after another. `output`
        is (4 + K, anchors) and valid during the call. The calls come in any order, perhaps from other
        threads, all of them before `run` returns. Tiles are taken from the iterable only as they are
        needed.
        """
        ...


class TiledDetector:
    """Finds damage with a network that reads tiles: a `vision.detector.Detector`.

    `thresholds` holds the lowest score to report, for each of the `kinds` in the order of the
    network's outputs. `gsd_cm` is the interval of ground sample distances, in centimetres per
    pixel, that the network was trained on; None where it is unknown. Each tile is looked at in so many
    `view_count` views (1, 2 or 4; see `vision.views`), which takes as many times as long.
    """

    def __init__(
        self,
        network: TileNetwork,
        kinds: Sequence[str],
        thresholds: Mapping[str, float],
        gsd_cm: tuple[float, float] | None = None,
        nms_iou: float = NMS_IOU,
        overlap: float = TILE_OVERLAP,
        view_count: int = 1,
    ) -> None:
        self.kinds = tuple(kinds)
        self.gsd_cm = gsd_cm
        self._network = network
        self._thresholds = np.array([thresholds[kind] for kind in self.kinds], dtype=np.float64)
        self._nms_iou = nms_iou
        self._overlap = overlap
        self._views = views(view_count)

    def detect(
        self,
        picture: Picture,
        *,
        gsd_cm: float | None = None,
        within: Sequence[FloatArray] | None = None,
    ) -> Detections:
        """Find damage; see `vision.detector.Detector.detect`."""
        if within is not None and not len(within):
            return Detections.none()
        resampling = Resampling.by(reading_scale(gsd_cm, self.gsd_cm), picture)
        windows = tile_windows(
            resampling.read_width_px, resampling.read_height_px, self._network.input_px, self._overlap
        )
        factors = np.array(resampling.factors)
        if within is None:
            return _stretched(self._read(resampling.whole(picture), windows), 1 / factors)
        area = union_all([Polygon(polygon * factors) for polygon in within])
        needed = needed_windows(windows, area, _CONTEXT_PX)
        if not needed:
            return Detections.none()
        narrowed = sorted(
            narrow_windows(needed, area, self._network.input_px, _STRIDE_PX), key=_large_ones_first
        )
        # With a whole window in it the part is no smaller than a tile, unless the picture is.
        part, left_px, top_px = resampling.part(picture, hull_of([needed[0], *narrowed]))
        there = [window.moved(-left_px, -top_px) for window in narrowed]
        found = _touching(self._read(part, there), translate(area, -left_px, -top_px))
        return _stretched(found, 1 / factors, np.array([left_px, top_px]))

    def _read(self, picture: Picture, windows: Sequence[Window]) -> Detections:
        return merge_tiles(windows, self._read_tiles(picture, windows), self.kinds, self._nms_iou)

    def _read_tiles(self, picture: Picture, windows: Sequence[Window]) -> list[Candidates]:
        tile_px, views = self._network.input_px, self._views
        looks = [(window, view) for window in windows for view in views]
        candidates: list[Candidates | None] = [None] * len(looks)
        least = self._thresholds if len(views) == 1 else np.minimum(self._thresholds, _LEAST_SCORE_OF_A_VIEW)

        def take(number: int, output: NDArray[np.float32]) -> None:
            window, view = looks[number]
            corner_px = tile_corner_px(picture, window, tile_px)
            proposed = view.back(read_yolo_output(output, least), cut_tile(picture, window, tile_px))
            inside = proposed.moved(*corner_px).clipped(window)
            candidates[number] = suppress_within_tile(inside, self._nms_iou)

        self._network.run((view.of(cut_tile(picture, window, tile_px)) for window, view in looks), take)
        read = [part for part in candidates if part is not None]
        if len(read) != len(looks):
            raise RuntimeError(f"the network answered for {len(read)} of {len(looks)} tiles")
        fused = (
            fuse_views(read[first : first + len(views)], self._nms_iou)
            for first in range(0, len(read), len(views))
        )
        return [part.take(np.flatnonzero(part.score >= self._thresholds[part.kind_index])) for part in fused]


def _large_ones_first(window: Window) -> tuple[int, int]:
    """A key that keeps one size together; with the small ones last all cores end at about the same time."""
    return -window.size_px, window.left_px - window.right_px


def _touching(found: Detections, area: Any) -> Detections:
    """Those of the detections whose box touches an area (a shapely geometry)."""
    return found.take(np.flatnonzero(intersects(area, box(*found.xyxy_px.T))))


def _stretched(found: Detections, factors: FloatArray, corner_px: FloatArray = _NO_CORNER_PX) -> Detections:
    """Detections in a picture that is larger by these factors, of which they were found in a part.

    `corner_px` (x, y) is the part's corner before the picture is made larger.
    """
    outlines = tuple((outline + corner_px) * factors for outline in found.outline_px)
    boxes = (found.xyxy_px + np.tile(corner_px, 2)) * np.tile(factors, 2)
    return Detections(boxes, found.score, found.kind, outlines)
