"""Sightings: observations as association and fusion see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from shapely import Polygon

from vision.camera import FloatArray
from vision.frames import LocalFrame

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Sighting:
    """An observation with what association needs to know of its photo and its defect.

    `defect` is the defect that it belongs to already, `sigma_position_m` the 1-σ error of the
    camera's position (0 where unknown: then nothing is taken as shared). `footprint` is lon, lat.
    The last four are those of `pipeline.observation.Observation`.
    """

    id: str
    photo: str
    survey: str
    taken_at: datetime | None
    sigma_position_m: float
    kind: str
    score: float
    lat: float
    lon: float
    sigma_major_m: float
    sigma_minor_m: float
    sigma_azimuth_deg: float
    length_m: float
    width_m: float
    area_m2: float
    footprint: Polygon
    defect: str | None = None
    outlined: bool = False
    crack_length_m: float | None = None
    crack_width_m: float | None = None
    diameter_m: float | None = None


def in_order(sightings: Sequence[Sighting]) -> list[Sighting]:
    """By time, then photo, then id; those without a time last."""
    return sorted(sightings, key=lambda s: (s.taken_at or _LATEST, s.photo, s.id))


def frame_around(sightings: Sequence[Sighting]) -> LocalFrame:
    """A local frame in the middle of some sightings."""
    lat = [sighting.lat for sighting in sightings]
    lon = [sighting.lon for sighting in sightings]
    return LocalFrame((min(lat) + max(lat)) / 2, (min(lon) + max(lon)) / 2)


def covariances_m2(sightings: Sequence[Sighting]) -> FloatArray:
    """Covariances (N, 2, 2) of the positions, east and north, of their error ellipses."""
    major_m2 = np.array([sighting.sigma_major_m for sighting in sightings]) ** 2
    minor_m2 = np.array([sighting.sigma_minor_m for sighting in sightings]) ** 2
    return _ellipses(major_m2, minor_m2, np.array([sighting.sigma_azimuth_deg for sighting in sightings]))


def own_covariances_m2(sightings: Sequence[Sighting], shared_variance: float) -> FloatArray:
    """The same without what photos of one flight share: a part of the position's variance."""
    shared_m2 = shared_variance * np.array([sighting.sigma_position_m for sighting in sightings]) ** 2
    major_m2 = np.array([sighting.sigma_major_m for sighting in sightings]) ** 2 - shared_m2
    minor_m2 = np.array([sighting.sigma_minor_m for sighting in sightings]) ** 2 - shared_m2
    azimuth_deg = np.array([sighting.sigma_azimuth_deg for sighting in sightings])
    return _ellipses(np.maximum(major_m2, 0.0), np.maximum(minor_m2, 0.0), azimuth_deg)


def _ellipses(major_m2: FloatArray, minor_m2: FloatArray, azimuth_deg: FloatArray) -> FloatArray:
    azimuth = np.radians(azimuth_deg)
    along = np.column_stack([np.sin(azimuth), np.cos(azimuth)])
    across = np.column_stack([np.cos(azimuth), -np.sin(azimuth)])
    outer = "ni,nj->nij"
    ellipses: FloatArray = major_m2[:, None, None] * np.einsum(outer, along, along) + minor_m2[
        :, None, None
    ] * np.einsum(outer, across, across)
    return ellipses
