"""The simulated camera's shutter and gimbal: when photos are taken and where the camera looked.

Triggering follows AP_Camera: a distance trigger fires each time at least that distance lies behind
the last photo, in whatever flight mode, until it is switched off.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from math import hypot
from pathlib import Path

from flight.simulator.exposure import Exposure
from flight.simulator.kinematics import Body, Point, clamp

GIMBAL_RATE_DEG_S = 90.0
GIMBAL_JITTER_DEG = 0.2  # 1 σ, cut at GIMBAL_LIMIT_DEG
GIMBAL_LIMIT_DEG = 0.5
START_PITCH_DEG = -35.0  # recorded: the neutral angle of the mount
PITCH_RANGE_DEG = (-90.0, 20.0)


class Gimbal:
    """Turns in pitch; in roll it holds the horizon, its yaw is the vehicle's."""

    def __init__(self) -> None:
        self.pitch_deg = START_PITCH_DEG
        self._wanted_pitch_deg = START_PITCH_DEG
        self._place: Point | None = None

    def point(self, pitch_deg: float) -> None:
        """Begin to turn to a pitch, and look at no place any longer."""
        self._place = None
        self._turn_to(pitch_deg)

    def look_at(self, place: Point | None) -> None:
        """Keep pointing at a place; with None go back to neutral, wherever it pointed before."""
        if self._place is not None and place is None:
            self._turn_to(START_PITCH_DEG)
        self._place = place

    def _turn_to(self, pitch_deg: float) -> None:
        low, high = PITCH_RANGE_DEG
        self._wanted_pitch_deg = min(high, max(low, pitch_deg))

    def move(self, dt_s: float, body: Body) -> None:
        """Turn on for a time step, under a body that moves."""
        if self._place is not None:
            self._turn_to(body.elevation_to_deg(self._place))
        self.pitch_deg += clamp(self._wanted_pitch_deg - self.pitch_deg, GIMBAL_RATE_DEG_S * dt_s)


class Trigger:
    """Decides when the shutter opens."""

    def __init__(self, shoot: Callable[[], None]) -> None:
        self._shoot = shoot
        self._distance_m = 0.0
        self._last_m: tuple[float, float] | None = None

    def every(self, distance_m: float, at_once: bool, here_m: tuple[float, float]) -> None:
        """Fire every so many metres (0: no more), `at_once` also now. `here_m` is east, north."""
        self._distance_m = max(0.0, distance_m)
        self._last_m = here_m
        if at_once and self._distance_m > 0:
            self._shoot()

    def moved(self, here_m: tuple[float, float]) -> None:
        """Fire if far enough from the last photo."""
        if self._distance_m <= 0 or self._last_m is None:
            return
        if hypot(here_m[0] - self._last_m[0], here_m[1] - self._last_m[1]) >= self._distance_m:
            self._last_m = here_m
            self._shoot()


class Film:
    """Counts exposures and writes them as they truly were to a file, if there is one."""

    def __init__(self, file: Path | None, seed: int) -> None:
        self.count = 0
        self._random = random.Random(f"gimbal {seed}")
        self._stream = file.open("w", encoding="utf-8", newline="\n") if file else None

    def expose(
        self,
        at: datetime,
        lat: float,
        lon: float,
        alt_rel_m: float,
        yaw_deg: float,
        pitch_deg: float,
    ) -> Exposure:
        """One more photo, with the small unrest of the gimbal."""
        self.count += 1
        yaw_off, pitch_off, roll = (self._unrest_deg() for _ in range(3))
        yaw_deg, pitch_deg = (yaw_deg + yaw_off) % 360, pitch_deg + pitch_off
        exposure = Exposure(self.count, at, lat, lon, alt_rel_m, yaw_deg, pitch_deg, roll)
        if self._stream:
            self._stream.write(exposure.to_json() + "\n")
            self._stream.flush()
        return exposure

    def _unrest_deg(self) -> float:
        return clamp(self._random.gauss(0, GIMBAL_JITTER_DEG), GIMBAL_LIMIT_DEG)
