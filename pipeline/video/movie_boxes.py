"""The boxes of MP4 and QuickTime files that tell of a recording: when, by what camera, and its subtitles.

ISO/IEC 14496-12 (boxes, tracks) and 14496-17 (timed text). DJI's names in the user data, each a short text:
`©mdl` the camera's model, `©gpt` and `©grl` the gimbal's pitch and roll as recording began (ExifTool's
list of QuickTime tags). Never raises on any bytes: what cannot be understood is absent.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_PLAUSIBLE_YEARS = (1990, 2200)
_LARGEST_HEADER_BYTES = 256_000_000
_LONGEST_SUBTITLES_BYTES = 100_000_000
_MOST_SUBTITLES = 2_000_000
_TEXT_HANDLERS = (b"text", b"sbtl", b"subt")


@dataclass(frozen=True)
class Subtitle:
    """A text that is shown from a time of the video on."""

    at_s: float
    text: str


@dataclass(frozen=True)
class MovieHeader:
    """What a video file tells beside its pictures. `created_at` is UTC by the standard."""

    created_at: datetime | None = None
    model: str = ""
    gimbal_pitch_deg: float | None = None
    gimbal_roll_deg: float | None = None
    subtitles: tuple[Subtitle, ...] = field(default=())


def read_movie_header(path: Path) -> MovieHeader:
    """What a video file tells beside its pictures; nothing where it is no MP4 or QuickTime file."""
    try:
        with path.open("rb") as stream:
            movie = _movie_box(stream, path.stat().st_size)
            return _header(movie, stream)
    except (OSError, struct.error, ValueError, OverflowError, MemoryError):
        return MovieHeader()


def _movie_box(stream: BinaryIO, size_bytes: int) -> bytes:
    """The content of the `moov` box, found by skipping over the others; empty where there is none."""
    position = 0
    while position + 8 <= size_bytes:
        stream.seek(position)
        length, kind = struct.unpack(">I4s", stream.read(8))
        head = 8
        if length == 1:
            length, head = struct.unpack(">Q", stream.read(8))[0], 16
        length = length or size_bytes - position
        if length < head:
            break
        if kind == b"moov":
            return stream.read(length - head) if length <= _LARGEST_HEADER_BYTES else b""
        position += length
    return b""


def _header(movie: bytes, stream: BinaryIO) -> MovieHeader:
    texts = {kind: _user_text(content) for kind, content in _boxes(_find(movie, b"udta"))}
    return MovieHeader(
        created_at=_created_at(_find(movie, b"mvhd")),
        model=texts.get(b"\xa9mdl", ""),
        gimbal_pitch_deg=_angle(texts.get(b"\xa9gpt", "")),
        gimbal_roll_deg=_angle(texts.get(b"\xa9grl", "")),
        subtitles=tuple(_subtitles(movie, stream)),
    )


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each box in a row of them; ends at the first that is none."""
    position = 0
    while position + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        head = 8
        if length == 1 and position + 16 <= len(content):
            length, head = struct.unpack_from(">Q", content, position + 8)[0], 16
        if length < head or position + length > len(content):
            return
        yield kind, content[position + head : position + length]
        position += length


def _find(content: bytes, *path: bytes) -> bytes:
    """The content of the first box along a path of kinds; empty where there is none."""
    for kind in path:
        content = next((inner for found, inner in _boxes(content) if found == kind), b"")
    return content


def _user_text(content: bytes) -> str:
    """A text of the user data: its length, its language, its bytes."""
    if len(content) < 4:
        return ""
    length = struct.unpack_from(">H", content)[0]
    return content[4 : 4 + length].decode("utf-8", errors="replace").strip("\0 ")


def _angle(text: str) -> float | None:
    try:
        angle_deg = float(text)
    except ValueError:
        return None
    return angle_deg if abs(angle_deg) <= 360 else None


def _created_at(movie_header: bytes) -> datetime | None:
    if len(movie_header) < 12:
        return None
    form, position = (">Q", 4) if movie_header[0] == 1 else (">I", 4)
    moment = _EPOCH + timedelta(seconds=struct.unpack_from(form, movie_header, position)[0])
    return moment if _PLAUSIBLE_YEARS[0] <= moment.year < _PLAUSIBLE_YEARS[1] else None


def _subtitles(movie: bytes, stream: BinaryIO) -> Iterator[Subtitle]:
    """The texts of the first track of subtitles."""
    for kind, track in _boxes(movie):
        media = _find(track, b"mdia") if kind == b"trak" else b""
        if _find(media, b"hdlr")[8:12] in _TEXT_HANDLERS:
            table = _find(media, b"minf", b"stbl")
            times_s = _sample_times_s(_find(table, b"stts"), _time_scale(_find(media, b"mdhd")))
            sizes = _sample_sizes(_find(table, b"stsz"))
            if sum(sizes) > _LONGEST_SUBTITLES_BYTES:
                return
            for at_s, offset, size in zip(times_s, _sample_offsets(table, sizes), sizes, strict=False):
                stream.seek(offset)
                text = _timed_text(stream.read(size))
                if text:
                    yield Subtitle(at_s, text)
            return


def _time_scale(media_header: bytes) -> int:
    position = 20 if media_header[:1] == b"\x01" else 12
    return max(int(struct.unpack_from(">I", media_header, position)[0]), 1)


def _table(content: bytes, columns: int) -> list[tuple[int, ...]]:
    """The rows of a table of 32-bit numbers behind version, flags and the number of rows."""
    count = min(struct.unpack_from(">I", content, 4)[0], (len(content) - 8) // (4 * columns))
    numbers = struct.unpack_from(f">{count * columns}I", content, 8)
    return [numbers[row * columns : (row + 1) * columns] for row in range(count)]


def _sample_times_s(durations: bytes, time_scale: int) -> Iterator[float]:
    begun = 0
    for count, duration in _table(durations, 2):
        for _ in range(min(count, _MOST_SUBTITLES)):
            yield begun / time_scale
            begun += duration


def _sample_sizes(sizes: bytes) -> list[int]:
    same, count = struct.unpack_from(">II", sizes, 4)
    if same:
        return [same] * min(count, _MOST_SUBTITLES)
    return [size for (size,) in _table(sizes[4:], 1)]


def _sample_offsets(table: bytes, sizes: list[int]) -> Iterator[int]:
    """Where in the file each sample lies: samples follow each other within a chunk."""
    wide = _find(table, b"co64")
    rows = _table(wide, 2) if wide else [(0, offset) for (offset,) in _table(_find(table, b"stco"), 1)]
    chunks = [high << 32 | low for high, low in rows]
    runs = _table(_find(table, b"stsc"), 3)
    sample = 0
    for number, (first, per_chunk, _) in enumerate(runs):
        end = runs[number + 1][0] if number + 1 < len(runs) else len(chunks) + 1
        for offset in chunks[first - 1 : end - 1]:
            for size in sizes[sample : sample + per_chunk]:
                yield offset
                offset += size
            sample += per_chunk


def _timed_text(sample: bytes) -> str:
    """A sample of timed text: its length, its text; styles behind it are left out."""
    if len(sample) < 2:
        return ""
    length = struct.unpack_from(">H", sample)[0]
    return sample[2 : 2 + length].decode("utf-8", errors="replace").strip("\0 \r\n")
