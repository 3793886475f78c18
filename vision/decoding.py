"""From a file to pixels, or the reason why not.

Reason codes, those of rejected photos: `not_an_image` (no picture that can be read), `truncated` (the
picture ends too early) and `too_large` (more than could be read in bounded memory).
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from vision.detector import Picture

# The largest cameras that fly take 150 megapixels. A small file may claim to hold any number of them.
MOST_PIXELS = 170_000_000
MOST_BYTES = 1_000_000_000

_JPEG_START = b"\xff\xd8\xff"
_PNG_START = b"\x89PNG\r\n\x1a\n"
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
# JPEG markers without a length: TEM, RST0 … RST7.
_BARE_MARKERS = frozenset([0x01, *range(0xD0, 0xD8)])
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
# What ends the compressed data of a scan: a marker that is no stuffing, restart or fill byte.
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


@dataclass(frozen=True)
class Undecodable:
    """Why a file gives no pixels: a reason code and a sentence of detail."""

    reason: str
    detail: str


def read_picture(path: Path) -> Picture | Undecodable:
    """Read a picture file as blue, green, red in 8 bits.

    The pixels are those stored in the file, in their order: EXIF orientation is not applied, since
    the camera's geometry belongs to the stored pixels. Grey becomes three equal channels, 16 bits
    keep their upper 8, CMYK is converted, transparency is dropped.
    """
    try:
        size_bytes = path.stat().st_size
        if size_bytes > MOST_BYTES:
            return Undecodable("too_large", f"the file has {size_bytes / 1e6:.0f} MB")
        content = path.read_bytes()
    except OSError as error:
        return Undecodable("not_an_image", f"the file cannot be read ({error.strerror})")
    return decode_picture(content)


def decode_picture(content: bytes) -> Picture | Undecodable:
    """Decode the bytes of a picture file; see `read_picture`."""
    unfit = _unfit(content)
    if unfit is not None:
        return unfit
    try:
        pixels = cv2.imdecode(
            np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except (cv2.error, MemoryError) as error:
        return Undecodable("not_an_image", f"the picture cannot be decoded ({str(error).strip()})")
    if pixels is None:
        return Undecodable("not_an_image", "the content is of no picture format that can be read")
    return np.asarray(pixels, dtype=np.uint8)


def too_large(width_px: int, height_px: int) -> Undecodable | None:
    """The reason not to decode a picture of this size, None where it can be decoded."""
    if width_px * height_px <= MOST_PIXELS:
        return None
    claim = f"the picture claims to have {width_px} × {height_px} pixels"
    return Undecodable("too_large", f"{claim}; up to {MOST_PIXELS // 10**6} megapixels are read")


def _unfit(content: bytes) -> Undecodable | None:
    """What the bytes tell against decoding them, before any memory is taken for the pixels."""
    if not content:
        return Undecodable("not_an_image", "the file is empty")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return Undecodable("not_an_image", "HEIC cannot be read: set the camera to JPEG, or convert the file")
    if _ends_too_early(content):
        return Undecodable("truncated", "the picture's data end before the picture does")
    try:
        with warnings.catch_warnings():
            # Pillow warns of less than is refused here, and refuses a little more.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as picture:
                return too_large(*picture.size)
    except Image.DecompressionBombError as error:
        return Undecodable("too_large", str(error))
    except Exception:  # damaged headers make Pillow's readers raise anything
        return Undecodable("not_an_image", "the content is of no picture format that can be read")


def _ends_too_early(content: bytes) -> bool:
    """Whether a JPEG or PNG lacks its end; decoders fill what is missing with grey and only warn."""
    if content.startswith(_JPEG_START):
        return _jpeg_end(content) is None
    if content.startswith(_PNG_START):
        return not _png_is_complete(content)
    return False


def _jpeg_end(content: bytes) -> int | None:
    """The offset behind the first image's end marker; None when the data end before it.

    Walks the segments, so that the end markers of previews inside them do not count, and stops at
    the first image's end, so that previews appended behind it do not count either.
    """
    position = 2
    while (position := content.find(b"\xff", position)) >= 0 and position + 2 <= len(content):
        marker = content[position + 1]
        if marker == _END_OF_IMAGE:
            return position + 2
        if marker == 0xFF:
            position += 1
        elif marker in _BARE_MARKERS:
            position += 2
        else:
            position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
            if marker == _START_OF_SCAN:
                found = _MARKER_IN_SCAN.search(content, position)
                if found is None:
                    return None
                position = found.start()
    return None


def _png_is_complete(content: bytes) -> bool:
    position = len(_PNG_START)
    while position + 8 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        kind = content[position + 4 : position + 8]
        position += 12 + length
        if kind == b"IEND":
            return position <= len(content)
    return False
