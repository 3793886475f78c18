"""A folder of labelled pictures as all formats see it: picture files, and what is labelled in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, UnidentifiedImageError

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
    found: dict[str, PictureFile] = {}
    for path in files_below([folder / name for name in _PICTURE_FOLDERS], PICTURE_SUFFIXES):
        if path.stem in found:
            raise PantauError(
                f"{path}: has the same name as {found[path.stem].path}; labels, splits and groups go by the "
                "name without suffix, so rename one of them."
            )
        found[path.stem] = _picture_file(path)
    return found


def files_below(folders: list[Path], suffixes: tuple[str, ...]) -> list[Path]:
    """Files below folders with one of the suffixes (lower case), sorted by name; hidden ones left out."""
    # Where the file system ignores case, two spellings of a folder are one.
    files = {
        path.resolve(): path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes and not path.name.startswith(".")
    }
    return sorted(files.values(), key=lambda path: (path.stem, str(path)))


def _picture_file(path: Path) -> PictureFile:
    try:
        with Image.open(path) as picture:
            orientation = picture.getexif().get(_ORIENTATION_TAG, _UPRIGHT)
            return PictureFile(path, *picture.size, is_turned=orientation not in (0, _UPRIGHT))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise PantauError(
            f"{path}: is no picture that can be read ({error}); replace or remove it."
        ) from error
