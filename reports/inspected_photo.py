"""Photos as they were inspected: read again, if they are still what they were."""

from __future__ import annotations

from typing import Literal

from pipeline.register.records import PhotoRecord
from vision.decoding import Undecodable, read_picture
from vision.detector import Picture
from vision.video_decoding import FrameReader

Problem = Literal["missing", "unreadable", "changed"]


def read_inspected(photo: PhotoRecord, frames: FrameReader) -> Picture | Problem:
    """The decoded photo in the pixels it was inspected in, or what is wrong with it.

    `frames` reads through each video once if its frames are asked for in their order.
    """
    if not photo.path.is_file():
        return "missing"
    picture = read_picture(photo.path) if photo.frame is None else frames.read(photo.path, photo.frame)
    if isinstance(picture, Undecodable):
        return "unreadable"
    inspected_size = (photo.height_px, photo.width_px)
    if None not in inspected_size and picture.shape[:2] != inspected_size:
        return "changed"
    return picture
