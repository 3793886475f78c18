"""The height profile of a sortie as shapes of a chart: what is flown, over which ground and obstacles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from shapely import LineString

from flight.plan_page.map_view import round_length_m
from flight.plan_page.plan_ground import way_length_m
from flight.planning.plan import ProfilePoint, Sortie
from vision.camera import FloatArray

SIZE = 1000  # the chart's own width and height; the page stretches it
_DETAIL = 1.5  # of that: what a thinner drawing may be off
_HEADROOM = 0.12
_SMALLEST_RANGE_M = 20.0
_NARROWEST_OBSTACLE_M = 3.0


@dataclass(frozen=True)
class Band:
    """A pass on the chart: its number, and where it begins and how long it is, in per cent of the way."""

    number: int
    left: float
    width: float


@dataclass(frozen=True)
class Tick:
    """A line of the chart's grid: metres, and per cent from the left or the top."""

    value_m: float
    at: float


@dataclass(frozen=True)
class ProfileChart:
    """A chart of `SIZE` × `SIZE`, to be stretched.

    `obstacles` is empty where there are none; `ceiling` where none is known or it is far above what
    is flown. `clearance_m` is the least height above ground and obstacles, `lowest_agl_m` and
    `highest_agl_m` the heights above ground on passes.
    """

    ground: str
    obstacles: str
    flown: str
    ceiling: str
    bands: tuple[Band, ...]
    heights: tuple[Tick, ...]
    distances: tuple[Tick, ...]
    return_top: float
    clearance_m: float
    lowest_agl_m: float
    highest_agl_m: float


@dataclass(frozen=True)
class _Scale:
    length_m: float
    low_m: float
    high_m: float

    def points(self, flown_m: FloatArray, height_m: FloatArray) -> FloatArray:
        return np.column_stack([self.x(flown_m), self.y(height_m)])

    def x(self, flown_m: FloatArray) -> FloatArray:
        return flown_m / self.length_m * SIZE

    def y(self, height_m: FloatArray) -> FloatArray:
        return (self.high_m - height_m) / (self.high_m - self.low_m) * SIZE

    def top(self, height_m: float) -> float:
        return round(float(self.y(np.array([height_m]))[0]) / SIZE * 100, 2)

    def left(self, flown_m: float) -> float:
        return round(min(flown_m / self.length_m, 1.0) * 100, 2)


def draw_profile(sortie: Sortie, ceiling_agl_m: float | None = None) -> ProfileChart | None:
    """Draw a sortie's height profile; None where the plan holds none."""
    if len(sortie.profile) < 2:
        return None
    flown_m = np.array([point.flown_m for point in sortie.profile])
    alt_m = np.array([point.alt_m for point in sortie.profile])
    ground_m = np.array([point.ground_m for point in sortie.profile])
    tops_m = np.array([_top_m(point) for point in sortie.profile])
    spans_m = pass_spans_m(sortie)
    scale = _scale(flown_m, np.concatenate([alt_m, ground_m, tops_m, [sortie.return_height_m]]))
    on_pass = np.any([(flown_m >= begin) & (flown_m <= end) for begin, end in spans_m], axis=0)
    agl_m = (alt_m - ground_m)[on_pass] if np.any(on_pass) else alt_m - ground_m
    return ProfileChart(
        ground=_area(scale, flown_m, ground_m, np.full_like(ground_m, scale.low_m)),
        obstacles="".join(_obstacle(scale, run) for run in _obstacle_runs(sortie.profile)),
        flown=_path(scale.points(flown_m, alt_m)),
        ceiling=_ceiling(scale, flown_m, ground_m, ceiling_agl_m),
        bands=tuple(
            Band(number, scale.left(begin), round(scale.left(end) - scale.left(begin), 2))
            for number, (begin, end) in enumerate(spans_m, start=1)
        ),
        heights=tuple(Tick(value, scale.top(value)) for value in _round_values(scale.low_m, scale.high_m, 4)),
        distances=tuple(Tick(value, scale.left(value)) for value in _round_values(0.0, scale.length_m, 6)),
        return_top=scale.top(sortie.return_height_m),
        clearance_m=float((alt_m - tops_m).min()),
        lowest_agl_m=float(agl_m.min()),
        highest_agl_m=float(agl_m.max()),
    )


def pass_spans_m(sortie: Sortie) -> list[tuple[float, float]]:
    """For each pass how many metres of the sortie are flown when it begins, and when it ends."""
    spans, flown_m = [], 0.0
    for way, flown in zip(sortie.transits, sortie.passes, strict=False):
        begin_m = flown_m + way_length_m(way)
        flown_m = begin_m + way_length_m(flown.waypoints)
        spans.append((begin_m, flown_m))
    return spans


def _scale(flown_m: FloatArray, heights_m: FloatArray) -> _Scale:
    low_m, high_m = float(heights_m.min()), float(heights_m.max())
    range_m = max(high_m - low_m, _SMALLEST_RANGE_M) * (1 + _HEADROOM)
    low_m -= _HEADROOM / 2 * range_m
    return _Scale(max(float(flown_m[-1]), 1.0), low_m, low_m + range_m * (1 + _HEADROOM))


def _top_m(point: ProfilePoint) -> float:
    return point.ground_m if point.obstacle_m is None else max(point.obstacle_m, point.ground_m)


def _ceiling(scale: _Scale, flown_m: FloatArray, ground_m: FloatArray, ceiling_agl_m: float | None) -> str:
    if ceiling_agl_m is None or float(ground_m.min()) + ceiling_agl_m > scale.high_m:
        return ""
    return _path(scale.points(flown_m, ground_m + ceiling_agl_m))


def _obstacle_runs(profile: Sequence[ProfilePoint]) -> Iterator[list[ProfilePoint]]:
    run: list[ProfilePoint] = []
    for point in profile:
        if point.obstacle_m is not None and point.obstacle_m > point.ground_m:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _obstacle(scale: _Scale, run: Sequence[ProfilePoint]) -> str:
    flown_m = np.array([point.flown_m for point in run])
    tops_m = np.array([_top_m(point) for point in run])
    ground_m = np.array([point.ground_m for point in run])
    if flown_m[-1] - flown_m[0] < _NARROWEST_OBSTACLE_M:
        middle_m = (flown_m[0] + flown_m[-1]) / 2
        flown_m = np.array([middle_m - _NARROWEST_OBSTACLE_M / 2, middle_m + _NARROWEST_OBSTACLE_M / 2])
        tops_m, ground_m = np.full(2, tops_m.max()), np.full(2, ground_m.min())
    return _area(scale, flown_m, tops_m, ground_m)


def _area(scale: _Scale, flown_m: FloatArray, upper_m: FloatArray, lower_m: FloatArray) -> str:
    upper = _thinned(scale.points(flown_m, upper_m))
    lower = _thinned(scale.points(flown_m, lower_m))[::-1]
    return _joined(np.vstack([upper, lower])) + "z"


def _path(points: FloatArray) -> str:
    return _joined(_thinned(points))


def _thinned(points: FloatArray) -> FloatArray:
    return np.array(LineString(points).simplify(_DETAIL).coords)


def _joined(points: FloatArray) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _round_values(low: float, high: float, count: int) -> list[float]:
    step = round_length_m((high - low) / count * 1.5)
    first = np.ceil(low / step) * step
    return [float(value) for value in np.arange(first, high + step * 1e-6, step)]
