"""The ground about some places as planes: where a ray would meet it that is a little wrong.

First-order propagation of errors needs the slope of the ground and nothing else of it. What lies behind a
ridge, or on a wall, no ellipse can say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.photo import Photo
from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.ground import FlatGround

# The slope of an elevation model is taken over so many metres on either side.
_AROUND_M = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
# No ground is taken for steeper than 45° (walls in a surface model), or for level with the ray that met it.
_STEEPEST = 1.0
_LEAST_APPROACH = 0.5
_UNMOVED_M = np.zeros(3)


@dataclass(frozen=True)
class GroundPlanes:
    """A plane through each of N places: east and north of the camera's foot, metres below the camera.

    `rises` (N, 2) are metres of height for a metre east and a metre north.
    """

    places_m: FloatArray
    below_m: FloatArray
    rises: FloatArray

    @classmethod
    def about(cls, photo: Photo, places_m: FloatArray, rays_enu: FloatArray) -> GroundPlanes:
        """The ground about the places (N, 2) where rays (N, 3) of a photo met it."""
        below_m = np.full(len(places_m), photo.height_above_ground_m)
        rises = np.zeros_like(places_m)
        met = np.isfinite(places_m).all(axis=1)
        if met.any() and not isinstance(photo.ground, FlatGround):
            around_m = _heights_around_m(photo, places_m[met])
            known = np.isfinite(around_m).all(axis=1)
            at = np.flatnonzero(met)[known]
            east_m, west_m, north_m, south_m = around_m[known].T
            below_m[at] = photo.pose.alt_agl_m - around_m[known].mean(axis=1)
            slopes = np.column_stack([east_m - west_m, north_m - south_m]) / 2
            slopes = np.clip(slopes, -_STEEPEST, _STEEPEST)
            approach = 1 - (slopes * rays_enu[at, :2]).sum(axis=1) / rays_enu[at, 2]
            rises[at] = np.where((approach >= _LEAST_APPROACH)[:, None], slopes, 0.0)
        return cls(places_m, below_m, rises)

    def meet(self, rays_enu: FloatArray, moved_m: FloatArray = _UNMOVED_M) -> FloatArray:
        """Where other rays (N, 3), one for each plane, meet it from a camera moved east, north and up."""
        run, up = rays_enu[:, :2], rays_enu[:, 2]
        above_m = self.below_m + moved_m[2] + (self.rises * (self.places_m - moved_m[:2])).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            length = above_m / ((self.rises * run).sum(axis=1) - up)
        places_m: FloatArray = moved_m[:2] + run * length[:, None]
        return places_m


def _heights_around_m(photo: Photo, places_m: FloatArray) -> FloatArray:
    """Heights (N, 4) of the ground to the east, west, north and south of places (N, 2)."""
    frame = LocalFrame(photo.pose.lat, photo.pose.lon)
    places = frame.to_lat_lon((places_m[:, None] + _AROUND_M).reshape(-1, 2))
    return photo.ground.heights_m(*places.T).reshape(-1, len(_AROUND_M))
