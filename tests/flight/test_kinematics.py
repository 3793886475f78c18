"""How the simulated copter moves."""

from __future__ import annotations

from itertools import pairwise
from math import cos, hypot, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.simulator.kinematics import Body, Point, Wish, angle_between
from flight.simulator.legs import Leg
from flight.simulator.limits import ACCELERATION_MS2, JERK_MS3, TURN_RATE_DEG_S
from flight.simulator.speed_profile import LEANING_S, SpeedProfile
from flight.simulator.tasks import Climb, FlyLeg, Land, Return, ReturnHome

DT = 0.02


def fly(task, body, limit_s=600.0, seen=None):
    """Fly a task to its end; the seconds it took. Where it was goes to `seen`."""
    for step in range(round(limit_s / DT)):
        if task.done(body):
            return step * DT
        body.move(task.steer(body, DT), DT)
        if seen is not None:
            seen.append(body.point)
    raise AssertionError("never arrived")


@settings(max_examples=50, deadline=None)
@given(length=st.floats(0.01, 500), speed=st.floats(0.5, 15), start=st.floats(0, 15))
def test_a_profile_keeps_its_limits_and_ends_at_rest_at_the_end(length, speed, start):
    profile = SpeedProfile(length, speed, ACCELERATION_MS2, min(start, speed))
    stops = profile.duration_s
    assert profile.at(stops - 1e-9)[0] == pytest.approx(length, abs=1e-3)
    times = [stops * step / 400 for step in range(401)]
    ways, speeds = zip(*(profile.at(time) for time in times), strict=True)
    assert max(speeds) <= max(speed, start) + 1e-6
    assert all(after >= before - 1e-6 for before, after in pairwise(ways))
    if start == 0:
        accelerations = [(b - a) / (stops / 400) for a, b in pairwise(speeds)]
        jerks = [(b - a) / (stops / 400) for a, b in pairwise(accelerations)]
        assert max(map(abs, accelerations)) <= ACCELERATION_MS2 + 1e-3
        assert max(map(abs, jerks)) <= JERK_MS3 + 0.02


@pytest.mark.parametrize(
    ("length_m", "speed_ms", "top_ms", "seconds"),
    [(10.0, 10.0, 2.71, 7.6), (77.4, 10.0, 9.7, 14.3), (5.0, 2.5, 1.65, 6.0)],
)
def test_a_leg_takes_as_long_as_recorded_from_a_real_copter(length_m, speed_ms, top_ms, seconds):
    upright = speed_ms == 2.5
    profile = SpeedProfile(length_m, speed_ms, 1.0 if upright else ACCELERATION_MS2)
    assert profile.top_ms == pytest.approx(top_ms, rel=0.04)
    assert profile.duration_s + LEANING_S == pytest.approx(seconds, rel=0.05)


def flown_corner(first, second, speed_ms=6.0):
    """The body at the corner's middle, the seconds to there, and the way of both legs."""
    legs = Leg(first[0], first[1], speed_ms), Leg(second[0], second[1], speed_ms)
    body = Body(up_m=first[0].up_m)
    before, places = FlyLeg(legs[0], onward=legs[1]), []
    seconds, task = fly(before, body, seen=places), FlyLeg(legs[1], before=before)
    at = (body.point, body.ground_speed_ms)
    fly(task, body, seen=places)
    return at, seconds, places


def test_a_right_angle_is_flown_as_recorded_from_a_real_copter():
    (place, speed), seconds, _ = flown_corner(
        (Point(0, 0, 20), Point(0, 20, 20)), (Point(0, 20, 20), Point(80, 20, 20))
    )
    assert seconds == pytest.approx(7.3, rel=0.05)
    assert speed == pytest.approx(2.96, abs=0.3)
    assert hypot(place.east_m, place.north_m - 20) < 2.5


@settings(max_examples=15, deadline=None)
@given(turn=st.floats(-170, 170), first=st.floats(5, 80), second=st.floats(5, 80), rise=st.floats(-5, 5))
def test_corners_are_turned_near_the_waypoint_and_without_swinging(turn, first, second, rise):
    corner = Point(0, first, 20)
    end = Point(second * sin(radians(turn)), first + second * cos(radians(turn)), 20 + rise)
    (place, speed), _, places = flown_corner((Point(0, 0, 20), corner), (corner, end))
    assert hypot(place.east_m, place.north_m - first) < 3.0
    assert speed <= 6.3
    assert hypot(places[-1].east_m - end.east_m, places[-1].north_m - end.north_m) < 1.0
    assert min(hypot(p.east_m, p.north_m - first) for p in places) < 2.5


def test_straight_on_it_slows_down_little_more_than_recorded():
    _, _, places = flown_corner((Point(0, 0, 20), Point(0, 60, 20)), (Point(0, 60, 20), Point(0, 120, 20)))
    assert all(abs(place.east_m) < 0.01 for place in places)
    speeds = [(b.north_m - a.north_m) / DT for a, b in pairwise(places)]
    assert min(speed for speed, place in zip(speeds, places, strict=False) if 30 < place.north_m < 90) > 2


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
        assert change <= 1.5 * ACCELERATION_MS2 * DT  # of the profile, and what keeps it on the way
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
    task = ReturnHome(body, Return())
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
    assert body.pitch_deg == pytest.approx(-13.5, abs=0.5)
    assert body.roll_deg == pytest.approx(0.0, abs=0.1)
