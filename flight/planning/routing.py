"""In which order and direction passes are flown, and by which sortie.

PyVRP does the search: each pass is a required group of two clients, one for either direction, of
which one is visited. Battery and distance are the vehicle's limits, mission items its capacity.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from flight.planning.flight_time import Pace
from vision.camera import FloatArray
from vision.errors import PantauError

if TYPE_CHECKING:
    from pyvrp.stop import StoppingCriterion

_UNITS_PER_METRE = 10  # PyVRP counts in whole numbers
_UNITS_PER_SECOND = 10
_SORTIE_COSTS_M = 100.0  # a battery change is worth a detour of this length
_SPARE_SORTIES = 1.5  # times the fewest thinkable: room for the search
_SECONDS_PER_PASS = 0.05
_SHORTEST_SEARCH_S, _LONGEST_SEARCH_S = 1.0, 60.0
_QUIET_ITERATIONS_PER_PASS = 1000  # without improvement: a handful of passes is solved long before
_CHUNK_ROWS = 256  # of the distance matrix at once, for memory


@dataclass(frozen=True)
class Run:
    """A pass as routing sees it, flown forwards: ends (east, north) in metres, headings, cost."""

    start: tuple[float, float]
    end: tuple[float, float]
    start_heading_deg: float
    end_heading_deg: float
    length_m: float
    duration_s: float
    items: int


@dataclass(frozen=True)
class Limits:
    """What one sortie may use, take-off and landing already taken off."""

    duration_s: float
    distance_m: float
    items: int


@dataclass(frozen=True)
class Visit:
    """A pass (its index) flown forwards or backwards."""

    run: int
    backwards: bool


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


@dataclass(frozen=True)
class Costs:
    """Distance and time from each stop to each other, the pass flown at the second one included.

    Stops are the launch points, then each pass forwards and backwards in turn.
    """

    launch_count: int
    distance_m: FloatArray
    duration_s: FloatArray

    def stop(self, visit: Visit) -> int:
        """The row and column of a visit."""
        return self.launch_count + 2 * visit.run + visit.backwards


def costs(launches: FloatArray, runs: list[Run], pace: Pace) -> Costs:
    """The costs between launch points (L, 2) and passes."""
    oriented = [way for run in runs for way in (run, _reversed(run))]
    entry = np.vstack([launches, np.array([way.start for way in oriented]).reshape(-1, 2)])
    leave = np.vstack([launches, np.array([way.end for way in oriented]).reshape(-1, 2)])
    nowhere = np.full(len(launches), np.nan)
    entry_deg = np.concatenate([nowhere, [way.start_heading_deg for way in oriented]])
    leave_deg = np.concatenate([nowhere, [way.end_heading_deg for way in oriented]])
    flown_m = np.concatenate([np.zeros(len(launches)), [way.length_m for way in oriented]])
    flown_s = np.concatenate([np.zeros(len(launches)), [way.duration_s for way in oriented]])
    distance_m = np.empty((len(entry), len(entry)))
    duration_s = np.empty_like(distance_m)
    for first in range(0, len(entry), _CHUNK_ROWS):
        rows = slice(first, first + _CHUNK_ROWS)
        way = entry[None, :, :] - leave[rows, None, :]
        apart_m = np.hypot(way[..., 0], way[..., 1])
        turns_s = _turns_s(way, apart_m, leave_deg[rows, None], entry_deg[None, :], pace)
        distance_m[rows] = apart_m + flown_m
        duration_s[rows] = pace.transit_s(apart_m) + turns_s + flown_s
    return Costs(len(launches), distance_m, duration_s)


def _reversed(run: Run) -> Run:
    return Run(
        run.end,
        run.start,
        (run.end_heading_deg + 180) % 360,
        (run.start_heading_deg + 180) % 360,
        run.length_m,
        run.duration_s,
        run.items,
    )


def _turns_s(
    way: FloatArray, apart_m: FloatArray, leave_deg: FloatArray, entry_deg: FloatArray, pace: Pace
) -> FloatArray:
    """Turning into the transit and out of it, or straight from pass to pass; none at a launch point."""
    bearing_deg = np.degrees(np.arctan2(way[..., 0], way[..., 1]))
    touching = apart_m < 0.5
    turning_in_s = np.nan_to_num(pace.turn_s(np.where(touching, entry_deg, bearing_deg) - leave_deg))
    turning_out_s = np.where(touching, 0.0, np.nan_to_num(pace.turn_s(entry_deg - bearing_deg)))
    total: FloatArray = turning_in_s + turning_out_s
    return total


def fits_alone(table: Costs, run: int, limits: Limits, items: int) -> bool:
    """Whether a sortie that flies only this pass, in its better direction, keeps the limits."""
    return items <= limits.items and any(
        distance_m <= limits.distance_m and duration_s <= limits.duration_s
        for launch in range(table.launch_count)
        for distance_m, duration_s in (
            _along(table, launch, (Visit(run, False),)),
            _along(table, launch, (Visit(run, True),)),
        )
    )


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

    Every pass must fit alone (`fits_alone`). `advance` is told per cents of the search done.

    Raises PantauError when the search ends without a plan that keeps the limits.
    """
    import pyvrp

    stop = _stop(len(runs), seconds, iterations, advance)
    result = pyvrp.solve(_problem(table, runs, limits), stop, seed=seed, collect_stats=False, display=False)
    if not result.best.is_feasible():
        raise PantauError(
            f"no order of the {len(runs)} passes was found in the time given that keeps battery and item "
            "limit; give more time (--seconds), a nearer --launch or a smaller --battery-reserve."
        )
    routes = [_route(table, route) for route in result.best.routes()]
    routes.sort(key=lambda route: (route.launch, min(visit.run for visit in route.visits)))
    return Routing(tuple(routes), result.num_iterations, result.runtime)


