"""From a video file to the pixels of its frames, or the reason why not.

Pixels are those stored in the file, in their order: a wish to show them turned is not followed, since the
camera's geometry belongs to the stored pixels. Frames are counted from 0.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from vision.decoding import Undecodable, too_large
from vision.detector import Picture

NOT_A_VIDEO = "not_a_video"
"""The reason code of files that no frame can be read of."""

_FASTEST_PER_S = 1000.0
_MOST_OPEN = 2

# What is wrong with a file is told by its reason code, not by log lines of a library. FFmpeg reads this once.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


@dataclass(frozen=True)
class VideoFacts:
    """What a video's header tells. A file that was cut may hold fewer frames than `frame_count`."""

    width_px: int
    height_px: int
    frames_per_s: float
    frame_count: int

    @property
    def length_s(self) -> float:
        """How long the video lasts."""
        return self.frame_count / self.frames_per_s


def read_video_facts(path: Path) -> VideoFacts | Undecodable:
    """Size, frame rate and number of frames of a video. Never raises because of what the file holds."""
    capture = _open(path)
    try:
        if not capture.isOpened():
            return _no_video(path)
        width_px, height_px, frame_count = (
            int(capture.get(name))
            for name in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_COUNT)
        )
        frames_per_s = float(capture.get(cv2.CAP_PROP_FPS))
    finally:
        capture.release()
    if min(width_px, height_px, frame_count) < 1 or not 0 < frames_per_s <= _FASTEST_PER_S:
        return Undecodable(NOT_A_VIDEO, "the video tells no frames, no size or no frame rate")
    return too_large(width_px, height_px) or VideoFacts(width_px, height_px, frames_per_s, frame_count)


@dataclass
class _OpenVideo:
    """A video that is being read, and the frame that comes next."""

    capture: Any
    next_frame: int = 0


class FrameReader:
    """Reads frames of videos. Asked for in their order, each video is decoded once, without seeking.

    Seeking is no shortcut: between two key frames a decoder has to go through all frames anyway, and where
    frames refer to later ones it lands beside the frame that was asked for. The two videos read last are
    open, as two drones may have flown at a time.
    """

    def __init__(self) -> None:
        self._open: dict[Path, _OpenVideo] = {}  # the one read last is the last one
        self._frame_counts: dict[Path, int] = {}  # of videos that ended earlier than was hoped

    def __enter__(self) -> FrameReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the videos that are open."""
        for path in list(self._open):
            self._release(path)

    def read(self, path: Path, frame: int) -> Picture | Undecodable:
        """One frame as blue, green, red in 8 bits. Never raises because of what the file holds."""
        if frame >= self._frame_counts.get(path, frame + 1):
            return self._ended(path, frame)
        video = self._at_or_before(path, frame)
        if not video.capture.isOpened():
            self._release(path)
            return _no_video(path)
        while video.next_frame < frame and video.capture.grab():
            video.next_frame += 1
        decoded, pixels = video.capture.read() if video.next_frame == frame else (False, None)
        if not decoded or pixels is None:
            self._release(path)  # a decoder that failed does not go on
            self._frame_counts[path] = video.next_frame
            return self._ended(path, frame)
        video.next_frame += 1
        return np.asarray(pixels, dtype=np.uint8)

    def _at_or_before(self, path: Path, frame: int) -> _OpenVideo:
        """The open video, begun anew where it is past the frame."""
        video = self._open.pop(path, None)
        if video is not None and video.next_frame > frame:
            video.capture.release()
            video = None
        while len(self._open) >= _MOST_OPEN:
            self._release(next(iter(self._open)))
        self._open[path] = video or _OpenVideo(_open(path))
        return self._open[path]

    def _ended(self, path: Path, frame: int) -> Undecodable:
        count = self._frame_counts[path]
        return Undecodable(
            "truncated", f"the video's pictures end after {count} frames, before frame {frame}"
        )

    def _release(self, path: Path) -> None:
        self._open.pop(path).capture.release()


def read_frame(path: Path, frame: int) -> Picture | Undecodable:
    """One frame alone; for more of them use a `FrameReader`."""
    with FrameReader() as frames:
        return frames.read(path, frame)


def _open(path: Path) -> Any:
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    finally:
        cv2.utils.logging.setLogLevel(level)
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
    return capture


def _no_video(path: Path) -> Undecodable:
    if not path.is_file():
        return Undecodable(NOT_A_VIDEO, "there is no such file")
    return Undecodable(NOT_A_VIDEO, "it cannot be opened: cut while it was copied, or of an unknown format")
