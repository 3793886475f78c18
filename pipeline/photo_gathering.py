"""From what a person names, files and folders, to the list of photo files and videos."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from vision.errors import PantauError

# What drones write for mapping. Files that are named one by one are taken whatever they are called.
PHOTO_SUFFIXES = (".jpg", ".jpeg")
VIDEO_SUFFIXES = (".mp4", ".mov")


def gather_photos(paths: Sequence[Path]) -> list[Path]:
    """Photo files and videos, each once, in the order named; folders are searched with all their folders.

    Hidden files and folders are left out (macOS puts a `._DJI_0001.JPG` beside each photo).

    Raises PantauError when a path does not exist or a folder holds no photo.
    """
    if not paths:
        raise PantauError("no photos given; name photo files or folders of them.")
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _photos_at(path):
            found.setdefault(file.resolve(), file)
    return list(found.values())


def is_video(path: Path) -> bool:
    """Whether a file is named as a video."""
    return path.name.lower().endswith(VIDEO_SUFFIXES)


def _photos_at(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise PantauError(f"{path}: there is no such file or folder; check the path of the photos.")
    photos = list(_photos_below(path))
    if not photos:
        raise PantauError(
            f"{path}: holds no photos ({', '.join(PHOTO_SUFFIXES + VIDEO_SUFFIXES)}), nor do its folders; "
            "name the folder that the photos were copied to."
        )
    return photos


def _photos_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(PHOTO_SUFFIXES + VIDEO_SUFFIXES) and not name.startswith("."):
                yield Path(parent, name)
