"""In which order and direction passes are flown, and by which sortie.

PyVRP does the search: each pass is a required group of two clients, one for either direction, of
which one is visited. Battery and distance are the vehicle's limits, mission items its capacity. It starts
from a tour near the lower bound (`flight.routing.starting_order`).
"""

from __future__ import annotations

import math
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from flight.routing.starting_order import Sortie, starting_sorties
from flight.routing.transit_costs import Costs, Limits, Run, Visit
from vision.camera import FloatArray
from vision.errors import PantauError

if TYPE_CHECKING:
    from pyvrp.stop import StoppingCriterion

_UNITS_PER_METRE = 10  # PyVRP counts in whole numbers
_UNITS_PER_SECOND = 10
_NO_WAY = 10_000_000  # units, 1000 km or 11 days: no sortie may take as much, so that none goes there
_SORTIE_COSTS_M = 100.0  # a battery change is worth a detour of this length
_SPARE_SORTIES = 1.5  # times the fewest thinkable: room for the search
_SECONDS_PER_PASS = 0.05
_SHORTEST_SEARCH_S, _LONGEST_SEARCH_S = 0.5, 60.0
_QUIET_ITERATIONS_PER_PASS = 1000  # without improvement: a handful of passes is solved long before
# How far back late acceptance looks. PyVRP's default of 300 is for a random start; from a good one it
# drifts away: 1.044 × the bound against 1.024 on Balikpapan Kota after 35 s of processor time.
_HISTORY = 100


@dataclass(frozen=True)
class Route:
    """One sortie: from its launch point (its index) over the passes and back."""

    launch: int
    visits: tuple[Visit, ...]
    distance_m: float
    duration_s: float


@dataclass(frozen=True)
class Routing:
    """All sorties, and how long the search took."""

    routes: tuple[Route, ...]
    iterations: int
    seconds: float


def find_routes(
    table: Costs,
    runs: list[Run],
    limits: Limits,
    seed: int = 1,
    seconds: float | None = None,
    iterations: int | None = None,
    advance: Callable[[int, str], None] | None = None,
) -> Routing:
    """Search for the shortest sorties that fly every pass once and keep the limits.

    Every pass must fit alone (`fits_alone`). The search takes `seconds`, its preparation included (by the
    number of passes when None), or exactly `iterations`, which makes it repeatable. `advance` is told per
    cents of it done.

    Raises PantauError when the search ends without a plan that keeps the limits.
    """
    import pyvrp
    from pyvrp.exceptions import PenaltyBoundWarning

    if not runs:
        return Routing((), 0, 0.0)
    began_s = time.perf_counter()
    start = starting_sorties(table, runs, limits, _SORTIE_COSTS_M)
    problem = _problem(table, runs, limits, start or [])
    stop = _stop(len(runs), seconds, iterations, advance, time.perf_counter() - began_s)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)  # says in its own words what we say below
        result = pyvrp.solve(
            problem,
            stop,
            seed=seed,
            collect_stats=False,
            display=False,
            params=pyvrp.SolveParams(ils=pyvrp.IteratedLocalSearchParams(history_length=_HISTORY)),
            initial_solution=_solution(problem, table, start) if start else None,
        )
    if not result.best.is_feasible():
        raise PantauError(
            f"no order of the {len(runs)} passes was found in the time given that keeps battery and item "
            "limit; give more time (--seconds), a nearer --launch or a smaller --battery-reserve."
        )
    routes = [_route(table, route) for route in result.best.routes()]
    routes.sort(key=lambda route: (route.launch, min(visit.run for visit in route.visits)))
    return Routing(tuple(routes), result.num_iterations, time.perf_counter() - began_s)


def _problem(table: Costs, runs: list[Run], limits: Limits, start: Sequence[Sortie]) -> Any:
    from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, VehicleType

    started = Counter(launch for launch, _ in start)
    sorties_at_most = _sorties_at_most(table, runs, limits)
    # Launch points that reach the same passes share a table of distances: usually all do.
    profiles_of, profiles = np.unique(table.within_range, axis=0, return_inverse=True)
    distance = _whole_matrix(table.distance_m, _UNITS_PER_METRE)
    duration = _whole_matrix(table.duration_s, _UNITS_PER_SECOND)
    vehicles = [
        VehicleType(
            num_available=max(sorties_at_most, started[launch]),
            capacity=[limits.items],
            start_depot=launch,
            end_depot=launch,
            fixed_cost=round(_SORTIE_COSTS_M * _UNITS_PER_METRE),
            max_distance=_whole(limits.distance_m * _UNITS_PER_METRE),
            shift_duration=_whole(limits.duration_s * _UNITS_PER_SECOND),
            profile=profiles[launch],
        )
        for launch in range(table.launch_count)
    ]
    clients = [
        Client(
            location=table.stop(Visit(index, backwards)), delivery=[run.items], required=False, group=index
        )
        for index, run in enumerate(runs)
        for backwards in (False, True)
    ]
    return ProblemData(
        locations=[Location(0, 0) for _ in range(len(table.distance_m))],  # only the matrices count
        clients=clients,
        depots=[Depot(launch) for launch in range(table.launch_count)],
        vehicle_types=vehicles,
        distance_matrices=[_within(distance, table, launches) for launches in profiles_of],
        duration_matrices=[duration] * len(profiles_of),
        groups=[ClientGroup([2 * index, 2 * index + 1]) for index in range(len(runs))],
    )


