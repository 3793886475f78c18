"""How high each stretch is flown: above the ground, over obstacles, within the vehicle's climb.

Heights here are above the datum of the survey's ground (`flight.heights.ground`). Where a bound on the
height and safety disagree, higher wins; `flight.heights.clearance` says what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from flight.heights.corridor import Corridor, refuse_unknown
from flight.heights.ground import places_in
from flight.heights.height_fitting import HeightBand
from flight.surroundings import Surroundings
from vision.camera import FloatArray

SHORT_TRANSIT_M = 30.0  # a hop between neighbouring passes, over ground that they look at anyway
_NEEDLESSLY_HIGH_M = 20.0  # a long transit may be so much higher than needed for the sake of fewer turns
_SAME_HEIGHT_M = 1e-6
_ROUND = 1.01  # a circle of chords lies inside of the circle


@dataclass(frozen=True)
class HeightRules:
    """How high to fly.

    `photo_height_m` above ground with the camera on, kept to within `tolerance_m`;
    `transit_height_m` above ground on long transits; `clearance_m` is kept above and beside every
    obstacle; `steepest` is the steepest climb or descent on the move, in metres up per metre over
    ground.
    """

    photo_height_m: float
    transit_height_m: float
    clearance_m: float
    tolerance_m: float
    steepest: float


def raise_pass(
    line: LineString, height_agl_m: float, surroundings: Surroundings, rules: HeightRules
) -> LineString:
    """A pass (2-D line) as a line in space, with vertices added where the height changes.

    The height above ground stays within `rules.tolerance_m` of `height_agl_m`, but for where an obstacle
    or the steepest slope makes it higher.

    Raises PantauError where the elevation model does not cover the line.
    """
    way = shapely.get_coordinates(line)
    if not (surroundings.ground.is_known or surroundings.obstacles.is_known):
        return LineString(np.column_stack([way, surroundings.ground.elevation_m(way) + height_agl_m]))
    corridor = Corridor.along(way, surroundings, rules.clearance_m)
    lowest_agl_m = max(height_agl_m - rules.tolerance_m, min(height_agl_m, rules.clearance_m))
    band = HeightBand.above(
        corridor.at_m,
        needed_m=np.maximum(corridor.ground_m + lowest_agl_m, corridor.clear_m),
        allowed_m=corridor.ground_m + height_agl_m + rules.tolerance_m,
        slack_m=rules.tolerance_m,
        steepest=rules.steepest,
    )
    return LineString(corridor.lifted(*band.fit(corridor.ground_m + height_agl_m, corridor.is_corner)))


def raise_transit(
    start: FloatArray, end: FloatArray, way: FloatArray, surroundings: Surroundings, rules: HeightRules
) -> FloatArray:
    """A transit (N, 3) from a point in space to another, over the ground along `way` (N, 2).

    Straight between the two where that is high enough; else up at the start, level (or with the ground,
    where level were far too high for most of the way), and down at the end. A way is high enough when it
    clears obstacles and lies at the transit height above ground, or about as high as the passes where it
    is short or obstacles are known to be lower.

    Raises PantauError where the elevation model does not cover the way.
    """
    corridor = Corridor.along(np.asarray(way, dtype=np.float64), surroundings, rules.clearance_m)
    start_m, end_m = float(start[2]), float(end[2])
    length_m = corridor.at_m[-1]
    if length_m < _SAME_HEIGHT_M:
        return np.array([start, end])
    needed_m = _needed_m(corridor, start_m, end_m, rules)
    straight_m = start_m + (end_m - start_m) * corridor.at_m / length_m
    is_gentle = abs(end_m - start_m) <= rules.steepest * length_m
    if is_gentle and np.all(straight_m >= needed_m - _SAME_HEIGHT_M):
        return corridor.lifted(np.array([0, len(straight_m) - 1]), straight_m[[0, -1]])
    needed_m[0], needed_m[-1] = max(needed_m[0], start_m), max(needed_m[-1], end_m)
    across = corridor.lifted(*_level_or_following(corridor, needed_m, rules))
    climbs = [] if start_m > across[0, 2] - _SAME_HEIGHT_M else [start]
    descends = [] if end_m > across[-1, 2] - _SAME_HEIGHT_M else [end]
    points: FloatArray = np.vstack([*climbs, across, *descends])
    return points


def return_height_m(
    flown: Sequence[FloatArray], home: FloatArray, surroundings: Surroundings, rules: HeightRules
) -> float:
    """The height that clears everything between any point of a sortie (polylines (N, 3)) and home (2,).

    It is never lower than the sortie itself.

    Raises PantauError where the elevation model does not cover what lies between.
    """
    area = _swept(flown, home, rules.clearance_m)
    places = places_in(area)
    if surroundings.ground.is_known:
        refuse_unknown(surroundings.ground.elevation_m(places), places, surroundings)
    obstacles = surroundings.obstacles
    is_known = obstacles.is_known and bool(obstacles.are_known_at(places, rules.clearance_m).all())
    lowest_agl_m = rules.photo_height_m - rules.tolerance_m if is_known else rules.transit_height_m
    return max(
        surroundings.ground.highest_m(area) + max(lowest_agl_m, rules.clearance_m),
        obstacles.highest_m(area) + rules.clearance_m,
        *(float(points[:, 2].max()) for points in flown),
    )


def _needed_m(corridor: Corridor, start_m: float, end_m: float, rules: HeightRules) -> FloatArray:
    """The lowest heights (N,) of a transit along a corridor."""
    low_agl_m = min(
        rules.photo_height_m - rules.tolerance_m,
        start_m - corridor.ground_m[0],
        end_m - corridor.ground_m[-1],
    )
    low_m: FloatArray = np.maximum(corridor.ground_m + max(low_agl_m, rules.clearance_m), corridor.clear_m)
    is_short = corridor.at_m[-1] <= SHORT_TRANSIT_M
    is_free = corridor.is_known and bool(low_m.max() <= max(start_m, end_m) + _SAME_HEIGHT_M)
    if is_short or is_free:
        return low_m
    usual_agl_m = max(rules.transit_height_m, rules.clearance_m)
    high_m: FloatArray = np.maximum(corridor.ground_m + usual_agl_m, corridor.clear_m)
    return high_m


def _level_or_following(
    corridor: Corridor, needed_m: FloatArray, rules: HeightRules
) -> tuple[NDArray[np.intp], FloatArray]:
    band = HeightBand.above(
        corridor.at_m, needed_m, np.full(len(needed_m), -np.inf), _NEEDLESSLY_HIGH_M, rules.steepest
    )
    level_m = float(band.lowest_m.max())
    if level_m <= band.highest_m.min():
        return np.array([0, len(needed_m) - 1]), np.array([level_m, level_m])
    return band.fit(band.lowest_m, corridor.is_corner)


def _swept(flown: Sequence[FloatArray], home: FloatArray, beside_m: float) -> BaseGeometry:
    """All straight lines from any point of a sortie to home, with some room beside them."""
    legs = np.vstack([np.stack([points[:-1, :2], points[1:, :2]], axis=1) for points in flown])
    corners = np.concatenate([legs, np.broadcast_to(home[:2], (len(legs), 1, 2))], axis=1)
    triangles = shapely.convex_hull(shapely.multipoints(corners))
    return shapely.union_all(shapely.buffer(triangles, beside_m * _ROUND))
