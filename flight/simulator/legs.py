"""Straight legs: where the autopilot wants the copter at a time, corners between legs included.

As in ArduCopter's AC_WPNav, each leg begins and ends with a stop of its own; at a corner the next leg
begins while the one before still brakes, and their movements add up to a curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf

from flight.simulator.kinematics import Point
from flight.simulator.limits import (
    ACCELERATION_MS2,
    CLIMB_ACCELERATION_MS2,
    CLIMB_MS,
    CORNER_ACCELERATION_MS2,
    DESCENT_MS,
    RADIUS_M,
)
from flight.simulator.speed_profile import SpeedProfile

_LOOK_S = 0.05  # over which the acceleration in a corner is measured

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Leg:
    """A straight flight from one point to another, at a speed over ground."""

    start: Point
    end: Point
    speed_ms: float

    @property
    def length_m(self) -> float:
        """Length in space."""
        return hypot(*self._span)

    def remaining_m(self, place: Point) -> float:
        """Distance over ground from a place to its end, along the leg; negative beyond it."""
        east, north, _ = self._span
        over_ground_m = hypot(east, north)
        if over_ground_m == 0:
            return 0.0
        ahead = (self.end.east_m - place.east_m, self.end.north_m - place.north_m)
        return (east * ahead[0] + north * ahead[1]) / over_ground_m

    def profile(self, start_ms: float = 0.0, from_m: float = 0.0) -> SpeedProfile:
        """How it is flown, from a way along it on, where it is flown at a speed already."""
        acceleration_ms2 = self._limit(ACCELERATION_MS2, CLIMB_ACCELERATION_MS2)
        left_m = max(0.0, self.length_m - from_m)
        return SpeedProfile(left_m, self.fastest_ms, acceleration_ms2, start_ms)

    @property
    def fastest_ms(self) -> float:
        """The speed in space that neither its speed over ground nor that of climbing or sinking exceeds."""
        return self._limit(self.speed_ms, CLIMB_MS if self._span[2] > 0 else DESCENT_MS)

    def along(self, by: float) -> Vector:
        """A vector of a length in the leg's direction."""
        length_m = self.length_m
        if length_m == 0:
            return 0.0, 0.0, 0.0
        east, north, up = self._span
        return east / length_m * by, north / length_m * by, up / length_m * by

    @property
    def _span(self) -> Vector:
        return (
            self.end.east_m - self.start.east_m,
            self.end.north_m - self.start.north_m,
            self.end.up_m - self.start.up_m,
        )

    def _limit(self, over_ground: float, upright: float) -> float:
        """Of a movement along the leg, when its part over ground and its upright part have limits."""
        east, north, up = (abs(part) for part in self._span)
        length_m = self.length_m
        flat = over_ground * length_m / hypot(east, north) if (east, north) != (0, 0) else inf
        steep = upright * length_m / up if up > 0 else inf
        return min(flat, steep) if length_m > 0 else over_ground


class Flight:
    """A leg that is being flown, by its own clock."""

    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.profile = leg.profile()
        self.passed_s = 0.0
        self._from_m = 0.0

    @property
    def left_s(self) -> float:
        """Until it stops at the end."""
        return self.profile.duration_s - self.passed_s

    @property
    def braking(self) -> bool:
        """Slowing down for the end."""
        return self.passed_s >= self.profile.braking_at_s

    def go_on(self, dt_s: float) -> None:
        """Move on by a time step."""
        self.passed_s = min(self.passed_s + dt_s, self.profile.duration_s)

    def change_speed(self, speed_ms: float) -> None:
        """Fly the rest at another speed, if it does not brake for the end already."""
        if speed_ms == self.leg.speed_ms or (self.braking and self.passed_s > 0):
            return
        way_m, now_ms = self.state()
        self.leg = Leg(self.leg.start, self.leg.end, speed_ms)
        self.profile = self.leg.profile(now_ms, way_m)
        self._from_m, self.passed_s = way_m, 0.0

    def state(self, ahead_s: float = 0.0) -> tuple[float, float]:
        """Way in metres and speed, now or some seconds later."""
        way_m, speed_ms = self.profile.at(self.passed_s + ahead_s)
        return self._from_m + way_m, speed_ms

    def offset(self, ahead_s: float = 0.0) -> Vector:
        """From its start."""
        return self.leg.along(self.state(ahead_s)[0])

    def left(self, ahead_s: float = 0.0) -> Vector:
        """To its end."""
        return self.leg.along(self.leg.length_m - self.state(ahead_s)[0])

    def velocity(self, ahead_s: float = 0.0) -> Vector:
        """East, north and up, in metres a second."""
        return self.leg.along(self.state(ahead_s)[1])


def may_turn(flight: Flight, onward: Flight) -> bool:
    """Whether the next leg may begin: the middle of the turn will be near the corner, slow and gentle."""
    if not flight.braking or flight.left_s > onward.profile.speeding_up_s:
        return False
    half_s = flight.left_s / 2

    def velocity(at_s: float) -> Vector:
        return add(flight.velocity(at_s), onward.velocity(at_s))

    away_m = hypot(*add(flight.left(half_s), onward.offset(half_s), -1.0))
    before, after = velocity(half_s - _LOOK_S), velocity(half_s + _LOOK_S)
    east, north, _ = (part / (2 * _LOOK_S) for part in add(after, before, -1.0))
    slower_ms = min(flight.leg.fastest_ms, onward.leg.fastest_ms)
    gentle = hypot(east, north) < CORNER_ACCELERATION_MS2
    return away_m < RADIUS_M and hypot(*velocity(half_s)) < slower_ms and gentle


def add(one: Vector, other: Vector, share: float = 1.0) -> Vector:
    """One vector, and a share of another."""
    return one[0] + share * other[0], one[1] + share * other[1], one[2] + share * other[2]
