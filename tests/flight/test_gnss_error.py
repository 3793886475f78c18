"""The simulated positioning error."""

from __future__ import annotations

import numpy as np
import pytest

from flight.simulator.gnss import PositionError


def test_no_error_where_none_is_wanted():
    assert PositionError(0.0, 1).at(100.5) == (0.0, 0.0, 0.0)


def test_the_same_seed_gives_the_same_error_in_any_order():
    forward, backward = PositionError(1.0, 5), PositionError(1.0, 5)
    assert forward.at(3.25) == (backward.at(90.0), backward.at(3.25))[1]
    assert PositionError(1.0, 6).at(3.25) != forward.at(3.25)


def test_the_error_is_as_large_as_it_says_and_slow():
    errors = np.array([PositionError(1.0, seed).at(200.0) for seed in range(400)])
    assert errors.std(axis=0) == pytest.approx([1.0, 1.0, 0.5], rel=0.12)
    error = PositionError(1.0, 3)
    steps = np.diff([error.at(second)[0] for second in range(1000)])
    assert np.abs(steps).max() < 0.4
