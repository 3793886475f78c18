"""A plan as GeoJSON to look at: launch points, passes, photo points and footprints.

Each feature's property `role` says what it is: launch, fence, pass, photo or footprint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import shapely

from flight.mission_building import build_mission
from flight.planning.photo_geometry import footprints
from flight.planning.plan import Pass, Plan, Sortie
from vision.camera import FloatArray
from vision.frames import LocalFrame

_DECIMALS = 8  # of a degree: 1 mm

Feature = dict[str, Any]


def plan_geojson(plan: Plan) -> dict[str, Any]:
    """The GeoJSON document of a plan."""
    features: list[Feature] = []
    for sortie in plan.sorties:
        features += _sortie_features(plan, sortie)
    return {"type": "FeatureCollection", "features": features}


def _sortie_features(plan: Plan, sortie: Sortie) -> Iterator[Feature]:
    home = sortie.home
    yield _feature("launch", "Point", _lon_lat(home.lat, home.lon), sortie=sortie.number)
    fence = build_mission(plan, sortie).fence
    yield _feature("fence", "Polygon", [_ring(fence)], sortie=sortie.number)
    frame = LocalFrame(home.lat, home.lon)
    first_photo = 1
    for order, flown in enumerate(sortie.passes, start=1):
        yield _feature(
            "pass",
            "LineString",
            [_lon_lat(place.lat, place.lon) for place in flown.waypoints],
            sortie=sortie.number,
            order=order,
            id=flown.id,
            site=flown.site,
            length_m=round(flown.length_m, 1),
        )
        yield from _photo_features(plan, sortie, flown, frame, first_photo)
        first_photo += len(flown.photos)


def _photo_features(
    plan: Plan, sortie: Sortie, flown: Pass, frame: LocalFrame, first_photo: int
) -> Iterator[Feature]:
    for number, (photo, corners) in enumerate(
        zip(flown.photos, _footprint_corners(plan, flown, frame), strict=True), start=first_photo
    ):
        about = {
            "sortie": sortie.number,
            "number": number,
            "pass": flown.id,
            "yaw_deg": round(photo.yaw_deg, 1),
        }
        yield _feature("photo", "Point", _lon_lat(photo.lat, photo.lon), **about)
        yield _feature("footprint", "Polygon", [_ring(corners)], **about)


def _footprint_corners(plan: Plan, flown: Pass, frame: LocalFrame) -> list[FloatArray]:
    """Corners (4, 2) lat, lon of each photo's footprint."""
    places = frame.to_metres([photo.lat for photo in flown.photos], [photo.lon for photo in flown.photos])
    yaws = np.array([photo.yaw_deg for photo in flown.photos])
    polygons = footprints(np.column_stack([places, yaws]), plan.swath)
    return [frame.to_lat_lon(shapely.get_coordinates(polygon)[:4]) for polygon in polygons]


def _ring(corners: Iterable[Iterable[float]]) -> list[list[float]]:
    """A closed ring, anticlockwise as RFC 7946 wants it, of (lat, lon) corners."""
    ring = shapely.LinearRing([_lon_lat(*corner) for corner in corners])
    return [list(point) for point in (ring if ring.is_ccw else ring.reverse()).coords]


def _lon_lat(lat: float, lon: float) -> list[float]:
    return [round(float(lon), _DECIMALS), round(float(lat), _DECIMALS)]


def _feature(role: str, geometry_type: str, coordinates: Any, **properties: Any) -> Feature:
    return {
        "type": "Feature",
        "properties": {"role": role, **properties},
        "geometry": {"type": geometry_type, "coordinates": coordinates},
    }
