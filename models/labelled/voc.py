"""Labels in Pascal VOC: one XML file a picture, corners of boxes in pixels."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from pathlib import Path

from models.labelled.labelled_folder import FolderLabels, PictureFile, by_name, files_below
from models.labelled.pictures import LabelledBox
from vision.errors import PantauError

LAYOUT = "'voc' with one .xml a picture (Pascal VOC)"
_FOLDERS = ("voc", "Annotations", "annotations")


def fits(folder: Path) -> bool:
    """Whether the folder holds Pascal VOC labels."""
    return (folder / "voc").is_dir() or bool(_label_files(folder))


def read(folder: Path, pictures: Mapping[str, PictureFile]) -> FolderLabels:
    """Read the label file of each picture; raises PantauError that names a file that cannot be read."""
    files = by_name(_label_files(folder))
    boxes = {name: _read_file(file, pictures[name]) for name, file in files.items() if name in pictures}
    return FolderLabels(boxes, without_picture=len(files) - len(boxes))


def _label_files(folder: Path) -> list[Path]:
    return files_below([folder / name for name in _FOLDERS], (".xml",))


def _read_file(file: Path, picture: PictureFile) -> tuple[LabelledBox, ...]:
    try:
        root = ElementTree.parse(file).getroot()
        _require_size(root, picture)
        return tuple(_boxes(root))
    except (OSError, ElementTree.ParseError, ValueError) as error:
        raise PantauError(
            f"{file}: cannot be read as Pascal VOC labels ({error}); correct or remove it."
        ) from error


def _require_size(root: ElementTree.Element, picture: PictureFile) -> None:
    """Boxes drawn on a picture of another size lie elsewhere. Some programs leave the size out, or 0."""
    size = root.find("size")
    if root.tag != "annotation" or (size is None and root.find("object") is None):
        raise ValueError("it has neither <size> nor <object>")
    stated = [size.findtext(side, "0") if size is not None else "0" for side in ("width", "height")]
    width_px, height_px = map(int, stated)
    if (width_px or height_px) and (width_px, height_px) != (picture.width_px, picture.height_px):
        raise ValueError(
            f"it is of a picture of {width_px} × {height_px} px, "
            f"and {picture.path.name} has {picture.width_px} × {picture.height_px} px"
        )


def _boxes(root: ElementTree.Element) -> Iterator[LabelledBox]:
    for element in root.iter("object"):
        label, box = element.findtext("name", "").strip(), element.find("bndbox")
        if not label or box is None:
            raise ValueError("an <object> lacks its <name> or <bndbox>")
        left, top, right, bottom = (
            float(box.findtext(edge, "")) for edge in ("xmin", "ymin", "xmax", "ymax")
        )
        yield LabelledBox(label, (left, top, right, bottom))
