"""Pairing points so that all pairs together are as short as possible, with a proof of how short that is.

Weighing all pairs of a thousand points takes minutes; only near ones matter, but that has to be proven.
So every point u has a price r[u] for which it may stay alone, and only pairs nearer than r[u] + r[v] are
weighed: all others cost no less than leaving both alone. The cheapest way to pair or to pay is then no
dearer than any perfect matching, because a pair left out may be replaced by two payments. Where nobody
stays alone, it is the least-weight perfect matching itself; where some do, prices around them are raised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from vision.camera import FloatArray

_STEPS_PER_METRE = 1e6  # the solver weighs in whole numbers
_NEIGHBOURS = 25  # that a price reaches at first
_FEWEST_NEIGHBOURS = 4
_DEARER = 2.0  # prices are raised by this factor
_AROUND = 3.0  # times its price from whoever stays alone: who else could take its place
_WORK_AT_MOST = 1.2e8  # points times pairs weighed, one to two seconds
_CHUNK_ROWS = 256

IntArray = NDArray[np.intp]


@dataclass(frozen=True)
class Matching:
    """Pairs (N, 2) of points by index, and the length in metres that no perfect matching undercuts.

    `is_least` says whether the pairs are proven to be as short as that.
    """

    pairs: IntArray
    at_least_m: float
    is_least: bool


def least_weight_matching(points: FloatArray) -> Matching:
    """Pair an even number of points (N, 2), in metres, into short straight lines.

    Up to a few hundred points the pairs are the least; with more, `at_least_m` is some per mille lower,
    so that it takes a second or two and not minutes.
    """
    if len(points) == 0:
        return Matching(np.empty((0, 2), np.intp), 0.0, is_least=True)
    near, pairs, at_least_m = _priced(points)
    is_least = 2 * len(pairs) == len(points)
    return Matching(pairs if is_least else _all_paired(points, near), at_least_m, is_least)


def least_weight_at_least_m(points: FloatArray) -> float:
    """What `least_weight_matching` knows that pairs must be as long as, sooner: it forms none."""
    return _priced(points)[2] if len(points) else 0.0


def _priced(points: FloatArray) -> tuple[IntArray, IntArray, float]:
    """The pairs weighed, those chosen while others stay alone, and what they cost together at least.

    Prices are raised until nobody stays alone or it would take too long.
    """
    prices_m = _neighbours_m(points) / 2
    near = _near_pairs(points, prices_m)
    work = 0.0
    while True:
        work += float(len(points)) * len(near)
        pairs, at_least_m = _cheapest(points, near, prices_m)
        alone = np.setdiff1d(np.arange(len(points)), pairs)
        if len(alone) == 0:
            return near, pairs, at_least_m
        prices_m = _raised(points, prices_m, alone)
        more = _near_pairs(points, prices_m)
        if work + float(len(points)) * len(more) > _WORK_AT_MOST:
            return near, pairs, at_least_m
        near = more


def _neighbours_m(points: FloatArray) -> FloatArray:
    """How far the next few points are from each, the fewer the more there are."""
    few = int(np.clip(_WORK_AT_MOST / 2 / len(points) ** 2, _FEWEST_NEIGHBOURS, _NEIGHBOURS))
    last = min(few, len(points) - 1)
    rows = range(0, len(points), _CHUNK_ROWS)
    far_m = [np.partition(_apart_m(points[row : row + _CHUNK_ROWS], points), last)[:, last] for row in rows]
    return np.maximum(np.concatenate(far_m), 2 / _STEPS_PER_METRE)


def _apart_m(ones: FloatArray, others: FloatArray) -> FloatArray:
    apart_m: FloatArray = np.hypot(*(ones[:, None] - others[None]).transpose(2, 0, 1))
    return apart_m


def _near_pairs(points: FloatArray, prices_m: FloatArray) -> IntArray:
    """All pairs (N, 2) that are nearer than what it costs to leave both alone."""
    reach = prices_m[:, None]
    boxes = shapely.box(*(points - reach).T, *(points + reach).T)
    first, second = STRtree(boxes).query(boxes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    touching = np.column_stack([first, second])[np.lexsort([second, first])]
    near: IntArray = touching[_lengths_m(points, touching) < prices_m[touching].sum(axis=1)]
    return near


def _cheapest(points: FloatArray, near: IntArray, prices_m: FloatArray) -> tuple[IntArray, float]:
    """The pairs that save most against leaving all alone, and what the cheapest way costs at least."""
    saved = np.floor((prices_m[near].sum(axis=1) - _lengths_m(points, near)) * _STEPS_PER_METRE)
    pairs, total = _heaviest(len(points), near, saved.astype(np.int64), every_point=False)
    saved_at_most_m = (total + len(points) // 2) / _STEPS_PER_METRE  # weights were rounded down
    return pairs, max(0.0, float(prices_m.sum()) - saved_at_most_m)


def _all_paired(points: FloatArray, near: IntArray) -> IntArray:
    """Pairs of all points: as many near ones as there can be, short ones, and whatever that leaves."""
    lengths = np.ceil(_lengths_m(points, near) * _STEPS_PER_METRE).astype(np.int64)
    pairs, _ = _heaviest(len(points), near, lengths.max(initial=0) + 1 - lengths, every_point=True)
    return np.vstack([pairs, _greedily(points, np.setdiff1d(np.arange(len(points)), pairs))])


def _lengths_m(points: FloatArray, pairs: IntArray) -> FloatArray:
    lengths_m: FloatArray = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    return lengths_m


def _heaviest(
    count: int, near: IntArray, weights: NDArray[np.int64], every_point: bool
) -> tuple[IntArray, int]:
    """The heaviest matching of a graph, of all points if there is one, and its weight."""
    import rustworkx

    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(count))
    graph.add_edges_from(list(zip(*near.T.tolist(), weights.tolist(), strict=True)))
    matched = rustworkx.max_weight_matching(graph, max_cardinality=every_point, weight_fn=int)
    pairs = sorted(sorted(pair) for pair in matched)
    total = sum(int(graph.get_edge_data(one, other)) for one, other in pairs)
    return np.array(pairs, dtype=np.intp).reshape(-1, 2), total


def _raised(points: FloatArray, prices_m: FloatArray, alone: IntArray) -> FloatArray:
    """Higher prices for whoever stays alone, and as high ones for all around that could instead."""
    apart_m = _apart_m(points[alone], points)
    around = apart_m <= _AROUND * prices_m[alone, None]
    raised_m = _DEARER * np.where(around, np.maximum(prices_m[alone, None], prices_m[None]), 0.0).max(axis=0)
    higher_m: FloatArray = np.maximum(prices_m, raised_m)
    return higher_m


def _greedily(points: FloatArray, alone: IntArray) -> IntArray:
    """Pair what is left, the nearest two first."""
    apart_m = _apart_m(points[alone], points[alone])
    np.fill_diagonal(apart_m, np.inf)
    pairs = []
    for _ in range(len(alone) // 2):
        pair = np.unravel_index(int(np.argmin(apart_m)), apart_m.shape)
        apart_m[pair, :] = apart_m[:, pair] = np.inf
        pairs.append(alone[list(pair)])
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)
