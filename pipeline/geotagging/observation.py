"""Observations: detections on the ground, each with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot, sqrt

import numpy as np
from shapely import Polygon

from pipeline.geotagging.ground_error import SHARED_CAUSES
from vision.camera import FloatArray


@dataclass(frozen=True)
class GroundPoint:
    """A point on the ground in WGS 84 with its 1-σ error ellipse.

    `sigma_azimuth_deg` is the direction of the major axis, clockwise from north, 0…180.
    """

    lat: float
    lon: float
    sigma_major_m: float
    sigma_minor_m: float
    sigma_azimuth_deg: float

    @property
    def sigma_m(self) -> float:
        """One number for the ellipse: √((major² + minor²) / 2)."""
        return hypot(self.sigma_major_m, self.sigma_minor_m) / sqrt(2)


def _nothing_shared() -> FloatArray:
    return np.zeros((2, len(SHARED_CAUSES)))


@dataclass(frozen=True)
class Observation:
    """One detection of one photo on the ground.

    `outline_px` (M, 2) is its outline in the photo, `footprint` the same on the ground (lon, lat).
    `length_m` and `width_m` are the sides of the footprint's smallest enclosing rectangle, the
    longer one first. `position` is the centre of the footprint, `shared_m` (2, K) what 1 σ of each error
    that its flight shares moves it (see `pipeline.geotagging.ground_error.shared_factors`).

    `outlined` says that the outline is the damage's own, not a box around it; only then is there a
    `crack_length_m` (along the crack, of a network of cracks that of all of them), a mean
    `crack_width_m`, or a pothole's `diameter_m` (of the circle with its area). None: not measurable.
    """

    photo_id: str
    kind: str
    score: float
    outline_px: FloatArray
    position: GroundPoint
    footprint: Polygon
    length_m: float
    width_m: float
    area_m2: float
    outlined: bool = False
    crack_length_m: float | None = None
    crack_width_m: float | None = None
    diameter_m: float | None = None
    shared_m: FloatArray = field(default_factory=_nothing_shared)
