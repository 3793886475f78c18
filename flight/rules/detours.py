"""The shortest ways round closed areas: a visibility graph over the corners of their outlines.

A shortest way bends only at convex corners of what it goes round, and touches them: from a place or a
corner only those corners matter that it sees as a tangent. The graph's corners lie a little outside of
the closed areas, so that a way along them never grazes one by rounding.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import rustworkx as rx
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from flight.rules.sight import BoolArray, hidden_pairs
from vision.camera import FloatArray

_AWAY_M = 1.0  # corners from the closed areas, less half of it by simplifying
_CORNERS_AT_MOST = 600  # the table between corners takes time with their cube
_FARTHEST_AWAY_M = 50.0


def straight_m(places: FloatArray, others: FloatArray) -> FloatArray:
    """The straight lengths (N, M) from places (N, 2) to others (M, 2)."""
    lengths_m: FloatArray = np.hypot(
        np.subtract.outer(places[:, 0], others[:, 0]), np.subtract.outer(places[:, 1], others[:, 1])
    )
    return lengths_m


class Detours:
    """Ways round areas (metres of a local frame); all lengths in metres."""

    def __init__(self, closed: BaseGeometry) -> None:
        self._closed = shapely.union_all([closed])
        self._areas = np.array(
            [part for part in shapely.get_parts(self._closed) if isinstance(part, Polygon)]
        )
        shapely.prepare(self._closed)
        outline, ring = _outline(self._closed)
        self._outline = outline
        self._corners, self._before, self._after = ring
        shapely.prepare(self._outline)

    def distances_m(self, leave: FloatArray, enter: FloatArray) -> FloatArray:
        """The lengths (N, M) of the shortest ways from places (N, 2) to places (M, 2); inf for none."""
        leave, row = _distinct(leave)
        enter, column = _distinct(enter)
        lengths_m = straight_m(leave, enter)
        hidden = self._hidden(leave, enter) & (lengths_m > 0)
        rows, columns = np.flatnonzero(hidden.any(axis=1)), np.flatnonzero(hidden.any(axis=0))
        if len(rows):
            block = np.ix_(rows, columns)
            round_m = self._round_m(leave[rows], enter[columns])
            lengths_m[block] = np.where(hidden[block], round_m, lengths_m[block])
        table_m: FloatArray = lengths_m[np.ix_(row, column)]
        return table_m

    def way(self, start: FloatArray, end: FloatArray) -> FloatArray | None:
        """The shortest way (K, 2), both ends included; None where there is none."""
        places = np.array([start, end], dtype=np.float64)
        stays = bool((places[0] == places[1]).all())
        if stays or not self._hidden(places[:1], places[1:])[0, 0]:
            return places
        links_m = self._links_m(places)
        first, last = np.flatnonzero(np.isfinite(links_m[0])), np.flatnonzero(np.isfinite(links_m[1]))
        if not len(first) or not len(last):
            return None
        total_m = links_m[0, first, None] + self._between_m[np.ix_(first, last)] + links_m[1, last]
        best = np.unravel_index(total_m.argmin(), total_m.shape)
        if not np.isfinite(total_m[best]):
            return None
        corners = self._corners[self._path(int(first[best[0]]), int(last[best[1]]))]
        way: FloatArray = np.vstack([places[:1], corners, places[1:]])
        return way

    def _hidden(self, places: FloatArray, others: FloatArray) -> BoolArray:
        if not len(places) or not len(others):
            return np.zeros((len(places), len(others)), dtype=np.bool_)
        reach = shapely.MultiPoint(np.vstack([places, others])).convex_hull
        return hidden_pairs(places, others, list(self._areas[shapely.intersects(self._areas, reach)]))

    def _path(self, start: int, end: int) -> list[int]:
        if start == end:
            return [start]
        return list(rx.dijkstra_shortest_paths(self._graph, start, end, weight_fn=float)[end])

    def _round_m(self, leave: FloatArray, enter: FloatArray) -> FloatArray:
        """The lengths (N, M) of the shortest ways over at least one corner."""
        last_m = self._links_m(enter)
        from_corners_m = np.full((len(self._corners), len(enter)), np.inf)
        for place, links_m in enumerate(last_m):
            corners = np.flatnonzero(np.isfinite(links_m))
            if len(corners):
                from_corners_m[:, place] = (self._between_m[corners] + links_m[corners, None]).min(axis=0)
        lengths_m = np.full((len(leave), len(enter)), np.inf)
        for place, links_m in enumerate(self._links_m(leave)):
            corners = np.flatnonzero(np.isfinite(links_m))
            if len(corners):
                lengths_m[place] = (from_corners_m[corners] + links_m[corners, None]).min(axis=0)
        return lengths_m

    def _links_m(self, places: FloatArray) -> FloatArray:
        """Straight lengths (N, V) from places to the corners that a shortest way could begin with."""
        tangent = self._touches(places)
        # From between outline and area any corner in sight will do.
        tangent[shapely.intersects_xy(self._outline, places)] = True
        place, corner = np.nonzero(tangent)
        lines = shapely.linestrings(np.stack([places[place], self._corners[corner]], axis=1))
        free = ~shapely.intersects(self._closed, lines)
        links_m = np.full(tangent.shape, np.inf)
        links_m[place[free], corner[free]] = shapely.length(lines[free])
        return links_m

    def _touches(self, places: FloatArray) -> BoolArray:
        """For places (N) and corners (V) whether the line between them touches the corner's outline."""
        to_corner = self._corners[None] - places[:, None]
        sides = [
            to_corner[..., 0] * (neighbour - self._corners)[:, 1]
            - to_corner[..., 1] * (neighbour - self._corners)[:, 0]
            for neighbour in (self._before, self._after)
        ]
        touches: BoolArray = sides[0] * sides[1] >= -1e-6
        return touches

    @cached_property
    def _graph(self) -> rx.PyGraph[int, float]:
        touches = self._touches(self._corners)
        one, other = np.nonzero(np.triu(touches & touches.T, k=1))
        lines = shapely.linestrings(np.stack([self._corners[one], self._corners[other]], axis=1))
        free = ~shapely.intersects(self._closed, lines)
        graph: rx.PyGraph[int, float] = rx.PyGraph(multigraph=False)
        graph.add_nodes_from(range(len(self._corners)))
        ends = (one[free].tolist(), other[free].tolist())
        graph.add_edges_from(list(zip(*ends, shapely.length(lines[free]).tolist(), strict=True)))
        return graph

    @cached_property
    def _between_m(self) -> FloatArray:
        """The lengths (V, V) of the shortest ways between corners."""
        lengths_m: FloatArray = rx.floyd_warshall_numpy(self._graph, weight_fn=float)
        return lengths_m


