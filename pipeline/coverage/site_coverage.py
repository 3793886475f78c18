"""How much of a site lies in photos: the stations of a road's whole width, the area of a facility.

All geometry here is in metres of a local frame, all at ground level. One photo of a place is enough;
how many there are is told beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon, STRtree
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from vision.camera import FloatArray
from vision.planar import difference, union

STEP_M = 0.5
"""How closely a road is looked at, along and across; what is nowhere wider is no gap in a facility."""

_FACILITY_POINTS = 5000  # where looks at a facility are counted: enough for a median
_SAME_PLACE_M = 1e-6

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Looks:
    """How many photos show the places of a site: the fewest, and the median."""

    fewest: int
    median: float


@dataclass(frozen=True)
class UncoveredPart:
    """A part of a site that no photo shows whole.

    Of a road: the centreline from station `from_m` to `to_m`. Of a facility: a polygon, no stations.
    """

    shape_m: LineString | Polygon
    area_m2: float
    from_m: float | None = None
    to_m: float | None = None


@dataclass(frozen=True)
class Covered:
    """What photos show of one site; lengths are 0 for a facility."""

    covered_m: float
    total_m: float
    covered_m2: float
    total_m2: float
    looks: Looks
    gaps: tuple[UncoveredPart, ...]


def cover_road(line: LineString, width_m: float, shown: Shapes) -> Covered:
    """How much of a road these pieces of shown ground cover.

    A metre of the road counts where its whole width, the sections at both its ends included, is
    photographed. What lies across a bend turns with the road, so that its outer side counts too.
    """
    stations_m, points = _sections(line, width_m)
    counts = _counts(points.reshape(-1, 2), shown).reshape(points.shape[:2])
    looks = counts.min(axis=1)
    covered = (looks[:-1] > 0) & (looks[1:] > 0)
    total_m, total_m2 = line.length, line.length * width_m
    runs = _runs(~covered, stations_m)
    return Covered(
        covered_m=total_m - sum(to_m - from_m for from_m, to_m in runs),
        total_m=total_m,
        covered_m2=total_m2 * float((counts > 0).mean()),
        total_m2=total_m2,
        looks=Looks(int(looks.min()), float(np.median(looks))),
        gaps=tuple(
            UncoveredPart(substring(line, from_m, to_m), (to_m - from_m) * width_m, from_m, to_m)
            for from_m, to_m in runs
        ),
    )


def cover_facility(polygon: Polygon, shown: Shapes) -> Covered:
    """How much of a facility these pieces of shown ground cover."""
    rest = difference(polygon, union(shown))
    # Narrower than this throughout is no gap, unless the facility itself is no wider.
    thin_m = STEP_M / 2 if not polygon.buffer(-STEP_M / 2).is_empty else 0.0
    gaps = tuple(
        UncoveredPart(part, part.area) for part in _polygons(rest) if not part.buffer(-thin_m).is_empty
    )
    counts = _counts(_points_in(polygon), shown)
    return Covered(
        covered_m=0.0,
        total_m=0.0,
        covered_m2=polygon.area - sum(gap.area_m2 for gap in gaps),
        total_m2=polygon.area,
        looks=Looks(0 if gaps else int(counts.min()), float(np.median(counts))),
        gaps=gaps,
    )


def _sections(line: LineString, width_m: float) -> tuple[FloatArray, FloatArray]:
    """Stations (N) along a road, and points (N, M, 2) across it from one edge to the other."""
    length_m = line.length
    stations_m: FloatArray = np.linspace(0.0, length_m, max(1, ceil(length_m / STEP_M)) + 1)
    offsets_m = np.linspace(-width_m / 2, width_m / 2, ceil(width_m / STEP_M) + 1) if width_m else np.zeros(1)
    # The chord over a width's length turns steadily round a bend; that over a point jumps.
    along = _chords(line, stations_m, max(width_m / 2, STEP_M))
    turning_back = np.hypot(*along.T) < _SAME_PLACE_M
    if turning_back.any():
        along[turning_back] = _chords(line, np.maximum(stations_m[turning_back] - STEP_M, 0), STEP_M)
    across = np.column_stack([-along[:, 1], along[:, 0]])
    across /= np.maximum(np.hypot(*along.T), _SAME_PLACE_M)[:, None]
    points: FloatArray = _at(line, stations_m)[:, None, :] + offsets_m[None, :, None] * across[:, None, :]
    return stations_m, points


def _chords(line: LineString, stations_m: FloatArray, reach_m: float) -> FloatArray:
    return _at(line, np.minimum(stations_m + reach_m, line.length)) - _at(
        line, np.maximum(stations_m - reach_m, 0.0)
    )


def _at(line: LineString, stations_m: FloatArray) -> FloatArray:
    places: FloatArray = shapely.get_coordinates(shapely.line_interpolate_point(line, stations_m))
    return places


def _counts(points: FloatArray, shown: Shapes) -> NDArray[np.intp]:
    """In how many pieces of shown ground each point (N, 2) lies."""
    if not len(shown):
        return np.zeros(len(points), dtype=np.intp)
    _, inside = STRtree(shapely.points(points)).query(shown, predicate="covers")
    return np.bincount(inside, minlength=len(points))


def _runs(marked: NDArray[np.bool_], borders_m: FloatArray) -> list[tuple[float, float]]:
    """The stretches of marked cells, from border to border."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]])))
    return [(float(borders_m[start]), float(borders_m[end])) for start, end in changes.reshape(-1, 2)]


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    parts = getattr(shape, "geoms", [shape])
    return [part for part in parts if isinstance(part, Polygon) and part.area > 0]


def _points_in(polygon: Polygon) -> FloatArray:
    """A grid of points in a polygon; at least one."""
    step_m = max(STEP_M, sqrt(polygon.area / _FACILITY_POINTS))
    west, south, east, north = polygon.bounds
    grid = np.meshgrid(np.arange(west, east, step_m), np.arange(south, north, step_m))
    points: FloatArray = np.stack(grid, axis=-1).reshape(-1, 2)
    points = points[shapely.contains_xy(polygon, points)]
    return points if len(points) else shapely.get_coordinates(polygon.representative_point())
