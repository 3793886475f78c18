"""Where a camera was at any time of its video, between what was recorded at some times.

Telemetry comes once a second or once a frame, rounded to millimetres or to eleven metres, with gaps
where satellites were lost, and now and then with positions that jump. Nothing is interpolated over a
gap or a jump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import hypot, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from pipeline.metadata.recorded import Attitude, Position, Recorded
from vision.camera import FloatArray
from vision.frames import LocalFrame

LONGEST_GAP_S = 3.5
"""Over a longer time without a position a drone may have turned: nothing is known of it."""

# Receivers tell where they were some tenths of a second ago, and each model another time.
_SIGMA_DELAY_S = 0.2
# Faster than this over so much, it is the receiver that moved.
_FASTEST_M_S = 40.0
_SHORTEST_JUMP_M = 50.0
# Where positions jump to for less than this is left out.
_SHORTEST_STRETCH_S = 1.0
# A position that stays the same for long was not passed in the middle of that time: the drone stood.
_LONGEST_PASSING_S = 10.0
_SPEED_OVER_S = 1.0
_SHORTEST_TIME_S = 1e-3


@dataclass(frozen=True)
class Moment:
    """What was recorded at a time of the video; `equivalent_mm` is the lens's, as of 35 mm film."""

    at_s: float
    recorded: Recorded
    equivalent_mm: float | None = None


@dataclass(frozen=True)
class _Stretch:
    """A part of the way without gaps and jumps: `places_m` (K, 2) passed at `at_s` (K,)."""

    begin_s: float
    end_s: float
    at_s: FloatArray
    places_m: FloatArray


