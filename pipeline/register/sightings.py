"""Reading observations as association and fusion see them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from math import sqrt
from typing import Any

import shapely
from shapely import Polygon
from sqlite_utils import Database

from pipeline.geotagging.ground_error import SHARED_CAUSES
from pipeline.sighting import Sighting

_SIGHTINGS = """
SELECT observations.detection AS id, detections.photo, surveys.name AS survey, photos.taken_at,
    coalesce(photos.flight, 'survey ' || surveys.id) AS flight, observations.kind, observations.score,
    observations.lat, observations.lon, observations.sigma_major_m, observations.sigma_minor_m,
    observations.sigma_azimuth_deg,
    observations.length_m, observations.width_m, observations.area_m2, observations.footprint,
    observations.outlined, observations.crack_length_m, observations.crack_width_m, observations.diameter_m,
    coalesce(defects.duplicate_of, observations.defect) AS defect,
    observations.shared_m, coalesce(photos.sigma_position_m, 0) AS sigma_position_m
FROM observations
JOIN detections ON detections.id = observations.detection
JOIN photos ON photos.id = detections.photo
JOIN surveys ON surveys.id = photos.survey
LEFT JOIN defects ON defects.id = observations.defect
"""
_OF_DEFECTS_WITHIN = """
WHERE observations.defect IN (
    WITH near AS (
        SELECT DISTINCT coalesce(defects.duplicate_of, defects.id) AS id
        FROM observations JOIN defects ON defects.id = observations.defect
        WHERE observations.lat BETWEEN ? AND ? AND observations.lon BETWEEN ? AND ?
    )
    SELECT id FROM defects WHERE id IN near OR duplicate_of IN near
)
"""
_NEIGHBOURHOOD_DEG = 0.002  # some 200 m: more than association reaches, and than a picture shows
_OLD_SHARED_VARIANCE = 0.9

Shared = tuple[tuple[float, ...], tuple[float, ...]]


def unassociated(db: Database) -> list[Sighting]:
    """Sightings that belong to no defect yet."""
    return _sightings(db, "WHERE observations.defect IS NULL")


def neighbours(db: Database, fresh: Sequence[Sighting]) -> list[Sighting]:
    """All sightings of the known defects around fresh sightings (at least one), and of their duplicates."""
    lat = [sighting.lat for sighting in fresh]
    lon = [sighting.lon for sighting in fresh]
    return _sightings(
        db,
        _OF_DEFECTS_WITHIN,
        [
            min(lat) - _NEIGHBOURHOOD_DEG,
            max(lat) + _NEIGHBOURHOOD_DEG,
            min(lon) - _NEIGHBOURHOOD_DEG,
            max(lon) + _NEIGHBOURHOOD_DEG,
        ],
    )


def _sightings(db: Database, where: str, parameters: Sequence[Any] = ()) -> list[Sighting]:
    rows = list(db.query(f"{_SIGHTINGS} {where}", parameters))
    footprints = shapely.from_geojson([row["footprint"] for row in rows])
    return [_sighting(row, footprint) for row, footprint in zip(rows, footprints, strict=True)]


def _sighting(row: dict[str, Any], footprint: Polygon) -> Sighting:
    sigma_position_m = row.pop("sigma_position_m")
    shared_m = _shared_m(row["shared_m"]) if row["shared_m"] else _shared_of_old_m(sigma_position_m)
    taken_at = datetime.fromisoformat(row["taken_at"]) if row["taken_at"] else None
    known = {"taken_at": taken_at, "footprint": footprint, "outlined": bool(row["outlined"])}
    return Sighting(**row | known | {"shared_m": shared_m})


def _shared_m(text: str) -> Shared:
    east, north = json.loads(text)
    return tuple(east), tuple(north)


def _shared_of_old_m(sigma_position_m: float) -> Shared:
    """What was taken as shared before `0005_shared_errors`."""
    shared_m = sqrt(_OLD_SHARED_VARIANCE) * sigma_position_m
    nothing = (0.0,) * (len(SHARED_CAUSES) - 2)
    return (shared_m, 0.0, *nothing), (0.0, shared_m, *nothing)
