"""A detector for pictures of any size around a network for tiles of one size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.candidates import Candidates, read_yolo_output, suppress_within_tile
from vision.detector import Detections, Picture
from vision.merging import merge_tiles
from vision.tiling import Window, cut_tile, tile_corner_px, tile_windows

# Intersection over union above which two boxes of one kind are one. On held-out training pictures of
# the road detector: mAP50 0.588 at 0.45, 0.586 at 0.5, 0.570 at 0.6, 0.553 at 0.7; lower, the kinds
# disagree.
NMS_IOU = 0.45
TILE_OVERLAP = 0.2


class TileNetwork(Protocol):
    """Runs a YOLO network on tiles of one size."""

    input_px: int

    def run(self, tiles: Iterable[Picture], take: Callable[[int, NDArray[np.float32]], None]) -> None:
        """Read tiles (input_px, input_px, 3) and call `take(number of the tile, output)` for each.

        `output` is (4 + K, anchors) and valid during the call. The calls come in any order, perhaps
        from other threads, all of them before `run` returns. Tiles are taken from the iterable only
        as they are needed.
        """
        ...


class TiledDetector:
    """Finds damage with a network that reads tiles: a `vision.detector.Detector`.

    `thresholds` holds the lowest score to report, for each of the `kinds` in the order of the
    network's outputs. `gsd_cm` is the interval of ground sample distances, in centimetres per
    pixel, that the network was trained on; None where it is unknown.
    """

    def __init__(
        self,
        network: TileNetwork,
        kinds: Sequence[str],
        thresholds: Mapping[str, float],
        gsd_cm: tuple[float, float] | None = None,
        nms_iou: float = NMS_IOU,
        overlap: float = TILE_OVERLAP,
    ) -> None:
        self.kinds = tuple(kinds)
        self.gsd_cm = gsd_cm
        self._network = network
        self._thresholds = np.array([thresholds[kind] for kind in self.kinds], dtype=np.float64)
        self._nms_iou = nms_iou
        self._overlap = overlap

    def detect(self, picture: Picture, *, gsd_cm: float | None = None) -> Detections:
        """Find damage; see `vision.detector.Detector.detect`."""
        read = _shrink(picture, reading_scale(gsd_cm, self.gsd_cm))
        windows = tile_windows(read.shape[1], read.shape[0], self._network.input_px, self._overlap)
        found = merge_tiles(windows, self._read_tiles(read, windows), self.kinds, self._nms_iou)
        return _stretched(found, picture.shape[1] / read.shape[1], picture.shape[0] / read.shape[0])

    def _read_tiles(self, picture: Picture, windows: Sequence[Window]) -> list[Candidates]:
        tile_px = self._network.input_px
        candidates: list[Candidates | None] = [None] * len(windows)

        def take(number: int, output: NDArray[np.float32]) -> None:
            window = windows[number]
            proposed = read_yolo_output(output, self._thresholds).moved(*tile_corner_px(window, tile_px))
            candidates[number] = suppress_within_tile(proposed.clipped(window), self._nms_iou)

        self._network.run((cut_tile(picture, window, tile_px) for window in windows), take)
        read = [part for part in candidates if part is not None]
        if len(read) != len(windows):
            raise RuntimeError(f"the network answered for {len(read)} of {len(windows)} tiles")
        return read


def reading_scale(gsd_cm: float | None, trained_gsd_cm: tuple[float, float] | None) -> float:
    """The factor (≤ 1) by which a picture is resized before it is read.

    A picture finer than the training's finest ground resolution is shrunk to just that. A coarser
    one is read as it is: enlarging adds no detail, and what the network then reports of it would
    be a guess. Unknown resolutions leave the picture as it is.
    """
    if gsd_cm is None or trained_gsd_cm is None or gsd_cm <= 0:
        return 1.0
    return min(1.0, gsd_cm / trained_gsd_cm[0])


def _shrink(picture: Picture, scale: float) -> Picture:
    if scale >= 1:
        return picture
    size_px = tuple(max(1, round(side * scale)) for side in (picture.shape[1], picture.shape[0]))
    return np.asarray(cv2.resize(picture, size_px, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _stretched(found: Detections, x_factor: float, y_factor: float) -> Detections:
    factors = np.array([x_factor, y_factor])
    outlines = tuple(outline * factors for outline in found.outline_px)
    return Detections(found.xyxy_px * np.tile(factors, 2), found.score, found.kind, outlines)
