"""How the simulated copter moves: velocities, climbing, turning, leaning, with limits like a real one's.

Metres east, north and up of the home point.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin, sqrt, tan

from flight.simulator.limits import (
    ACCELERATION_MS2,
    CLIMB_ACCELERATION_MS2,
    CLIMB_MS,
    DESCENT_MS,
    HOLDING_PER_S,
    TURN_RATE_DEG_S,
)

GRAVITY_MS2 = 9.81
# Recorded: at 6 m/s 13.5° (9.4° nose down and as much to the side, the nose 45° off the course).
DRAG_LEAN_DEG_PER_MS = 2.25
MOST_LEAN_DEG = 30.0  # ANGLE_MAX
MOST_ACCELERATION_MS2 = GRAVITY_MS2 * tan(radians(MOST_LEAN_DEG))
# ArduPilot's own simulated frame gets to 11 m/s; inspection copters fly faster than that.
MOST_AIRSPEED_MS = 19.0
# How fast a level copter comes to drift with the air: its drag per speed is what the lean balances.
DRAG_PER_S = GRAVITY_MS2 * tan(radians(DRAG_LEAN_DEG_PER_MS))
LEAN_S = 0.3
RESPONSE_S = 0.3  # how far behind the wanted velocity it is over ground: it has to lean first
CALM = (0.0, 0.0)


@dataclass(frozen=True)
class Point:
    """A place in metres east, north and up of home."""

    east_m: float
    north_m: float
    up_m: float


@dataclass(frozen=True)
class Wish:
    """The velocity that a task wants; `yaw_deg` None keeps the heading."""

    v_east_ms: float = 0.0
    v_north_ms: float = 0.0
    v_up_ms: float = 0.0
    yaw_deg: float | None = None


@dataclass
class Body:
    """Where the copter is and how it moves."""

    east_m: float = 0.0
    north_m: float = 0.0
    up_m: float = 0.0
    v_east_ms: float = 0.0
    v_north_ms: float = 0.0
    v_up_ms: float = 0.0
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0

    @property
    def point(self) -> Point:
        """Where it is."""
        return Point(self.east_m, self.north_m, self.up_m)

    @property
    def ground_speed_ms(self) -> float:
        """Horizontal speed."""
        return hypot(self.v_east_ms, self.v_north_ms)

    @property
    def stopping_point(self) -> Point:
        """Where it can stop at the earliest, braking as ArduCopter's position controller does."""
        speed_ms = self.ground_speed_ms
        ahead_m = _stopping_m(speed_ms, ACCELERATION_MS2)
        share = ahead_m / speed_ms if speed_ms > 0 else 0.0
        rise_m = _stopping_m(abs(self.v_up_ms), CLIMB_ACCELERATION_MS2)
        return Point(
            self.east_m + self.v_east_ms * share,
            self.north_m + self.v_north_ms * share,
            self.up_m + (rise_m if self.v_up_ms > 0 else -rise_m),
        )

    def airspeed_ms(self, wind_ms: tuple[float, float] = CALM) -> float:
        """Horizontal speed through air that moves with `wind_ms` to the east and to the north."""
        return hypot(self.v_east_ms - wind_ms[0], self.v_north_ms - wind_ms[1])

    def move(self, wish: Wish, dt_s: float, wind_ms: tuple[float, float] = CALM) -> None:
        """Follow the wish for a time step, as far as the limits allow, in air that moves."""
        v_east_ms, v_north_ms = _within_airspeed(wish, wind_ms)
        follows = min(1.0, dt_s / RESPONSE_S)
        d_east, d_north = (v_east_ms - self.v_east_ms) * follows, (v_north_ms - self.v_north_ms) * follows
        most = MOST_ACCELERATION_MS2 * dt_s
        change = hypot(d_east, d_north)
        share = 1.0 if change <= most else most / change
        self.v_east_ms += d_east * share
        self.v_north_ms += d_north * share
        self._go(wish.v_up_ms, dt_s)
        if wish.yaw_deg is not None:
            turn = clamp(angle_between(self.yaw_deg, wish.yaw_deg), TURN_RATE_DEG_S * dt_s)
            self.yaw_deg = (self.yaw_deg + turn) % 360
        push = (d_east * share / dt_s, d_north * share / dt_s)
        self._lean(push, wind_ms, dt_s)

    def drift(self, v_up_ms: float, dt_s: float, wind_ms: tuple[float, float]) -> None:
        """Level, without a position to hold: come to move with the air."""
        share = min(1.0, DRAG_PER_S * dt_s)
        self.v_east_ms += (wind_ms[0] - self.v_east_ms) * share
        self.v_north_ms += (wind_ms[1] - self.v_north_ms) * share
        self._go(v_up_ms, dt_s)
        self.pitch_deg -= self.pitch_deg * min(1.0, dt_s / LEAN_S)
        self.roll_deg -= self.roll_deg * min(1.0, dt_s / LEAN_S)

    def push(self, by_m: tuple[float, float]) -> None:
        """Be moved aside, metres to the east and to the north."""
        self.east_m += by_m[0]
        self.north_m += by_m[1]

    def _go(self, v_up_ms: float, dt_s: float) -> None:
        self.v_up_ms += clamp(v_up_ms - self.v_up_ms, CLIMB_ACCELERATION_MS2 * dt_s)
        self.east_m += self.v_east_ms * dt_s
        self.north_m += self.v_north_ms * dt_s
        self.up_m += self.v_up_ms * dt_s

    def bearing_to_deg(self, place: Point) -> float:
        """Direction of a place, clockwise from north."""
        return bearing_deg(place.east_m - self.east_m, place.north_m - self.north_m)

    def elevation_to_deg(self, place: Point) -> float:
        """How far a place lies above the horizon; negative below."""
        away_m = hypot(place.east_m - self.east_m, place.north_m - self.north_m)
        return degrees(atan2(place.up_m - self.up_m, away_m))

    def rest(self) -> None:
        """Stand still on the ground."""
        self.v_east_ms = self.v_north_ms = self.v_up_ms = 0.0
        self.pitch_deg = self.roll_deg = 0.0

    def _lean(self, push: tuple[float, float], wind_ms: tuple[float, float], dt_s: float) -> None:
        """Lean into acceleration and against drag, nose down being negative, smoothed."""
        yaw = radians(self.yaw_deg)

        def ahead(east: float, north: float) -> float:
            return east * sin(yaw) + north * cos(yaw)

        def right(east: float, north: float) -> float:
            return east * cos(yaw) - north * sin(yaw)

        drag = DRAG_LEAN_DEG_PER_MS
        velocity = (self.v_east_ms - wind_ms[0], self.v_north_ms - wind_ms[1])
        pitch = clamp(-drag * ahead(*velocity) - degrees(atan2(ahead(*push), GRAVITY_MS2)), MOST_LEAN_DEG)
        roll = clamp(drag * right(*velocity) + degrees(atan2(right(*push), GRAVITY_MS2)), MOST_LEAN_DEG)
        share = min(1.0, dt_s / LEAN_S)
        self.pitch_deg += (pitch - self.pitch_deg) * share
        self.roll_deg += (roll - self.roll_deg) * share


