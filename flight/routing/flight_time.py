"""How long flying takes: legs, turns, climbs, wind, take-off and landing.

A planning model, not a simulation: it must not promise less time than the vehicle needs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import overload

import numpy as np

from flight.fleet import Drone
from vision.camera import FloatArray
from vision.errors import PantauError

_ACCELERATION_MS2 = 2.5  # ArduCopter's default, horizontal
_CLIMB_ACCELERATION_MS2 = 1.0  # ArduCopter's WPNAV_ACCEL_Z
FAST_TRANSIT_M = 50.0  # shorter transits are flown at photo speed: speeding up would not pay
TOUCHING_M = 0.5  # transits shorter than this are no way at all
_SETTLING_S = 1.0  # at the end of an upright leg, until the height is held
_SLOWEST_MS = 1.0  # slower progress against the wind is none
_NO_LEG_M = 1e-6
_LAND_SLOWLY_BELOW_M = 10.0  # ArduCopter's LAND_ALT_LOW
_LANDING_MS = 0.5  # below that height
_HOVER_BEFORE_LANDING_S = 5.0  # at the end of ArduCopter's return to launch
_GROUND_S = 10.0  # arming, spinning up, settling
_JERK_MS3 = 1.0  # ArduCopter's WPNAV_JERK
_LEANING_S = 0.3  # in which it changes its jerk
_NEWTON_STEPS = 3


@dataclass(frozen=True)
class Pace:
    """The speeds of a sortie over ground, with the camera on and on long transits, and what slows it.

    `cruise_ms` is also the airspeed: what is left of it after drift and headwind is the fastest over
    ground. `wind_ms` blows from `wind_from_deg` (clockwise from north); when that is None it is taken to
    blow against every leg, which no wind does: the times are then longer than any flight's. A tailwind
    makes nobody faster, because autopilots hold the speed over ground that they were told.
    A transit longer than `rises_beyond_m` climbs by `rise_m` and descends again.

    Raises PantauError when the drone makes no way against the wind.
    """

    photo_ms: float
    cruise_ms: float
    wind_ms: float = 0.0
    wind_from_deg: float | None = None
    rise_m: float = 0.0
    rises_beyond_m: float = FAST_TRANSIT_M
    climb_ms: float = math.inf
    descend_ms: float = math.inf

    def __post_init__(self) -> None:
        """Refuse a wind that is too strong."""
        if self.wind_ms > 0 and self.cruise_ms - self.wind_ms < _SLOWEST_MS:
            raise PantauError(
                f"a wind of {self.wind_ms:g} m/s leaves a drone that flies {self.cruise_ms:g} m/s no way "
                f"against it; wait for less than {max(0.0, self.cruise_ms - _SLOWEST_MS):g} m/s (--wind) or "
                "take a faster --drone."
            )

    @overload
    def transit_s(self, distance_m: float, bearing_deg: float | None = None) -> float: ...
    @overload
    def transit_s(self, distance_m: FloatArray, bearing_deg: FloatArray | None = None) -> FloatArray: ...
    def transit_s(
        self, distance_m: float | FloatArray, bearing_deg: float | FloatArray | None = None
    ) -> float | FloatArray:
        """Time of a transit, with speeding up and slowing down where it is flown fast, and its rise.

        Where no bearing is given (None or not a number), the whole wind blows against it.
        """
        fast_ms = self.ground_ms(self.cruise_ms, bearing_deg)
        slow_ms = self.ground_ms(self.photo_ms, bearing_deg)
        way_m = np.asarray(distance_m)
        fast_s = way_m / fast_ms + self.change_s(self.cruise_ms)
        duration = np.where(way_m <= FAST_TRANSIT_M, way_m / slow_ms, fast_s)
        duration = duration + np.where(way_m > self.rises_beyond_m, self._rise_s, 0.0)
        return float(duration) if duration.ndim == 0 else duration

    def change_s(self, speed_ms: float) -> float:
        """Time lost in speeding up from photo speed and slowing down again, as in still air."""
        return max(0.0, 2 * (speed_ms - self.photo_ms) / _ACCELERATION_MS2)

    @property
    def _rise_s(self) -> float:
        """Stop, climb, start; and the same again for the descent."""
        if self.rise_m <= 0:
            return 0.0
        stops_s = (self.photo_ms + self.cruise_ms) / _ACCELERATION_MS2
        return float(self.upright_s(np.array([self.rise_m, -self.rise_m])).sum()) + stops_s

    def upright_s(self, up_m: FloatArray) -> FloatArray:
        """The time of legs straight up (above 0) or down, from rest to rest."""
        speed_ms = np.where(up_m > 0, self.climb_ms, self.descend_ms)
        way_m = np.abs(up_m)
        fastest_ms = np.minimum(speed_ms, np.sqrt(way_m * _CLIMB_ACCELERATION_MS2))
        cruising_s = np.divide(way_m, fastest_ms, out=np.zeros_like(way_m), where=fastest_ms > 0)
        changing_s = fastest_ms / _CLIMB_ACCELERATION_MS2
        duration: FloatArray = cruising_s + changing_s + np.where(way_m > 0, _SETTLING_S, 0.0)
        return duration

    def ground_ms(self, wanted_ms: float, bearing_deg: float | FloatArray | None = None) -> FloatArray:
        """The speed over ground on a bearing, when `wanted_ms` is told: less where the airspeed is short.

        Drift is held against, so that of the airspeed the part across the wind is lost.
        """
        if self.wind_ms <= 0:
            return np.full(np.shape(bearing_deg) if bearing_deg is not None else (), wanted_ms)
        against = np.asarray(np.nan if bearing_deg is None else bearing_deg, dtype=np.float64)
        if self.wind_from_deg is None:
            against = np.full(against.shape, np.nan)
        else:
            against = np.radians(against - self.wind_from_deg)
        head_ms = self.wind_ms * np.nan_to_num(np.cos(against), nan=1.0)
        across_ms = self.wind_ms * np.nan_to_num(np.sin(against), nan=0.0)
        possible_ms = np.sqrt(self.cruise_ms**2 - across_ms**2) - head_ms
        return np.minimum(wanted_ms, possible_ms)

    def turn_s(self, angle_deg: FloatArray, speed_ms: float | None = None) -> FloatArray:
        """Time lost in turns: none straight on, a full stop and start for a reversal.

        At photo speed, or another.
        """
        stop_s = (self.photo_ms if speed_ms is None else speed_ms) / _ACCELERATION_MS2
        lost: FloatArray = stop_s * (1 - np.cos(np.radians(angle_deg))) / 2
        return lost

    def pass_s(self, length_m: float | FloatArray, headings_deg: FloatArray) -> float:
        """Time of a pass, its bends included: from the length of each of its legs, or of all together.

        Of all together the slowest leg's speed in the wind counts, whichever way the pass is flown.
        """
        if np.ndim(length_m) == 0:
            both_ways = np.concatenate([headings_deg, headings_deg + 180])
            flying_s = float(length_m / self.ground_ms(self.photo_ms, both_ways).min())
        else:
            ground_ms = self.ground_ms(self.photo_ms, headings_deg)
            flying_s = float((length_m / np.minimum(ground_ms, _in_bends_ms(np.asarray(length_m)))).sum())
        return flying_s + float(self.turn_s(np.diff(headings_deg)).sum())


def way_s(points: FloatArray, speed_ms: float, pace: Pace) -> float:
    """Time of a way through space, (N, 3) metres east, north and up, begun and ended at photo speed.

    Legs are flown at `speed_ms` over ground, slower where wind or a steep climb or descent forces it to;
    upright legs begin and end with a stop. On the level this is the time that routing counts with; for
    climbs on the move it is less than `Pace.transit_s` counts for a rise straight up.
    """
    legs = _legs(points)
    if len(legs) == 0:
        return 0.0
    run_m, up_m = np.hypot(legs[:, 0], legs[:, 1]), legs[:, 2]
    bearings_deg = np.degrees(np.arctan2(legs[:, 0], legs[:, 1]))
    ground_ms = pace.ground_ms(speed_ms, bearings_deg)
    climbing_s = np.where(up_m > 0, up_m / pace.climb_ms, -up_m / pace.descend_ms)
    ground_ms = np.minimum(ground_ms, _in_bends_ms(run_m))
    on_the_move_s = np.maximum(run_m / ground_ms, climbing_s)
    flying_s = float(np.where(run_m <= _NO_LEG_M, pace.upright_s(up_m), on_the_move_s).sum())
    bends_s = pace.turn_s(_bends_deg(legs), speed_ms)
    return flying_s + float(bends_s.sum()) + pace.change_s(speed_ms)


def ways_s(ways: Sequence[tuple[FloatArray, float]], pace: Pace) -> float:
    """Time of ways flown one after the other, each (points (N, 3), speed), with the turns between them.

    For a whole sortie these are its transits and passes in turn. A transit so short that two passes touch
    counts as one turn from pass to pass, and the way across.
    """
    total_s = sum(way_s(points, speed_ms, pace) for points, speed_ms in ways)
    long = [points for points, _ in ways if _length_m(points) >= TOUCHING_M]
    for before, after in pairwise(long):
        meeting = np.array([_legs(before)[-1], _legs(after)[0]])
        total_s += float(pace.turn_s(_bends_deg(meeting)).sum())
    return total_s


def _in_bends_ms(legs_m: FloatArray) -> FloatArray:
    """The mean speed that legs of several, one after the other, can be flown at; no limit for a single one.

    ArduCopter begins and ends each leg with a stop of its own, limited in jerk; the stops of two legs
    overlap in the bend between them. So a leg takes as long as its mean speed takes to be reached: of that
    speed and time the leg's length is the product. Agrees with the simulated vehicle within 0.1 s a leg.
    """
    if len(legs_m) < 2:
        return np.full(legs_m.shape, np.inf)
    legs_m = np.maximum(legs_m, _NO_LEG_M)
    root = np.cbrt(legs_m * math.sqrt(_JERK_MS3) / 2)  # of the speed, first without the leaning
    for _ in range(_NEWTON_STEPS):
        too_far_m = 2 * root**3 / math.sqrt(_JERK_MS3) + _LEANING_S * root**2 - legs_m
        root = root - too_far_m / (6 * root**2 / math.sqrt(_JERK_MS3) + 2 * _LEANING_S * root)
    to_full_s = _ACCELERATION_MS2 / _JERK_MS3 + _LEANING_S
    along = _ACCELERATION_MS2 * to_full_s / 2
    fast_ms = np.sqrt(along**2 + _ACCELERATION_MS2 * legs_m) - along
    hardly_ms = _ACCELERATION_MS2**2 / _JERK_MS3  # slower, the acceleration never gets to its limit
    speed_ms: FloatArray = np.where(root**2 <= hardly_ms, root**2, fast_ms)
    return speed_ms


def _legs(points: FloatArray) -> FloatArray:
    steps = np.diff(points, axis=0)
    legs: FloatArray = steps[np.abs(steps).max(axis=1, initial=0.0) > _NO_LEG_M]
    return legs


def _length_m(points: FloatArray) -> float:
    return float(np.sqrt((np.diff(points, axis=0) ** 2).sum(axis=1)).sum())


def _bends_deg(legs: FloatArray) -> FloatArray:
    """The change of heading from leg to leg; 90° into and out of an upright one, which is half a stop."""
    headings_deg = np.degrees(np.arctan2(legs[:, 0], legs[:, 1]))
    upright = np.hypot(legs[:, 0], legs[:, 1]) <= _NO_LEG_M
    bends_deg: FloatArray = np.diff(headings_deg)
    bends_deg[upright[:-1] | upright[1:]] = 90.0
    return bends_deg


def takeoff_and_landing_s(drone: Drone, height_m: float) -> float:
    """Time of everything but the way over ground: arming, climb, hover, descent, landing."""
    slow_m = min(height_m, _LAND_SLOWLY_BELOW_M)
    descent_s = (height_m - slow_m) / drone.descend_ms + slow_m / _LANDING_MS
    return _GROUND_S + height_m / drone.climb_ms + _HOVER_BEFORE_LANDING_S + descent_s
