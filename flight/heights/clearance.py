"""How far finished legs keep from ground and obstacles: looked at anew, not taken from how they were made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString

from flight.surroundings import Surroundings
from vision.camera import FloatArray

_LOOKED_AT_EVERY_M = 1.0
_NOTICEABLE_M = 0.01


@dataclass(frozen=True)
class HeightProfile:
    """Heights (N,) along a flight, for a picture; `obstacle_m` is −inf where nothing stands."""

    flown_m: FloatArray
    alt_m: FloatArray
    ground_m: FloatArray
    obstacle_m: FloatArray


@dataclass(frozen=True)
class RaisedStretch:
    """A part of a pass, in metres along it, that is flown higher than wanted; at its highest."""

    from_m: float
    to_m: float
    height_agl_m: float


def clearance_along(
    points: FloatArray, surroundings: Surroundings, beside_m: float, step_m: float = _LOOKED_AT_EVERY_M
) -> tuple[float, FloatArray]:
    """The least height of a leg (N, 3) above the ground and above all that stands within `beside_m`.

    With it comes the place (3,) where that is. NaN, and the first such place, where the ground is
    unknown.
    """
    profile, samples = _sampled(points, surroundings, beside_m, step_m)
    unknown = np.flatnonzero(np.isnan(profile.ground_m))
    if len(unknown):
        return float("nan"), samples[unknown[0]]
    above_m = profile.alt_m - np.maximum(profile.ground_m, profile.obstacle_m)
    least = int(above_m.argmin())
    return float(above_m[least]), samples[least]


def profile_along(
    points: FloatArray, surroundings: Surroundings, step_m: float, beside_m: float
) -> HeightProfile:
    """The height profile of a flight (N, 3), a point every `step_m` over ground and at each vertex.

    Obstacles are the highest within `beside_m`.
    """
    return _sampled(points, surroundings, beside_m, step_m)[0]


def raised_stretches(
    line: LineString, height_agl_m: float, surroundings: Surroundings, tolerance_m: float
) -> list[RaisedStretch]:
    """Where a pass in space lies higher above ground than wanted and tolerated: its photos are coarser."""
    points = shapely.get_coordinates(line, include_z=True)
    flown_m, samples = _samples(points, _LOOKED_AT_EVERY_M)
    agl_m = samples[:, 2] - surroundings.ground.elevation_m(samples[:, :2])
    is_raised = np.concatenate([[False], agl_m > height_agl_m + tolerance_m + _NOTICEABLE_M, [False]])
    changes = np.flatnonzero(np.diff(is_raised.astype(np.int8)))
    return [
        RaisedStretch(float(flown_m[first]), float(flown_m[behind - 1]), float(agl_m[first:behind].max()))
        for first, behind in changes.reshape(-1, 2)
    ]


def _sampled(
    points: FloatArray, surroundings: Surroundings, beside_m: float, step_m: float
) -> tuple[HeightProfile, FloatArray]:
    flown_m, samples = _samples(points, step_m)
    places = samples[:, :2]
    profile = HeightProfile(
        flown_m=flown_m,
        alt_m=samples[:, 2],
        ground_m=surroundings.ground.elevation_m(places),
        obstacle_m=surroundings.obstacles.tops_m(places, beside_m),
    )
    return profile, samples


def _samples(points: FloatArray, step_m: float) -> tuple[FloatArray, FloatArray]:
    """Metres over ground and points (M, 3) of a polyline: all vertices, and points between them."""
    points = np.asarray(points, dtype=np.float64)
    lengths_m = np.hypot(*np.diff(points[:, :2], axis=0).T)
    parts = np.maximum(np.ceil(lengths_m / step_m), 1).astype(np.intp)
    of = np.repeat(np.arange(len(parts)), parts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(parts) - parts, parts)
    position = np.append(of + number / parts[of], len(parts))
    vertices = np.arange(len(points))
    flown_m = np.interp(position, vertices, np.insert(np.cumsum(lengths_m), 0, 0.0))
    return flown_m, np.column_stack([np.interp(position, vertices, axis) for axis in points.T])
