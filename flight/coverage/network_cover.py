"""Passes over a whole network of roads, with the proof that they leave nothing out.

Parallels to a centreline can miss the outside of a sharp bend, the wedge between roads that meet at
an angle, and the inside of a bend narrower than the road. Whatever the passes do not surely show
(see `flight.coverage.sure_photos`) is mended: a pass goes a few metres farther straight on before it
turns, or, where that is no help, a short pass is added.

All geometry here is in metres of a local frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, STRtree
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from flight.coverage.passes import JOINT_M, MOST_SIMPLIFIED_M, area_passes, dead_ends, road_passes
from flight.coverage.photo_geometry import Swath
from flight.coverage.sure_photos import SureFrame, is_gentle, surely_shown
from vision.camera import FloatArray
from vision.planar import GRID_M, union

_SLIVER_M = 0.02  # strips narrower than two of these are left: positions are known less well
_BIT_M = 0.01  # farther than needed, so that rounding leaves nothing


def network_passes(
    lines: Sequence[LineString], widths_m: Sequence[float], swath: Swath
) -> list[list[LineString]]:
    """For each road the passes that photograph it: all of `road_areas`, whatever happens on the way."""
    ends = dead_ends(lines)
    passes = [
        road_passes(line, width_m, swath, dead)
        for line, width_m, dead in zip(lines, widths_m, ends, strict=True)
    ]
    network = _Network(passes, np.array(widths_m, dtype=np.float64) / 2 + swath.margin_m, swath)
    for road, area in enumerate(road_areas(lines, widths_m, swath.margin_m)):
        network.mend(road, area)
    return network.passes


def road_areas(lines: Sequence[LineString], widths_m: Sequence[float], margin_m: float) -> list[BaseGeometry]:
    """For each road the ground that must be photographed.

    The carriageway and a margin on both sides, a margin beyond dead ends, and where roads meet the
    wedge between them: as far around the joint as the two widest of them reach both.
    """
    ends = dead_ends(lines)
    reach_m = np.array(widths_m, dtype=np.float64) / 2 + margin_m
    tree = STRtree(lines)
    areas: list[BaseGeometry] = []
    for road, (line, dead) in enumerate(zip(lines, ends, strict=True)):
        parts = [line.buffer(reach_m[road], cap_style="flat")]
        for end, is_dead in zip((0, -1), dead, strict=True):
            point = shapely.get_point(line, end)
            if is_dead:
                parts.append(_beyond(line, end, reach_m[road], margin_m))
            elif (met_m := _reach_met_m(tree, reach_m, road, point, line.is_closed)) > 0:
                parts.append(point.buffer(min(reach_m[road], met_m)))
        areas.append(union(parts))
    return areas


def _reach_met_m(tree: STRtree, reach_m: FloatArray, road: int, point: Point, is_closed: bool) -> float:
    met = tree.query(point, predicate="dwithin", distance=JOINT_M)
    others = [other for other in met if other != road or is_closed]
    return max((float(reach_m[other]) for other in others), default=0.0)


def _beyond(line: LineString, end: int, reach_m: float, margin_m: float) -> BaseGeometry:
    points = shapely.get_coordinates(line if end == -1 else line.reverse())
    points = points[np.append(np.hypot(*np.diff(points, axis=0).T) > 0, True)]
    ahead = (points[-1] - points[-2]) / np.hypot(*(points[-1] - points[-2]))
    return LineString([points[-1], points[-1] + ahead * margin_m]).buffer(reach_m, cap_style="flat")


class _Network:
    """The passes of all roads, and what they surely show."""

    def __init__(self, passes: list[list[LineString]], reach_m: FloatArray, swath: Swath) -> None:
        self.passes = passes
        self._lines = [shapely.MultiLineString(tracks) for tracks in passes]
        self._swath = swath
        self._beside = {
            road: self._shown_beside(tracks[0], reach_m[road])
            for road, tracks in enumerate(passes)
            if len(tracks) == 1
        }
        self._shown: dict[int, BaseGeometry] = {}
        photos = [shapely.union_all([track.envelope for track in tracks]) for tracks in passes]
        self._near = STRtree(shapely.buffer(photos, math.hypot(swath.across_m, swath.along_m) / 2))

    def mend(self, road: int, area: BaseGeometry) -> None:
        """Change and add passes of a road until they show an area together with its neighbours."""
        missing = self._missing(area)
        for part in missing:
            self._change(road, _reach_out(self.passes[road], part, self._swath))
        for part in self._missing(area) if missing else ():
            self._change(road, [*self.passes[road], *area_passes(part.buffer(_SLIVER_M), self._swath)])

    def _change(self, road: int, tracks: list[LineString]) -> None:
        self.passes[road] = tracks
        self._shown.pop(road, None)

    def _missing(self, area: BaseGeometry) -> list[Polygon]:
        """The parts of an area that no pass surely shows, without slivers and the threads between parts."""
        near = [int(road) for road in self._near.query(area)]
        rest = _without(area, union(self._beside.get(road) for road in near))
        for road in sorted(near, key=lambda road: self._lines[road].distance(rest)):
            if rest.is_empty:
                break
            rest = _without(rest, self._shown_by(road))
        return [part for part in getattr(rest, "geoms", [rest]) if not part.is_empty]

    def _shown_beside(self, track: LineString, reach_m: float) -> BaseGeometry | None:
        """What a gentle pass shows, found quickly; None when it is not gentle."""
        reach_m += MOST_SIMPLIFIED_M
        if not is_gentle(track, reach_m, self._swath):
            return None
        short_m = self._swath.shortfall_m
        return substring(track, short_m, track.length - short_m).buffer(reach_m, cap_style="flat")

    def _shown_by(self, road: int) -> BaseGeometry:
        if road not in self._shown:
            shown = [surely_shown(track, self._swath) for track in self.passes[road]]
            self._shown[road] = union(shown)
        return self._shown[road]


def _without(area: BaseGeometry, shown: BaseGeometry) -> BaseGeometry:
    """What is left of an area, less slivers and the threads between parts."""
    left = shapely.difference(area, shown, grid_size=GRID_M)
    return left.buffer(-_SLIVER_M).buffer(_SLIVER_M)


def _reach_out(tracks: list[LineString], part: Polygon, swath: Swath) -> list[LineString]:
    """The passes, one of them going farther straight on where that shows a part; else as they are."""
    offers = [
        (extra_m, number, changed)
        for number, track in enumerate(tracks)
        for extra_m, changed in _farther(track, part, SureFrame.of(swath))
    ]
    if not offers:
        return tracks
    _, number, changed = min(offers, key=lambda offer: offer[:2])
    return [*tracks[:number], changed, *tracks[number + 1 :]]


def _farther(track: LineString, part: Polygon, frame: SureFrame) -> Iterator[tuple[float, LineString]]:
    """The ways to make a pass show a part by going straight on, with the metres that each costs.

    At its ends the pass is made longer; at a bend it goes on straight and comes back, either before it
    turns or, seen from the other end, after.
    """
    for backwards in (False, True):
        points = shapely.get_coordinates(
            shapely.remove_repeated_points(track.reverse() if backwards else track)
        )
        corners = shapely.get_coordinates(part)
        for at in range(1, len(points)):
            leg = points[at] - points[at - 1]
            length_m = float(np.hypot(*leg))
            ahead = leg / length_m
            from_end = corners - points[at]
            forward_m, sideways_m = from_end @ ahead, from_end @ np.array([-ahead[1], ahead[0]])
            extra_m = float(forward_m.max()) - frame.ahead_m + _BIT_M
            starts_late = forward_m.min() < -length_m - frame.ahead_m
            if abs(sideways_m).max() > frame.across_m / 2 or starts_late or extra_m <= 0:
                continue
            if length_m + extra_m < frame.spacing_m or extra_m > frame.along_m:
                continue
            is_end = at == len(points) - 1
            there = points[at] + ahead * extra_m
            ways = [points[:at], there[None]] if is_end else [points[: at + 1], there[None], points[at:]]
            changed = LineString(np.vstack(ways))
            yield (extra_m if is_end else 2 * extra_m), (changed.reverse() if backwards else changed)
