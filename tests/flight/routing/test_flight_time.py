from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.fleet import find_drone
from flight.routing.flight_time import Pace, takeoff_and_landing_s, way_s, ways_s
from vision.errors import PantauError

STILL = Pace(photo_ms=4.0, cruise_ms=10.0)
NORTHERLY = Pace(photo_ms=4.0, cruise_ms=10.0, wind_ms=8.0, wind_from_deg=0.0)
ANYHOW = Pace(photo_ms=4.0, cruise_ms=10.0, wind_ms=8.0)
CLIMBING = Pace(photo_ms=4.0, cruise_ms=10.0, rise_m=20.0, climb_ms=2.5, descend_ms=1.5)

bearings = st.floats(0, 360)
winds = st.floats(0, 9)


def test_no_way_takes_no_time() -> None:
    assert way_s(np.array([[1.0, 2, 3]]), 4.0, STILL) == 0.0
    assert way_s(np.array([[1.0, 2, 3], [1, 2, 3]]), 4.0, STILL) == 0.0
    assert ways_s([], STILL) == 0.0


def test_short_transits_are_flown_slowly_and_long_ones_fast() -> None:
    assert STILL.transit_s(40.0) == pytest.approx(10.0)
    assert STILL.transit_s(1000.0) == pytest.approx(100.0 + 2 * 6 / 2.5)


def test_headwind_and_drift_are_taken_from_the_airspeed_and_a_tailwind_gives_nothing() -> None:
    north, east, south = NORTHERLY.ground_ms(10.0, np.array([0.0, 90, 180]))
    assert north == pytest.approx(2.0)
    assert east == pytest.approx(6.0)
    assert south == pytest.approx(10.0)


def test_photo_speed_is_held_as_long_as_the_airspeed_suffices() -> None:
    assert NORTHERLY.ground_ms(4.0, np.array([0.0, 90])) == pytest.approx([2.0, 4.0])


def test_wind_from_anywhere_blows_against_every_leg() -> None:
    assert ANYHOW.ground_ms(10.0, np.array([0.0, 90, 180])) == pytest.approx([2.0, 2, 2])
    assert NORTHERLY.ground_ms(10.0) == pytest.approx(2.0)


@given(bearing_deg=bearings, from_deg=bearings, wind_ms=winds, distance_m=st.floats(0, 5000))
def test_no_wind_makes_a_transit_faster_and_one_from_anywhere_is_the_slowest(
    bearing_deg: float, from_deg: float, wind_ms: float, distance_m: float
) -> None:
    known = Pace(4.0, 10.0, wind_ms, from_deg).transit_s(distance_m, bearing_deg)
    assert STILL.transit_s(distance_m, bearing_deg) <= known + 1e-9
    assert known <= Pace(4.0, 10.0, wind_ms).transit_s(distance_m, bearing_deg) + 1e-9


def test_a_wind_without_a_way_against_it_is_refused() -> None:
    with pytest.raises(PantauError, match=r"9.5 m/s .* wait for less than 9 m/s"):
        Pace(photo_ms=4.0, cruise_ms=10.0, wind_ms=9.5)


def test_a_pass_in_wind_is_timed_leg_by_leg_or_by_its_slowest_leg() -> None:
    lengths_m, headings_deg = np.array([100.0, 100]), np.array([0.0, 90])
    turn_s = 4 / 2.5 / 2
    assert NORTHERLY.pass_s(lengths_m, headings_deg) == pytest.approx(50 + 25 + turn_s)
    assert NORTHERLY.pass_s(200.0, headings_deg) == pytest.approx(100 + turn_s)
    assert STILL.pass_s(200.0, headings_deg) == pytest.approx(50 + turn_s)


def test_long_transits_rise_and_short_ones_do_not() -> None:
    assert CLIMBING.transit_s(50.0) == STILL.transit_s(50.0)
    stops_s = (4 + 10) / 2.5 + (2.5 + 1.5) / 1.0 + 2 * 1.0  # over ground, upright, settling
    assert CLIMBING.transit_s(500.0) - STILL.transit_s(500.0) == pytest.approx(20 / 2.5 + 20 / 1.5 + stops_s)


