"""A distance that no plan can undercut, to measure plans against.

Whoever flies every pass and returns to the launch point flies closed tours. Passes and transits
together meet every point an even number of times, so the transits alone join up the points where an
odd number of passes end. The shortest way to join these up in straight lines is their least-weight
perfect matching; by the duality of linear programming, any numbers y with y[u] + y[v] ≤ d(u, v) for
all pairs add up to no more than that matching.
"""

from __future__ import annotations

import numpy as np

from vision.camera import FloatArray

_SAME_POINT_M = 0.1
_ROUNDS = 30


def lower_bound_m(starts: FloatArray, ends: FloatArray, lengths_m: FloatArray) -> float:
    """The length of all passes plus a bound from below on the transits between them.

    `starts` and `ends` are (N, 2) in metres.
    """
    return float(lengths_m.sum()) + _matching_bound_m(_odd_points(np.vstack([starts, ends])))


def _odd_points(ends: FloatArray) -> FloatArray:
    points, visits = np.unique(np.round(ends / _SAME_POINT_M) * _SAME_POINT_M, axis=0, return_counts=True)
    odd: FloatArray = points[visits % 2 == 1]
    return odd


def _matching_bound_m(points: FloatArray) -> float:
    """Half the distances to nearest neighbours, raised one by one as far as the pairs allow."""
    if len(points) < 2:
        return 0.0
    apart_m = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    # Rounding to 0.1 m can have moved two points apart by up to √2 × 0.1 m.
    apart_m = np.maximum(apart_m - np.sqrt(2) * _SAME_POINT_M, 0.0)
    np.fill_diagonal(apart_m, np.inf)
    potential_m = apart_m.min(axis=1) / 2
    order = np.argsort(-potential_m)
    for _ in range(_ROUNDS):
        before_m = potential_m.sum()
        for point in order:
            potential_m[point] = (apart_m[point] - potential_m).min()
        if potential_m.sum() - before_m < 0.01:
            break
    return max(0.0, float(potential_m.sum()))