def _problem(table: Costs, runs: list[Run], limits: Limits) -> Any:
    from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, VehicleType

    distance: Any = np.ceil(table.distance_m * _UNITS_PER_METRE).astype(np.int64)
    duration: Any = np.ceil(table.duration_s * _UNITS_PER_SECOND).astype(np.int64)
    np.fill_diagonal(distance, 0)
    np.fill_diagonal(duration, 0)
    vehicles = [
        VehicleType(
            num_available=_sorties_at_most(table, runs, limits),
            capacity=[limits.items],
            start_depot=launch,
            end_depot=launch,
            fixed_cost=round(_SORTIE_COSTS_M * _UNITS_PER_METRE),
            max_distance=_whole(limits.distance_m * _UNITS_PER_METRE),
            shift_duration=_whole(limits.duration_s * _UNITS_PER_SECOND),
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
        locations=[Location(0, 0) for _ in range(len(distance))],  # only the matrices count
        clients=clients,
        depots=[Depot(launch) for launch in range(table.launch_count)],
        vehicle_types=vehicles,
        distance_matrices=[distance],
        duration_matrices=[duration],
        groups=[ClientGroup([2 * index, 2 * index + 1]) for index in range(len(runs))],
    )


def _whole(units: float) -> int:
    return int(units) if math.isfinite(units) else 2**63 - 1


def _sorties_at_most(table: Costs, runs: list[Run], limits: Limits) -> int:
    """Enough for any sensible plan: each sortie must reach its first pass and come back."""
    launches = slice(0, table.launch_count)
    out_s = table.duration_s[launches, table.launch_count :].min(axis=0).reshape(-1, 2).min(axis=1)
    pass_s = np.array([run.duration_s for run in runs])
    reach_s = float(np.median(out_s - pass_s)) * 2
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
) -> StoppingCriterion:
    from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, NoImprovement

    if iterations is not None:
        return MaxIterations(iterations)
    if seconds is None:
        seconds = min(max(_SECONDS_PER_PASS * passes, _SHORTEST_SEARCH_S), _LONGEST_SEARCH_S)
    quiet = NoImprovement(_QUIET_ITERATIONS_PER_PASS * passes)
    return MultipleCriteria([MaxRuntime(seconds), quiet, _Reporter(seconds, advance)])


class _Reporter:
    """A criterion that never stops the search but tells how much of its time has passed."""

    def __init__(self, seconds: float, advance: Callable[[int, str], None] | None) -> None:
        self._seconds = seconds
        self._advance = advance
        self._started_s: float | None = None
        self._told_percent = 0

    def __call__(self, best_cost: int) -> bool:
        import time

        now_s = time.perf_counter()
        self._started_s = self._started_s if self._started_s is not None else now_s
        percent = min(100, int(100 * (now_s - self._started_s) / self._seconds))
        if self._advance and percent > self._told_percent:
            self._advance(percent - self._told_percent, "")
            self._told_percent = percent
        return False


def _route(table: Costs, route: Any) -> Route:
    clients = [activity.idx for activity in route if activity.is_client()]
    visits = tuple(Visit(client // 2, client % 2 == 1) for client in clients)
    launch = int(route.start_depot())
    return Route(launch, visits, *_along(table, launch, visits))


def _along(table: Costs, launch: int, visits: tuple[Visit, ...]) -> tuple[float, float]:
    stops = [launch, *(table.stop(visit) for visit in visits), launch]
    pairs = (stops[:-1], stops[1:])
    return float(table.distance_m[pairs].sum()), float(table.duration_s[pairs].sum())