def test_a_risen_transit_flown_takes_the_time_that_routing_counts() -> None:
    across = np.array([[0.0, 0, 10], [0, 0, 30], [300, 400, 30], [300, 400, 10]])
    before, after = np.array([[0.0, -100, 10], [0, 0, 10]]), np.array([[300.0, 400, 10], [300, 500, 10]])
    flown_s = ways_s([(before, 4.0), (across, 10.0), (after, 4.0)], CLIMBING)
    assert flown_s == pytest.approx(25 + CLIMBING.transit_s(500.0) + 25)


def test_steep_climbs_take_as_long_as_climbing_does() -> None:
    assert way_s(np.array([[0.0, 0, 0], [10, 0, 25]]), 4.0, CLIMBING) == pytest.approx(10.0)
    assert way_s(np.array([[0.0, 0, 25], [10, 0, 10]]), 4.0, CLIMBING) == pytest.approx(10.0)
    assert way_s(np.array([[0.0, 0, 0], [40, 0, 1]]), 4.0, CLIMBING) == pytest.approx(10.0)


def test_turns_within_and_between_ways_cost_time() -> None:
    corner = np.array([[0.0, 0, 20], [0, 100, 20], [100, 100, 20]])
    back = np.array([[100.0, 100, 20], [0, 100, 20]])
    stop_s = 4 / 2.5
    assert way_s(corner, 4.0, STILL) == pytest.approx(50 + stop_s / 2)
    assert ways_s([(corner, 4.0), (back, 4.0)], STILL) == pytest.approx(75 + stop_s / 2 + stop_s)


def test_passes_that_touch_turn_once() -> None:
    first, second = np.array([[0.0, 0, 20], [0, 100, 20]]), np.array([[0.2, 100, 20], [0.2, 200, 20]])
    across = np.array([first[-1], second[0]])
    assert ways_s([(first, 4.0), (across, 4.0), (second, 4.0)], STILL) == pytest.approx(50 + 0.2 / 4)


@given(bearing_deg=bearings, from_deg=bearings, wind_ms=winds, length_m=st.floats(51, 3000))
def test_a_level_transit_flown_takes_the_time_that_routing_counts(
    bearing_deg: float, from_deg: float, wind_ms: float, length_m: float
) -> None:
    pace = Pace(4.0, 10.0, wind_ms, from_deg)
    east, north = np.sin(np.radians(bearing_deg)), np.cos(np.radians(bearing_deg))
    way = np.array([[0.0, 0, 20], [length_m * east, length_m * north, 20]])
    assert way_s(way, 10.0, pace) == pytest.approx(pace.transit_s(length_m, bearing_deg))


@pytest.mark.parametrize(("leg_m", "lost_s"), [(5.0, 2.05), (10.0, 1.93), (20.0, 1.15), (50.0, 0.0)])
def test_short_legs_in_a_bend_are_flown_slowly(leg_m: float, lost_s: float) -> None:
    pace = Pace(photo_ms=6.0, cruise_ms=10.0)
    lengths_m, headings_deg = np.full(10, leg_m), np.zeros(10)
    expected_s = pytest.approx(10 * (leg_m / 6 + lost_s), rel=0.04)
    assert pace.pass_s(lengths_m, headings_deg) == expected_s
    points = np.column_stack([np.zeros(11), leg_m * np.arange(11), np.full(11, 30.0)])
    assert way_s(points, 6.0, pace) == expected_s
    assert way_s(points[:2], 6.0, pace) == pytest.approx(leg_m / 6)


def test_long_legs_in_a_bend_at_cruise_speed_agree_with_the_simulated_vehicle() -> None:
    points = np.column_stack([np.zeros(11), 50.0 * np.arange(11), np.full(11, 30.0)])
    pace = Pace(photo_ms=10.0, cruise_ms=10.0)
    assert way_s(points, 10.0, pace) == pytest.approx(10 * (5 + 1.08), rel=0.01)


def test_going_up_and_landing_take_longer_from_higher() -> None:
    drone = find_drone("simulated-quad")
    assert takeoff_and_landing_s(drone, 20.0) == pytest.approx(10 + 20 / 2.5 + 5 + 10 / 1.5 + 10 / 0.5)
    assert takeoff_and_landing_s(drone, 40.0) > takeoff_and_landing_s(drone, 20.0)
