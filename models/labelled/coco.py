"""Labels in COCO: one JSON file for all pictures, boxes as left, top, width, height in pixels."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

from models.labelled.labelled_folder import FolderLabels, PictureFile
from models.labelled.pictures import LabelledBox, LabelledPicture
from vision.errors import PantauError

LAYOUT = "one .json with 'annotations' (COCO)"
_CROWDS = "crowds (one label around many)"
_BBOX_NUMBERS = 4
_ENCODING = "utf-8-sig"  # programs on Windows begin files with a mark


def fits(folder: Path) -> bool:
    """Whether the folder holds COCO labels."""
    return bool(_label_files(folder))


def read(folder: Path, pictures: Mapping[str, PictureFile]) -> FolderLabels:
    """Read the boxes of all pictures that the file lists; polygons without a box become one.

    A picture that the file does not list was never looked at, so that nobody knows what is in it.
    Crowds are left out, since they are no box around one thing.

    Raises PantauError when there are several such files, or the file cannot be read.
    """
    file, *others = _label_files(folder)
    if others:
        raise PantauError(
            f"{folder}: {file.name} and {others[0].name} both hold COCO annotations; keep one in a folder."
        )
    try:
        return _labels(json.loads(file.read_text(encoding=_ENCODING)), pictures)
    except KeyError as error:
        raise PantauError(
            f"{file}: cannot be read as COCO labels (an entry {error} is missing); correct it."
        ) from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise PantauError(f"{file}: cannot be read as COCO labels ({error}); correct it.") from error


def coco_document(
    pictures: Sequence[LabelledPicture], names: Sequence[str], info: Mapping[str, Any]
) -> dict[str, Any]:
    """Labelled pictures as a COCO document; categories are numbered from 1 by their place in `names`."""
    annotations = [
        {
            "image_id": number,
            "category_id": names.index(box.kind) + 1,
            "bbox": _as_bbox(box),
            "area": round(_as_bbox(box)[2] * _as_bbox(box)[3], 2),
            "iscrowd": 0,
        }
        for number, picture in enumerate(pictures, 1)
        for box in picture.boxes
    ]
    return {
        "info": dict(info),
        "images": [
            {"id": number, "file_name": one.path.name, "width": one.width_px, "height": one.height_px}
            for number, one in enumerate(pictures, 1)
        ],
        "categories": [{"id": number, "name": name} for number, name in enumerate(names, 1)],
        "annotations": [{"id": number} | entry for number, entry in enumerate(annotations, 1)],
    }


def _as_bbox(box: LabelledBox) -> list[float]:
    left, top, right, bottom = box.xyxy_px
    return [round(number, 2) for number in (left, top, right - left, bottom - top)]


def _label_files(folder: Path) -> list[Path]:
    candidates = sorted([*folder.glob("*.json"), *(folder / "annotations").glob("*.json")])
    return [file for file in candidates if _has_annotations(file)]


def _has_annotations(file: Path) -> bool:
    try:
        text = file.read_text(encoding=_ENCODING)
    except (OSError, ValueError):
        return False
    try:
        return '"annotations"' in text and "annotations" in json.loads(text)
    except ValueError:
        return True  # reading it says what is broken


def _labels(document: Mapping[str, Any], pictures: Mapping[str, PictureFile]) -> FolderLabels:
    label_of = {category["id"]: str(category["name"]) for category in document["categories"]}
    name_of = _names_by_id(document["images"], pictures)
    boxes: dict[str, list[LabelledBox]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    for annotation in document["annotations"]:
        if annotation.get("iscrowd"):
            left_out[_CROWDS] += 1
        else:
            label = _listed(label_of, annotation, "category_id")
            name = _listed(name_of, annotation, "image_id")
            boxes[name].append(LabelledBox(label, _corners(annotation)))
    listed = {name for name in name_of.values() if name in pictures}
    return FolderLabels(
        {name: tuple(boxes[name]) for name in listed},
        without_picture=len(set(name_of.values())) - len(listed),
        not_looked_at=frozenset(pictures) - listed,
        left_out=left_out,
    )


def _listed(names: Mapping[Any, str], annotation: Mapping[str, Any], key: str) -> str:
    if annotation.get(key) not in names:
        raise ValueError(f"the {key} of the annotation {annotation.get('id')} is missing or not listed")
    return names[annotation[key]]


def _names_by_id(entries: Sequence[Mapping[str, Any]], pictures: Mapping[str, PictureFile]) -> dict[Any, str]:
    name_of = {entry["id"]: _picture_name(entry, pictures) for entry in entries}
    if len(name_of) < len(entries):
        raise ValueError("two of its images have the same id")
    counts = Counter(name_of.values())
    twice = [name for name in pictures if counts[name] > 1]
    if twice:
        raise ValueError(f"two of its images have the name {twice[0]}, and only one picture has")
    return name_of


def _picture_name(entry: Mapping[str, Any], pictures: Mapping[str, PictureFile]) -> str:
    # Label programs on Windows write their own separators; PureWindowsPath understands both.
    name = PureWindowsPath(entry["file_name"]).stem
    picture = pictures.get(name)
    stated = tuple(int(entry.get(side) or 0) for side in ("width", "height"))
    if picture and any(stated) and stated != (picture.width_px, picture.height_px):
        raise ValueError(
            f"it says that {picture.path.name} has {stated[0]} × {stated[1]} px, "
            f"and it has {picture.width_px} × {picture.height_px} px"
        )
    return name


def _corners(annotation: Mapping[str, Any]) -> tuple[float, float, float, float]:
    if bbox := annotation.get("bbox"):
        if len(bbox) != _BBOX_NUMBERS:
            raise ValueError(f"the 'bbox' of the annotation {annotation.get('id')} is not of four numbers")
        left, top, width, height = map(float, bbox)
        return left, top, left + width, top + height
    segmentation = annotation.get("segmentation")
    polygons = segmentation if isinstance(segmentation, list) else []
    xs = [float(x) for polygon in polygons for x in polygon[0::2]]
    ys = [float(y) for polygon in polygons for y in polygon[1::2]]
    if not ys:
        raise ValueError(
            f"the annotation {annotation.get('id')} has neither a 'bbox' nor polygons; "
            "run-length encoded masks need their 'bbox'"
        )
    return min(xs), min(ys), max(xs), max(ys)
