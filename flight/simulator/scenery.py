"""What is in the picture besides damage: markings, manholes, stains, cars, roofs, trees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.ops import substring

from flight.simulator.damage_shapes import heading, rough_outline
from flight.simulator.district_parts import Damage, SceneryItem, SceneryKind, Surface

_MARKED_FROM_WIDTH_M = 5.0  # narrower roads carry no markings
_DASH_M, _GAP_M, _LINE_WIDTH_M = 3.0, 5.0, 0.12
CAR_WIDTH_M = 1.72
_EDGE_LINE_M = 0.3  # from the carriageway's edge
_CLEAR_OF_DAMAGE_M = {"manhole": 0.5, "stain": 0.3, "car": 0.8, "roof": 1.0, "tree": 0.8}


def place_scenery(
    surfaces: Sequence[Surface], damages: Sequence[Damage], rng: np.random.Generator
) -> tuple[SceneryItem, ...]:
    """Scenery on and beside all surfaces; none of it hides damage (trees cast shadows on some)."""
    paved = shapely.union_all([surface.outline_m for surface in surfaces])
    items: list[SceneryItem] = []
    for surface in surfaces:
        items += _markings(surface, surfaces)
    clearing = _Clearing(damages, rng)
    for surface in surfaces:
        if surface.centreline_m is not None:
            _furnish_road(surface, surface.centreline_m, paved, clearing, rng)
    return tuple(items + clearing.items)


class _Clearing:
    """Takes scenery where it neither hides damage nor stands in other scenery."""

    def __init__(self, damages: Sequence[Damage], rng: np.random.Generator) -> None:
        self.items: list[SceneryItem] = []
        self._damaged = shapely.union_all([damage.geometry_m for damage in damages])
        self._taken: Polygon | MultiPolygon = Polygon()
        self._rng = rng

    def add(self, kind: SceneryKind, outline: Polygon, axis_deg: float) -> None:
        clear_of_damage = self._damaged.is_empty or self._damaged.distance(outline) > _CLEAR_OF_DAMAGE_M[kind]
        if not clear_of_damage or self._taken.intersects(outline):
            return
        self._taken = self._taken.union(outline)
        self.items.append(SceneryItem(kind, outline, axis_deg, int(self._rng.integers(1 << 30))))


def _markings(surface: Surface, surfaces: Sequence[Surface]) -> list[SceneryItem]:
    """Dashed centre line and edge lines, interrupted where another surface joins."""
    line = surface.centreline_m
    if line is None or not surface.paved or surface.width_m < _MARKED_FROM_WIDTH_M:
        return []
    others = [other.outline_m for other in surfaces if other is not surface]
    junctions = shapely.union_all(others).buffer(0.6)
    starts = np.arange(1.0, line.length - _DASH_M, _DASH_M + _GAP_M)
    strips = [substring(line, start, start + _DASH_M) for start in starts]
    aside = surface.width_m / 2 - _EDGE_LINE_M
    strips += [line.offset_curve(side * aside) for side in (-1, 1)]
    parts: list[Polygon] = []
    for strip in strips:
        area = strip.buffer(_LINE_WIDTH_M / 2, cap_style="flat").difference(junctions)
        for part in shapely.get_parts(area):
            if part.area > 0.05:
                parts.append(part)
    return [SceneryItem("line_marking", MultiPolygon(parts), 0.0, surface.seed)] if parts else []


def _furnish_road(
    surface: Surface,
    line: LineString,
    paved: Polygon | MultiPolygon,
    clearing: _Clearing,
    rng: np.random.Generator,
) -> None:
    half = surface.width_m / 2
    for station in _stations(line, 35.0, rng):
        middle, axis = _beside(surface, line, station, rng.uniform(-0.35, 0.35) * surface.width_m)
        clearing.add("manhole", Point(middle).buffer(0.34), axis)
    for station in _stations(line, 50.0, rng):
        middle, axis = _beside(surface, line, station, rng.choice([-1, 1]) * (half - 1.15))
        clearing.add("car", _rectangle(middle, axis, rng.uniform(3.9, 4.5), CAR_WIDTH_M), axis)
    for station in _stations(line, 9.0, rng):
        middle, axis = _beside(surface, line, station, rng.uniform(-0.4, 0.4) * surface.width_m)
        size = rng.uniform(0.15, 0.5)
        clearing.add("stain", rough_outline(rng, middle, axis, size * rng.uniform(1, 2.5), size, 0.35), axis)
    for side in (-1, 1):
        for station in _stations(line, 17.0, rng):
            depth, front = rng.uniform(7, 10), rng.uniform(8, 13)
            middle, axis = _beside(surface, line, station, side * (half + 6.0 + depth / 2))
            roof = _rectangle(middle, axis, front, depth)
            if paved.distance(roof) > 4.0:
                clearing.add("roof", roof, axis)
        for station in _stations(line, 8.0, rng):
            radius = rng.uniform(1.0, 2.0)
            middle, axis = _beside(surface, line, station, side * (half + rng.uniform(0.8, 3.0)))
            if paved.distance(Point(middle)) > 0.6:
                clearing.add("tree", Point(middle).buffer(radius), axis)


def _stations(line: LineString, spacing_m: float, rng: np.random.Generator) -> Iterator[float]:
    station = rng.uniform(0.2, 1.0) * spacing_m
    while station < line.length:
        yield station
        station += rng.uniform(0.6, 1.4) * spacing_m


def _beside(
    surface: Surface, line: LineString, station_m: float, left_m: float
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], float]:
    """The place at a station, so far to the left of the road's axis; and the axis there."""
    axis_deg = surface.axis_deg_at(station_m)
    return shapely.get_coordinates(line.interpolate(station_m))[0] + heading(axis_deg + 90) * left_m, axis_deg


def _rectangle(
    middle_m: np.ndarray[tuple[int], np.dtype[np.float64]], axis_deg: float, length_m: float, width_m: float
) -> Polygon:
    along, across = heading(axis_deg) * length_m / 2, heading(axis_deg + 90) * width_m / 2
    corners = [along + across, along - across, -along - across, -along + across]
    return Polygon([middle_m + corner for corner in corners])
