"""Level ground, tilted to where the tie points of a photo lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.ground import runs_of

# What the ground may well slope by before any point is known, and the steepest that is believed.
_SIGMA_SLOPE = 0.05
_STEEPEST = 0.4
# Heights of neighbouring points err alike: this share of the flying height, and as if there were but a few.
_LEAST_ERROR = 0.005
_INDEPENDENT_POINTS = 10
_ROUNDS = 5
_FLATTEST_DESCENT = 0.05


@dataclass(frozen=True)
class TiltedGround:
    """A plane with its zero at a place, rising by its slopes to east and north (`vision.ground.Ground`)."""

    lat: float
    lon: float
    east_slope: float
    north_slope: float

    @property
    def sigma_m(self) -> float:
        """0: the photo's own height holds the error of both."""
        return 0.0

    @cached_property
    def _frame(self) -> LocalFrame:
        return LocalFrame(self.lat, self.lon)

    def heights_m(self, lat: ArrayLike, lon: ArrayLike) -> FloatArray:
        """As in `vision.ground.Ground`."""
        return np.asarray(self._frame.to_metres(lat, lon) @ (self.east_slope, self.north_slope))

    def height_above_m(self, lat: float, lon: float, height_m: float) -> float:
        """As in `vision.ground.Ground`."""
        return height_m - float(self.heights_m(lat, lon)[0])

    def meet(self, rays_enu: FloatArray, lat: float, lon: float, height_m: float) -> FloatArray:
        """As in `vision.ground.Ground`; NaN, too, for rays that hardly come nearer to the plane."""
        runs = runs_of(rays_enu)
        descent = 1 + runs @ (self.east_slope, self.north_slope)
        descent[~(descent > _FLATTEST_DESCENT)] = np.nan
        return np.asarray(runs / descent[:, None] * self.height_above_m(lat, lon, height_m))


def plane_through(
    offsets_m: FloatArray, heights_m: FloatArray, flying_height_m: float
) -> tuple[float, float, float]:
    """Height at the origin, east slope and north slope of a plane near to points, gross errors aside.

    The slopes are held towards level ground as far as they are not known.
    """
    centre = offsets_m.mean(axis=0)
    design = np.column_stack([np.ones(len(offsets_m)), offsets_m - centre])
    plane = np.array([np.median(heights_m), 0.0, 0.0])
    for _ in range(_ROUNDS):
        off_m = np.abs(heights_m - design @ plane)
        scale_m = max(1.4826 * float(np.median(off_m)), _LEAST_ERROR * flying_height_m)
        weight = min(1.0, _INDEPENDENT_POINTS / len(off_m)) / (scale_m**2 + off_m**2)
        hold = np.diag([0.0, _SIGMA_SLOPE**-2, _SIGMA_SLOPE**-2])
        plane = np.linalg.solve((design.T * weight) @ design + hold, (design.T * weight) @ heights_m)
    slopes = np.clip(plane[1:], -_STEEPEST, _STEEPEST)
    return float(plane[0] - slopes @ centre), float(slopes[0]), float(slopes[1])
