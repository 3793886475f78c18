"""Where rays meet the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from vision.camera import FloatArray

# A ray flatter than this (sine of its angle below the horizon, 0.6°) meets the ground hundreds of
# heights away, where no attitude sensor is good enough to say where.
_FLATTEST_SINE = 0.01


class Ground(Protocol):
    """A surface with a zero that a camera's height counts from, and with the 1-σ error of its height."""

    @property
    def sigma_m(self) -> float:
        """1-σ error of the ground's height against its zero, the same everywhere, in metres."""

    def meet(self, rays_enu: FloatArray, lat: float, lon: float, height_m: float) -> FloatArray:
        """East and north (N, 2) in metres from the foot of a camera at a WGS 84 place.

        `height_m` is the camera's height above the ground's zero (`Pose.alt_agl_m`). Rows are NaN for
        rays (N, 3) that meet no known ground: the horizon, the sky.
        """

    def heights_m(self, lat: ArrayLike, lon: ArrayLike) -> FloatArray:
        """Heights (N,) of the ground above its zero at WGS 84 places; NaN where they are unknown."""

    def height_above_m(self, lat: float, lon: float, height_m: float) -> float:
        """How far a camera is above the ground right below it, in metres; NaN where that is unknown."""


@dataclass(frozen=True)
class FlatGround:
    """Level ground, everywhere at its zero: the height of take-off, or one that was given."""

    sigma_m: float = 0.0

    def meet(self, rays_enu: FloatArray, lat: float, lon: float, height_m: float) -> FloatArray:
        """As in `Ground`; the place makes no difference."""
        return meet_flat_ground(rays_enu, height_m)

    def heights_m(self, lat: ArrayLike, lon: ArrayLike) -> FloatArray:
        """As in `Ground`: 0 everywhere."""
        return np.zeros(np.size(lat))

    def height_above_m(self, lat: float, lon: float, height_m: float) -> float:
        """As in `Ground`; the place makes no difference."""
        return height_m


FLAT_GROUND = FlatGround()


def meet_flat_ground(rays_enu: FloatArray, height_m: float) -> FloatArray:
    """East and north (N, 2) in metres from the camera's foot, `height_m` below the camera.

    Rows are NaN for rays (N, 3) that do not come down: the horizon, the sky.
    """
    return runs_of(rays_enu) * height_m


def runs_of(rays_enu: FloatArray) -> FloatArray:
    """How far east and north (N, 2) rays (N, 3) go while they come down by one; NaN if they do not."""
    rays_enu = np.asarray(rays_enu, dtype=np.float64).reshape(-1, 3)
    down = -rays_enu[:, 2] / np.linalg.norm(rays_enu, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        runs = rays_enu[:, :2] / -rays_enu[:, 2:]
    runs[~(down >= _FLATTEST_SINE)] = np.nan
    return runs
