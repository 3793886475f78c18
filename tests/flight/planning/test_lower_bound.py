from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.lower_bound import lower_bound_m

metres = st.integers(-500, 500).map(float)
passes = st.lists(st.tuples(metres, metres, metres, metres), min_size=1, max_size=4)


def bound_of(ends: np.ndarray) -> float:
    lengths_m = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    return lower_bound_m(ends[:, :2], ends[:, 2:], lengths_m)


def shortest_tour_m(ends: np.ndarray) -> float:
    """By trying all orders and directions, from a launch point at the first pass."""
    launch = ends[0, :2]
    best_m = np.inf
    for order in permutations(range(len(ends))):
        for turned in range(2 ** len(ends)):
            here, total_m = launch, 0.0
            for index in order:
                start, end = ends[index, :2], ends[index, 2:]
                if turned >> index & 1:
                    start, end = end, start
                total_m += np.hypot(*(start - here)) + np.hypot(*(end - start))
                here = end
            best_m = min(best_m, total_m + np.hypot(*(launch - here)))
    return float(best_m)


def test_a_single_pass_must_be_flown_back() -> None:
    assert bound_of(np.array([[0.0, 0, 100, 0]])) == pytest.approx(200, abs=0.5)


def test_a_closed_block_needs_no_transit() -> None:
    block = np.array([[0.0, 0, 100, 0], [100, 0, 100, 100], [100, 100, 0, 100], [0, 100, 0, 0]])
    assert bound_of(block) == pytest.approx(400)


@settings(max_examples=80, deadline=None)
@given(ends=passes.map(lambda rows: np.array(rows)))
def test_no_tour_undercuts_the_bound(ends: np.ndarray) -> None:
    assert bound_of(ends) <= shortest_tour_m(ends) + 1e-6
