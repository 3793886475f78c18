"""A folder of labelled pictures as all formats see it: picture files, and what is labelled in them."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from models.labelled.pictures import PICTURE_SUFFIXES, LabelledBox
from vision.errors import PantauError

_PICTURE_FOLDERS = ("images", "JPEGImages")
_ORIENTATION_TAG, _UPRIGHT = 0x0112, 1  # EXIF 2.32, 4.6.4


@dataclass(frozen=True)
class PictureFile:
    """A picture's file with the size of the pixels stored in it.

    `is_turned`: its EXIF Orientation tells viewers to turn it, so that labels may mean either view.
    """

    path: Path
    width_px: int
    height_px: int
    is_turned: bool = False


@dataclass(frozen=True)
class FolderLabels:
    """The boxes of each picture by its name, their `kind` being the label that the folder uses.

    A picture that is missing in `boxes` has no label file: there is no damage in it, unless it is one
    of those `not_looked_at`. `without_picture` counts label files whose picture is not there;
    `left_out` counts, by what it was, what no box can be made of.
    """

    boxes: Mapping[str, tuple[LabelledBox, ...]]
    without_picture: int = 0
    not_looked_at: frozenset[str] = frozenset()
    left_out: Counter[str] = field(default_factory=Counter)


def find_pictures(folder: Path) -> dict[str, PictureFile]:
    """The pictures below `folder/images` by name (file name without suffix), sorted.

    Raises PantauError when two pictures share a name, or one cannot be read.
    """
    files = by_name(files_below([folder / name for name in _PICTURE_FOLDERS], PICTURE_SUFFIXES))
    return {name: _picture_file(file) for name, file in files.items()}


def by_name(files: Iterable[Path]) -> dict[str, Path]:
    """Files by their name without suffix; raises PantauError when two share one."""
    found: dict[str, Path] = {}
    for file in files:
        if file.stem in found:
            raise PantauError(
                f"{file}: has the same name as {found[file.stem]}; pictures, labels, splits and groups go by "
                "the name without suffix, so rename or remove one of them."
            )
        found[file.stem] = file
    return found


def files_below(folders: Iterable[Path], suffixes: tuple[str, ...]) -> list[Path]:
    """Files below folders with one of the suffixes (lower case), sorted by name.

    What is hidden is left out; links to folders are followed.
    """
    # Links may lead in circles, and where case does not count two spellings of a folder are one.
    looked_into: set[tuple[int, int]] = set()
    files = []
    for folder in folders:
        for parent, inner, names in os.walk(folder, followlinks=True):
            inode = Path(parent).stat()
            inner[:] = [name for name in inner if not name.startswith(".")]
            if (inode.st_dev, inode.st_ino) in looked_into:
                inner.clear()
                continue
            looked_into.add((inode.st_dev, inode.st_ino))
            files += [Path(parent, name) for name in names if not name.startswith(".")]
    fitting = [file for file in files if file.suffix.lower() in suffixes]
    return sorted(fitting, key=lambda file: (file.stem, str(file)))


def _picture_file(path: Path) -> PictureFile:
    try:
        # Pillow warns of odd metadata and of large pictures; whether one can be decoded shows later.
        with warnings.catch_warnings(action="ignore"), Image.open(path) as picture:
            orientation = picture.getexif().get(_ORIENTATION_TAG, _UPRIGHT)
            return PictureFile(path, *picture.size, is_turned=orientation not in (0, _UPRIGHT))
    except Exception as error:  # damaged headers make Pillow's readers raise anything
        raise PantauError(
            f"{path}: is no picture that can be read ({error}); replace or remove it."
        ) from error
