"""Labelled pictures: what a detector learns from, whatever format it was written in."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vision.errors import PantauError

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png")


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


def read_voc_folder(folder: Path, kind_of_label: Mapping[str, str]) -> list[LabelledPicture]:
    """Read `folder/images` with their Pascal VOC labels in `folder/voc`, sorted by name.

    `kind_of_label` maps the label names of the data set to kinds; boxes with other labels are
    left out (RDD2022 holds a few one-off labels beside its standard ones).

    Raises PantauError when the folder has no such layout or a label file cannot be read.
    """
    images = {
        path.stem: path
        for path in sorted((folder / "images").glob("*"))
        if path.suffix.lower() in PICTURE_SUFFIXES
    }
    if not images:
        raise PantauError(
            f"{folder}: no pictures found in its folder 'images'; "
            "a VOC data set has the folders 'images' and 'voc'."
        )
    return [_read_voc(folder / "voc" / f"{name}.xml", path, kind_of_label) for name, path in images.items()]


def _read_voc(label_file: Path, picture: Path, kind_of_label: Mapping[str, str]) -> LabelledPicture:
    try:
        root = ElementTree.parse(label_file).getroot()
        size = root.find("size")
        if size is None:
            raise ValueError("it has no <size>")
        boxes = tuple(_voc_boxes(root.iter("object"), kind_of_label))
        return LabelledPicture(
            picture, int(size.findtext("width", "")), int(size.findtext("height", "")), boxes
        )
    except (OSError, ElementTree.ParseError, ValueError) as error:
        raise PantauError(f"{label_file}: cannot be read as Pascal VOC labels ({error}).") from error


def _voc_boxes(
    objects: Iterable[ElementTree.Element], kind_of_label: Mapping[str, str]
) -> Iterable[LabelledBox]:
    for element in objects:
        kind = kind_of_label.get(element.findtext("name", ""))
        box = element.find("bndbox")
        if kind is None or box is None:
            continue
        left, top, right, bottom = (
            float(box.findtext(edge, "")) for edge in ("xmin", "ymin", "xmax", "ymax")
        )
        yield LabelledBox(kind, (left, top, right, bottom))
