"""A photo's pixels, from its file or from the video that it is a frame of."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.photo import Photo, RejectedPhoto
from vision.decoding import Undecodable, read_picture
from vision.detector import Picture
from vision.video_decoding import FrameReader, read_frame

READING_FAILED = "reading_failed"
"""The reason code of photos that nothing is wrong with as far as we know, but that could not be read."""


@dataclass(frozen=True)
class DecodedPhoto:
    """A photo with its pixels."""

    photo: Photo
    picture: Picture


def decode(photo: Photo, frames: FrameReader | None = None) -> DecodedPhoto | RejectedPhoto:
    """Read a photo's pixels. Never raises because of what the file holds.

    Frames of videos are read by `frames`, which reads through each video once if they come in their order.
    """
    try:
        picture = _read(photo, frames)
    except Exception as error:
        return failed(photo, error)
    if isinstance(picture, Undecodable):
        return RejectedPhoto(photo.id, photo.path, picture.reason, picture.detail, photo)
    return DecodedPhoto(photo, picture)


def failed(photo: Photo, error: Exception) -> RejectedPhoto:
    """A photo that could not be read because of an error that nobody expected."""
    detail = f"{type(error).__name__}: {error}".strip()
    return RejectedPhoto(photo.id, photo.path, READING_FAILED, detail, photo)


def _read(photo: Photo, frames: FrameReader | None) -> Picture | Undecodable:
    if photo.frame is None:
        return read_picture(photo.path)
    return (frames.read if frames is not None else read_frame)(photo.path, photo.frame)
