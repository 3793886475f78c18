"""A picture resampled for reading, as a whole or only where it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np

from vision.detector import Picture
from vision.tiling import Window

# So far before a part is looked for a pixel whose edge lies on one of the original's pixels.
_SEARCHED_PX = 64
_CUBIC_REACH_PX = 2


@dataclass(frozen=True)
class Resampling:
    """From `width_px` × `height_px` to `read_width_px` × `read_height_px`: by area means, or cubics."""

    width_px: int
    height_px: int
    read_width_px: int
    read_height_px: int

    @classmethod
    def by(cls, scale: float, picture: Picture) -> Resampling:
        """The resampling of a picture by about this factor; at least a pixel remains."""
        height_px, width_px = picture.shape[:2]
        return cls(width_px, height_px, *(max(1, round(side * scale)) for side in (width_px, height_px)))

    @property
    def factors(self) -> tuple[float, float]:
        """How many pixels are read for one of the original's, across and down."""
        return self.read_width_px / self.width_px, self.read_height_px / self.height_px

    def whole(self, picture: Picture) -> Picture:
        """The resampled picture; the picture itself where nothing changes."""
        if self.factors == (1.0, 1.0):
            return picture
        return self.part(picture, Window(0, 0, self.read_width_px, self.read_height_px))[0]

    def part(self, picture: Picture, window: Window) -> tuple[Picture, int, int]:
        """What a window of the resampled picture shows, with some more on its left and top.

        Returns (pixels, left, top): the pixels begin at this column and row of the resampled picture.
        They are those that resampling all of it would give, but for rounding.
        """
        across, down = self.factors
        if (across, down) == (1.0, 1.0):
            pixels = picture[window.top_px : window.bottom_px, window.left_px : window.right_px]
            return pixels, window.left_px, window.top_px
        left, right = _span(window.left_px, window.right_px, across, self.width_px)
        top, bottom = _span(window.top_px, window.bottom_px, down, self.height_px)
        size = window.right_px - left[0], window.bottom_px - top[0]
        how = cv2.INTER_AREA if across < 1 else cv2.INTER_CUBIC
        cut = picture[top[1] : bottom, left[1] : right]
        resampled = cv2.resize(cut, None, fx=across, fy=down, interpolation=how)[: size[1], : size[0]]
        return np.asarray(resampled, dtype=np.uint8), left[0], top[0]


def resample(picture: Picture, scale: float) -> Picture:
    """The picture shrunk by area means, or enlarged by cubics; the picture itself at a scale of 1."""
    return Resampling.by(scale, picture).whole(picture)


def _span(start_px: int, end_px: int, factor: float, original_px: int) -> tuple[tuple[int, int], int]:
    """Where to cut the original for the pixels from start to end: ((first read, first original), end)."""
    latest = max(start_px - ceil(_CUBIC_REACH_PX * factor), 0)
    candidates = range(latest, max(latest - _SEARCHED_PX, -1), -1)
    first = min(candidates, key=lambda px: abs(px / factor - round(px / factor)))
    # One more, so that the size rounds up to what is asked for.
    end = ceil((end_px + 1) / factor) + _CUBIC_REACH_PX
    return (first, round(first / factor)), min(original_px, end)
