"""Labelled pictures: what a detector learns from, whatever format it was written in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class LabelledBox:
    """One labelled damage: its kind and its box in pixels (left, top, right, bottom)."""

    kind: str
    xyxy_px: tuple[float, float, float, float]


@dataclass(frozen=True)
class LabelledPicture:
    """A picture on disk with all damage labelled in it; `boxes` is empty where there is none."""

    path: Path
    width_px: int
    height_px: int
    boxes: tuple[LabelledBox, ...]

    @property
    def name(self) -> str:
        """The file name without its suffix: the key that splits and groups use."""
        return self.path.stem
