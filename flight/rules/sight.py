"""Which places see each other past closed areas, for thousands of places at once.

Two places outside the convex hull of a connected area are hidden from each other exactly when the
straight line between them meets that hull: the line then has corners of the hull on both sides, and
the area, being connected, reaches across it. So most pairs need nothing but the hull, and by the
separating axis theorem only the two tangents from a place and the hull's edges: hidden is who lies
between the tangents, unless an edge has both on its outer side. Only places in a bay or a hole of an
area are tested line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.polygon import orient

from vision.camera import FloatArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]
_ROWS = 512  # of the table at once, for memory
_ROUNDING_RAD = 1e-9  # a line that comes so near to a corner touches it
_FULL_TURN = 2 * np.pi


def hidden_pairs(places: FloatArray, others: FloatArray, areas: Sequence[Polygon]) -> BoolArray:
    """Whether the straight lines (N, M) between places (N, 2) and others (M, 2) meet an area.

    Touching counts. A place in an area is hidden from all others.
    """
    hidden = np.zeros((len(places), len(others)), dtype=np.bool_)
    if not areas or not hidden.size:
        return hidden
    hulls = [_Hull(area, places, others) for area in areas]
    edges = [*range(0, len(places), _ROWS), len(places)]
    for first, last in pairwise(edges):
        bearings = _SortedBearings(places[first:last], others)
        for hull in hulls:
            for row, column in hull.hidden_outside(bearings, first, last):
                hidden[row, column] = True
    for hull, area in zip(hulls, areas, strict=True):
        _hide_from_bays(hidden, places, others, area, np.flatnonzero(~hull.is_outside))
        _hide_from_bays(hidden.T, others, places, area, np.flatnonzero(~hull.is_other_outside))
    return hidden


class _SortedBearings:
    """The bearings from places to all others, each place's in rising order."""

    def __init__(self, places: FloatArray, others: FloatArray) -> None:
        bearings = np.arctan2(
            -np.subtract.outer(places[:, 1], others[:, 1]), -np.subtract.outer(places[:, 0], others[:, 0])
        )
        self.order = bearings.argsort(axis=1)
        # One rising row of numbers for all places: each place's bearings lie above the ones before.
        self._offsets = np.arange(len(places)) * 2 * _FULL_TURN
        rising = np.take_along_axis(bearings, self.order, axis=1) + self._offsets[:, None]
        self._rising = rising.ravel()

    def between(self, rows: IntArray, low: FloatArray, high: FloatArray) -> tuple[IntArray, IntArray]:
        """The pairs (row, other) of which the bearing lies between these, −π to π, one pair a row."""
        offsets = self._offsets[rows]
        begin = np.searchsorted(self._rising, low + offsets, side="left")
        counts = np.searchsorted(self._rising, high + offsets, side="right") - begin
        counts = np.maximum(counts, 0)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(rows, counts), self.order.ravel()[np.repeat(begin, counts) + within]


@dataclass(frozen=True)
class _Seen:
    """What a hull's edges know of some places: whether they are outside, and of which edges (bits)."""

    is_outside: BoolArray
    edges: NDArray[np.uint64]


class _Hull:
    """The convex hull of an area, and how places (rows) and others (columns) lie to it."""

    def __init__(self, area: Polygon, places: FloatArray, others: FloatArray) -> None:
        self._corners = shapely.get_coordinates(orient(area.convex_hull))[:-1]
        self._places = places
        self._seen, self._others_seen = self._see(places), self._see(others)
        self.is_outside, self.is_other_outside = self._seen.is_outside, self._others_seen.is_outside

    def hidden_outside(
        self, bearings: _SortedBearings, first: int, last: int
    ) -> Iterator[tuple[IntArray, IntArray]]:
        """Pairs of places (from first to last) and others, both outside, that the hull hides."""
        rows = np.flatnonzero(self.is_outside[first:last])
        low, high = self._tangents(self._places[rows + first])
        for turn in (-_FULL_TURN, 0.0, _FULL_TURN):
            reach = (low + turn <= np.pi) & (high + turn >= -np.pi)
            row, column = bearings.between(
                rows[reach], np.maximum(low[reach] + turn, -np.pi), np.minimum(high[reach] + turn, np.pi)
            )
            row += first
            apart = (self._seen.edges[row] & self._others_seen.edges[column]).any(axis=1)
            behind = ~apart & self.is_other_outside[column]
            yield row[behind], column[behind]

    def _see(self, places: FloatArray) -> _Seen:
        edges = np.roll(self._corners, -1, axis=0) - self._corners
        away = np.outer(places[:, 1], edges[:, 0]) - np.outer(places[:, 0], edges[:, 1])
        beyond = away < self._corners[:, 1] * edges[:, 0] - self._corners[:, 0] * edges[:, 1]
        flags = np.zeros((len(places), -(-len(edges) // 64) * 64), dtype=np.bool_)
        flags[:, : len(edges)] = beyond
        return _Seen(beyond.any(axis=1), np.packbits(flags, axis=1).view(np.uint64))

    def _tangents(self, places: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The lowest and the highest bearing of the hull from places outside; they may leave −π to π."""
        to_corners = self._corners[None] - places[:, None]
        ahead = self._corners.mean(axis=0) - places
        turn = np.arctan2(
            ahead[:, :1] * to_corners[..., 1] - ahead[:, 1:] * to_corners[..., 0],
            ahead[:, :1] * to_corners[..., 0] + ahead[:, 1:] * to_corners[..., 1],
        )
        middle = np.arctan2(ahead[:, 1], ahead[:, 0])
        return middle + turn.min(axis=1) - _ROUNDING_RAD, middle + turn.max(axis=1) + _ROUNDING_RAD


def _hide_from_bays(
    hidden: BoolArray, places: FloatArray, others: FloatArray, area: Polygon, inside: IntArray
) -> None:
    """Test line by line the places within an area's hull (some of the table's rows)."""
    shapely.prepare(area)
    in_area = shapely.intersects_xy(area, places[inside])
    hidden[inside[in_area]] = True
    for place in inside[~in_area]:
        unsure = np.flatnonzero(~hidden[place])
        lines = np.stack([np.broadcast_to(places[place], (len(unsure), 2)), others[unsure]], axis=1)
        hidden[place, unsure] = shapely.intersects(area, shapely.linestrings(lines))
