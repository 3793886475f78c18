"""A good order of passes to start the search from: one tour near the lower bound, cut into sorties.

Where passes meet they are flown one after the other, the straightest continuation first; the odd ends
that this leaves are joined by their least-weight matching. That makes closed tours, which are spliced
into one where it costs least, and the one is cut into sorties where that costs least. On a district's
network the tour is as long as the bound, and what the search has left to do is the sorties.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from flight.routing.joints import joints, middles
from flight.routing.matching import least_weight_matching
from flight.routing.transit_costs import Costs, Limits, Run
from vision.camera import FloatArray

_NO_WAY = 1e7  # metres or seconds: stands for an infinite way where differences are taken

IntArray = NDArray[np.intp]
Sortie = tuple[int, list[int]]  # a launch point, and the stops in turn


def starting_sorties(
    table: Costs, runs: Sequence[Run], limits: Limits, sortie_costs_m: float
) -> list[Sortie] | None:
    """Sorties over all passes within the limits; None where this tour cannot be cut so.

    A sortie's launch point is chosen with it; each counts `sortie_costs_m` besides its distance.
    """
    tour = _spliced(_closed_tours(runs, table.launch_count), table)
    items = np.array([run.items for run in runs])[(tour - table.launch_count) // 2]
    cuts = [
        _cut(np.roll(tour, -first), np.roll(items, -first), table, limits, sortie_costs_m)
        for first in _firsts(tour, table)
    ]
    cost_m, sorties = min(cuts, key=lambda cut: cut[0])
    return sorties if cost_m < np.inf else None


def _closed_tours(runs: Sequence[Run], launch_count: int) -> list[IntArray]:
    """Every pass once, in closed tours of stops."""
    follower = _followers(runs)
    tours = []
    left = set(range(len(runs)))
    while left:
        stops = []
        end = 2 * min(left)  # passes have their ends at 2 i (start) and 2 i + 1
        while end // 2 in left:
            left.remove(end // 2)
            stops.append(launch_count + end)  # entered by its start: forwards
            end = follower[end ^ 1]
        tours.append(np.array(stops, dtype=np.intp))
    return tours


def _followers(runs: Sequence[Run]) -> dict[int, int]:
    """For each end of a pass the end at which to go on: where it meets another, else by the matching."""
    ends = np.array([place for run in runs for place in (run.start, run.end)])
    outward_deg = np.array(
        [deg for run in runs for deg in (run.start_heading_deg + 180, run.end_heading_deg)]
    )
    numbers = joints(ends)
    met: dict[int, list[int]] = defaultdict(list)
    for end, number in enumerate(numbers.tolist()):
        met[number].append(end)
    follower: dict[int, int] = {}
    odd = []
    for number, meeting in met.items():
        alone = _continue_straight(meeting, outward_deg, follower)
        if alone is not None:
            odd.append((number, alone))
    places = middles(ends, numbers)[[number for number, _ in odd]].reshape(-1, 2)
    for one, other in least_weight_matching(places).pairs.tolist():
        _join(follower, odd[one][1], odd[other][1])
    return follower


def _continue_straight(meeting: list[int], outward_deg: FloatArray, follower: dict[int, int]) -> int | None:
    """Pair the ends that meet at a joint, those that lie straightest first; the one that is left over."""
    pairs = sorted(
        (abs((outward_deg[one] - outward_deg[other]) % 360 - 180), one, other)
        for place, one in enumerate(meeting)
        for other in meeting[place + 1 :]
    )
    for _, one, other in pairs:
        if one not in follower and other not in follower:
            _join(follower, one, other)
    return next((end for end in meeting if end not in follower), None)


def _join(follower: dict[int, int], one: int, other: int) -> None:
    follower[one], follower[other] = other, one


def _spliced(tours: list[IntArray], table: Costs) -> IntArray:
    """One closed tour of all, the smallest spliced into another where it costs least, again and again."""
    tours = sorted(tours, key=len)
    while len(tours) > 1:
        small, *tours = tours
        at, spliced = _best_splice(small, tours, table)
        tours[at] = spliced
        tours.sort(key=len)
    return tours[0]


def _best_splice(small: IntArray, tours: list[IntArray], table: Costs) -> tuple[int, IntArray]:
    leave = np.concatenate(tours)
    enter = np.concatenate([np.roll(tour, -1) for tour in tours])
    saved_m = _transits_m(table, leave, enter)
    best: tuple[float, int, IntArray] = (np.inf, 0, small)
    for turned in (small, _backwards(small, table.launch_count)):
        last = np.roll(turned, 1)
        extra_m = (
            _transits_m(table, leave[:, None], turned[None])
            + _transits_m(table, last[None], enter[:, None])
            - saved_m[:, None]
            - _transits_m(table, last, turned)[None]
        )
        row, first = np.unravel_index(int(np.argmin(extra_m)), extra_m.shape)
        if extra_m[row, first] < best[0]:
            best = (float(extra_m[row, first]), int(row), np.roll(turned, -int(first)))
    _, at_row, stops = best
    ends = np.cumsum([len(tour) for tour in tours])
    at = int(np.searchsorted(ends, at_row, side="right"))
    after = at_row - int(ends[at]) + len(tours[at]) + 1
    return at, np.concatenate([tours[at][:after], stops, tours[at][after:]])


def _backwards(tour: IntArray, launch_count: int) -> IntArray:
    return ((tour[::-1] - launch_count) ^ 1) + launch_count


def _transits_m(table: Costs, leave: IntArray, enter: IntArray) -> FloatArray:
    transits_m: FloatArray = np.minimum(table.distance_m[leave, enter] - table.flown_m[enter], _NO_WAY)
    return transits_m


def _firsts(tour: IntArray, table: Costs) -> list[int]:
    """Where to begin a closed tour so that it leads by a launch point: one place for each of these."""
    before = np.roll(tour, 1)
    straight_m = _transits_m(table, before, tour)
    launches = np.arange(table.launch_count)[:, None]
    there_m, on_m = _transits_m(table, before[None], launches), _transits_m(table, launches, tour[None])
    return [int(first) for first in (there_m + on_m - straight_m).argmin(axis=1)]


def _cut(
    tour: IntArray, items: IntArray, table: Costs, limits: Limits, sortie_costs_m: float
) -> tuple[float, list[Sortie]]:
    """The cheapest sorties that fly a tour in its order, and their cost (infinite where there are none).

    By dynamic programming over where a sortie ends, as J. E. Beasley's route first, cluster second (1983).
    """
    sums = _Sums(tour, items, table)
    cost_m = np.full(len(tour) + 1, np.inf)
    cost_m[0] = 0.0
    before = np.zeros(len(tour) + 1, dtype=np.intp)
    launched = np.zeros(len(tour) + 1, dtype=np.intp)
    for first in range(len(tour)):
        if cost_m[first] == np.inf:
            continue
        sortie_m, launch = sums.sorties_from(first, limits)
        ends = slice(first + 1, first + 1 + len(sortie_m))
        offer_m = cost_m[first] + sortie_m + sortie_costs_m
        better = offer_m < cost_m[ends]
        cost_m[ends][better] = offer_m[better]
        before[ends][better] = first
        launched[ends][better] = launch[better]
    if cost_m[-1] == np.inf:
        return np.inf, []
    sorties: list[Sortie] = []
    end = len(tour)
    while end > 0:
        sorties.append((int(launched[end]), tour[before[end] : end].tolist()))
        end = int(before[end])
    return float(cost_m[-1]), sorties[::-1]


class _Sums:
    """What stretches of a tour cost as sorties."""

    def __init__(self, tour: IntArray, items: IntArray, table: Costs) -> None:
        self._within_range = table.within_range[:, (tour - table.launch_count) // 2]
        self._items = np.concatenate([[0], np.cumsum(items)])
        self._distance = self._sums(tour, table.distance_m, table.launch_count)
        self._duration = self._sums(tour, table.duration_s, table.launch_count)

    @staticmethod
    def _sums(tour: IntArray, costs: FloatArray, launches: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Along the tour, and from and to each launch point (L, N)."""
        steps = np.minimum(costs[tour[:-1], tour[1:]], _NO_WAY)
        return np.concatenate([[0.0], np.cumsum(steps)]), costs[:launches, tour], costs[tour, :launches].T

    def sorties_from(self, first: int, limits: Limits) -> tuple[FloatArray, IntArray]:
        """Distances and launch points of the best sorties from a first stop to each next one.

        Distances are infinite where limits are broken, and end where no longer sortie can keep them.
        """
        (along_m, *_), (along_s, *_) = self._distance, self._duration
        end = min(
            np.searchsorted(along_m, along_m[first] + limits.distance_m, side="right"),
            np.searchsorted(along_s, along_s[first] + limits.duration_s, side="right"),
        )
        count = int(end) - first
        reach = slice(first, first + count)
        distance_m, duration_s = (
            out[:, first, None] + (along[reach] - along[first]) + back[:, reach]
            for along, out, back in (self._distance, self._duration)
        )
        items = self._items[first + 1 : first + 1 + count] - self._items[first]
        keeps = (
            (distance_m <= limits.distance_m) & (duration_s <= limits.duration_s) & (items <= limits.items)
        )
        keeps &= np.logical_and.accumulate(self._within_range[:, reach], axis=1)
        distance_m[~keeps] = np.inf
        launch = distance_m.argmin(axis=0)
        return distance_m[launch, np.arange(count)], launch
