"""The structure of a JPEG file: its segments, its size, whether it ends properly.

Reads the headers only (ITU-T T.81, annex B). Never raises on any bytes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

_START_OF_IMAGE = b"\xff\xd8"
_END_OF_IMAGE = b"\xff\xd9"
_START_OF_SCAN = 0xDA
# Frame headers SOF0…SOF15 without DHT, JPG and DAC, which lie among them.
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset(range(0xD0, 0xD9)) | {0x01}
_APPLICATION_DATA = range(0xE0, 0xF0)
# Grey levels; what libjpeg fills in for missing data is one flat value.
_FLAT_ROW_DEVIATION = 0.5


@dataclass(frozen=True)
class Segment:
    """One marker segment: its marker's second byte and its payload."""

    marker: int
    payload: bytes


@dataclass(frozen=True)
class Jpeg:
    """The headers of a JPEG file; `header_bytes` end where the picture's data begin."""

    width_px: int
    height_px: int
    segments: tuple[Segment, ...]
    header_bytes: int
    has_end: bool

    def payloads(self, marker: int, starts_with: bytes) -> list[bytes]:
        """What follows `starts_with` in the segments that begin so."""
        return [
            segment.payload[len(starts_with) :]
            for segment in self.segments
            if segment.marker == marker and segment.payload.startswith(starts_with)
        ]


def read_structure(data: bytes) -> Jpeg | None:
    """The structure of a JPEG file; None when it is none, or ends within its headers."""
    if not data.startswith(_START_OF_IMAGE):
        return None
    segments: list[Segment] = []
    size_px: tuple[int, int] | None = None
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF or marker in _WITHOUT_LENGTH:
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        payload = data[at + 4 : end]
        if end > len(data) or end < at + 4:
            return None
        segments.append(Segment(marker, payload))
        if marker in _FRAME_HEADERS and len(payload) >= 5:
            size_px = int.from_bytes(payload[3:5], "big"), int.from_bytes(payload[1:3], "big")
        if marker == _START_OF_SCAN:
            return _finished(data, segments, size_px, end)
        at = end
    return None


def _finished(
    data: bytes, segments: list[Segment], size_px: tuple[int, int] | None, header_bytes: int
) -> Jpeg | None:
    if size_px is None or 0 in size_px:
        return None
    has_end = data.rfind(_END_OF_IMAGE, header_bytes) >= 0  # from the back: found at once
    return Jpeg(size_px[0], size_px[1], tuple(segments), header_bytes, has_end)


def is_complete(data: bytes, jpeg: Jpeg) -> bool:
    """Whether a JPEG without end marker holds its picture down to the last row all the same."""
    needed = [segment for segment in jpeg.segments if segment.marker not in _APPLICATION_DATA]
    headers = b"".join(
        bytes((0xFF, segment.marker)) + (len(segment.payload) + 2).to_bytes(2, "big") + segment.payload
        for segment in needed
    )
    ended = _START_OF_IMAGE + headers + data[jpeg.header_bytes :] + _END_OF_IMAGE
    # Pillow rather than OpenCV: libjpeg's warnings would go to the terminal.
    try:
        with Image.open(io.BytesIO(ended)) as picture:
            picture.draft("L", (picture.width // 8, picture.height // 8))
            last_row = np.asarray(picture.convert("L"))[-1]
    except Exception:  # a damaged file makes decoders raise anything; then it is not complete
        return False
    return float(last_row.std()) > _FLAT_ROW_DEVIATION
