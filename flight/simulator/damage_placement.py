"""Where damage lies: seeded kinds, places and sizes on the surfaces of a district."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from flight.simulator.damage_shapes import crack_path, patch_outline, rough_outline
from flight.simulator.district_parts import Damage, Surface
from vision.camera import FloatArray

Shape = tuple[LineString | Polygon, float]
# Kinds that have no direction. A facility has no "along", so cracks along and across it would be
# names without a meaning; an unpaved road has neither cracks nor patches.
_WITHOUT_DIRECTION = ("alligator_crack", "pothole", "repair")
_UNPAVED = ("pothole",)
_APART_M = 3.0  # free ground between two damages, so that a finding can be matched to one of them
_EDGE_M = 0.35  # nearest to the edge of the surface
_FACILITY_M2_PER_DAMAGE = 120.0
_TRIES = 25


def _longitudinal(rng: np.random.Generator, centre: FloatArray, axis_deg: float, room_m: float) -> Shape:
    path = crack_path(rng, centre, axis_deg + rng.normal(0, 3), rng.uniform(1.8, 6.0))
    return LineString(path), float(rng.triangular(0.008, 0.013, 0.024))


def _transverse(rng: np.random.Generator, centre: FloatArray, axis_deg: float, room_m: float) -> Shape:
    length = rng.uniform(1.5, max(1.8, min(6.0, 0.75 * room_m)))
    path = crack_path(rng, centre, axis_deg + 90 + rng.normal(0, 6), length)
    return LineString(path), float(rng.triangular(0.008, 0.013, 0.024))


def _alligator(rng: np.random.Generator, centre: FloatArray, axis_deg: float, room_m: float) -> Shape:
    width = rng.uniform(0.8, 1.6)
    length = min(2.5, width * rng.uniform(1.0, 1.8))
    return rough_outline(rng, centre, axis_deg, length, width, 0.25), width


def _pothole(rng: np.random.Generator, centre: FloatArray, axis_deg: float, room_m: float) -> Shape:
    width = rng.uniform(0.3, 0.7)
    length = min(0.9, width * rng.uniform(1.0, 1.5))
    return rough_outline(rng, centre, axis_deg + rng.normal(0, 25), length, width, 0.3), width


def _repair(rng: np.random.Generator, centre: FloatArray, axis_deg: float, room_m: float) -> Shape:
    width = rng.uniform(0.8, 1.5)
    length = min(2.0, width * rng.uniform(1.0, 1.8))
    return patch_outline(rng, centre, axis_deg + rng.normal(0, 2), length, width), width


_SHAPE_OF_KIND: dict[str, Callable[[np.random.Generator, FloatArray, float, float], Shape]] = {
    "longitudinal_crack": _longitudinal,
    "transverse_crack": _transverse,
    "alligator_crack": _alligator,
    "pothole": _pothole,
    "repair": _repair,
}


def place_damages(
    surfaces: Sequence[Surface], rng: np.random.Generator, spacing_m: float
) -> tuple[Damage, ...]:
    """Damage on every surface, on a road about one per `spacing_m`, at least 3 m apart."""
    placed: list[Damage] = []
    for surface in surfaces:
        decks = _shuffled_decks(rng, _kinds_of(surface))
        for spots in _spots(surface, rng, spacing_m):
            kind = next(decks)
            damage = _fit(surface, kind, spots, rng, placed)
            if damage is not None:
                placed.append(damage)
    return tuple(placed)


def _kinds_of(surface: Surface) -> tuple[str, ...]:
    if not surface.paved:
        return _UNPAVED
    return _WITHOUT_DIRECTION if surface.centreline_m is None else tuple(_SHAPE_OF_KIND)


def _shuffled_decks(rng: np.random.Generator, kinds: Sequence[str]) -> Iterator[str]:
    """Kinds without end, each as often as the others."""
    while True:
        yield from (kinds[number] for number in rng.permutation(len(kinds)))


def _spots(
    surface: Surface, rng: np.random.Generator, spacing_m: float
) -> Iterator[Iterator[tuple[FloatArray, float]]]:
    """For each damage wanted, places (centre, axis of the road) to try."""
    line = surface.centreline_m
    if line is None:
        for _ in range(max(1, round(surface.outline_m.area / _FACILITY_M2_PER_DAMAGE))):
            yield _spots_inside(surface, rng)
        return
    station = rng.uniform(0.3, 0.8) * spacing_m
    while station < line.length - 2.0:
        yield _spots_near(surface, line, station, rng)
        station += rng.uniform(0.7, 1.3) * spacing_m


def _spots_inside(surface: Surface, rng: np.random.Generator) -> Iterator[tuple[FloatArray, float]]:
    west, south, east, north = surface.outline_m.bounds
    while True:
        yield np.array([rng.uniform(west, east), rng.uniform(south, north)]), surface.axis_deg


def _spots_near(
    surface: Surface, line: LineString, station_m: float, rng: np.random.Generator
) -> Iterator[tuple[FloatArray, float]]:
    while True:
        station = float(np.clip(station_m + rng.normal(0, 1.0), 0.5, line.length - 0.5))
        axis_deg = surface.axis_deg_at(station)
        across = np.array([-np.sin(np.radians(axis_deg)), np.cos(np.radians(axis_deg))])
        aside = rng.uniform(-0.5, 0.5) * (surface.width_m - 1.4)
        yield shapely.get_coordinates(line.interpolate(station))[0] + across * aside, axis_deg


def _fit(
    surface: Surface,
    kind: str,
    spots: Iterator[tuple[FloatArray, float]],
    rng: np.random.Generator,
    placed: Sequence[Damage],
) -> Damage | None:
    """The first try that lies on the surface and clear of the others; None when none does."""
    inside = surface.outline_m.buffer(-_EDGE_M)
    others = shapely.GeometryCollection([damage.geometry_m for damage in placed])
    for _, (centre, axis_deg) in zip(range(_TRIES), spots, strict=False):
        if not inside.contains(Point(centre)):
            continue
        geometry, width = _SHAPE_OF_KIND[kind](rng, centre, axis_deg, surface.width_m)
        if inside.contains(geometry) and (not placed or others.distance(geometry) > _APART_M):
            number = len(placed) + 1
            return Damage(
                id=f"T{number:03d}",
                kind=kind,
                site=surface.site,
                geometry_m=geometry,
                width_m=float(width),
                axis_deg=axis_deg,
                seed=int(rng.integers(1 << 30)),
            )
    return None
