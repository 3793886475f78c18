from __future__ import annotations

import numpy as np
import pytest

from flight.planning.flight_time import Pace
from flight.planning.routing import Limits, Run, Visit, costs, find_routes, fits_alone
from vision.errors import PantauError

PACE = Pace(photo_ms=4.0, cruise_ms=10.0)
LAUNCH = np.zeros((1, 2))
NO_LIMITS = Limits(duration_s=1e5, distance_m=float("inf"), items=10_000)


def run(start: tuple[float, float], end: tuple[float, float], items: int = 6) -> Run:
    east, north = end[0] - start[0], end[1] - start[1]
    heading_deg = float(np.degrees(np.arctan2(east, north)) % 360)
    length_m = float(np.hypot(east, north))
    return Run(start, end, heading_deg, heading_deg, length_m, length_m / PACE.photo_ms, items)


def test_passes_are_flown_in_the_better_direction() -> None:
    runs = [run((10, 0), (110, 0)), run((10, 20), (110, 20))]
    routing = find_routes(costs(LAUNCH, runs, PACE), runs, NO_LIMITS, iterations=200)
    (route,) = routing.routes
    assert {(visit.run, visit.backwards) for visit in route.visits} in (
        {(0, False), (1, True)},
        {(0, True), (1, False)},
    )
    assert route.distance_m == pytest.approx(10 + 100 + 20 + 100 + np.hypot(10, 20))
    assert routing.iterations == 200


@pytest.mark.parametrize(
    "limits",
    [
        Limits(duration_s=1e5, distance_m=700, items=1000),
        Limits(duration_s=150, distance_m=1e6, items=1000),
        Limits(duration_s=1e5, distance_m=1e6, items=13),
    ],
)
def test_every_limit_splits_into_sorties(limits: Limits) -> None:
    runs = [run((0, 10.0 * n), (200, 10.0 * n)) for n in range(6)]
    routing = find_routes(costs(LAUNCH, runs, PACE), runs, limits, iterations=500)
    assert len(routing.routes) > 1
    assert sorted(visit.run for route in routing.routes for visit in route.visits) == list(range(6))
    for route in routing.routes:
        assert route.distance_m <= limits.distance_m and route.duration_s <= limits.duration_s
        assert sum(runs[visit.run].items for visit in route.visits) <= limits.items


def test_each_sortie_starts_at_the_nearer_launch_point() -> None:
    launches = np.array([[0.0, 0.0], [5000.0, 0.0]])
    runs = [run((10, 0), (110, 0)), run((4900, 0), (5000, 0))]
    routes = find_routes(costs(launches, runs, PACE), runs, NO_LIMITS, iterations=300).routes
    assert [(route.launch, [visit.run for visit in route.visits]) for route in routes] == [(0, [0]), (1, [1])]


def test_a_reversal_costs_a_stop_and_going_straight_on_nothing() -> None:
    runs = [run((0, 0), (100, 0)), run((100, 0), (200, 0))]
    table = costs(LAUNCH, runs, PACE)
    straight = table.duration_s[table.stop(Visit(0, False)), table.stop(Visit(1, False))]
    reversal = table.duration_s[table.stop(Visit(0, False)), table.stop(Visit(0, True))]
    assert straight == pytest.approx(25.0)
    assert reversal == pytest.approx(25.0 + 4.0 / 2.5)


def test_a_pass_too_long_for_a_sortie_does_not_fit() -> None:
    runs = [run((0, 0), (300, 0))]
    table = costs(LAUNCH, runs, PACE)
    assert fits_alone(table, 0, NO_LIMITS, 6)
    assert not fits_alone(table, 0, Limits(1e5, 599, 100), 6)
    assert not fits_alone(table, 0, NO_LIMITS, 10_001)


def test_limits_that_cannot_be_kept_are_refused() -> None:
    runs = [run((0, 0), (300, 0))]
    with pytest.raises(PantauError, match="no order of the 1 passes was found"):
        find_routes(costs(LAUNCH, runs, PACE), runs, Limits(10, 100, 100), iterations=50)
