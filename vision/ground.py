"""Where rays meet the ground."""

from __future__ import annotations

import numpy as np

from vision.camera import FloatArray

# A ray flatter than this (sine of its angle below the horizon, 0.6°) meets the ground hundreds of
# heights away, where no attitude sensor is good enough to say where.
_FLATTEST_SINE = 0.01


def meet_flat_ground(rays_enu: FloatArray, height_m: float) -> FloatArray:
    """East and north (N, 2) in metres from the camera's foot, `height_m` below the camera.

    Rows are NaN for rays (N, 3) that do not come down: the horizon, the sky.
    """
    rays_enu = np.asarray(rays_enu, dtype=np.float64).reshape(-1, 3)
    down = -rays_enu[:, 2] / np.linalg.norm(rays_enu, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ground = rays_enu[:, :2] * (height_m / -rays_enu[:, 2:])
    ground[down < _FLATTEST_SINE] = np.nan
    return ground
