"""What the simulated copter does at a time: climb, fly a leg, hold, land; and returning, made of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import hypot
from typing import Protocol

from flight.simulator.kinematics import (
    Body,
    Point,
    Wish,
    bearing_deg,
    clamp,
    climb_limits,
    descent_ms,
    towards,
    towards_height,
)
from flight.simulator.legs import Flight, Leg, add, may_turn
from flight.simulator.limits import ACCELERATION_MS2, HOLDING_PER_S, RADIUS_M

SPOOL_UP_S = 1.5
LANDING_MS = 0.5  # LAND_SPEED
LANDING_HEIGHT_M = 10.0  # LAND_ALT_LOW
FINAL_DESCENT_MS = 1.5
SINKING_MS = 2.5  # PILOT_SPEED_UP, for PILOT_SPEED_DN 0
RETURN_WAIT_S = 5.0  # RTL_LOIT_TIME
TURNS_FROM = 0.05  # of the leg's speed: slower, the nose stays as it is
ALLOWED_SHARE, ALLOWED_MS = 0.05, 0.07  # by so much the copter may be too slow before the leg's clock waits
STEADYING_MS = 1.0  # slower legs too are held against gusts at this speed
NEVER_LEVEL_M = 0.01  # the height is never exactly the wanted one: a leg of a centimetre takes a second


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
    """Along a leg; `hold_s` after arrival. `turn_nose` turns the nose into the way.

    With `onward` it does not stop at the end, but turns into that leg; the task of that leg then goes on
    from this one's (`before`).
    """

    def __init__(
        self,
        leg: Leg,
        hold_s: float = 0.0,
        turn_nose: bool = True,
        onward: Leg | None = None,
        before: FlyLeg | None = None,
    ) -> None:
        turning: Flight | None = before.onward if before is not None else None
        if turning is not None and (turning.leg.start, turning.leg.end) != (leg.start, leg.end):
            turning = None
        self.flight = turning or Flight(leg)
        self.onward: Flight | None = Flight(onward) if onward is not None else None
        self._leaving = before.flight if before is not None and turning else None
        self._hold_s = hold_s
        self._turn_nose = turn_nose
        self._pace = 1.0
        self.paused = False
        self.arrived = False

    @property
    def leg(self) -> Leg:
        """What is flown."""
        return self.flight.leg

    def change_speed(self, speed_ms: float) -> None:
        """Fly on at another speed over ground."""
        self.flight.change_speed(speed_ms)
        if self.onward is not None:
            self.onward.change_speed(speed_ms)

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Follow the leg."""
        if self.arrived:
            self._hold_s -= dt_s
        change = ACCELERATION_MS2 / max(1.0, self.leg.speed_ms) * dt_s
        self._pace += clamp((0.0 if self.paused else 1.0) - self._pace, change)
        self._go_on(dt_s * self._pace * self._share_kept(body))
        place, velocity = self._wanted()
        back = towards(place, body)
        east, north, up = (self._pace * ahead + aside for ahead, aside in zip(velocity, back, strict=True))
        slower = min(1.0, max(self.leg.speed_ms, STEADYING_MS) / max(hypot(east, north), 0.01))
        moving = hypot(velocity[0], velocity[1]) > TURNS_FROM * self.leg.speed_ms
        nose_deg = bearing_deg(velocity[0], velocity[1]) if self._turn_nose and moving else None
        return Wish(slower * east, slower * north, climb_limits(up), nose_deg)

    def done(self, body: Body) -> bool:
        """At its end or past the middle of the turn there, and held long enough."""
        if not self.arrived:
            self.arrived = self._at_end(body)
        return self.arrived and self._hold_s <= 0

    def _at_end(self, body: Body) -> bool:
        left_s = self.flight.left_s
        if self.onward is not None:
            return left_s <= 0 or 0 < left_s <= self.onward.passed_s
        end = self.leg.end
        away_m = hypot(body.east_m - end.east_m, body.north_m - end.north_m, body.up_m - end.up_m)
        return left_s <= 0 and away_m <= RADIUS_M

    def _go_on(self, dt_s: float) -> None:
        if self._leaving is not None:
            self._leaving.go_on(dt_s)
        self.flight.go_on(dt_s)
        if self.onward is not None and (self.onward.passed_s > 0 or may_turn(self.flight, self.onward)):
            self.onward.go_on(dt_s)

    def _wanted(self) -> tuple[Point, tuple[float, float, float]]:
        """Where it should be now, and its velocity."""
        start = self.leg.start
        place = add((start.east_m, start.north_m, start.up_m), self.flight.offset())
        velocity = self.flight.velocity()
        if self._leaving is not None:
            place = add(place, self._leaving.left(), -1.0)
            velocity = add(velocity, self._leaving.velocity())
        if self.onward is not None and self.onward.passed_s > 0:
            place, velocity = add(place, self.onward.offset()), add(velocity, self.onward.velocity())
        return Point(*place), velocity

    def _share_kept(self, body: Body) -> float:
        """How well the copter keeps up: the clock of the leg waits for it."""
        place, velocity = self._wanted()
        speed_ms = hypot(*velocity)
        if speed_ms * self._pace == 0:
            return 1.0
        track = add((0.0, 0.0, 0.0), velocity, 1 / speed_ms)
        away = (place.east_m - body.east_m, place.north_m - body.north_m, place.up_m - body.up_m)
        made_ms = _dot((body.v_east_ms, body.v_north_ms, body.v_up_ms), track)
        lead_ms = made_ms + ALLOWED_MS - HOLDING_PER_S * _dot(away, track)
        return min(1.0, max(0.0, ALLOWED_SHARE + lead_ms / (speed_ms * self._pace)))