class Track:
    """What was recorded over a video, and interpolated between.

    `moments` in the order of time. `sigma_clock_s` is how surely their times are those of the video. A
    position without a stated error has `sigma_position_m`.
    """

    def __init__(
        self, moments: Sequence[Moment], sigma_position_m: float, sigma_clock_s: float = _SIGMA_DELAY_S
    ) -> None:
        self._moments = moments
        self._at_s = np.array([moment.at_s for moment in moments])
        self._interval_s = float(np.median(np.diff(self._at_s))) if len(moments) > 1 else 0.0
        self._sigma_position_m = sigma_position_m
        self.sigma_clock_s = hypot(sigma_clock_s, self._interval_s / sqrt(12))
        fixes = [moment for moment in moments if moment.recorded.position is not None]
        self._stretches = self._joined(fixes)

    @property
    def is_empty(self) -> bool:
        """Whether no position is known at all."""
        return not self._stretches

    @property
    def begin_s(self) -> float:
        """When the first position is known, of a track that is not empty."""
        return self._stretches[0].begin_s

    def places_m(self, times_s: FloatArray) -> FloatArray:
        """East and north (N, 2) of the first position in metres; NaN where nothing is known."""
        places = np.full((len(times_s), 2), np.nan)
        for stretch in self._stretches:
            within = (times_s >= stretch.begin_s) & (times_s <= stretch.end_s)
            for axis in (0, 1):
                places[within, axis] = np.interp(times_s[within], stretch.at_s, stretch.places_m[:, axis])
        return places

    def heights_m(self, times_s: FloatArray) -> FloatArray:
        """Heights above take-off (N,); NaN where they are not known."""
        return _between(times_s, self._at_s, self._values["height_m"])

    def altitudes_m(self, times_s: FloatArray) -> FloatArray:
        """Absolute altitudes (N,); NaN where they are not known."""
        return _between(times_s, self._at_s, self._values["altitude_m"])

    def equivalent_mm(self, at_s: float) -> float | None:
        """The focal length, as of 35 mm film, at a time."""
        return self._value("equivalent_mm", at_s)

    def recorded_at(self, at_s: float) -> Recorded:
        """What is known of a time; the faster the drone moved or turned, the less surely."""
        place_m = self.places_m(np.array([at_s]))[0]
        return Recorded(
            position=self._position(place_m),
            attitude=self._attitude(at_s),
            aircraft_yaw_deg=self._value("aircraft_yaw_deg", at_s),
            height_m=self._value("height_m", at_s),
            altitude_m=self._value("altitude_m", at_s),
            sigma_position_m=self._sigma_m(at_s) if isfinite(place_m[0]) else None,
            sigma_alt_m=self._value("sigma_alt_m", at_s),
        )

    @cached_property
    def _frame(self) -> LocalFrame:
        first = next(moment.recorded.position for moment in self._moments if moment.recorded.position)
        return LocalFrame(first.lat, first.lon)

    @cached_property
    def _values(self) -> dict[str, FloatArray]:
        """Each thing recorded, over all moments; NaN where it is not told. Angles go on past ±180°."""
        columns: dict[str, list[float | None]] = {
            name: [getattr(moment.recorded, name) for moment in self._moments]
            for name in ("height_m", "altitude_m", "sigma_position_m", "sigma_alt_m", "aircraft_yaw_deg")
        }
        columns["equivalent_mm"] = [moment.equivalent_mm for moment in self._moments]
        for name in ("yaw_deg", "pitch_deg", "roll_deg"):
            columns[name] = [getattr(moment.recorded.attitude, name, None) for moment in self._moments]
        values = {name: np.array(column, dtype=np.float64) for name, column in columns.items()}
        for name in ("aircraft_yaw_deg", "yaw_deg", "roll_deg"):
            known = np.isfinite(values[name])
            values[name][known] = np.unwrap(values[name][known], period=360)
        return values

    def _value(self, name: str, at_s: float) -> float | None:
        value = float(_between(np.array([at_s]), self._at_s, self._values[name])[0])
        return value if isfinite(value) else None

    def _rate(self, name: str, at_s: float) -> float:
        """How fast something changes, per second; 0 where that is not known."""
        around_s = self._around(at_s, self._at_s)
        before, after = _between(around_s, self._at_s, self._values[name])
        change = abs(after - before) / max(around_s[1] - around_s[0], _SHORTEST_TIME_S)
        return float(change) if isfinite(change) else 0.0

    def _position(self, place_m: FloatArray) -> Position | None:
        if not np.isfinite(place_m).all():
            return None
        lat, lon = self._frame.to_lat_lon(place_m)[0]
        return Position(float(lat), float(lon))

    def _attitude(self, at_s: float) -> Attitude | None:
        yaw_deg, pitch_deg, roll_deg = (
            self._value(name, at_s) for name in ("yaw_deg", "pitch_deg", "roll_deg")
        )
        if yaw_deg is None or pitch_deg is None or roll_deg is None:
            return None
        stated = Attitude(_within_half_turn(yaw_deg), pitch_deg, _within_half_turn(roll_deg))
        tilting_deg = hypot(self._rate("pitch_deg", at_s), self._rate("roll_deg", at_s)) * self.sigma_clock_s
        turning_deg = self._rate("yaw_deg", at_s) * self.sigma_clock_s
        return Attitude(
            stated.yaw_deg,
            stated.pitch_deg,
            stated.roll_deg,
            sigma_tilt_deg=hypot(stated.sigma_tilt_deg, tilting_deg),
            sigma_yaw_deg=hypot(stated.sigma_yaw_deg, turning_deg),
        )

    def _sigma_m(self, at_s: float) -> float:
        stated_m = self._value("sigma_position_m", at_s) or self._sigma_position_m
        return hypot(stated_m, self._speed_m_s(at_s) * self.sigma_clock_s)

    def _speed_m_s(self, at_s: float) -> float:
        stretch = next(part for part in self._stretches if part.begin_s <= at_s <= part.end_s)
        around_s = self._around(at_s, stretch.at_s)
        before_m, after_m = self.places_m(around_s)
        return float(np.hypot(*(after_m - before_m)) / max(around_s[1] - around_s[0], _SHORTEST_TIME_S))

    def _around(self, at_s: float, told_s: FloatArray) -> FloatArray:
        """The beginning and the end of a short time around another, within the times told."""
        over_s = max(_SPEED_OVER_S, self._interval_s)
        begin_s = max(min(at_s - over_s / 2, told_s[-1] - over_s), told_s[0])
        return np.array([begin_s, min(begin_s + over_s, told_s[-1])])

    def _joined(self, fixes: Sequence[Moment]) -> list[_Stretch]:
        """The stretches of the way that lie between gaps and jumps."""
        if not fixes:
            return []
        at_s = np.array([fix.at_s for fix in fixes])
        positions = [fix.recorded.position for fix in fixes]
        degrees = np.array([[place.lat, place.lon] for place in positions if place is not None])
        places_m = self._frame.to_metres(degrees[:, 0], degrees[:, 1])
        steps_s, steps_m = np.diff(at_s), np.hypot(*np.diff(places_m, axis=0).T)
        gaps = steps_s > LONGEST_GAP_S
        jumps = (steps_m > _SHORTEST_JUMP_M) & (steps_m > _FASTEST_M_S * steps_s)
        bounds = [0, *(np.flatnonzero(gaps | jumps) + 1), len(fixes)]
        longest_s = at_s[-1] - at_s[0]
        return [
            self._stretch(at_s[begin:end], degrees[begin:end], places_m[begin:end])
            for begin, end in pairwise(bounds)
            if not _is_astray(begin, end, jumps, at_s, longest_s)
        ]

    def _stretch(self, at_s: FloatArray, degrees: FloatArray, places_m: FloatArray) -> _Stretch:
        """The way through fixes, each passed in the middle of the time for which it was shown.

        Rounded positions move in steps: the drone was at a step's edge when the number changed. On straight
        flights at 2 to 15 m/s with four digits this leaves 3 m (root mean square) where the positions as told
        are 5 m off, and up to 10 m where they are told once a second.
        """
        changes = np.flatnonzero((np.diff(degrees, axis=0) != 0).any(axis=1)) + 1
        first = np.array([0, *changes])
        last = np.array([*(changes - 1), len(at_s) - 1])
        inwards_s = np.minimum((at_s[last] - at_s[first]) / 2, _LONGEST_PASSING_S / 2)
        passed_s = np.concatenate([at_s[first] + inwards_s, at_s[last] - inwards_s])
        order = np.argsort(passed_s, kind="stable")
        return _Stretch(
            begin_s=float(at_s[0]),
            end_s=float(at_s[-1] + min(self._interval_s, LONGEST_GAP_S)),
            at_s=passed_s[order],
            places_m=np.concatenate([places_m[first], places_m[first]])[order],
        )


def _is_astray(begin: int, end: int, jumps: NDArray[np.bool_], at_s: FloatArray, longest_s: float) -> bool:
    """Whether the positions jumped there for a moment only, of a longer way."""
    jumped = (begin > 0 and jumps[begin - 1]) or (end < len(at_s) and jumps[end - 1])
    return bool(jumped and at_s[end - 1] - at_s[begin] < _SHORTEST_STRETCH_S < longest_s)


def _between(times_s: FloatArray, at_s: FloatArray, values: FloatArray) -> FloatArray:
    """Values at times, between the nearest known ones; NaN farther than the longest gap from any."""
    known = np.isfinite(values)
    if not known.any():
        return np.full(len(times_s), np.nan)
    known_s = at_s[known]
    found: FloatArray = np.interp(times_s, known_s, values[known])
    after = np.clip(np.searchsorted(known_s, times_s), 0, len(known_s) - 1)
    before = np.maximum(after - 1, 0)
    farthest_s = np.minimum(np.abs(known_s[after] - times_s), np.abs(times_s - known_s[before]))
    found[farthest_s > LONGEST_GAP_S] = np.nan
    return found


def _within_half_turn(angle_deg: float) -> float:
    return (angle_deg + 180) % 360 - 180