def _distinct(places: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Places (N, 2) without repetition, and for each given place which of these it is."""
    distinct, index = np.unique(places, axis=0, return_inverse=True)
    return distinct, index.reshape(-1)


def _outline(closed: BaseGeometry) -> tuple[BaseGeometry, tuple[FloatArray, FloatArray, FloatArray]]:
    """The areas' outline, a little outside, and its convex corners each with both neighbours."""
    away_m = _AWAY_M
    while True:
        outline = closed.buffer(away_m, join_style="mitre", mitre_limit=2.0).simplify(away_m / 2)
        corners = _convex_corners(outline)
        if len(corners[0]) <= _CORNERS_AT_MOST or away_m >= _FARTHEST_AWAY_M:
            return outline, corners
        away_m *= 2


def _convex_corners(outline: Polygon | MultiPolygon) -> tuple[FloatArray, FloatArray, FloatArray]:
    # Outer rings counter-clockwise and holes clockwise: the area is on the left of every edge.
    polygons = [orient(part) for part in shapely.get_parts(outline)]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    found: list[NDArray[np.float64]] = []
    for ring in rings:
        corners = shapely.get_coordinates(ring)[:-1]
        before, after = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
        into, out = corners - before, after - corners
        convex = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0] > 0
        found.append(np.stack([corners, before, after])[:, convex])
    joined = np.concatenate(found, axis=1)
    return joined[0], joined[1], joined[2]