def _dot(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


class Hold:
    """Stay where it can stop for a time; for ever without one."""

    def __init__(self, seconds: float | None = None) -> None:
        self._left_s = seconds
        self._place: Point | None = None

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Stop, and keep the place."""
        if self._left_s is not None:
            self._left_s -= dt_s
        if self._place is None:
            self._place = body.stopping_point
        east, north, up = towards(self._place, body)
        return Wish(east, north, climb_limits(up))

    def done(self, body: Body) -> bool:
        """The time is over."""
        return self._left_s is not None and self._left_s <= 0


class Sink:
    """What a pilot does whose throttle stick lies at the bottom, as that of a vehicle without a radio.

    Recorded: in LOITER ArduPilot's own simulated vehicle sinks to the ground.
    """

    def __init__(self) -> None:
        self._hold = Hold()

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Keep the place over ground, and sink."""
        return replace(self._hold.steer(body, dt_s), v_up_ms=-SINKING_MS)

    def done(self, body: Body) -> bool:
        """Never."""
        return False


class Land:
    """Straight down to the ground, after a pause."""

    def __init__(self, wait_s: float = 0.0) -> None:
        self._wait_s = wait_s
        self._hold = Hold()

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Descend, slowly near the ground."""
        self._wait_s -= dt_s
        over_ground = self._hold.steer(body, dt_s)
        if self._wait_s > 0:
            return over_ground
        until_slow_m = max(0.0, body.up_m - LANDING_HEIGHT_M)
        sinking_ms = max(LANDING_MS, min(FINAL_DESCENT_MS, descent_ms(until_slow_m)))
        return replace(over_ground, v_up_ms=-sinking_ms)

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


HOME = Point(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Return:
    """How RTL is flown: the height it climbs to if lower, the speed, the place of home."""

    height_m: float = 15.0
    speed_ms: float = 10.0
    home: Point = HOME


class ReturnHome:
    """RTL: climb to the return height if lower, fly home, wait 5 s, land. The nose stays as it is."""

    def __init__(self, body: Body, way: Return) -> None:
        start = body.stopping_point
        above = replace(start, up_m=max(start.up_m + NEVER_LEVEL_M, way.height_m))
        self._home = Leg(above, replace(way.home, up_m=above.up_m), way.speed_ms)
        climb = Leg(start, above, way.speed_ms)
        self._task: Task = FlyLeg(climb, turn_nose=False, onward=self._home)

    def steer(self, body: Body, dt_s: float) -> Wish:
        """Climb, then the rest."""
        if isinstance(self._task, FlyLeg) and self._task.done(body):
            home = FlyLeg(self._home, turn_nose=False, before=self._task)
            self._task = InTurn([home, Hold(RETURN_WAIT_S), Land()])
        return self._task.steer(body, dt_s)

    def done(self, body: Body) -> bool:
        """On the ground."""
        return isinstance(self._task, InTurn) and self._task.done(body)
