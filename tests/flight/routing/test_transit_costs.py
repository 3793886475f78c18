from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.routing.flight_time import Pace, ways_s
from flight.routing.transit_costs import Limits, Run, Visit, costs, fits_alone

PACE = Pace(photo_ms=4.0, cruise_ms=10.0)
LAUNCH = np.zeros((1, 2))
NO_LIMITS = Limits(duration_s=float("inf"), distance_m=float("inf"), items=10_000)

metres = st.integers(-2000, 2000).map(float)


def run(start: tuple[float, float], end: tuple[float, float]) -> Run:
    east, north = end[0] - start[0], end[1] - start[1]
    heading_deg = float(np.degrees(np.arctan2(east, north)) % 360)
    length_m = float(np.hypot(east, north))
    return Run(start, end, heading_deg, heading_deg, length_m, length_m / PACE.photo_ms, 6)


def walled(leave: np.ndarray, enter: np.ndarray) -> np.ndarray:
    """No way leads between west and east of 0; elsewhere ways are a tenth longer than straight."""
    apart_m = np.hypot(*(enter[None] - leave[:, None]).transpose(2, 0, 1)) * 1.1
    return np.where((leave[:, None, 0] < 0) != (enter[None, :, 0] < 0), np.inf, apart_m)


def test_without_passes_there_are_launch_points_only() -> None:
    table = costs(LAUNCH, [], PACE)
    assert table.distance_m.tolist() == [[0.0]] and table.duration_s.tolist() == [[0.0]]


def test_a_reversal_costs_a_stop_and_going_straight_on_nothing() -> None:
    runs = [run((0, 0), (100, 0)), run((100, 0), (200, 0))]
    table = costs(LAUNCH, runs, PACE)
    straight = table.duration_s[table.stop(Visit(0, False)), table.stop(Visit(1, False))]
    reversal = table.duration_s[table.stop(Visit(0, False)), table.stop(Visit(0, True))]
    assert straight == pytest.approx(25.0)
    assert reversal == pytest.approx(25.0 + 4.0 / 2.5)


def test_wind_makes_there_and_back_different() -> None:
    windy = Pace(photo_ms=4.0, cruise_ms=10.0, wind_ms=8.0, wind_from_deg=0.0)
    one = Run((0, 500), (0, 600), 0.0, 0.0, 100.0, 50.0, 6, duration_back_s=25.0)
    table = costs(LAUNCH, [one], windy)
    forwards, backwards = table.stop(Visit(0, False)), table.stop(Visit(0, True))
    assert table.duration_s[0, forwards] == pytest.approx(500 / 2 + 4.8 + 50)
    assert table.duration_s[forwards, 0] == pytest.approx(600 / 10 + 4.8 + 4 / 2.5)
    assert table.duration_s[0, backwards] == pytest.approx(600 / 2 + 4.8 + 4 / 2.5 + 25)


def test_detours_are_longer_and_where_no_way_leads_costs_are_infinite() -> None:
    runs = [run((10, 0), (110, 0)), run((-10, 0), (-110, 0))]
    plain, round_about = costs(LAUNCH, runs, PACE), costs(LAUNCH, runs, PACE, walled)
    assert (round_about.distance_m >= plain.distance_m - 1e-9).all()
    assert (round_about.duration_s >= plain.duration_s - 1e-9).all()
    assert np.isinf(round_about.duration_s[0, round_about.stop(Visit(1, False))])
    assert np.isfinite(round_about.duration_s[0, round_about.stop(Visit(0, True))])


def test_a_pass_too_long_for_a_sortie_does_not_fit() -> None:
    runs = [run((0, 0), (300, 0))]
    table = costs(LAUNCH, runs, PACE)
    assert fits_alone(table, 0, NO_LIMITS, 6)
    assert not fits_alone(table, 0, Limits(1e5, 599, 100), 6)
    assert not fits_alone(table, 0, NO_LIMITS, 10_001)


def test_a_pass_that_no_way_leads_to_never_fits() -> None:
    runs = [run((10, 0), (110, 0)), run((-10, 0), (-110, 0))]
    table = costs(LAUNCH, runs, PACE, walled)
    assert fits_alone(table, 0, NO_LIMITS, 6)
    assert not fits_alone(table, 1, NO_LIMITS, 6)


@settings(max_examples=50)
@given(
    ends=st.lists(st.tuples(metres, metres, metres, metres), min_size=1, max_size=4),
    wind_ms=st.floats(0, 8),
    from_deg=st.floats(0, 360),
)
def test_a_sortie_flown_takes_the_time_that_routing_counts(
    ends: list[tuple[float, ...]], wind_ms: float, from_deg: float
) -> None:
    pace = Pace(4.0, 10.0, wind_ms, from_deg)
    passes = [np.array(row).reshape(2, 2) for row in ends if np.hypot(row[2] - row[0], row[3] - row[1]) > 1]
    runs = [timed(line, pace) for line in passes]
    table = costs(LAUNCH, runs, pace)
    counted_m, counted_s = table.along(0, [table.stop(Visit(number, False)) for number in range(len(runs))])
    ways, here = [], LAUNCH[0]
    for line in [*passes, None]:
        there = LAUNCH[0] if line is None else line[0]
        away_m = np.hypot(*(there - here))
        ways.append((level([here, there]), 10.0 if away_m > 50 else 4.0))
        if line is not None:
            ways.append((level(line), 4.0))
            here = line[1]
    flown_m = sum(np.hypot(*np.diff(points[:, :2], axis=0).T).sum() for points, _ in ways)
    assert counted_m == pytest.approx(flown_m)
    assert counted_s == pytest.approx(ways_s(ways, pace))


def timed(line: np.ndarray, pace: Pace) -> Run:
    one = run(tuple(line[0]), tuple(line[1]))
    heading_deg = np.array([one.start_heading_deg])
    duration_s = pace.pass_s(np.array([one.length_m]), heading_deg)
    return Run(one.start, one.end, heading_deg[0], heading_deg[0], one.length_m, duration_s, 6)


def level(points: object) -> np.ndarray:
    flat = np.array(points, dtype=float).reshape(-1, 2)
    return np.column_stack([flat, np.full(len(flat), 20.0)])
