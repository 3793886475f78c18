"""Sightings: observations as association and fusion see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from shapely import Polygon

from pipeline.geotagging.ground_error import SHARED_CAUSES
from vision.camera import FloatArray
from vision.frames import LocalFrame

_LATEST = datetime.max.replace(tzinfo=UTC)
_NOTHING_SHARED = ((0.0,) * len(SHARED_CAUSES),) * 2


@dataclass(frozen=True, slots=True)
class Sighting:
    """An observation with what association needs to know of its photo and its defect.

    `flight` names the flight of its photo, "" where that shares its errors with no other; `shared_m` (2, K)
    is what the flight's errors move it, see `pipeline.geotagging.ground_error.shared_factors`. `defect` is
    the defect that it belongs to already. `footprint` is lon, lat. `outlined` and the three after it are
    those of `pipeline.geotagging.observation.Observation`.
    """

    id: str
    photo: str
    survey: str
    taken_at: datetime | None
    flight: str
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
    shared_m: tuple[tuple[float, ...], tuple[float, ...]] = _NOTHING_SHARED


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
    azimuth = np.radians([sighting.sigma_azimuth_deg for sighting in sightings])
    along = np.column_stack([np.sin(azimuth), np.cos(azimuth)])
    across = np.column_stack([np.cos(azimuth), -np.sin(azimuth)])
    covariances: FloatArray = np.einsum("n,ni,nj->nij", major_m2, along, along)
    covariances += np.einsum("n,ni,nj->nij", minor_m2, across, across)
    return covariances
