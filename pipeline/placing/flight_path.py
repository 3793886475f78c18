"""The photos of one flight in the order they were taken, as a path through space and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.photo import Photo
from vision.camera import FloatArray
from vision.frames import LocalFrame


@dataclass(frozen=True)
class FlightPath:
    """Photos in the order they were taken, where they were (N, 2) in metres and when in seconds (N,).

    `seconds` is NaN for a photo that tells no time; `heights_m` (N,) are those of `Pose.alt_agl_m`.
    """

    photos: tuple[Photo, ...]
    frame: LocalFrame
    places_m: FloatArray
    heights_m: FloatArray
    seconds: FloatArray

    @classmethod
    def of(cls, photos: Sequence[Photo]) -> FlightPath:
        """The path of photos that are in their order; there must be one at least."""
        lats = np.array([photo.pose.lat for photo in photos])
        lons = np.array([photo.pose.lon for photo in photos])
        frame = LocalFrame(float(np.median(lats)), float(np.median(lons)))
        heights_m = np.array([photo.pose.alt_agl_m for photo in photos])
        seconds = np.array([photo.taken_at.timestamp() if photo.taken_at else np.nan for photo in photos])
        return cls(tuple(photos), frame, frame.to_metres(lats, lons), heights_m, seconds)

    def with_photos(self, photos: Sequence[Photo]) -> FlightPath:
        """The same path with other values of its photos, which are where and when they were."""
        return replace(self, photos=tuple(photos))
