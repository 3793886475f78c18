from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.routing.flight_time import Pace
from flight.routing.lower_bound import lower_bound_m
from flight.routing.solver import Routing, find_routes
from flight.routing.transit_costs import Costs, Limits, Run, costs
from vision.errors import PantauError

PACE = Pace(photo_ms=4.0, cruise_ms=10.0)
LAUNCH = np.zeros((1, 2))
metres = st.integers(-800, 800).map(float)
networks = st.lists(st.tuples(metres, metres, metres, metres), min_size=1, max_size=9).filter(
    lambda rows: all(np.hypot(east - west, north - south) > 1 for west, south, east, north in rows)
)
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


def test_limits_that_cannot_be_kept_are_refused() -> None:
    runs = [run((0, 0), (300, 0))]
    with pytest.raises(PantauError, match="no order of the 1 passes was found"):
        find_routes(costs(LAUNCH, runs, PACE), runs, Limits(10, 100, 100), iterations=50)


def test_no_passes_need_no_sorties() -> None:
    assert find_routes(costs(LAUNCH, [], PACE), [], NO_LIMITS, iterations=10).routes == ()


def test_a_single_pass_is_one_sortie() -> None:
    runs = [run((10, 0), (110, 0))]
    (route,) = find_routes(costs(LAUNCH, runs, PACE), runs, NO_LIMITS, iterations=10).routes
    assert route.distance_m == pytest.approx(220)


def test_the_same_seed_finds_the_same_sorties() -> None:
    ends = np.random.default_rng(1).uniform(-500, 500, (20, 4))
    runs = [run((a, b), (c, d)) for a, b, c, d in ends]
    table = costs(LAUNCH, runs, PACE)
    limits = Limits(1e5, 4000, 1000)
    one, other = (find_routes(table, runs, limits, seed=3, iterations=100) for _ in range(2))
    assert one.routes == other.routes


def walled(leave: np.ndarray, enter: np.ndarray) -> np.ndarray:
    """Ways between west and east of 0 lead through a gate far in the north."""
    gate = np.array([0.0, 900.0])
    straight_m = np.hypot(*(enter[None] - leave[:, None]).transpose(2, 0, 1))
    through_m = np.hypot(*(leave - gate).T)[:, None] + np.hypot(*(enter - gate).T)[None]
    return np.where((leave[:, None, 0] < 0) != (enter[None, :, 0] < 0), through_m, straight_m)


@settings(max_examples=25)
@given(ends=networks, items=st.integers(12, 60), metres_more=st.floats(0, 4000))
def test_every_pass_is_flown_once_within_the_limits_and_never_below_the_bound(
    ends: list[tuple[float, float, float, float]], items: int, metres_more: float
) -> None:
    runs = [run(row[:2], row[2:]) for row in ends]
    for table in (costs(LAUNCH, runs, PACE), costs(LAUNCH, runs, PACE, walled)):
        longest_m = max(shortest_alone_m(table, number) for number in range(len(runs)))
        limits = Limits(duration_s=1e5, distance_m=longest_m + metres_more, items=items)
        routing = find_routes(table, runs, limits, iterations=100)
        assert_complete_and_within(routing, runs, limits)
        flown_m = sum(route.distance_m for route in routing.routes)
        assert flown_m >= bound_of(runs) - 1e-6


def test_no_sortie_goes_where_no_way_leads() -> None:
    def split(leave: np.ndarray, enter: np.ndarray) -> np.ndarray:
        apart_m = np.hypot(*(enter[None] - leave[:, None]).transpose(2, 0, 1))
        return np.where((leave[:, None, 0] < 0) != (enter[None, :, 0] < 0), np.inf, apart_m)

    runs = [run((10, n), (90, n)) for n in (0, 50)] + [run((-10, n), (-90, n)) for n in (0, 50)]
    launches = np.array([[5.0, 0], [-5.0, 0]])
    unlimited = Limits(float("inf"), float("inf"), 1000)
    routing = find_routes(costs(launches, runs, PACE, split), runs, unlimited, iterations=100)
    assert {(route.launch, visit.run) for route in routing.routes for visit in route.visits} == {
        (0, 0),
        (0, 1),
        (1, 2),
        (1, 3),
    }
    with pytest.raises(PantauError, match="no order"):
        find_routes(costs(launches[:1], runs, PACE, split), runs, unlimited, iterations=50)


def shortest_alone_m(table: Costs, number: int) -> float:
    stops = (1 + 2 * number, 2 + 2 * number)
    return min(table.along(0, [stop])[0] for stop in stops) + 0.2  # rounded up to 0.1 m, twice


def assert_complete_and_within(routing: Routing, runs: list[Run], limits: Limits) -> None:
    flown = sorted(visit.run for route in routing.routes for visit in route.visits)
    assert flown == list(range(len(runs)))
    for route in routing.routes:
        assert route.distance_m <= limits.distance_m and route.duration_s <= limits.duration_s
        assert sum(runs[visit.run].items for visit in route.visits) <= limits.items


def bound_of(runs: list[Run]) -> float:
    starts, ends = np.array([one.start for one in runs]), np.array([one.end for one in runs])
    return lower_bound_m(starts, ends, np.array([one.length_m for one in runs]))
