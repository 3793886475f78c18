"""A folder of generated pictures: images with Pascal VOC labels, like any other labelled folder."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from models.labelled.pictures import LabelledBox, LabelledPicture
from vision.decoding import Undecodable, read_picture
from vision.detector import Picture
from vision.errors import PantauError

# Between the picture's own compression and that of a drone's photo little is left to see.
_JPEG_QUALITY = 93


def read_pixels(path: Path) -> Picture:
    """The pixels of a picture that training material is made of; raises PantauError without them."""
    pixels = read_picture(path)
    if isinstance(pixels, Undecodable):
        raise PantauError(f"{path}: no training material can be made of it, {pixels.detail}; take it out.")
    return pixels


def picture_seed(seed: int, *names: str) -> np.random.Generator:
    """Random numbers that depend on a seed and names alone, not on what else is made or in what order."""
    return np.random.default_rng([seed, *"/".join(names).encode("utf-8")])


def write_labelled(folder: Path, name: str, pixels: Picture, boxes: Sequence[LabelledBox]) -> LabelledPicture:
    """Write `folder/images/name.jpg` and its labels in `folder/voc`; returns the labelled picture."""
    file = folder / "images" / f"{name}.jpg"
    label_file = folder / "voc" / f"{name}.xml"
    for path in (file, label_file):
        path.parent.mkdir(parents=True, exist_ok=True)
    _, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    file.write_bytes(content.tobytes())
    picture = LabelledPicture(file, pixels.shape[1], pixels.shape[0], tuple(boxes))
    ElementTree.ElementTree(_voc(picture)).write(label_file, encoding="utf-8", xml_declaration=True)
    return picture


def _voc(picture: LabelledPicture) -> ElementTree.Element:
    root = ElementTree.Element("annotation")
    ElementTree.SubElement(root, "filename").text = picture.path.name
    size = ElementTree.SubElement(root, "size")
    for side, length in (("width", picture.width_px), ("height", picture.height_px), ("depth", 3)):
        ElementTree.SubElement(size, side).text = str(length)
    for box in picture.boxes:
        entry = ElementTree.SubElement(root, "object")
        ElementTree.SubElement(entry, "name").text = box.kind
        corners = ElementTree.SubElement(entry, "bndbox")
        for edge, value in zip(("xmin", "ymin", "xmax", "ymax"), box.xyxy_px, strict=True):
            ElementTree.SubElement(corners, edge).text = f"{value:.1f}"
    return root
