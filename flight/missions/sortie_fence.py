"""Where a sortie may fly: the polygon to stay inside, and the zones in it to stay out of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import shapely
from shapely import LineString, MultiPoint, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from flight.missions.sortie_way import in_metres
from flight.planning.plan import Plan, Sortie, Waypoint
from flight.planning.settings import LatLon
from vision.frames import LocalFrame

Corners = tuple[LatLon, ...]

_MARGIN_M = 30.0  # wind, braking and corners stay well inside
_DETAIL_M = 3.0
_NEAR_M = 2_000.0  # of the sortie: farther zones are out of its reach
_MOST_CORNERS = 60  # of a zone: vehicles have little room for fences
_COARSER_M = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


def fence_of(sortie: Sortie) -> Corners:
    """The corners of a convex polygon around home and all legs, with a margin.

    Because it is convex, it contains every straight way home too.
    """
    frame = LocalFrame(sortie.home.lat, sortie.home.lon)
    ring = _hull(sortie, frame).buffer(_MARGIN_M, quad_segs=2).simplify(_DETAIL_M).exterior
    return _corners(frame, ring)


def exclusions_of(plan: Plan, sortie: Sortie) -> tuple[Corners, ...]:
    """The zones near a sortie that reach into its heights, as polygons to stay out of.

    A zone that the sortie enters, because its approval is in hand, is none of them.
    """
    frame = LocalFrame(sortie.home.lat, sortie.home.lon)
    near = _hull(sortie, frame).buffer(_NEAR_M)
    legs = shapely.union_all([LineString(_flat(frame, leg.waypoints)) for leg in sortie.legs()])
    highest_m = max(place.alt_m for leg in sortie.legs() for place in leg.waypoints)
    areas: list[Polygon] = []
    for zone in plan.zones:
        if zone.floor_m <= max(highest_m, sortie.return_height_m) and zone.ceiling_m > 0:
            areas += _parts(frame.shapes_to_metres(zone.area))
    kept = [area for area in areas if area.intersects(near) and not area.intersects(legs)]
    return tuple(_corners(frame, _with_few_corners(area).exterior) for area in kept)


def _hull(sortie: Sortie, frame: LocalFrame) -> BaseGeometry:
    places = [place for leg in sortie.legs() for place in leg.waypoints]
    return MultiPoint([(0.0, 0.0), *_flat(frame, places)]).convex_hull


def _flat(frame: LocalFrame, places: Sequence[Waypoint]) -> list[tuple[float, float]]:
    return [(float(east), float(north)) for east, north, _ in in_metres(frame, places)]


def _parts(area: Polygon | MultiPolygon) -> Iterator[Polygon]:
    """Simple polygons without holes: fences have none."""
    for part in shapely.get_parts(area):
        if isinstance(part, Polygon) and not part.is_empty:
            yield Polygon(part.exterior)


def _with_few_corners(area: Polygon) -> Polygon:
    """A polygon with so few corners that a vehicle takes it, inside of the original."""
    kept = area
    for detail_m in _COARSER_M:
        if len(kept.exterior.coords) - 1 <= _MOST_CORNERS:
            break
        coarser = area.buffer(-detail_m).simplify(detail_m)
        if not isinstance(coarser, Polygon) or coarser.is_empty:
            break
        kept = coarser
    return kept


def _corners(frame: LocalFrame, ring: shapely.LinearRing) -> Corners:
    corners = frame.to_lat_lon(shapely.get_coordinates(ring)[:-1, :2])
    return tuple((float(lat), float(lon)) for lat, lon in corners)
