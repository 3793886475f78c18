"""Two rows of times: the offset between their clocks, with misfires, and silence where it is doubtful."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.capture_logs.clock_matching import constant_offset, match_clocks

TURN_S = 17.3


def passes(count: int = 4, photos: int = 12, spacing_s: float = 2.0) -> np.ndarray:
    """Times of a flight: regular passes with a turn between them, of a length of its own."""
    starts_s = np.cumsum([0.0] + [photos * spacing_s + TURN_S + 1.37 * turn for turn in range(count - 1)])
    return np.concatenate([start_s + spacing_s * np.arange(photos) for start_s in starts_s])


def test_nothing_matches_nothing():
    assert match_clocks(np.zeros(0), passes(), 1.0) is None
    assert match_clocks(passes(), np.zeros(0), 1.0) is None


@given(
    offset_s=st.floats(-50_000, 50_000),
    lost_photos=st.sets(st.integers(0, 47), max_size=6),
    lost_events=st.sets(st.integers(0, 47), max_size=4),
    whole_seconds=st.booleans(),
)
def test_a_flight_is_matched_whatever_the_clock_and_with_misfires(
    offset_s, lost_photos, lost_events, whole_seconds
):
    shutter_s = passes()
    photos = [index for index in range(len(shutter_s)) if index not in lost_photos]
    events = [index for index in range(len(shutter_s)) if index not in lost_events]
    times_s = shutter_s[photos] + offset_s
    times_s = np.floor(times_s) if whole_seconds else times_s
    match = match_clocks(times_s, shutter_s[events], 1.0 if whole_seconds else 0.01)
    if match is not None:  # when passes lose their ends, the others may leave a doubt
        assert all(photos[photo] == events[event] for photo, event in match.pairs)
        assert match.offset_s == pytest.approx(offset_s, abs=1.0)
    if len(lost_photos | lost_events) <= 1:
        assert match is not None


def test_releases_faster_than_the_clock_ticks_keep_their_order():
    shutter_s = np.cumsum([0.7, 0.7, 0.7, 5.2, 0.7, 0.7, 0.7, 9.9, 0.7, 0.7, 0.7, 0.7])
    match = match_clocks(np.floor(shutter_s + 1000), shutter_s, 1.0)
    assert match.pairs == tuple((index, index) for index in range(12))


def test_a_regular_row_with_an_event_too_many_is_doubtful():
    assert match_clocks(2.0 * np.arange(30) + 500, 2.0 * np.arange(31), 0.01) is None


def test_a_regular_row_of_as_many_photos_as_events_is_not():
    match = match_clocks(2.0 * np.arange(30) + 500, 2.0 * np.arange(30), 0.01)
    assert (len(match.pairs), match.offset_s) == (30, 500.0)


def test_a_doubt_is_solved_by_the_files_own_utc():
    match = match_clocks(2.0 * np.arange(1, 31) + 0.2, 2.0 * np.arange(31), 0.01, expected_offset_s=0.0)
    assert match.pairs == tuple((index, index + 1) for index in range(30))


def test_utc_that_no_offset_comes_near_solves_no_doubt():
    row_s = 2.0 * np.arange(31)
    assert match_clocks(row_s[1:] - 83, row_s, 0.01, expected_offset_s=0.0) is None


def test_a_doubt_is_solved_by_positions():
    def apart_m(photo: int, event: int) -> float:
        return abs(10.0 * (photo + 1 - event)) + 1.5

    match = match_clocks(2.0 * np.arange(1, 31) + 700, 2.0 * np.arange(31), 0.01, apart_m=apart_m)
    assert match.pairs == tuple((index, index + 1) for index in range(30))


def test_a_single_photo_is_matched_by_its_utc_only():
    assert match_clocks(np.array([24.2]), passes(), 0.01) is None
    match = match_clocks(np.array([24.2]), passes(spacing_s=4.0), 0.01, expected_offset_s=0.0)
    assert match.pairs == ((0, 6),)


def test_times_of_another_flight_match_nothing():
    rng = np.random.default_rng(6)
    assert match_clocks(np.sort(rng.uniform(0, 900, 60)), passes(photos=20), 1.0) is None


def test_photos_of_two_flights_match_the_events_of_one():
    photos_s = np.concatenate([passes(), 1500 + passes(3, 9, 3.1)]) + 7200
    match = match_clocks(photos_s, passes(), 0.01)
    assert match.pairs == tuple((index, index) for index in range(48))


def test_the_difference_that_most_agree_on():
    differences_s = np.array([3600.2, 3600.9, 12.0, 3601.3, -500.0, 3600.5])
    assert constant_offset(differences_s, 1.0).tolist() == [True, True, False, True, False, True]
    assert constant_offset(np.zeros(0), 1.0).tolist() == []
