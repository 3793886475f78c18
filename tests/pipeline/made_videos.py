"""Videos made for tests: pictures that tell their frame's number, telemetry beside them or within."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

WIDTH_PX, HEIGHT_PX = 320, 180
BAR_PX = 3  # a frame's bar is so much longer than that of the frame before

_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)


def write_video(path: Path, frames: int = 60, frames_per_s: float = 10.0, texture: bool = False) -> Path:
    """A video each frame of which has a white bar as long as its number; grain where it is to look sharp."""
    code = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, frames_per_s, (WIDTH_PX, HEIGHT_PX))
    grain = np.random.default_rng(0).integers(120, 230, (HEIGHT_PX, WIDTH_PX, 1)).repeat(3, axis=2)
    for number in range(frames):
        picture = grain.astype(np.uint8) if texture else np.full((HEIGHT_PX, WIDTH_PX, 3), 30, np.uint8)
        picture[:30, :] = 60
        picture[:30, : number * BAR_PX % WIDTH_PX] = 255
        writer.write(picture)
    writer.release()
    return path


def number_shown(picture: np.ndarray) -> int:
    """The number of the frame (below 107) that a picture of `write_video` shows."""
    return round(float((picture[10, :, 0] > 160).sum()) / BAR_PX)


def write_srt(video: Path, blocks: Sequence[str], step_s: float = 1.0, first_s: float = 0.0) -> Path:
    """Telemetry beside a video: the blocks' texts, one after the other."""
    path = video.with_suffix(".SRT")
    parts = []
    for number, text in enumerate(blocks):
        begin_s = first_s + number * step_s
        parts.append(f"{number + 1}\n{_time(begin_s)} --> {_time(begin_s + step_s)}\n{text}\n")
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def _time(seconds: float) -> str:
    millis = round(seconds * 1000)
    return f"{millis // 3600000:02d}:{millis // 60000 % 60:02d}:{millis // 1000 % 60:02d},{millis % 1000:03d}"


def flying_north(
    blocks: int, speed_m_s: float = 5.0, height_m: float = 20.0, step_s: float = 1.0, focal: str = "24.00"
) -> list[str]:
    """Blocks as a Mini 5 Pro writes them, of a straight flight north from 6.9° south."""
    return [
        f'<font size="28">FrameCnt: {number + 1}, DiffTime: 40ms\n'
        f"2026-05-27 13:14:{22 + int(number * step_s):02d}.911\n"
        f"[iso: 200] [shutter: 1/6400.0] [fnum: 1.8] [ev: -0.7] [color_md: dlog_m] [focal_len: {focal}] "
        f"[latitude: {-6.9 + number * step_s * speed_m_s / 110_600:.6f}] [longitude: 107.600000] "
        f"[rel_alt: {height_m:.3f} abs_alt: {700 + height_m:.3f}] [ct: 5263] </font>"
        for number in range(blocks)
    ]


def add_to_movie(
    path: Path,
    user_data: dict[bytes, str] | None = None,
    created_at: datetime | None = None,
    subtitles: Sequence[str] = (),
    subtitle_step_s: float = 1.0,
) -> None:
    """Write user data, the creation time and a track of subtitles into a video, as cameras do."""
    content = path.read_bytes()
    begin = content.index(b"moov") - 4
    movie = content[begin + 8 :]
    assert struct.unpack_from(">I", content, begin)[0] == len(movie) + 8, "the movie box comes last"
    if created_at is not None:
        at = movie.index(b"mvhd") + 8
        movie = movie[:at] + struct.pack(">I", int((created_at - _EPOCH).total_seconds())) + movie[at + 4 :]
    samples = [struct.pack(">H", len(text.encode())) + text.encode() for text in subtitles]
    if subtitles:
        movie += _subtitle_track(samples, begin + 8, round(subtitle_step_s * 1000))
    if user_data:
        entries = [
            box(name, struct.pack(">HH", len(text.encode()), 0x15C7) + text.encode())
            for name, text in user_data.items()
        ]
        movie = movie.replace(b"udta", b"free") + box(b"udta", b"".join(entries))
    texts = box(b"mdat", b"".join(samples)) if samples else b""
    path.write_bytes(content[:begin] + texts + box(b"moov", movie))


def box(kind: bytes, content: bytes) -> bytes:
    """A box of ISO/IEC 14496-12."""
    return struct.pack(">I4s", len(content) + 8, kind) + content


def _subtitle_track(samples: Sequence[bytes], offset: int, step: int) -> bytes:
    """A track of timed text, in one chunk, in milliseconds."""
    length = len(samples) * step
    header = struct.pack(">IIIIIII", 7, 0, 0, 9, 0, length, 0) + bytes(64)
    media_header = struct.pack(">IIIIIHH", 0, 0, 0, 1000, length, 0x55C4, 0)
    handler = bytes(8) + b"text" + bytes(12) + b"DJI.Subtitle\0"
    table = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1) + box(b"tx3g", bytes(6) + b"\0\1" + bytes(30)))
        + box(b"stts", struct.pack(">IIII", 0, 1, len(samples), step))
        + box(b"stsc", struct.pack(">IIIII", 0, 1, 1, len(samples), 1))
        + box(b"stsz", struct.pack(f">III{len(samples)}I", 0, 0, len(samples), *map(len, samples)))
        + box(b"stco", struct.pack(">III", 0, 1, offset)),
    )
    media = box(b"mdhd", media_header) + box(b"hdlr", handler) + box(b"minf", table)
    return box(b"trak", box(b"tkhd", header) + box(b"mdia", media))
