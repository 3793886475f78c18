"""Where passes meet."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from vision.camera import FloatArray

_MEET_M = 0.5  # ends that come this close meet: flying from one to the other is no way at all


def joints(ends: FloatArray) -> NDArray[np.intp]:
    """For each end of a pass (N, 2), in metres, the number (0 …) of the place where it meets others."""
    import rustworkx

    points = shapely.points(ends)
    near = STRtree(points).query(points, predicate="dwithin", distance=_MEET_M)
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(len(ends)))
    graph.add_edges_from_no_data(list(zip(*near.tolist(), strict=True)))
    numbers = np.empty(len(ends), dtype=np.intp)
    for number, met in enumerate(rustworkx.connected_components(graph)):
        numbers[list(met)] = number
    return numbers


def middles(ends: FloatArray, numbers: NDArray[np.intp]) -> FloatArray:
    """The place (M, 2) of each joint: the mean of the ends (N, 2) that meet there."""
    counts = np.bincount(numbers)
    sums = [np.bincount(numbers, weights=ends[:, axis]) for axis in (0, 1)]
    places: FloatArray = np.column_stack(sums) / counts[:, None]
    return places
