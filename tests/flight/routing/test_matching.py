from __future__ import annotations

import numpy as np
import pytest
import rustworkx
from hypothesis import given, settings
from hypothesis import strategies as st

import flight.routing.matching as matching_module
from flight.routing.matching import least_weight_matching

metres = st.integers(-300, 300).map(float)


def apart_m(points: np.ndarray) -> np.ndarray:
    return np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))


def least_by_trying_m(away_m: np.ndarray, left: tuple[int, ...]) -> float:
    if not left:
        return 0.0
    first, *others = left
    return min(
        away_m[first, other] + least_by_trying_m(away_m, tuple(rest for rest in others if rest != other))
        for other in others
    )


def test_no_points_need_no_pairs() -> None:
    matching = least_weight_matching(np.empty((0, 2)))
    assert matching.pairs.shape == (0, 2) and matching.at_least_m == 0.0 and matching.is_least


@given(half=st.lists(st.tuples(metres, metres, metres, metres), min_size=1, max_size=4))
def test_eight_points_are_paired_as_by_trying_all(half: list[tuple[float, ...]]) -> None:
    points = np.array(half).reshape(-1, 2)
    matching = least_weight_matching(points)
    least_m = least_by_trying_m(apart_m(points), tuple(range(len(points))))
    assert matching.is_least
    assert sorted(matching.pairs.ravel().tolist()) == list(range(len(points)))
    assert apart_m(points)[tuple(matching.pairs.T)].sum() == pytest.approx(least_m, abs=1e-3)
    assert least_m - 1e-3 <= matching.at_least_m <= least_m + 1e-9


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), clusters=st.integers(1, 30))
def test_as_short_as_the_matching_of_the_complete_graph(seed: int, clusters: int) -> None:
    random = np.random.default_rng(seed)
    middles = random.uniform(0, 5000, (clusters, 2))
    points = middles[random.integers(0, clusters, 100)] + random.normal(0, 40, (100, 2))
    away_m = apart_m(points)
    graph = rustworkx.generators.complete_graph(100)
    for edge, (one, other) in zip(graph.edge_indices(), graph.edge_list(), strict=True):
        graph.update_edge_by_index(edge, 10_000_000 - round(1000 * away_m[one, other]))
    complete = rustworkx.max_weight_matching(graph, max_cardinality=True, weight_fn=int)
    least_m = sum(away_m[pair] for pair in complete)
    matching = least_weight_matching(points)
    assert matching.is_least and matching.at_least_m == pytest.approx(least_m, abs=0.1)


def test_without_the_time_to_prove_it_all_are_paired_and_the_bound_stays_below(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(1)
    points = random.uniform(0, 5000, (40, 2))[random.integers(0, 40, 300)] + random.normal(0, 20, (300, 2))
    least_m = least_weight_matching(points).at_least_m
    monkeypatch.setattr(matching_module, "_WORK_AT_MOST", 1e5)
    matching = least_weight_matching(points)
    assert sorted(matching.pairs.ravel().tolist()) == list(range(300))
    assert not matching.is_least
    assert 0.3 * least_m < matching.at_least_m < least_m
    assert apart_m(points)[tuple(matching.pairs.T)].sum() >= least_m
