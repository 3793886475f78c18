"""Labels as YOLO reads them: one text file a picture, a line a box, in shares of the picture's sides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from models.labelled.labelled_folder import FolderLabels, PictureFile, by_name, files_below
from models.labelled.pictures import LabelledBox, LabelledPicture
from models.labelled.yolo_names import CLASSES, read_names
from vision.errors import PantauError

LAYOUT = "'labels' with one .txt a picture and the kinds' names in data.yaml or classes.txt (YOLO)"
_BOX_NUMBERS = 4
_LEAST_CORNERS = 3
# Labels may stick out of the picture a little; numbers beyond this are pixels, not shares.
_LARGEST_SHARE = 2.0


def fits(folder: Path) -> bool:
    """Whether the folder holds YOLO labels."""
    return (folder / "labels").is_dir()


def read(folder: Path, pictures: Mapping[str, PictureFile]) -> FolderLabels:
    """Read the label file of each picture; polygons become the boxes around them.

    Raises PantauError that names a file that cannot be read, or when nobody says what the numbers of
    the kinds mean.
    """
    label_files = files_below([folder / "labels"], (".txt",))
    files = by_name(file for file in label_files if file.name != CLASSES)
    names = read_names(folder)
    boxes = {
        name: _read_file(file, pictures[name], names) for name, file in files.items() if name in pictures
    }
    return FolderLabels(boxes, without_picture=len(files) - len(boxes))


def label_lines(picture: LabelledPicture, kinds: Sequence[str]) -> Iterator[str]:
    """The lines of a picture's label file; kinds are numbered by their place in `kinds`."""
    for box in picture.boxes:
        left, top, right, bottom = box.xyxy_px
        x, y = (left + right) / 2 / picture.width_px, (top + bottom) / 2 / picture.height_px
        width, height = (right - left) / picture.width_px, (bottom - top) / picture.height_px
        yield f"{kinds.index(box.kind)} {x:.6f} {y:.6f} {width:.6f} {height:.6f}\n"


def _read_file(file: Path, picture: PictureFile, names: Mapping[int, str]) -> tuple[LabelledBox, ...]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise PantauError(
            f"{file}: cannot be read as YOLO labels ({error}); save it as text in UTF-8."
        ) from error
    return tuple(_boxes(file, lines, picture, names))


def _boxes(
    file: Path, lines: Iterable[str], picture: PictureFile, names: Mapping[int, str]
) -> Iterator[LabelledBox]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _box(line.split(), picture, names)
        except ValueError as error:
            raise PantauError(
                f"{file}: line {number} is no YOLO label ({error}); a line holds a kind's number and "
                "'x y width height', or the corners of a polygon, in shares of the picture's sides."
            ) from error


def _box(words: Sequence[str], picture: PictureFile, names: Mapping[int, str]) -> LabelledBox:
    number = int(words[0])
    shares = [float(word) for word in words[1:]]
    if number not in names:
        raise ValueError(f"the kind {number} has no name")
    if not all(math.isfinite(share) and abs(share) <= _LARGEST_SHARE for share in shares):
        raise ValueError("its numbers are no shares")
    left, top, right, bottom = _edges(shares)
    width_px, height_px = picture.width_px, picture.height_px
    return LabelledBox(
        names[number], (left * width_px, top * height_px, right * width_px, bottom * height_px)
    )


def _edges(shares: Sequence[float]) -> tuple[float, float, float, float]:
    if len(shares) == _BOX_NUMBERS:
        x, y, width, height = shares
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2
    if len(shares) % 2 or len(shares) < 2 * _LEAST_CORNERS:
        raise ValueError(f"it has {len(shares)} numbers after the kind's")
    xs, ys = shares[0::2], shares[1::2]
    return min(xs), min(ys), max(xs), max(ys)
