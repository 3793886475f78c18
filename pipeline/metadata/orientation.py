"""Pixels that a viewer turned after the photo was taken.

Viewers turn pixels and leave EXIF's Orientation at 1; position and attitude then belong to another
picture than the one stored. Two traces tell such a turn:

* the thumbnail, where the viewer forgot to turn it along;
* the grid of 8 × 8 blocks of the camera's own compression, which the turn moves (unless the size is
  a multiple of 8) and which still shows under the viewer's second compression: on it more of the
  high frequencies are zero than on the grid mirrored to it, where by symmetry there should be as many.

Turns are counted in quarters, clockwise, from the sensor's picture to the stored one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.metadata.exif import Exif, read_thumbnail
from pipeline.metadata.jpeg import Jpeg
from pipeline.metadata.photo_time import local_time
from pipeline.metadata.xmp import Xmp
from vision.camera import FloatArray

_Grey = NDArray[np.uint8]

# These save a photo only when they have turned it.
_VIEWERS = re.compile(r"windows photo (viewer|gallery)|windows-fotoanzeige|visionneuse", re.IGNORECASE)
_EDITORS = re.compile(
    r"microsoft|photoshop|lightroom|gimp|picasa|irfanview|paint|photos \d|acdsee|faststone|xnview|"
    r"capture one|darktable|digikam|snapseed|affinity|preview",
    re.IGNORECASE,
)
_SAVED_AGAIN_AFTER = timedelta(minutes=1)

_LEAST_CORRELATION = 0.3
_LEAST_CORRELATION_LEAD = 0.25

# The grid: coefficients of 6 or more half waves, zero when below 0.7; every fourth row of blocks.
_HIGH_FREQUENCY = np.add.outer(np.arange(8), np.arange(8)) >= 6
_ZERO_BELOW = 0.7
_BLOCK_ROW_STEP = 4
# Measured on photos as taken: |z| < 3 and less than 0.3 %; on turned ones z > 9 and more than 2 %.
_LEAST_GRID_Z = 6.0
_LEAST_GRID_SHARE = 0.01


@dataclass(frozen=True)
class Turn:
    """How the stored pixels were turned, and whether that is certain or merely likely."""

    quarter_turns: int = 0
    certain: bool = True


def find_turn(data: bytes, jpeg: Jpeg, exif: Exif, xmp: Xmp) -> Turn:
    """Whether a viewer turned the pixels. Decodes the picture, but only of files that were saved again."""
    swapped = _is_swapped(jpeg, exif)
    saved_by_viewer = bool(_VIEWERS.search(_software(exif, xmp)))
    if not (swapped or saved_by_viewer or _saved_again(exif, xmp)):
        return Turn()
    candidates = (1, 3) if swapped else (0, 2)
    grey = _decode(data)
    if grey is not None:
        proven = _by_grid(grey, candidates)
        if proven is None:
            proven = _by_thumbnail(grey, data[: jpeg.header_bytes], candidates)
        if proven is not None:
            return Turn(proven)
    if swapped:
        return Turn(candidates[0], certain=False)
    return Turn(2, certain=False) if saved_by_viewer else Turn()


def _decode(data: bytes) -> _Grey | None:
    """The stored pixels, grey; None for a picture that cannot be decoded or is absurdly large."""
    try:
        flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    return None if grey is None else np.asarray(grey, np.uint8)


def _software(exif: Exif, xmp: Xmp) -> str:
    return f"{exif.text('Image Software') or ''} {xmp.get('xmp:creatortool', '')}"


def _saved_again(exif: Exif, xmp: Xmp) -> bool:
    taken, saved = local_time(exif, "EXIF DateTimeOriginal"), local_time(exif, "Image DateTime")
    later = taken is not None and saved is not None and saved - taken > _SAVED_AGAIN_AFTER
    return later or bool(_EDITORS.search(_software(exif, xmp)))


def _is_swapped(jpeg: Jpeg, exif: Exif) -> bool:
    """Whether width and height are those that EXIF tells, the other way round."""
    recorded = exif.number("EXIF ExifImageWidth"), exif.number("EXIF ExifImageLength")
    return recorded == (jpeg.height_px, jpeg.width_px) and jpeg.width_px != jpeg.height_px


def _by_thumbnail(grey: _Grey, header: bytes, candidates: tuple[int, ...]) -> int | None:
    """The turn that the thumbnail did not take part in; None when it tells nothing."""
    encoded = read_thumbnail(header)
    thumbnail = _decode(encoded) if encoded else None
    if thumbnail is None:
        return None
    likeness = {turns: _likeness(np.rot90(grey, turns), thumbnail) for turns in candidates}
    best, second = sorted(candidates, key=lambda turns: -likeness[turns])
    clear = likeness[best] - likeness[second] > _LEAST_CORRELATION_LEAD
    return best if best != 0 and likeness[best] > _LEAST_CORRELATION and clear else None


def _likeness(picture: _Grey, thumbnail: _Grey) -> float:
    """Correlation of a picture with its thumbnail, whose black bars are left out."""
    height, width = thumbnail.shape
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = max(2, round(picture.shape[1] * scale)), max(2, round(picture.shape[0] * scale))
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    inside = thumbnail[top : top + size[1], left : left + size[0]]
    if inside.shape != (size[1], size[0]) or inside.std() < 1:
        return 0.0
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return float(np.corrcoef(small.ravel(), inside.ravel())[0, 1]) if small.std() >= 1 else 0.0


def _by_grid(grey: _Grey, candidates: tuple[int, ...]) -> int | None:
    """The one turn whose trace the block grid shows; None when it shows none."""
    shown = [turns for turns in candidates if turns and _shows_grid(grey, *_grid_shift(grey, turns))]
    return shown[0] if len(shown) == 1 else None


def _grid_shift(grey: _Grey, quarter_turns: int) -> tuple[int, int]:
    """Where the camera's grid starts, down and across, in a picture that was turned.

    It starts in the sensor picture's top left corner; where that corner goes to the right or to the
    bottom of the stored picture, the size modulo 8 remains.
    """
    height, width = grey.shape
    down = height % 8 if quarter_turns in (2, 3) else 0
    across = width % 8 if quarter_turns in (1, 2) else 0
    return down, across


def _shows_grid(grey: _Grey, down: int, across: int) -> bool:
    mirrored = -down % 8, -across % 8
    if mirrored == (down, across) or min(grey.shape) < 256:
        return False  # a grid that is its own mirror image cannot be told apart
    here, there = _zero_shares(grey, down, across), _zero_shares(grey, *mirrored)
    rows = min(len(here), len(there))
    more = here[:rows] - there[:rows]
    z = more.mean() / max(more.std() / np.sqrt(rows), 1e-12)
    return bool(z > _LEAST_GRID_Z and more.mean() > _LEAST_GRID_SHARE * there.mean())


def _zero_shares(grey: _Grey, down: int, across: int) -> FloatArray:
    """For rows of blocks on this grid, the share of their high-frequency coefficients that are zero."""
    transform = cv2.dct(np.eye(8, dtype=np.float32), flags=cv2.DCT_ROWS).T
    rows, columns = (grey.shape[0] - 8) // 8, (grey.shape[1] - 8) // 8
    shares = []
    for row in range(0, rows, _BLOCK_ROW_STEP):
        top = down + 8 * row
        strip = grey[top : top + 8, across : across + 8 * columns].astype(np.float32)
        blocks = strip.reshape(8, columns, 8).transpose(1, 0, 2)
        coefficients = transform @ blocks @ transform.T
        shares.append(float((np.abs(coefficients[:, _HIGH_FREQUENCY]) < _ZERO_BELOW).mean()))
    return np.array(shares)
