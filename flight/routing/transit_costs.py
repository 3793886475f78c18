"""What it costs to fly from pass to pass: distance and time between all stops."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from flight.routing.flight_time import TOUCHING_M, Pace
from vision.camera import FloatArray

_CHUNK_ROWS = 256  # of the tables at once, for memory
_DETOUR_M = 0.01  # a way longer than straight by this has bends

Distances = Callable[[FloatArray, FloatArray], FloatArray]
"""The lengths (N, M) of the ways from places (N, 2) to places (M, 2) in metres; infinite for no way."""


@dataclass(frozen=True)
class Run:
    """A pass as routing sees it, flown forwards: ends (east, north) in metres, headings, cost.

    `duration_back_s` is its time flown backwards, where wind makes that another. `within_range` says of
    each launch point whether the pass lies within range of it; empty for all.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    start_heading_deg: float
    end_heading_deg: float
    length_m: float
    duration_s: float
    items: int
    duration_back_s: float | None = None
    within_range: tuple[bool, ...] = ()

    def backwards(self) -> Run:
        """The same pass, flown the other way."""
        back_s = self.duration_s if self.duration_back_s is None else self.duration_back_s
        return replace(
            self,
            start=self.end,
            end=self.start,
            start_heading_deg=(self.end_heading_deg + 180) % 360,
            end_heading_deg=(self.start_heading_deg + 180) % 360,
            duration_s=back_s,
            duration_back_s=self.duration_s,
        )


@dataclass(frozen=True)
class Limits:
    """What one sortie may use, take-off and landing already taken off."""

    duration_s: float
    distance_m: float
    items: int


@dataclass(frozen=True)
class Visit:
    """A pass (its index) flown forwards or backwards."""

    run: int
    backwards: bool


@dataclass(frozen=True)
class Costs:
    """Distance and time from each stop to each other, the pass flown at the second one included.

    Stops are the launch points, then each pass forwards and backwards in turn. Both tables are infinite
    where no way leads. `flown_m` is what the pass at each stop has of the distance, `within_range` (launch
    points, passes) who may fly it.
    """

    launch_count: int
    distance_m: FloatArray
    duration_s: FloatArray
    flown_m: FloatArray
    within_range: NDArray[np.bool_]

    def stop(self, visit: Visit) -> int:
        """The row and column of a visit."""
        return self.launch_count + 2 * visit.run + visit.backwards

    def visit(self, stop: int) -> Visit:
        """The pass and direction of a stop that is no launch point."""
        run, backwards = divmod(stop - self.launch_count, 2)
        return Visit(run, bool(backwards))

    def along(self, launch: int, stops: list[int]) -> tuple[float, float]:
        """Distance and time of a sortie from a launch point over these stops and back."""
        closed = [launch, *stops, launch]
        pairs = (closed[:-1], closed[1:])
        return (
            float(self.distance_m[pairs].sum()),
            float(self.duration_s[pairs].sum()),
        )


def costs(launches: FloatArray, runs: list[Run], pace: Pace, distances: Distances | None = None) -> Costs:
    """The costs between launch points (L, 2) and passes; ways are straight unless `distances` knows better.

    Where a way is longer than straight, the wind is taken to blow against it and its bends cost a stop,
    because the table knows its length only.
    """
    oriented = [way for run in runs for way in (run, run.backwards())]
    entry = np.vstack([launches, np.array([way.start for way in oriented]).reshape(-1, 2)])
    leave = np.vstack([launches, np.array([way.end for way in oriented]).reshape(-1, 2)])
    nowhere = np.full(len(launches), np.nan)
    entry_deg = np.concatenate([nowhere, [way.start_heading_deg for way in oriented]])
    leave_deg = np.concatenate([nowhere, [way.end_heading_deg for way in oriented]])
    flown_m = np.concatenate([np.zeros(len(launches)), [way.length_m for way in oriented]])
    flown_s = np.concatenate([np.zeros(len(launches)), [way.duration_s for way in oriented]])
    distance_m = np.empty((len(entry), len(entry)), dtype=np.float64)
    duration_s = np.empty_like(distance_m)
    for first in range(0, len(entry), _CHUNK_ROWS):
        rows = slice(first, first + _CHUNK_ROWS)
        way = entry[None, :, :] - leave[rows, None, :]
        straight_m = np.hypot(way[..., 0], way[..., 1])
        apart_m = straight_m if distances is None else np.maximum(distances(leave[rows], entry), straight_m)
        turns_s = _turns_s(way, straight_m, leave_deg[rows, None], entry_deg[None, :], pace)
        distance_m[rows] = apart_m + flown_m
        duration_s[rows] = _transits_s(way, straight_m, apart_m, pace) + turns_s + flown_s
    return Costs(len(launches), distance_m, duration_s, flown_m, _within_range(runs, len(launches)))


def _within_range(runs: list[Run], launch_count: int) -> NDArray[np.bool_]:
    anywhere = (True,) * launch_count
    return np.array([run.within_range or anywhere for run in runs], dtype=bool).reshape(-1, launch_count).T


def fits_alone(table: Costs, run: int, limits: Limits, items: int) -> bool:
    """Whether a sortie that flies only this pass, in its better direction, keeps the limits."""
    alone = [
        table.along(launch, [table.stop(Visit(run, backwards))])
        for launch in np.flatnonzero(table.within_range[:, run]).tolist()
        for backwards in (False, True)
    ]
    return items <= limits.items and any(
        distance_m <= limits.distance_m and duration_s <= limits.duration_s and math.isfinite(distance_m)
        for distance_m, duration_s in alone
    )


def _transits_s(way: FloatArray, straight_m: FloatArray, apart_m: FloatArray, pace: Pace) -> FloatArray:
    is_detour = apart_m > straight_m + _DETOUR_M
    bearing_deg = np.where(is_detour, np.nan, np.degrees(np.arctan2(way[..., 0], way[..., 1])))
    bends_s = np.where(is_detour, pace.turn_s(np.array(180.0), pace.cruise_ms), 0.0)
    total: FloatArray = pace.transit_s(apart_m, bearing_deg) + bends_s
    return total


def _turns_s(
    way: FloatArray, apart_m: FloatArray, leave_deg: FloatArray, entry_deg: FloatArray, pace: Pace
) -> FloatArray:
    """Turning into the transit and out of it, or straight from pass to pass; none at a launch point."""
    bearing_deg = np.degrees(np.arctan2(way[..., 0], way[..., 1]))
    touching = apart_m < TOUCHING_M
    turning_in_s = np.nan_to_num(pace.turn_s(np.where(touching, entry_deg, bearing_deg) - leave_deg))
    turning_out_s = np.where(touching, 0.0, np.nan_to_num(pace.turn_s(entry_deg - bearing_deg)))
    total: FloatArray = turning_in_s + turning_out_s
    return total
