"""How long flying takes: legs, turns, take-off and landing.

A planning model, not a simulation: it must not promise less time than the vehicle needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np

from flight.fleet import Drone
from vision.camera import FloatArray

_ACCELERATION_MS2 = 2.5  # ArduCopter's default, horizontal
FAST_TRANSIT_M = 50.0  # shorter transits are flown at photo speed: speeding up would not pay
_LAND_SLOWLY_BELOW_M = 10.0  # ArduCopter's LAND_ALT_LOW
_LANDING_MS = 0.5  # below that height
_HOVER_BEFORE_LANDING_S = 5.0  # at the end of ArduCopter's return to launch
_GROUND_S = 10.0  # arming, spinning up, settling


@dataclass(frozen=True)
class Pace:
    """The speeds of a sortie: with the camera on, and on long transits."""

    photo_ms: float
    cruise_ms: float

    @overload
    def transit_s(self, distance_m: float) -> float: ...
    @overload
    def transit_s(self, distance_m: FloatArray) -> FloatArray: ...
    def transit_s(self, distance_m: float | FloatArray) -> float | FloatArray:
        """Time of a transit, with speeding up and slowing down where it is flown fast."""
        change_s = 2 * (self.cruise_ms - self.photo_ms) / _ACCELERATION_MS2
        slow = np.asarray(distance_m) <= FAST_TRANSIT_M
        duration = np.where(slow, distance_m / self.photo_ms, distance_m / self.cruise_ms + change_s)
        return float(duration) if duration.ndim == 0 else duration

    def turn_s(self, angle_deg: FloatArray) -> FloatArray:
        """Time lost in turns: none straight on, a full stop and start for a reversal."""
        stop_s = self.photo_ms / _ACCELERATION_MS2
        lost: FloatArray = stop_s * (1 - np.cos(np.radians(angle_deg))) / 2
        return lost

    def pass_s(self, length_m: float, headings_deg: FloatArray) -> float:
        """Time of a pass, its bends included."""
        return length_m / self.photo_ms + float(self.turn_s(np.diff(headings_deg)).sum())


def takeoff_and_landing_s(drone: Drone, height_m: float) -> float:
    """Time of everything but the way over ground: arming, climb, hover, descent, landing."""
    slow_m = min(height_m, _LAND_SLOWLY_BELOW_M)
    descent_s = (height_m - slow_m) / drone.descend_ms + slow_m / _LANDING_MS
    return _GROUND_S + height_m / drone.climb_ms + _HOVER_BEFORE_LANDING_S + descent_s