def _within(distance: Any, table: Costs, within_range: NDArray[np.bool_]) -> Any:
    """The table of distances for sorties that fly only some passes: no way leads to the others."""
    if within_range.all():
        return distance
    stops = table.launch_count + np.flatnonzero(np.repeat(~within_range, 2))
    limited = distance.copy()
    limited[:, stops] = _NO_WAY
    np.fill_diagonal(limited, 0)
    return limited


def _whole_matrix(costs: FloatArray, units: int) -> Any:
    """Costs in whole units, rounded up; row by row, because a copy of the whole takes much memory."""
    matrix = np.empty(costs.shape, dtype=np.int64)
    for row, of_row in enumerate(costs):
        matrix[row] = np.minimum(np.ceil(of_row * units), _NO_WAY)
    np.fill_diagonal(matrix, 0)
    return matrix


def _solution(problem: Any, table: Costs, sorties: Sequence[Sortie]) -> Any:
    from pyvrp import Route, Solution

    routes = [
        Route(problem, [stop - table.launch_count for stop in stops], launch) for launch, stops in sorties
    ]
    return Solution(problem, routes)


def _whole(units: float) -> int:
    return int(min(units, _NO_WAY - 1))


def _sorties_at_most(table: Costs, runs: list[Run], limits: Limits) -> int:
    """Enough for any sensible plan: each sortie must reach its first pass and come back."""
    launches = slice(0, table.launch_count)
    out_s = table.duration_s[launches, table.launch_count :].min(axis=0).reshape(-1, 2).min(axis=1)
    pass_s = np.array([run.duration_s for run in runs])
    reached = np.isfinite(out_s)
    reach_s = 2 * float(np.median((out_s - pass_s)[reached])) if reached.any() else 0.0
    useful_s = max(limits.duration_s - reach_s, float(np.median(pass_s)))
    shares = [
        pass_s.sum() / useful_s,
        sum(run.length_m for run in runs) / limits.distance_m,
        sum(run.items for run in runs) / limits.items,
    ]
    return min(len(runs), math.ceil(_SPARE_SORTIES * float(max(shares))) + 3)


def _stop(
    passes: int,
    seconds: float | None,
    iterations: int | None,
    advance: Callable[[int, str], None] | None,
    spent_s: float,
) -> StoppingCriterion:
    from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, NoImprovement

    if iterations is not None:
        return MaxIterations(iterations)
    if seconds is None:
        seconds = min(max(_SECONDS_PER_PASS * passes, _SHORTEST_SEARCH_S), _LONGEST_SEARCH_S)
    left_s = max(seconds - spent_s, _SHORTEST_SEARCH_S)
    quiet = NoImprovement(_QUIET_ITERATIONS_PER_PASS * passes)
    return MultipleCriteria([MaxRuntime(left_s), quiet, _Reporter(left_s, advance)])


class _Reporter:
    """A criterion that never stops the search but tells how much of its time has passed."""

    def __init__(self, seconds: float, advance: Callable[[int, str], None] | None) -> None:
        self._seconds = seconds
        self._advance = advance
        self._started_s: float | None = None
        self._told_percent = 0

    def __call__(self, best_cost: int) -> bool:
        now_s = time.perf_counter()
        self._started_s = self._started_s if self._started_s is not None else now_s
        percent = min(100, int(100 * (now_s - self._started_s) / self._seconds))
        if self._advance and percent > self._told_percent:
            self._advance(percent - self._told_percent, "")
            self._told_percent = percent
        return False


def _route(table: Costs, route: Any) -> Route:
    stops = [table.launch_count + activity.idx for activity in route if activity.is_client()]
    launch = int(route.start_depot())
    return Route(launch, tuple(table.visit(stop) for stop in stops), *table.along(launch, stops))
