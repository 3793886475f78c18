"""Routing real road networks in sorties of 9 km: flown ÷ bound, beside simple orders; time and memory."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from flight.fleet import find_drone
from flight.planning.fitting import parts_that_fit
from flight.planning.laying import lay_passes
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from flight.planning.task import Task, task_of
from flight.routing.launching import propose_launches
from flight.routing.lower_bound import lower_bound_m
from flight.routing.solver import find_routes
from flight.routing.transit_costs import costs
from flight.rules.profile import read_profile
from flight.surroundings import Surroundings, frame_of
from pipeline.sites.site_reading import read_sites
from tests.benchmarks.figure import Figure, at_most
from tests.benchmarks.simple_orders import flown_m, in_file_order, nearest_next

ROADS = Path(__file__).resolve().parents[3] / "shared/data/roads"
_SORTIE_M = 9000.0
_NO_LIMIT = 10**6  # minutes of battery, mission items: so that sorties are limited by distance alone


@dataclass(frozen=True)
class Case:
    """A network (file of roads), how many launch points may be proposed, the time for all, the aim."""

    roads: str
    launches_at_most: int
    seconds: float
    aim: float | None = None


@dataclass(frozen=True)
class Measured:
    """Distances ÷ the lower bound, the time from reading the sites to the last route, the peak memory."""

    ratio: float
    file_order_ratio: float
    nearest_ratio: float
    launches: int
    sorties: int
    iterations: int
    bound_s: float
    seconds: float
    peak_mb: float | None


CASES = (
    Case("bandung-cimahi", 1, 10.0),
    Case("balikpapan-klandasan-ilir", 1, 10.0, aim=1.02),
    Case("balikpapan-kota", 6, 120.0, aim=1.05),
)


def figures() -> Iterator[Figure]:
    """Measure on the shared networks, each in a process of its own; nothing where they are absent."""
    if not ROADS.is_dir():
        return
    fresh = multiprocessing.get_context("spawn")
    for case in CASES:
        with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as process:
            found = process.submit(measure, case).result()
        name = f"{case.roads}, launch points: {found.launches}; flown ÷ bound"
        if case.aim is None:
            yield Figure(name, found.ratio, "×")
        else:
            yield at_most(name, found.ratio, "×", case.aim)
        yield Figure("  roads in file order", found.file_order_ratio, "×")
        yield Figure("  nearest pass next", found.nearest_ratio, "×")
        yield Figure("  sorties", found.sorties, "")
        yield Figure("  iterations of the search", found.iterations, "")
        yield Figure("  lower bound, time", found.bound_s, "s")
        yield at_most("  all from sites to routes, time", found.seconds, "s", case.seconds)
        if found.peak_mb is not None:
            yield Figure("  peak memory, Python and libraries included", found.peak_mb, "MB")
    yield from _whole_plan()


def _whole_plan() -> Iterator[Figure]:
    """Everything that `pantau plan` does but reading and writing, with a real battery and safe transits."""
    sites = read_sites(ROADS / "balikpapan-klandasan-ilir.geojson").sites
    began_s = time.perf_counter()
    plan = plan_survey(sites, find_drone("dji-mavic-3e"), PlanSettings(solver_seconds=10.0))
    yield Figure(
        "klandasan-ilir, Mavic 3E with battery and 99 waypoints, time", time.perf_counter() - began_s, "s"
    )
    yield Figure("  flown ÷ bound", plan.distance_m / plan.lower_bound_m, "×")
    yield Figure("  sorties", len(plan.sorties), "")
    covered = min(plan.covered.values())
    yield Figure("  the worst road's share in planned photos", 100 * covered, "%", "100", covered > 0.99999)
    fewest = min(looks.fewest for looks in plan.looks.values())
    yield Figure("  photos of the least photographed metre", fewest, "", "≥ 1", fewest >= 1)


def measure(case: Case) -> Measured:
    """Plan a network as `flight.planning.survey` does, up to the routes."""
    began_s = time.perf_counter()
    task = _task(case)
    tracks = lay_passes(task).tracks
    launches = propose_launches(
        task.geometries, [track.line for track in tracks], case.launches_at_most, sortie_m=_SORTIE_M
    )
    _, runs = parts_that_fit(tracks, launches, task)
    table = costs(launches, runs, task.pace, task.surroundings.airspace.distances_m)
    starts, ends = np.array([run.start for run in runs]), np.array([run.end for run in runs])
    bound_began_s = time.perf_counter()
    bound_m = lower_bound_m(starts, ends, np.array([run.length_m for run in runs]))
    bound_s = time.perf_counter() - bound_began_s
    left_s = case.seconds * 0.98 - (time.perf_counter() - began_s)
    routing = find_routes(table, runs, task.limits(), seconds=left_s)
    seconds = time.perf_counter() - began_s
    return Measured(
        ratio=sum(route.distance_m for route in routing.routes) / bound_m,
        file_order_ratio=flown_m(table, runs, task.limits(), in_file_order) / bound_m,
        nearest_ratio=flown_m(table, runs, task.limits(), nearest_next) / bound_m,
        launches=len(launches),
        sorties=len(routing.routes),
        iterations=routing.iterations,
        bound_s=bound_s,
        seconds=seconds,
        peak_mb=_peak_mb(),
    )


def _task(case: Case) -> Task:
    sites = read_sites(ROADS / f"{case.roads}.geojson").sites
    drone = replace(find_drone("simulated-quad"), endurance_min=_NO_LIMIT, item_limit=_NO_LIMIT)
    settings = PlanSettings(max_distance_m=_SORTIE_M)
    surroundings = Surroundings.unknown(frame_of(sites))
    return task_of(sites, drone, settings, surroundings, (), read_profile("indonesia"))


def _peak_mb() -> float | None:
    """The most memory this process has used, where the system tells (Linux)."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    lines = status.read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
