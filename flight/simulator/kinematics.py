"""How the simulated copter moves: velocities, legs, turning, with limits like a real one's.

Metres east, north and up of the home point. The limits are ArduCopter's defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, inf, radians, sin, sqrt, tan

ACCELERATION_MS2 = 2.5  # WPNAV_ACCEL
CLIMB_ACCELERATION_MS2 = 1.0  # WPNAV_ACCEL_Z
CLIMB_MS = 2.5  # WPNAV_SPEED_UP
DESCENT_MS = 1.5  # WPNAV_SPEED_DN
TURN_RATE_DEG_S = 60.0
# Corner speeds: 2.96 m/s was recorded from ArduCopter 4.6.2 at a 90° corner, v² = a · this / tan(½ · 90°).
CORNER_RADIUS_M = 3.5
UPRIGHT_M = 0.3  # legs shorter than this over ground are flown straight up or down
# Braking is planned a little softer than the limit, so that the limit is never needed in full.
BRAKING_MS2 = 0.8 * ACCELERATION_MS2
GRAVITY_MS2 = 9.81
DRAG_LEAN_DEG_PER_MS = 1.55  # recorded: 9.3° at 6 m/s, 12° at 8 m/s


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

    def move(self, wish: Wish, dt_s: float) -> None:
        """Follow the wish for a time step, as far as the limits allow."""
        d_east, d_north = wish.v_east_ms - self.v_east_ms, wish.v_north_ms - self.v_north_ms
        most = ACCELERATION_MS2 * dt_s
        change = hypot(d_east, d_north)
        share = 1.0 if change <= most else most / change
        self.v_east_ms += d_east * share
        self.v_north_ms += d_north * share
        self.v_up_ms += clamp(wish.v_up_ms - self.v_up_ms, CLIMB_ACCELERATION_MS2 * dt_s)
        self.east_m += self.v_east_ms * dt_s
        self.north_m += self.v_north_ms * dt_s
        self.up_m += self.v_up_ms * dt_s
        if wish.yaw_deg is not None:
            turn = clamp(angle_between(self.yaw_deg, wish.yaw_deg), TURN_RATE_DEG_S * dt_s)
            self.yaw_deg = (self.yaw_deg + turn) % 360
        self._lean(d_east * share / dt_s, d_north * share / dt_s, dt_s)

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

    def _lean(self, a_east_ms2: float, a_north_ms2: float, dt_s: float) -> None:
        """Lean into acceleration and against drag, nose down being negative, smoothed over 0.3 s."""
        yaw = radians(self.yaw_deg)

        def ahead(east: float, north: float) -> float:
            return east * sin(yaw) + north * cos(yaw)

        def right(east: float, north: float) -> float:
            return east * cos(yaw) - north * sin(yaw)

        drag = DRAG_LEAN_DEG_PER_MS
        velocity, push = (self.v_east_ms, self.v_north_ms), (a_east_ms2, a_north_ms2)
        pitch = -drag * ahead(*velocity) - degrees(atan2(ahead(*push), GRAVITY_MS2))
        roll = drag * right(*velocity) + degrees(atan2(right(*push), GRAVITY_MS2))
        share = min(1.0, dt_s / 0.3)
        self.pitch_deg += (pitch - self.pitch_deg) * share
        self.roll_deg += (roll - self.roll_deg) * share


@dataclass(frozen=True)
class Leg:
    """A straight flight from one point to another; `end_speed_ms` 0 stops there."""

    start: Point
    end: Point
    speed_ms: float
    end_speed_ms: float = 0.0

    @property
    def length_m(self) -> float:
        """Horizontal length."""
        return hypot(self.end.east_m - self.start.east_m, self.end.north_m - self.start.north_m)

    def remaining_m(self, body: Body) -> float:
        """Horizontal distance along the leg to its end; negative beyond it."""
        return self.length_m - self._along(body)

    def wish(self, body: Body) -> Wish:
        """The velocity that follows the leg from where the body is."""
        if self.length_m < UPRIGHT_M:
            return self._hold_end(body)
        along_m, length_m = self._along(body), self.length_m
        left_m = length_m - along_m
        t_east = (self.end.east_m - self.start.east_m) / length_m
        t_north = (self.end.north_m - self.start.north_m) / length_m
        speed = min(self.speed_ms, self._climbing_speed_ms(), self._braking_speed_ms(left_m))
        # After a corner the sideways speed is braked first, else the copter would swing far out.
        speed = min(speed, max(0.0, body.v_east_ms * t_east + body.v_north_ms * t_north) + 1.0)
        off_east = body.east_m - self.start.east_m - t_east * along_m
        off_north = body.north_m - self.start.north_m - t_north * along_m
        up = self.start.up_m + (self.end.up_m - self.start.up_m) * min(1.0, max(0.0, along_m / length_m))
        slope = (self.end.up_m - self.start.up_m) / length_m
        climbing = slope * speed if 0 < along_m < length_m else 0.0
        return Wish(
            t_east * speed - clamp(off_east, 2.0),
            t_north * speed - clamp(off_north, 2.0),
            climb_limits(climbing + (up - body.up_m)),
            bearing_deg(t_east, t_north),
        )

    def _along(self, body: Body) -> float:
        length_m = self.length_m
        if length_m == 0:
            return 0.0
        d_east, d_north = self.end.east_m - self.start.east_m, self.end.north_m - self.start.north_m
        east, north = body.east_m - self.start.east_m, body.north_m - self.start.north_m
        return (d_east * east + d_north * north) / length_m

    def _climbing_speed_ms(self) -> float:
        rise = self.end.up_m - self.start.up_m
        limit = CLIMB_MS if rise > 0 else DESCENT_MS
        return inf if rise == 0 else limit * self.length_m / abs(rise)

    def _braking_speed_ms(self, left_m: float) -> float:
        if left_m <= 0:
            return max(self.end_speed_ms, left_m)
        braking = sqrt(self.end_speed_ms**2 + 2 * BRAKING_MS2 * left_m)
        return max(self.end_speed_ms, min(braking, self.end_speed_ms + 1.2 * left_m))

    def _hold_end(self, body: Body) -> Wish:
        return Wish(
            clamp(self.end.east_m - body.east_m, 1.0),
            clamp(self.end.north_m - body.north_m, 1.0),
            climb_limits(self.end.up_m - body.up_m),
        )


def corner_speed_ms(before: Point, corner: Point, after: Point) -> float:
    """How fast a corner between two legs can be flown; infinite where they are in line.

    An upright leg has no direction over ground: it begins and ends with a stop.
    """
    if min(_apart_m(before, corner), _apart_m(corner, after)) < UPRIGHT_M:
        return 0.0
    first = bearing_deg(corner.east_m - before.east_m, corner.north_m - before.north_m)
    second = bearing_deg(after.east_m - corner.east_m, after.north_m - corner.north_m)
    turn_deg = abs(angle_between(first, second))
    if turn_deg < 1:
        return inf
    if turn_deg > 170:
        return 0.0
    return sqrt(ACCELERATION_MS2 * CORNER_RADIUS_M / tan(radians(turn_deg / 2)))


def _apart_m(one: Point, other: Point) -> float:
    return hypot(other.east_m - one.east_m, other.north_m - one.north_m)


def climb_limits(v_up_ms: float) -> float:
    """A vertical speed within what the copter climbs and descends."""
    return min(CLIMB_MS, max(-DESCENT_MS, v_up_ms))


def towards_height(up_m: float, wanted_up_m: float) -> float:
    """The vertical speed that brings the copter to a height and stops there."""
    rise = wanted_up_m - up_m
    speed = min(sqrt(2 * 0.8 * CLIMB_ACCELERATION_MS2 * abs(rise)), abs(rise) + 0.05)
    return climb_limits(speed if rise > 0 else -speed)


def clamp(value: float, most: float) -> float:
    """The value, cut at ± most."""
    return min(most, max(-most, value))


def bearing_deg(east: float, north: float) -> float:
    """Direction clockwise from north, 0 to 360."""
    return degrees(atan2(east, north)) % 360


def angle_between(from_deg: float, to_deg: float) -> float:
    """The shorter turn from one heading to another, −180 to 180."""
    return (to_deg - from_deg + 180) % 360 - 180
