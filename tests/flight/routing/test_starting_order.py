from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.routing.flight_time import Pace
from flight.routing.lower_bound import lower_bound_m
from flight.routing.starting_order import starting_sorties
from flight.routing.transit_costs import Limits, Run, costs

PACE = Pace(photo_ms=4.0, cruise_ms=10.0)
LAUNCHES = np.array([[0.0, 0], [500, 500]])
metres = st.integers(-50, 50).map(lambda tens: 10.0 * tens)


def run(start: tuple[float, float], end: tuple[float, float]) -> Run:
    east, north = end[0] - start[0], end[1] - start[1]
    heading_deg = float(np.degrees(np.arctan2(east, north)) % 360)
    length_m = float(np.hypot(east, north))
    return Run(start, end, heading_deg, heading_deg, length_m, length_m / PACE.photo_ms, 6)


def grid(size: int) -> list[Run]:
    steps = [100.0 * step for step in range(size)]
    along = [run((x, y), (x + 100, y)) for x in steps[:-1] for y in steps]
    return along + [run((y, x), (y, x + 100)) for x in steps[:-1] for y in steps]


def test_a_network_in_one_sortie_is_as_short_as_the_bound() -> None:
    runs = grid(6)
    table = costs(LAUNCHES, runs, PACE)
    sorties = starting_sorties(table, runs, Limits(1e6, 1e6, 10_000), 100.0)
    assert sorties is not None and len(sorties) == 1
    bound_m = lower_bound_m(
        np.array([one.start for one in runs]),
        np.array([one.end for one in runs]),
        np.array([one.length_m for one in runs]),
    )
    assert table.along(*sorties[0])[0] == pytest.approx(bound_m)


def test_no_sorties_where_a_pass_does_not_fit() -> None:
    runs = grid(3)
    assert starting_sorties(costs(LAUNCHES, runs, PACE), runs, Limits(1e6, 150.0, 100), 100.0) is None
    assert starting_sorties(costs(LAUNCHES, runs, PACE), runs, Limits(1e6, 1e6, 5), 100.0) is None


@settings(max_examples=40)
@given(
    ends=st.lists(st.tuples(metres, metres, metres, metres), min_size=1, max_size=12),
    distance_m=st.floats(2500, 8000),
    items=st.integers(6, 40),
)
def test_every_pass_is_in_one_sortie_that_keeps_the_limits(
    ends: list[tuple[float, float, float, float]], distance_m: float, items: int
) -> None:
    runs = [run(row[:2], row[2:]) for row in ends]
    table = costs(LAUNCHES, runs, PACE)
    limits = Limits(1500.0, distance_m, items)
    sorties = starting_sorties(table, runs, limits, 100.0)
    if sorties is None:
        return
    flown = [table.visit(stop).run for _, stops in sorties for stop in stops]
    assert sorted(flown) == list(range(len(runs)))
    for launch, stops in sorties:
        flown_m, flown_s = table.along(launch, stops)
        assert flown_m <= distance_m + 1e-6 and flown_s <= 1500.0 + 1e-6
        assert 6 * len(stops) <= items
