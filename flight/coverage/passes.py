"""Which passes cover a site: parallel to a road's centreline, or sweeping over a facility.

All geometry here is in metres of a local frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from flight.coverage.photo_geometry import Swath
from vision.camera import FloatArray

JOINT_M = 0.5  # lines that come this close meet
MOST_SIMPLIFIED_M = 1.0  # where a photo is wider than the road: every bend costs a mission item
_LEAST_SIMPLIFIED_M = 0.2  # wiggles below this show nothing more
_ANGLE_STEP_DEG = 3  # sweeps are tried at all of these, and along edges
_LONG_EDGE_SHARE = 0.05  # of the outline: shorter edges give no direction to sweep in


def dead_ends(lines: Sequence[LineString]) -> list[tuple[bool, bool]]:
    """For each line whether its start and its end meet no other line."""
    tree = STRtree(lines)

    def is_dead(index: int, end: int) -> bool:
        near = tree.query(shapely.get_point(lines[index], end), predicate="dwithin", distance=JOINT_M)
        return not lines[index].is_closed and all(other == index for other in near)

    return [(is_dead(index, 0), is_dead(index, -1)) for index in range(len(lines))]


def road_passes(line: LineString, width_m: float, swath: Swath, dead: tuple[bool, bool]) -> list[LineString]:
    """The passes over a road: its centreline, or parallels to it where it is wide.

    A dead end is overflown by one photo spacing, so that it is in as many photos as the rest but one.
    Sharp bends and joints may need more: see `flight.coverage.network_cover`.
    """
    overshoot_m = [
        max(swath.photo_spacing_m, swath.shortfall_m + swath.margin_m) if is_dead else swath.shortfall_m
        for is_dead in dead
    ]
    spare_m = (swath.usable_m - width_m) / 2 - swath.margin_m
    simple = _simplified(line, min(max(spare_m, _LEAST_SIMPLIFIED_M), MOST_SIMPLIFIED_M))
    beside_m = swath.margin_m + float(line.hausdorff_distance(simple))
    return _parallels(_extended(simple, *overshoot_m), width_m + 2 * beside_m, swath)


def cut_in_half(track: LineString, swath: Swath) -> tuple[LineString, LineString]:
    """The halves of a pass, each going on so far beyond the cut that nothing is missed between them."""
    middle_m, beyond_m = track.length / 2, swath.shortfall_m
    return (
        substring(track, 0.0, min(track.length, middle_m + beyond_m)),
        substring(track, max(0.0, middle_m - beyond_m), track.length),
    )


def facility_passes(polygon: Polygon, swath: Swath) -> list[LineString]:
    """The sweeps that cover a polygon, at the angle with the fewest passes, then the least length."""
    return area_passes(polygon.buffer(swath.margin_m, join_style="mitre", mitre_limit=2.0), swath)


def area_passes(area: Polygon, swath: Swath) -> list[LineString]:
    """The sweeps that cover a polygon without anything beside it; else as `facility_passes`."""
    sweeps = (_sweep(area, angle_deg, swath) for angle_deg in _sweep_angles_deg(area))
    return min(sweeps, key=lambda passes: (len(passes), sum(line.length for line in passes)))


def _simplified(line: LineString, within_m: float) -> LineString:
    exact = shapely.remove_repeated_points(line)
    simple = shapely.remove_repeated_points(exact.simplify(within_m))
    return simple if simple.length > 0 else exact  # a tiny loop collapses


def _pass_count(width_m: float, swath: Swath) -> int:
    if width_m <= swath.usable_m:
        return 1
    return math.ceil((width_m - swath.usable_m) / swath.pass_spacing_m - 1e-9) + 1


def _offsets_m(width_m: float, count: int, swath: Swath) -> FloatArray:
    reach_m = max(0.0, width_m - swath.usable_m) / 2
    offsets: FloatArray = np.linspace(-reach_m, reach_m, count) if count > 1 else np.zeros(1)
    return offsets


def _extended(line: LineString, before_m: float, after_m: float) -> LineString:
    points = shapely.get_coordinates(line)
    first, last = points[0] - points[1], points[-1] - points[-2]
    points[0] = points[0] + first / np.hypot(*first) * before_m
    points[-1] = points[-1] + last / np.hypot(*last) * after_m
    return LineString(points)


def _parallels(centre: LineString, width_m: float, swath: Swath) -> list[LineString]:
    passes: list[LineString] = []
    for offset_m in _offsets_m(width_m, _pass_count(width_m, swath), swath):
        if abs(offset_m) < 1e-9:
            passes.append(centre)
            continue
        curve = centre.offset_curve(offset_m, join_style="mitre", mitre_limit=2.0)
        # On the inner side of a tight bend a parallel falls apart or vanishes; long parts still count.
        whole = isinstance(curve, LineString) and not curve.is_empty
        parts = [curve] if whole else getattr(curve, "geoms", [])
        passes += [part for part in parts if whole or part.length > swath.photo_spacing_m]
    return passes


def _sweep_angles_deg(polygon: Polygon) -> list[float]:
    long_m = polygon.exterior.length * _LONG_EDGE_SHARE
    angles = set(map(float, range(0, 180, _ANGLE_STEP_DEG)))
    for ring in (polygon.exterior, polygon.convex_hull.exterior):
        steps = np.diff(shapely.get_coordinates(ring), axis=0)
        steps = steps[np.hypot(*steps.T) >= long_m]
        angles |= {round(float(np.degrees(np.arctan2(north, east))) % 180, 1) for east, north in steps}
    return sorted(angles)


def _sweep(area: BaseGeometry, angle_deg: float, swath: Swath) -> list[LineString]:
    level = shapely.affinity.rotate(area, -angle_deg, origin=(0, 0))
    left, bottom, right, top = level.bounds
    count = _pass_count(top - bottom, swath)
    heights = (bottom + top) / 2 + _offsets_m(top - bottom, count, swath)
    borders = [bottom - 1, *((heights[:-1] + heights[1:]) / 2), top + 1]
    passes = []
    for height, low, high in zip(heights, borders[:-1], borders[1:], strict=True):
        strip = level.intersection(shapely.box(left - 1, low, right + 1, high))
        for start, end in _runs(strip, swath):
            passes.append(LineString([(start, height), (end, height)]))
    return [shapely.affinity.rotate(line, angle_deg, origin=(0, 0)) for line in passes]


def _runs(strip: BaseGeometry, swath: Swath) -> list[tuple[float, float]]:
    """Where a strip must be flown over, from left to right; short gaps are flown across."""
    parts = [part for part in getattr(strip, "geoms", [strip]) if part.area > 0]
    spans = sorted((part.bounds[0], part.bounds[2]) for part in parts)
    runs: list[tuple[float, float]] = []
    for start, end in spans:
        if runs and start - runs[-1][1] < swath.across_m:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    shortest_m = swath.photo_spacing_m
    return [
        (start - swath.shortfall_m, max(end, start + shortest_m) + swath.shortfall_m) for start, end in runs
    ]
