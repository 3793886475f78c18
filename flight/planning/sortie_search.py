"""The search for sorties whose legs, as they are really flown, keep battery and item limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flight.coverage.tracks import Track
from flight.missions.remote_route import count_items
from flight.planning.plan import Plan, Search
from flight.planning.sorties import SortieBuilder
from flight.planning.task import Task
from flight.routing.solver import find_routes
from flight.routing.transit_costs import Limits, Run, costs
from vision.camera import FloatArray
from vision.errors import PantauError

_TRIES = 5  # each with less battery or fewer items for the search, until what it finds fits as flown
_SPARE = 0.99


def fitting_plan(
    draft: Plan,
    task: Task,
    tracks: Sequence[Track],
    runs: list[Run],
    launches: FloatArray,
    advance: Callable[[int, str], None] | None,
) -> Plan:
    """The draft of a plan with the shortest sorties found over all passes.

    The search counts with estimates (transits at one height, few corners); the legs as they are flown
    can take longer or need more items. Then it is repeated with as much less to spend.

    Raises PantauError when no order of the passes keeps the limits.
    """
    table = costs(launches, runs, task.pace, task.surroundings.airspace.distances_m)
    builder = SortieBuilder(task, tracks, launches)
    limits = task.limits()
    settings = task.settings
    for number in range(_TRIES):
        if number and advance:
            advance(0, "again, with less to spend")
        routing = find_routes(
            table,
            runs,
            limits,
            seed=settings.seed,
            seconds=settings.solver_seconds,
            iterations=settings.solver_iterations,
            advance=advance if number == 0 else None,
        )
        sorties = builder.sorties(routing.routes)
        over_time = max(sortie.duration_s for sortie in sorties) / task.battery_s
        plan = replace(
            draft, sorties=sorties, search=Search(settings.seed, routing.iterations, routing.seconds)
        )
        over_items = max(count_items(plan, sortie) for sortie in sorties) / task.drone.item_limit
        if over_time <= 1 and over_items <= 1:
            return plan
        limits = _tighter(limits, over_time, over_items)
    raise PantauError(
        f"no sorties were found whose climbs and detours keep the battery of {task.drone.name} and its "
        f"limit of {task.drone.item_limit} items; add launch points (--launch), take a smaller "
        "--battery-reserve, or a lower --transit-height."
    )


def _tighter(limits: Limits, over_time: float, over_items: float) -> Limits:
    if over_time > 1:
        limits = replace(limits, duration_s=limits.duration_s * _SPARE / over_time)
    if over_items > 1:
        limits = replace(limits, items=int(limits.items * _SPARE / over_items))
    return limits
