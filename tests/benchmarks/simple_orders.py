"""Orders of passes that need no search, to measure the search against: under the same limits and costs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from flight.routing.transit_costs import Costs, Limits, Run

Stops = NDArray[np.intp]
Chooser = Callable[[Costs, int, Stops], int]


def in_file_order(table: Costs, here: int, left: Stops) -> int:
    """The first pass that is left, entered at its nearer end."""
    return nearest_next(table, here, left[:2])


def nearest_next(table: Costs, here: int, left: Stops) -> int:
    """The pass whose end is nearest."""
    away_m = table.distance_m[here, left] - table.flown_m[left]
    return int(left[np.argmin(away_m)])


def flown_m(table: Costs, runs: list[Run], limits: Limits, choose: Chooser) -> float:
    """The distance of all sorties when each takes the next pass until that would break a limit.

    A sortie starts at the launch point from which its first pass is the least way there and back.
    """
    left = np.arange(table.launch_count, len(table.distance_m))
    items = np.array([run.items for run in runs])
    total_m = 0.0
    while len(left):
        launch, first = _start(table, left, choose)
        stops = [first]
        left = _without(left, first, table)
        while len(left):
            longer = [*stops, choose(table, stops[-1], left)]
            if not _fits(table, items, limits, launch, longer):
                break
            stops = longer
            left = _without(left, stops[-1], table)
        total_m += table.along(launch, stops)[0]
    return total_m


def _start(table: Costs, left: Stops, choose: Chooser) -> tuple[int, int]:
    launches = range(table.launch_count)
    firsts = [(launch, choose(table, launch, left)) for launch in launches]
    _, stop = min(firsts, key=lambda start: table.distance_m[start] - table.flown_m[start[1]])
    starts = [(launch, way) for launch in launches for way in (stop, _turned(stop, table))]
    return min(starts, key=lambda start: table.along(start[0], [start[1]])[0])


def _turned(stop: int, table: Costs) -> int:
    return ((stop - table.launch_count) ^ 1) + table.launch_count


def _without(left: Stops, stop: int, table: Costs) -> Stops:
    return left[(left != stop) & (left != _turned(stop, table))]


def _fits(table: Costs, items: NDArray[np.int64], limits: Limits, launch: int, stops: list[int]) -> bool:
    distance_m, duration_s = table.along(launch, stops)
    item_count = int(items[(np.array(stops) - table.launch_count) // 2].sum())
    return distance_m <= limits.distance_m and duration_s <= limits.duration_s and item_count <= limits.items
