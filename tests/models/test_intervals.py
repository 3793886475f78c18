"""Intervals: each draw's scores are those of the drawn groups, and nonsense gives no interval."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scoring.average_precision import average_precision, judge, score
from models.scoring.intervals import (
    average_precision_of_draws,
    draw_weights,
    group_numbers,
    interval_of,
    score_intervals,
)
from tests.models.scored_readings import reading, readings

HERE, THERE = (0.0, 0.0, 10.0, 10.0), (50.0, 50.0, 60.0, 60.0)
THRESHOLDS = {"crack": 0.5, "pothole": 0.5}


def test_nothing_read_has_no_interval():
    intervals = score_intervals([], THRESHOLDS, None)
    assert intervals.overall == {"map50": None, "map50_95": None, "f1": None}
    assert intervals.groups == 0


def test_a_single_group_has_no_interval():
    one = reading([("crack", HERE)], [("crack", 0.9, HERE)])
    intervals = score_intervals([one, one], THRESHOLDS, {"a": 7})
    assert intervals.overall["map50"] is None
    assert intervals.per_kind["crack"]["ap50"] is None
    assert intervals.groups_with == {"crack": 1, "pothole": 0}


def test_a_kind_that_is_always_found_has_a_narrow_interval():
    tiles = [reading([("crack", HERE)], [("crack", 0.9, HERE)], f"t{number}") for number in range(5)]
    intervals = score_intervals(tiles, THRESHOLDS, None)
    assert intervals.per_kind["crack"]["ap50"] == pytest.approx((1, 1))
    assert intervals.per_kind["pothole"]["f1"] is None
    assert intervals.by_picture


def test_the_same_seed_gives_the_same_intervals():
    tiles = [reading([("crack", HERE)], [("crack", 0.9, [HERE, THERE][n % 2])], f"t{n}") for n in range(9)]
    first = score_intervals(tiles, THRESHOLDS, None)
    assert score_intervals(tiles, THRESHOLDS, None) == first
    assert score_intervals(tiles, THRESHOLDS, None, seed=1) != first
    low, high = first.per_kind["crack"]["ap50"]
    assert low < score(tiles, THRESHOLDS).per_kind[0].ap50 < high


def test_pictures_without_a_group_are_groups_of_their_own():
    tiles = [reading([], [], name) for name in "abcd"]
    assert sorted(group_numbers(tiles, {"a": 3, "b": 3}).tolist()) == [0, 0, 1, 2]
    assert sorted(group_numbers(tiles, None).tolist()) == [0, 1, 2, 3]


@given(readings(), st.lists(st.integers(0, 2), min_size=6, max_size=6), st.integers(0, 5))
def test_a_draw_scores_as_its_groups_written_out(tiles, groups, seed):
    of_tile = {tile.picture.name: group for tile, group in zip(tiles, groups, strict=False)}
    number = group_numbers(tiles, of_tile)
    count = int(number.max(initial=-1)) + 1
    weights = draw_weights(count, 4, seed)
    judgement = judge(tiles, "crack")
    boxes = np.bincount(number, judgement.boxes_in, count).astype(int)
    for level in (0, 5):
        hit = judgement.hit[:, level]
        drawn = average_precision_of_draws(hit, number[judgement.picture], boxes, weights)
        for weight, value in zip(weights, drawn, strict=True):
            times = weight[number].astype(int)
            written_out = [tile for tile, often in zip(tiles, times, strict=True) for _ in range(often)]
            again = judge(written_out, "crack")
            if again.boxes:
                assert value == pytest.approx(average_precision(again.hit[:, level], again.boxes))
            else:
                assert np.isnan(value)


@given(readings())
def test_drawing_every_group_once_is_the_score_itself(tiles):
    number = group_numbers(tiles, None)
    judgement = judge(tiles, "crack")
    if judgement.boxes:
        hit, boxes = judgement.hit[:, 0], judgement.boxes_in[np.argsort(number)]
        (drawn,) = average_precision_of_draws(hit, number[judgement.picture], boxes, np.ones((1, len(tiles))))
        assert drawn == pytest.approx(average_precision(hit, judgement.boxes))


@given(readings(), st.integers(0, 3))
def test_every_interval_lies_between_none_and_all(tiles, seed):
    intervals = score_intervals(tiles, THRESHOLDS, None, draws=20, seed=seed)
    known = [*intervals.overall.values()]
    known += [value for scores in intervals.per_kind.values() for value in scores.values()]
    for interval in known:
        assert interval is None or 0 <= interval[0] <= interval[1] <= 1


def test_draws_without_the_kind_are_left_out():
    assert interval_of(np.array([np.nan, 0.4, np.nan, 0.6])) == pytest.approx((0.405, 0.595))
    assert interval_of(np.array([np.nan])) is None


def test_a_thousand_draws_of_a_real_amount_take_no_time():
    generator = np.random.default_rng(0)
    hit = generator.random(20_000) < 0.02
    group = generator.integers(0, 300, 20_000)
    start_s = time.perf_counter()
    average_precision_of_draws(hit, group, np.full(300, 2), draw_weights(300))
    assert time.perf_counter() - start_s < 5


def test_what_groups_are_called_changes_nothing():
    tiles = [reading([("crack", HERE)], [("crack", 0.9, [HERE, THERE][n % 2])], f"t{n}") for n in range(9)]
    called = {f"t{n}": n // 2 for n in range(9)}
    otherwise = {f"t{n}": 100 - n // 2 for n in range(9)}
    assert score_intervals(tiles, THRESHOLDS, called) == score_intervals(tiles, THRESHOLDS, otherwise)
