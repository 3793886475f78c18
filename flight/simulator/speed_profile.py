"""Speed along a leg, limited in acceleration and jerk, as ArduCopter's S-curves are.

A change of speed is a step that is smoothed three times, each time over a window of its own: the first
two windows bound acceleration and jerk, the third is the time in which the copter leans over. Its course is
therefore a piecewise polynomial of the fourth degree in the way, the third in the speed.
"""

from __future__ import annotations

from functools import cached_property
from itertools import product
from math import sqrt

from flight.simulator.limits import JERK_MS3

# By ATC_INPUT_TC and the snap that AC_WPNav takes from it, a change of jerk takes so long.
LEANING_S = 0.3
_HALVINGS = 40


class SpeedChange:
    """From rest to `by_ms` (which may be negative: that much slower), in `duration_s`."""

    def __init__(self, by_ms: float, acceleration_ms2: float, jerk_ms3: float, hurry: float = 1.0) -> None:
        size = abs(by_ms)
        to_full_s = acceleration_ms2 / jerk_ms3
        widths = (size / acceleration_ms2, to_full_s) if size > acceleration_ms2 * to_full_s else None
        first_s, second_s = widths or (sqrt(size / jerk_ms3), sqrt(size / jerk_ms3))
        self._windows_s = [width / hurry for width in (first_s, second_s, LEANING_S)]
        self._by_ms = by_ms
        self.duration_s = sum(self._windows_s) if size > 0 else 0.0
        self.way_m = by_ms * self.duration_s / 2

    def at(self, time_s: float) -> tuple[float, float]:
        """Way and speed gained so long after its beginning."""
        if time_s <= 0 or self.duration_s == 0:
            return 0.0, 0.0
        if time_s >= self.duration_s:
            return self.way_m + self._by_ms * (time_s - self.duration_s), self._by_ms
        way = speed = 0.0
        for sign, shift_s in self._terms:
            since_s = time_s - shift_s
            if since_s > 0:
                way += sign * since_s**4 / 24
                speed += sign * since_s**3 / 6
        scale = self._by_ms / (self._windows_s[0] * self._windows_s[1] * self._windows_s[2])
        return way * scale, speed * scale

    @cached_property
    def _terms(self) -> list[tuple[int, float]]:
        """Sign and beginning of the powers that the smoothing of a step by three windows sums up to."""
        return [
            ((-1) ** sum(chosen), sum(w for w, c in zip(self._windows_s, chosen, strict=True) if c))
            for chosen in product((0, 1), repeat=3)
        ]


class SpeedProfile:
    """The way along a leg by time: from `start_ms` up or down to `top_ms`, and to rest at the end.

    `top_ms` is `speed_ms`, or less where the leg is too short to get there and stop.
    """

    def __init__(
        self,
        length_m: float,
        speed_ms: float,
        acceleration_ms2: float,
        start_ms: float = 0.0,
        jerk_ms3: float = JERK_MS3,
    ) -> None:
        self.length_m, self._start_ms = length_m, start_ms
        self._limits = (acceleration_ms2, jerk_ms3)
        self.top_ms = self._highest_ms(speed_ms)
        self._gain = SpeedChange(self.top_ms - start_ms, *self._limits)
        self._loss = SpeedChange(-self.top_ms, *self._limits)
        left_m = length_m - self._changing_m(self.top_ms)
        if left_m < -1e-6:  # too fast to stop as gently
            self._loss = SpeedChange(-start_ms, *self._limits, hurry=-self._loss.way_m / max(0.01, length_m))
        cruising_s = max(0.0, left_m) / self.top_ms if self.top_ms > 0 else 0.0
        self.speeding_up_s = self._gain.duration_s
        self.braking_at_s = self._gain.duration_s + cruising_s
        self.duration_s = self.braking_at_s + self._loss.duration_s

    def at(self, time_s: float) -> tuple[float, float]:
        """Way in metres and speed at a time since the start."""
        if time_s >= self.duration_s:
            return self.length_m, 0.0
        gained, lost = self._gain.at(time_s), self._loss.at(time_s - self.braking_at_s)
        return self._start_ms * time_s + gained[0] + lost[0], self._start_ms + gained[1] + lost[1]

    def _changing_m(self, top_ms: float) -> float:
        """The way of getting to a speed and of stopping again."""
        gain = SpeedChange(top_ms - self._start_ms, *self._limits)
        loss = SpeedChange(-top_ms, *self._limits)
        return self._start_ms * gain.duration_s + gain.way_m + top_ms * loss.duration_s + loss.way_m

    def _highest_ms(self, speed_ms: float) -> float:
        if self._changing_m(speed_ms) <= self.length_m:
            return speed_ms
        low, high = min(self._start_ms, speed_ms), speed_ms
        if self._changing_m(low) >= self.length_m:
            return self._start_ms
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._changing_m(middle) <= self.length_m else (low, middle)
        return low
