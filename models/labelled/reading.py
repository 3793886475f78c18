"""Folders of labelled pictures in any of four formats, recognised by what lies in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.labelled import coco, masks, voc, yolo
from models.labelled.labelled_folder import FolderLabels, PictureFile, find_pictures
from models.labelled.pictures import LabelledBox, LabelledPicture
from vision.errors import PantauError


@dataclass(frozen=True)
class LabelFormat:
    """A format of labels: how its layout is told, which folders fit it, and how one is read."""

    name: str
    layout: str
    fits: Callable[[Path], bool]
    read: Callable[[Path, Mapping[str, PictureFile]], FolderLabels]


FORMATS = (
    LabelFormat("Pascal VOC", voc.LAYOUT, voc.fits, voc.read),
    LabelFormat("YOLO", yolo.LAYOUT, yolo.fits, yolo.read),
    LabelFormat("COCO", coco.LAYOUT, coco.fits, coco.read),
    LabelFormat("masks", masks.LAYOUT, masks.fits, masks.read),
)


@dataclass(frozen=True)
class LabelledFolder:
    """A folder's pictures, sorted by name, and what was met in reading them.

    `unknown_labels` counts boxes whose label means no known kind; they are left out, like what
    `left_out` counts. `clipped` boxes stuck out of their picture. `without_labels` pictures have no
    label file and count as showing no damage; `without_picture` labels have no picture.
    """

    format: str
    pictures: tuple[LabelledPicture, ...]
    unknown_labels: Counter[str]
    left_out: Counter[str]
    clipped: int
    without_labels: int
    without_picture: int

    @property
    def remarks(self) -> tuple[str, ...]:
        """What somebody who labelled the folder should know, in sentences without their full stop."""
        unknown = ", ".join(f"{label} ({count})" for label, count in self.unknown_labels.most_common())
        counted = (
            (self.unknown_labels.total(), f"boxes of unknown kinds left out: {unknown}"),
            *((count, f"{what} left out") for what, count in sorted(self.left_out.items())),
            (self.clipped, "boxes stuck out of their picture and were clipped"),
            (self.without_labels, "pictures have no labels and count as showing no damage"),
            (self.without_picture, "labels have no picture"),
        )
        return tuple(f"{count} {what}" for count, what in counted if count)


def read_labelled_folder(folder: Path, kind_of_label: Mapping[str, str]) -> list[LabelledPicture]:
    """The labelled pictures of a folder in any known format; see `open_labelled_folder`."""
    return list(open_labelled_folder(folder, kind_of_label).pictures)


def open_labelled_folder(folder: Path, kind_of_label: Mapping[str, str]) -> LabelledFolder:
    """Read a folder of labelled pictures: Pascal VOC, YOLO, COCO or masks.

    `kind_of_label` maps the labels that are wanted to kinds; case, spaces, hyphens and underscores do
    not matter. Boxes with other labels are left out, parts of boxes outside their picture cut off.

    Raises PantauError when the folder fits no format or several, a file in it cannot be read, or it has
    boxes and none of a wanted label.
    """
    format = _format_of(folder)
    files = find_pictures(folder)
    if not files:
        raise PantauError(f"{folder}: no pictures found in its folder 'images'. {_layouts()}")
    labels = format.read(folder, files)
    if labels.without_picture and not labels.boxes:
        raise PantauError(
            f"{folder}: none of its {labels.without_picture} labels belongs to one of its pictures; "
            "name them like their pictures."
        )
    opened = _with_kinds(format.name, files, labels, kind_of_label)
    if opened.unknown_labels and not any(picture.boxes for picture in opened.pictures):
        raise PantauError(
            f"{folder}: none of its boxes is of a known kind, but {', '.join(opened.unknown_labels)}; "
            f"known are {', '.join(kind_of_label)}."
        )
    return opened


def _format_of(folder: Path) -> LabelFormat:
    if not folder.is_dir():
        raise PantauError(f"{folder}: there is no such folder; name one with labelled pictures.")
    fitting = [format for format in FORMATS if format.fits(folder)]
    if not fitting and not find_pictures(folder):
        raise PantauError(f"{folder}: no pictures found in its folder 'images'. {_layouts()}")
    if not fitting:
        raise PantauError(f"{folder}: has pictures, but no labels in a known layout. {_layouts()}")
    if len(fitting) > 1:
        names = " and ".join(format.name for format in fitting)
        raise PantauError(f"{folder}: holds labels as {names}; keep one of them, so that it is clear which.")
    return fitting[0]


def _layouts() -> str:
    *first, last = (format.layout for format in FORMATS)
    return f"A labelled folder has 'images' and beside it {', or '.join(first)}, or {last}."


@dataclass
class _Met:
    """What was met while boxes were read."""

    unknown_labels: Counter[str] = field(default_factory=Counter)
    without_area: int = 0
    clipped: int = 0


def _with_kinds(
    format: str, files: Mapping[str, PictureFile], labels: FolderLabels, kind_of_label: Mapping[str, str]
) -> LabelledFolder:
    kind_of = {_spelled(label): kind for label, kind in kind_of_label.items()}
    met = _Met()
    pictures = tuple(
        _picture(file, tuple(_boxes(labels.boxes.get(name, ()), file, kind_of, met)))
        for name, file in files.items()
        if name not in labels.not_looked_at
    )
    left_out = labels.left_out + Counter(
        {
            "boxes without any area in their picture": met.without_area,
            "pictures that the labels do not list": len(labels.not_looked_at),
        }
    )
    return LabelledFolder(
        format,
        pictures,
        met.unknown_labels,
        left_out,
        met.clipped,
        without_labels=sum(picture.name not in labels.boxes for picture in pictures),
        without_picture=labels.without_picture,
    )


def _picture(file: PictureFile, boxes: tuple[LabelledBox, ...]) -> LabelledPicture:
    if boxes and file.is_turned:
        raise PantauError(
            f"{file.path}: is turned by its EXIF Orientation, and label programs disagree on whether to "
            "follow it; save it upright, and check its labels."
        )
    return LabelledPicture(file.path, file.width_px, file.height_px, boxes)


def _boxes(
    boxes: Iterable[LabelledBox], file: PictureFile, kind_of: Mapping[str, str], met: _Met
) -> Iterator[LabelledBox]:
    for box in boxes:
        kind = kind_of.get(_spelled(box.kind))
        inside = _clipped(box.xyxy_px, file)
        if kind is None:
            met.unknown_labels[box.kind] += 1
        elif inside is None:
            met.without_area += 1
        else:
            met.clipped += inside != box.xyxy_px
            yield LabelledBox(kind, inside)


def _spelled(label: str) -> str:
    return " ".join(label.casefold().replace("_", " ").replace("-", " ").split())


def _clipped(
    xyxy_px: tuple[float, float, float, float], file: PictureFile
) -> tuple[float, float, float, float] | None:
    """The part of a box within its picture, None where there is none (or a corner is no number)."""
    left, top, right, bottom = xyxy_px
    inside = (max(left, 0.0), max(top, 0.0), min(right, file.width_px), min(bottom, file.height_px))
    return inside if inside[0] < inside[2] and inside[1] < inside[3] else None
