"""A plan as GeoJSON to look at: launch points, transits, passes, photo points, footprints, fences, zones.

Each feature's property `role` says what it is: launch, fence, transit, pass, return, photo, footprint or
zone. Heights are properties (`alt_m`, `alts_m` of a line's points, above take-off), not third coordinates,
which RFC 7946 keeps for heights above the ellipsoid.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely

from flight.coverage.photo_geometry import footprints
from flight.missions.sortie_fence import fence_of
from flight.planning.plan import Pass, Plan, Sortie, Waypoint
from flight.rules.airspace import Zone
from vision.camera import FloatArray
from vision.frames import LocalFrame

_DECIMALS = 8  # of a degree: 1 mm

Feature = dict[str, Any]


def plan_geojson(plan: Plan) -> dict[str, Any]:
    """The GeoJSON document of a plan."""
    features: list[Feature] = [_zone_feature(zone) for zone in plan.zones]
    for sortie in plan.sorties:
        features += _sortie_features(plan, sortie)
    return {"type": "FeatureCollection", "features": features}


def _zone_feature(zone: Zone) -> Feature:
    about: dict[str, Any] = {
        "id": zone.id,
        "name": zone.name,
        "kind": zone.kind,
        "floor_m": zone.floor_m,
        "ceiling_m": zone.ceiling_m if math.isfinite(zone.ceiling_m) else None,
    }
    outlines = [
        [_lon_lat_ring(ring) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shapely.orient_polygons(zone.area))
    ]
    return _feature("zone", "MultiPolygon", outlines, **about)


def _sortie_features(plan: Plan, sortie: Sortie) -> Iterator[Feature]:
    home = sortie.home
    yield _feature("launch", "Point", _lon_lat(home.lat, home.lon), sortie=sortie.number)
    yield _feature("fence", "Polygon", [_ring(fence_of(sortie))], sortie=sortie.number)
    frame = LocalFrame(home.lat, home.lon)
    first_photo = 1
    for order, (way, flown) in enumerate(zip(sortie.transits, sortie.passes, strict=False), start=1):
        yield _line_feature("transit", way, sortie=sortie.number, order=order)
        yield _line_feature(
            "pass",
            flown.waypoints,
            sortie=sortie.number,
            order=order,
            id=flown.id,
            site=flown.site,
            length_m=round(flown.length_m, 1),
        )
        yield from _photo_features(plan, sortie, flown, frame, first_photo)
        first_photo += len(flown.photos)
    yield _line_feature("return", sortie.transits[-1], sortie=sortie.number, order=len(sortie.passes) + 1)


def _photo_features(
    plan: Plan, sortie: Sortie, flown: Pass, frame: LocalFrame, first_photo: int
) -> Iterator[Feature]:
    outlines = _footprint_corners(plan, flown, frame)
    for number, photo in enumerate(flown.photos, start=first_photo):
        about = {
            "sortie": sortie.number,
            "number": number,
            "pass": flown.id,
            "yaw_deg": round(photo.yaw_deg, 1),
        }
        heights = {"alt_m": _height(photo.alt_m), "pitch_deg": round(photo.pitch_deg, 1)}
        yield _feature("photo", "Point", _lon_lat(photo.lat, photo.lon), **about, **heights)
        if outlines:
            yield _feature("footprint", "Polygon", [_ring(outlines[number - first_photo])], **about)


def _footprint_corners(plan: Plan, flown: Pass, frame: LocalFrame) -> list[FloatArray]:
    """Corners (4, 2) lat, lon of each photo's footprint; none where the camera does not look down."""
    if flown.look_at is not None:
        return []
    places = frame.to_metres([photo.lat for photo in flown.photos], [photo.lon for photo in flown.photos])
    yaws = np.array([photo.yaw_deg for photo in flown.photos])
    polygons = footprints(np.column_stack([places, yaws]), plan.swath)
    return [frame.to_lat_lon(shapely.get_coordinates(polygon)[:4]) for polygon in polygons]


def _line_feature(role: str, way: Sequence[Waypoint], **properties: Any) -> Feature:
    heights = [_height(place.alt_m) for place in way]
    coordinates = [_lon_lat(place.lat, place.lon) for place in way]
    return _feature(role, "LineString", coordinates, **properties, alts_m=heights)


def _ring(corners: Iterable[Iterable[float]]) -> list[list[float]]:
    """A closed ring, anticlockwise as RFC 7946 wants it, of (lat, lon) corners."""
    ring = shapely.LinearRing([_lon_lat(*corner) for corner in corners])
    return [list(point) for point in (ring if ring.is_ccw else ring.reverse()).coords]


def _lon_lat_ring(ring: shapely.LinearRing) -> list[list[float]]:
    return [_lon_lat(lat, lon) for lon, lat in shapely.get_coordinates(ring)]


def _lon_lat(lat: float, lon: float) -> list[float]:
    return [round(float(lon), _DECIMALS), round(float(lat), _DECIMALS)]


def _height(alt_m: float) -> float:
    return round(alt_m, 3)


def _feature(role: str, geometry_type: str, coordinates: Any, **properties: Any) -> Feature:
    return {
        "type": "Feature",
        "properties": {"role": role, **properties},
        "geometry": {"type": geometry_type, "coordinates": coordinates},
    }
