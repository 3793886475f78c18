"""Obstacles from a vector file: points are masts and trees, lines power lines, polygons buildings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from flight.heights.ground import Ground
from flight.heights.obstacle_kinds import Kind, height_m, kind_of, reach_m, with_other_tags
from flight.heights.obstacles import Obstacle, Obstacles
from pipeline.sites.vector_files import Feature, read_vector_file
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame

_PIECE_M = 40.0  # long and wide obstacles are cut, for each piece to stand on its own ground
_GROUND_EVERY_M = 5.0
_FARTHEST_M = 50_000.0  # from the middle of the survey
_ROUND = 1.01  # a circle of chords lies inside of the circle


def read_obstacles(path: Path | str, frame: LocalFrame, ground: Ground) -> Obstacles:
    """Read the obstacles of a GeoJSON, GeoPackage, KML or Shapefile.

    Heights are above ground, by `height_m`, `height` or storeys (see `flight.heights.obstacle_kinds`);
    a top is the highest ground under an obstacle and its height. Obstacles without a height get a
    cautious one by their kind, and a remark says how many and which.

    Raises PantauError when the file is missing or unreadable, names no obstacle, or only such that lie
    far from the survey.
    """
    path = Path(path)
    file = read_vector_file(path)
    left_out: Counter[str] = Counter()
    found = list(_found(file.features, frame, left_out))
    if not found:
        what = ", ".join(f"{count} {reason}" for reason, count in left_out.items()) or "no features"
        raise PantauError(
            f"{path}: names no obstacles ({what}); give points, lines or polygons with height_m, or leave "
            "--obstacles out."
        )
    if min(shape.distance(Point(0, 0)) for shape in (item.shape for item in found)) > _FARTHEST_M:
        raise PantauError(
            f"{path}: all obstacles lie more than {_FARTHEST_M / 1000:.0f} km from the sites; give a file of "
            "the surveyed area."
        )
    standing = _standing(found, ground, left_out)
    remarks = (*file.remarks, *_remarks(found, left_out))
    return Obstacles(standing, remarks=remarks)


@dataclass(frozen=True)
class _Found:
    kind: Kind
    shape: Point | LineString | Polygon
    height_m: float | None
    reach_m: float

    @property
    def above_ground_m(self) -> float:
        return self.kind.height_m if self.height_m is None else self.height_m


@dataclass(frozen=True)
class _Piece:
    """`hung_m` is where the wires hang that a line's vertices hold, if above its ground and height."""

    of: _Found
    shape: BaseGeometry
    hung_m: float = -np.inf


def _found(features: Sequence[Feature], frame: LocalFrame, left_out: Counter[str]) -> Iterator[_Found]:
    for feature in features:
        if feature.geometry is None or feature.geometry.is_empty:
            left_out["without geometry"] += 1
            continue
        properties = with_other_tags(feature.properties)
        for shape in _simple(frame.shapes_to_metres(feature.geometry)):
            kind = kind_of(properties, shape.geom_type)
            if kind is None:
                left_out["on or under the ground"] += 1
            else:
                yield _Found(kind, shape, height_m(properties), reach_m(properties, kind))


def _simple(geometry: BaseGeometry) -> Iterator[Point | LineString | Polygon]:
    if isinstance(geometry, Polygon) and not geometry.is_valid:
        geometry = shapely.make_valid(geometry)
    if hasattr(geometry, "geoms"):
        for part in geometry.geoms:
            yield from _simple(part)
    elif not geometry.is_empty:
        yield LineString(geometry) if geometry.geom_type == "LinearRing" else geometry


def _standing(found: Sequence[_Found], ground: Ground, left_out: Counter[str]) -> tuple[Obstacle, ...]:
    pieces = [piece for item in found for piece in _pieces(item, ground)]
    under_m = _highest_ground_m([piece.shape for piece in pieces], ground)
    left_out["pieces beyond the elevation model"] += int(np.isnan(under_m).sum())
    return tuple(
        Obstacle(
            kind=piece.of.kind.name,
            shape=piece.shape,
            height_m=piece.of.above_ground_m,
            top_m=max(float(ground_m) + piece.of.above_ground_m, piece.hung_m),
            assumed=piece.of.height_m is None,
        )
        for piece, ground_m in zip(pieces, under_m, strict=True)
        if not np.isnan(ground_m)
    )


def _pieces(item: _Found, ground: Ground) -> Iterator[_Piece]:
    if isinstance(item.shape, Point):
        yield _Piece(item, item.shape.buffer(item.reach_m * _ROUND))
    elif isinstance(item.shape, LineString):
        yield from _spans(item, ground)
    elif ground.is_known:
        yield from (_Piece(item, part) for part in _cut(item.shape))
    else:
        yield _Piece(item, item.shape)


def _spans(item: _Found, ground: Ground) -> Iterator[_Piece]:
    """A line's pieces. A wire sags below the straight line between its towers, the line's vertices."""
    corners = shapely.get_coordinates(item.shape)
    held_m = ground.elevation_m(corners) + item.above_ground_m
    for first, (start, end) in enumerate(pairwise(corners)):
        count = int(np.hypot(*(end - start)) // _PIECE_M) + 1
        shares = np.linspace(0, 1, count + 1)
        points = start + shares[:, None] * (end - start)
        hung_m = held_m[first] + shares * (held_m[first + 1] - held_m[first])
        for step in range(count):
            span = LineString(points[step : step + 2]).buffer(item.reach_m * _ROUND)
            yield _Piece(item, span, float(np.nan_to_num(hung_m[step : step + 2], nan=-np.inf).max()))


def _cut(shape: Polygon) -> Iterator[BaseGeometry]:
    west, south, east, north = shape.bounds
    if max(east - west, north - south) <= _PIECE_M:
        yield shape
        return
    shapely.prepare(shape)
    for left in np.arange(west, east, _PIECE_M):
        for bottom in np.arange(south, north, _PIECE_M):
            part = shape.intersection(shapely.box(left, bottom, left + _PIECE_M, bottom + _PIECE_M))
            if not part.is_empty:
                yield part


def _highest_ground_m(shapes: Sequence[BaseGeometry], ground: Ground) -> FloatArray:
    """The highest ground (N,) under shapes of moderate size; NaN where none is known."""
    dense = shapely.segmentize(np.array(shapes, dtype=object), _GROUND_EVERY_M)
    places, of = shapely.get_coordinates(dense, return_index=True)
    highest_m = np.full(len(shapes), np.nan)
    np.fmax.at(highest_m, of, ground.elevation_m(places))
    return highest_m


def _remarks(found: Sequence[_Found], left_out: Counter[str]) -> Iterator[str]:
    yield f"{len(found)} obstacles: {_counted(Counter(item.kind.name for item in found))}"
    assumed = Counter(
        f"{item.kind.name} ({item.kind.height_m:.0f} m)" for item in found if item.height_m is None
    )
    if assumed:
        yield (
            f"{sum(assumed.values())} obstacles have no height in the file, so that heights are assumed: "
            f"{_counted(assumed)}; give height_m"
        )
    yield from (f"left out: {count} {reason}" for reason, count in left_out.items() if count)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in counts.most_common())