def _within_airspeed(wish: Wish, wind_ms: tuple[float, float]) -> tuple[float, float]:
    """The ground velocity nearest to the wish that the copter can hold against the air."""
    through = (wish.v_east_ms - wind_ms[0], wish.v_north_ms - wind_ms[1])
    airspeed = hypot(*through)
    if airspeed <= MOST_AIRSPEED_MS:
        return wish.v_east_ms, wish.v_north_ms
    share = MOST_AIRSPEED_MS / airspeed
    return wind_ms[0] + through[0] * share, wind_ms[1] + through[1] * share


def climb_limits(v_up_ms: float) -> float:
    """A vertical speed within what the copter climbs and descends."""
    return min(CLIMB_MS, max(-DESCENT_MS, v_up_ms))


def towards_height(up_m: float, wanted_up_m: float) -> float:
    """The vertical speed that brings the copter to a height and stops there."""
    rise = wanted_up_m - up_m
    speed = min(sqrt(2 * 0.8 * CLIMB_ACCELERATION_MS2 * abs(rise)), abs(rise) + 0.05)
    return climb_limits(speed if rise > 0 else -speed)


def towards(place: Point, body: Body) -> tuple[float, float, float]:
    """The velocity (east, north, up) that brings a body to a place and stops it there."""
    east, north = place.east_m - body.east_m, place.north_m - body.north_m
    away_m = hypot(east, north)
    share = _approach_ms(away_m, ACCELERATION_MS2) / away_m if away_m > 0 else 0.0
    rise_m = place.up_m - body.up_m
    up_ms = _approach_ms(abs(rise_m), CLIMB_ACCELERATION_MS2)
    return east * share, north * share, up_ms if rise_m > 0 else -up_ms


def descent_ms(until_m: float) -> float:
    """How fast it may sink so much above a height at which it has to be slow."""
    return _approach_ms(until_m, CLIMB_ACCELERATION_MS2)


def _approach_ms(away_m: float, braking_ms2: float) -> float:
    """ArduPilot's square root controller: in proportion when near, else as fast as braking allows."""
    near_m = braking_ms2 / HOLDING_PER_S**2
    if away_m <= near_m:
        return away_m * HOLDING_PER_S
    return sqrt(2 * braking_ms2 * (away_m - near_m / 2))


def _stopping_m(speed_ms: float, braking_ms2: float) -> float:
    """The way in which `_approach_ms` ends a speed."""
    near_ms = braking_ms2 / HOLDING_PER_S
    if speed_ms <= near_ms:
        return speed_ms / HOLDING_PER_S
    return speed_ms**2 / (2 * braking_ms2) + near_ms / HOLDING_PER_S / 2


def clamp(value: float, most: float) -> float:
    """The value, cut at ± most."""
    return min(most, max(-most, value))


def bearing_deg(east: float, north: float) -> float:
    """Direction clockwise from north, 0 to 360."""
    return degrees(atan2(east, north)) % 360


def angle_between(from_deg: float, to_deg: float) -> float:
    """The shorter turn from one heading to another, −180 to 180."""
    return (to_deg - from_deg + 180) % 360 - 180
