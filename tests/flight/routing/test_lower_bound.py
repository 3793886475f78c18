from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.routing.lower_bound import lower_bound_m

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
    assert bound_of(np.array([[0.0, 0, 100, 0]])) == pytest.approx(200)


def test_a_closed_block_needs_no_transit() -> None:
    block = np.array([[0.0, 0, 100, 0], [100, 0, 100, 100], [100, 100, 0, 100], [0, 100, 0, 0]])
    assert bound_of(block) == pytest.approx(400)


@settings(max_examples=80, deadline=None)
@given(ends=passes.map(lambda rows: np.array(rows)))
def test_no_tour_undercuts_the_bound(ends: np.ndarray) -> None:
    assert bound_of(ends) <= shortest_tour_m(ends) + 1e-6


def test_nothing_to_fly_has_no_length() -> None:
    assert lower_bound_m(np.empty((0, 2)), np.empty((0, 2)), np.empty(0)) == 0.0


def test_ends_that_nearly_meet_do_not_raise_the_bound_above_the_tour() -> None:
    nearly = np.array([[0.0, 0, 100, 0], [100.3, 0, 100.3, 100], [100, 100.2, 0, 100], [0, 99.8, 0, 0]])
    assert shortest_tour_m(nearly) - 2.0 <= bound_of(nearly) <= shortest_tour_m(nearly)


@settings(max_examples=60)
@given(ends=passes.map(lambda rows: np.array(rows)), turned=st.integers(0, 15))
def test_the_direction_of_passes_does_not_matter(ends: np.ndarray, turned: int) -> None:
    swapped = np.array(
        [row[[2, 3, 0, 1]] if turned >> number & 1 else row for number, row in enumerate(ends)]
    )
    assert bound_of(swapped) == pytest.approx(bound_of(ends), abs=1e-3)


@settings(max_examples=60)
@given(ends=passes.map(lambda rows: np.array(rows)), turn_deg=st.floats(0, 360), shift_m=st.floats(-1e4, 1e4))
def test_where_the_network_lies_does_not_matter(ends: np.ndarray, turn_deg: float, shift_m: float) -> None:
    cosine, sine = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    moved = (ends.reshape(-1, 2) @ np.array([[cosine, sine], [-sine, cosine]]) + shift_m).reshape(-1, 4)
    assert bound_of(moved) == pytest.approx(bound_of(ends), abs=1e-3)
