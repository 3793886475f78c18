"""Labels as masks: black pictures, white where the damage is; each white region is one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2

from models.labelled.labelled_folder import FolderLabels, PictureFile, by_name, files_below
from models.labelled.pictures import PICTURE_SUFFIXES, LabelledBox
from vision.decoding import Undecodable, read_picture
from vision.detector import Picture
from vision.errors import PantauError

LAYOUT = "'<kind>_masks' with one black and white picture a picture (masks, say 'pothole_masks')"
_SUFFIX = "_masks"
_WHITE = 128
# Masks drawn by hand hold single pixels beside what was meant.
_SPECK_PX = 9


def fits(folder: Path) -> bool:
    """Whether the folder holds masks."""
    return bool(_mask_folders(folder))


def read(folder: Path, pictures: Mapping[str, PictureFile]) -> FolderLabels:
    """Make a box of every white region that is more than a speck.

    Raises PantauError that names a mask that cannot be read or is of another size than its picture.
    """
    boxes: dict[str, list[LabelledBox]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    without_picture = 0
    for mask_folder in _mask_folders(folder):
        label = mask_folder.name.removesuffix(_SUFFIX)
        for name, file in by_name(files_below([mask_folder], PICTURE_SUFFIXES)).items():
            if name not in pictures:
                without_picture += 1
                continue
            regions = list(_regions(_read_mask(file, pictures[name])))
            kept = [corners for corners, area_px in regions if area_px >= _SPECK_PX]
            boxes[name] += [LabelledBox(label, corners) for corners in kept]
            left_out[f"specks of less than {_SPECK_PX} pixels in masks"] += len(regions) - len(kept)
    return FolderLabels(
        {name: tuple(found) for name, found in boxes.items()}, without_picture, left_out=+left_out
    )


def _mask_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.is_dir())


def _read_mask(file: Path, picture: PictureFile) -> Picture:
    mask = read_picture(file)
    if isinstance(mask, Undecodable):
        raise PantauError(f"{file}: cannot be read as a mask ({mask.detail}); correct or remove it.")
    height_px, width_px = mask.shape[:2]
    if (width_px, height_px) != (picture.width_px, picture.height_px):
        raise PantauError(
            f"{file}: has {width_px} × {height_px} px, and its picture {picture.width_px} × "
            f"{picture.height_px} px; make it as large as its picture."
        )
    return mask


def _regions(mask: Picture) -> Iterator[tuple[tuple[float, float, float, float], int]]:
    """The box and the area of each white region; pixels that touch by a corner belong together."""
    blue, green, red = cv2.split(mask)
    brightest = cv2.max(cv2.max(blue, green), red)
    _, white = cv2.threshold(brightest, _WHITE - 1, 255, cv2.THRESH_BINARY)
    _, _, regions, _ = cv2.connectedComponentsWithStats(white, connectivity=8)
    for left, top, width, height, area_px in regions[1:].tolist():
        yield (float(left), float(top), float(left + width), float(top + height)), area_px
