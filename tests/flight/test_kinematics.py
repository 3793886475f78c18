"""How the simulated copter moves."""

from __future__ import annotations

from math import hypot, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.simulator.kinematics import (
    ACCELERATION_MS2,
    TURN_RATE_DEG_S,
    Body,
    Leg,
    Point,
    Wish,
    angle_between,
    corner_speed_ms,
)
from flight.simulator.tasks import Climb, FlyLeg, Land, return_to_home

DT = 0.02


def fly(task, body, limit_s=600.0):
    """Fly a task to its end; the seconds it took."""
    for step in range(round(limit_s / DT)):
        if task.done(body):
            return step * DT
        body.move(task.steer(body, DT), DT)
    raise AssertionError("never arrived")


def test_a_right_angle_is_flown_as_recorded_from_a_real_copter():
    speed = corner_speed_ms(Point(0, 0, 20), Point(0, 20, 20), Point(60, 20, 20))
    assert speed == pytest.approx(2.96, abs=0.01)
    assert corner_speed_ms(Point(0, 0, 0), Point(0, 9, 0), Point(0, 20, 0)) == inf


def test_take_off_to_30_m_takes_as_long_as_recorded():
    assert fly(Climb(30.0), Body()) == pytest.approx(14.5, abs=1.5)


@settings(max_examples=25, deadline=None)
@given(
    east=st.floats(-200, 200),
    north=st.floats(-200, 200),
    up=st.floats(5, 60),
    speed=st.floats(2, 12),
)
def test_legs_end_where_they_should_within_the_limits(east, north, up, speed):
    body = Body(up_m=20.0)
    leg = Leg(Point(0, 0, 20), Point(east, north, up), speed)
    task = FlyLeg(leg)
    for _ in range(50_000):
        if task.done(body):
            break
        before = (body.v_east_ms, body.v_north_ms, body.yaw_deg)
        body.move(task.steer(body, DT), DT)
        change = hypot(body.v_east_ms - before[0], body.v_north_ms - before[1])
        assert change <= ACCELERATION_MS2 * DT + 1e-9
        assert abs(angle_between(before[2], body.yaw_deg)) <= TURN_RATE_DEG_S * DT + 1e-9
        assert body.ground_speed_ms <= speed + 0.3
        assert -1.6 <= body.v_up_ms <= 2.6
    assert hypot(body.east_m - east, body.north_m - north) < 0.5
    assert abs(body.up_m - up) < 0.6


def test_landing_is_slow_near_the_ground():
    body = Body(up_m=20.0)
    fly(Land(), body)
    assert body.v_up_ms == pytest.approx(-0.5)


def test_return_climbs_first_when_low_and_ends_at_home():
    body = Body(east_m=50.0, up_m=5.0)
    task = return_to_home(body, 15.0, 10.0)
    highest = 0.0
    while not task.done(body):
        body.move(task.steer(body, DT), DT)
        highest = max(highest, body.up_m)
    assert highest == pytest.approx(15.0, abs=0.3)
    assert hypot(body.east_m, body.north_m) < 0.5


def test_the_nose_goes_down_when_it_flies_ahead():
    body = Body()
    for _ in range(500):
        body.move(Wish(v_north_ms=6.0), DT)
    assert body.pitch_deg == pytest.approx(-9.3, abs=0.5)
    assert body.roll_deg == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Point(0.0, 0.0, 20.0), Point(30.0, 0.0, 40.0)),  # up, then on
        (Point(-30.0, 0.0, 40.0), Point(0.05, 0.0, 20.0)),  # on, then down
    ],
)
def test_an_upright_leg_begins_and_ends_with_a_stop(before: Point, after: Point) -> None:
    assert corner_speed_ms(before, Point(0.05, 0.0, 40.0), after) == 0.0
