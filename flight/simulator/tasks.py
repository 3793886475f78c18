"""What the simulated copter does at a time: climb, fly a leg, hold, land; and returning, made of these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from flight.simulator.kinematics import Body, Leg, Point, Wish, towards_height

SPOOL_UP_S = 1.5
LANDING_MS = 0.5  # LAND_SPEED
LANDING_HEIGHT_M = 10.0  # LAND_ALT_LOW
FINAL_DESCENT_MS = 1.5
STOP_WITHIN_M = 0.3
CORNER_CUT_M = 1.0


class Task(Protocol):
    """Something that steers the copter until it is done."""

    def steer(self, body: Body, dt_s: float) -> Wish:
        """The wanted velocity for the next time step."""
        ...

    def done(self, body: Body) -> bool:
        """Whether it is finished."""
        ...


class Climb:
    """Straight up (or down) to a height above home, after the motors have spooled up."""

    def __init__(self, up_m: float, wait_s: float = 0.0) -> None:
        self.up_m = up_m
        self._wait_s = wait_s

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Rise vertically."""
        self._wait_s -= dt_s
        return Wish() if self._wait_s > 0 else Wish(v_up_ms=towards_height(body.up_m, self.up_m))

    def done(self, body: Body) -> bool:
        """At the height."""
        return abs(body.up_m - self.up_m) < 0.2


class FlyLeg:
    """Along a leg; `hold_s` after arrival. `turn_nose` turns the nose into the leg."""

    def __init__(self, leg: Leg, hold_s: float = 0.0, turn_nose: bool = True) -> None:
        self.leg = leg
        self.yaw_deg: float | None = None  # set by CONDITION_YAW
        self._hold_s = hold_s
        self._turn_nose = turn_nose
        self._arrived = False

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Follow the leg."""
        if self._arrived:
            self._hold_s -= dt_s
        wish = self.leg.wish(body)
        yaw_deg = wish.yaw_deg if self._turn_nose else None
        if self.yaw_deg is not None:
            yaw_deg = self.yaw_deg
        return Wish(wish.v_east_ms, wish.v_north_ms, wish.v_up_ms, yaw_deg)

    def done(self, body: Body) -> bool:
        """At its end, and held long enough there."""
        if not self._arrived:
            self._arrived = self._at_end(body)
        return self._arrived and self._hold_s <= 0

    def _at_end(self, body: Body) -> bool:
        left_m = self.leg.remaining_m(body)
        if self.leg.end_speed_ms >= self.leg.speed_ms:  # straight on
            return left_m <= 0
        if self.leg.end_speed_ms > 0:
            return left_m <= CORNER_CUT_M
        return left_m <= STOP_WITHIN_M and abs(self.leg.end.up_m - body.up_m) < 0.5


class Hold:
    """Stay where it is for a time; for ever without one."""

    def __init__(self, seconds: float | None = None) -> None:
        self._left_s = seconds

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Stop."""
        if self._left_s is not None:
            self._left_s -= dt_s
        return Wish()

    def done(self, body: Body) -> bool:
        """The time is over."""
        return self._left_s is not None and self._left_s <= 0


class Land:
    """Straight down to the ground."""

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Descend, slowly near the ground."""
        return Wish(v_up_ms=-FINAL_DESCENT_MS if body.up_m > LANDING_HEIGHT_M else -LANDING_MS)

    def done(self, body: Body) -> bool:
        """On the ground."""
        return body.up_m <= 0


class InTurn:
    """Several tasks, one after the other."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tasks = list(tasks)

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Steer by the first unfinished task."""
        while len(self._tasks) > 1 and self._tasks[0].done(body):
            self._tasks.pop(0)
        return self._tasks[0].steer(body, dt_s)

    def done(self, body: Body) -> bool:
        """The last one is finished."""
        return len(self._tasks) == 1 and self._tasks[0].done(body)


def return_to_home(body: Body, rtl_alt_m: float, speed_ms: float) -> InTurn:
    """RTL: climb to the return height if lower, fly home, wait 5 s, land. The nose stays as it is."""
    up_m = max(body.up_m, rtl_alt_m)
    above, home = Point(body.east_m, body.north_m, up_m), Point(0.0, 0.0, up_m)
    way = FlyLeg(Leg(above, home, speed_ms), turn_nose=False)
    return InTurn([Climb(up_m), way, Hold(5.0), Land()])
