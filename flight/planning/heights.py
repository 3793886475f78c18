"""How high each stretch is flown: above the ground, over obstacles, within the vehicle's climb.

Heights here are above the datum of the survey's ground (`flight.planning.ground`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString

from flight.planning.surroundings import Surroundings
from vision.camera import FloatArray


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
    """A pass (2-D line) as a line in space, with vertices added where the height changes."""
    ground_m = surroundings.ground.elevation_m(shapely.get_coordinates(line))
    return LineString(np.column_stack([shapely.get_coordinates(line), ground_m + height_agl_m]))


def raise_transit(
    start: FloatArray, end: FloatArray, way: FloatArray, surroundings: Surroundings, rules: HeightRules
) -> FloatArray:
    """A transit (N, 3) from a point in space to another, over the ground along `way` (N, 2)."""
    return np.array([start, end])


def return_height_m(
    flown: Sequence[FloatArray], home: FloatArray, surroundings: Surroundings, rules: HeightRules
) -> float:
    """The height that clears everything between any point of a sortie (polylines (N, 3)) and home (2,)."""
    return max(float(points[:, 2].max()) for points in flown)
