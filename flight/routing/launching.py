"""Where to launch from."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from flight.routing.transit_costs import Distances
from vision.camera import FloatArray
from vision.errors import PantauError

_MOVING_COSTS_M = 1000.0  # what must be saved in flying for the crew to pack up and move once more
_CANDIDATES = 800  # places that are weighed, about
_CLOSEST_CANDIDATES_M = 20.0
_STRETCH_M = 200.0  # a pass is reached stretch by stretch: it may be halved
_REACH_SHARE = 0.95  # of half a sortie: a stretch is not over at its middle
_OUT_OF_REACH = 1e4  # a metre out of reach counts as so many: reach goes before distance
_NO_WAY_M = 1e6
_EXCHANGES_AT_MOST = 20
_BESIDE_M = 1.0  # what is forbidden, so that nobody argues about its border


def propose_launches(
    geometries: Sequence[BaseGeometry],
    tracks: Sequence[LineString],
    at_most: int = 1,
    sortie_m: float = math.inf,
    forbidden: BaseGeometry | None = None,
    distances: Distances | None = None,
    range_m: float = math.inf,
) -> FloatArray:
    """Places (L, 2) in metres from which the passes are best flown, `at_most` so many.

    They lie on roads, where a pilot can stand and stop, or on the edges of facilities (a single one only
    where there is no road, or none is allowed); never inside `forbidden`. `sortie_m` is how far one
    sortie flies, `range_m` how far from its launch point, `distances` tells the lengths of the ways round
    zones (straight when None).

    A single place is the nearest to the length-weighted centre of all passes. Several are weighted
    medoids: the places with the least sum over all metres of pass of the way to the nearest place, found
    by adding the best place and then exchanging one at a time until none is better, so that the same
    passes have the same places every time. One more is taken while it brings passes into reach (half a
    sortie away), or saves a kilometre of flying, when each sortie flies out and back once. That is more
    than a battery change is worth, because the crew has to pack up, drive on and set up again.

    Raises PantauError when launching is forbidden everywhere.
    """
    roads, edges = _allowed(geometries, forbidden)
    centre = _central(edges if roads.is_empty else roads, tracks)
    if at_most == 1:
        return centre
    candidates = np.vstack([centre, _along(roads.union(edges))])
    stretches, weights_m = _stretches(tracks)
    away_m = _away_m(candidates, stretches, distances)
    reach_m = min(sortie_m / 2, range_m) * _REACH_SHARE
    away_m += _OUT_OF_REACH * np.maximum(0.0, away_m - reach_m)
    sorties = max(1.0, weights_m.sum() / sortie_m)
    return candidates[_medoids(away_m, 2 * sorties * weights_m / weights_m.sum(), at_most)]


def _allowed(
    geometries: Sequence[BaseGeometry], forbidden: BaseGeometry | None
) -> tuple[BaseGeometry, BaseGeometry]:
    """What is allowed of the roads, and of the facilities' edges."""
    roads = shapely.union_all([geometry for geometry in geometries if isinstance(geometry, LineString)])
    edges = shapely.union_all([geometry.boundary for geometry in geometries if geometry.area > 0])
    if forbidden is not None:
        closed = forbidden.buffer(_BESIDE_M)
        roads, edges = roads.difference(closed), edges.difference(closed)
    if roads.length + edges.length == 0:
        raise PantauError(
            "every site lies in a closed zone or beside obstacles, where launching is not allowed; give a "
            "place outside with --launch, or name the approval with --permit."
        )
    return roads, edges


def _central(places: BaseGeometry, tracks: Sequence[LineString]) -> FloatArray:
    weights_m = np.array([track.length for track in tracks])
    middles = np.array([track.centroid.coords[0] for track in tracks])
    centre = Point((middles * weights_m[:, None]).sum(axis=0) / weights_m.sum())
    nearest = shapely.get_coordinates(shapely.shortest_line(centre, places))[-1]
    return np.array([nearest], dtype=np.float64)


def _along(places: BaseGeometry) -> FloatArray:
    """Places to choose from, evenly along all lines, each line's middle included."""
    step_m = max(_CLOSEST_CANDIDATES_M, places.length / _CANDIDATES)
    return np.vstack([_evenly(line, step_m) for line in shapely.get_parts(shapely.line_merge(places))])


def _stretches(tracks: Sequence[LineString]) -> tuple[FloatArray, FloatArray]:
    """Middles (N, 2) of stretches of all passes, and how long each is."""
    middles = [_evenly(track, _STRETCH_M) for track in tracks]
    lengths_m = [np.full(len(of), track.length / len(of)) for of, track in zip(middles, tracks, strict=True)]
    return np.vstack(middles), np.concatenate(lengths_m)


def _evenly(line: LineString, step_m: float) -> FloatArray:
    count = max(1, math.ceil(line.length / step_m - 1e-9))
    shares = (np.arange(count) + 0.5) / count
    points: FloatArray = shapely.get_coordinates(
        shapely.line_interpolate_point(line, shares, normalized=True)
    )
    return points


def _away_m(candidates: FloatArray, stretches: FloatArray, distances: Distances | None) -> FloatArray:
    if distances is not None:
        ways_m: FloatArray = np.minimum(distances(candidates, stretches), _NO_WAY_M)
        return ways_m
    straight_m: FloatArray = np.hypot(*(candidates[:, None] - stretches[None]).transpose(2, 0, 1))
    return straight_m


def _medoids(away_m: FloatArray, weights: FloatArray, at_most: int) -> list[int]:
    """Candidates (rows) that serve the columns, as few as are worth it."""
    chosen: list[int] = []
    cost_m = math.inf
    while len(chosen) < at_most:
        more = _exchanged([*chosen, _best(away_m, weights, chosen)[0]], away_m, weights)
        more_cost_m = float(away_m[more].min(axis=0) @ weights)
        if cost_m - more_cost_m < _MOVING_COSTS_M:
            break
        chosen, cost_m = more, more_cost_m
    return chosen


def _exchanged(chosen: list[int], away_m: FloatArray, weights: FloatArray) -> list[int]:
    cost_m = float(away_m[chosen].min(axis=0) @ weights)
    for _ in range(_EXCHANGES_AT_MOST):
        before_m = cost_m
        for at in range(len(chosen)):
            best, best_cost_m = _best(away_m, weights, chosen[:at] + chosen[at + 1 :])
            if best_cost_m < cost_m - 1e-6:
                chosen = [*chosen[:at], best, *chosen[at + 1 :]]
                cost_m = best_cost_m
        if cost_m == before_m:
            break
    return chosen


def _best(away_m: FloatArray, weights: FloatArray, others: list[int]) -> tuple[int, float]:
    """The candidate that serves best together with others, and what they all cost."""
    nearest_m = away_m[others].min(axis=0) if others else np.full(away_m.shape[1], np.inf)
    costs_m = np.minimum(away_m, nearest_m) @ weights
    best = int(np.argmin(costs_m))
    return best, float(costs_m[best])
