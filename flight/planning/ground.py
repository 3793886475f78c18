"""How high the ground lies: flat, or as an elevation model says."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from vision.camera import FloatArray


class Ground(Protocol):
    """The ground's height in metres above one datum."""

    @property
    def is_known(self) -> bool:
        """Whether the heights were measured, not assumed."""
        ...

    def elevation_m(self, places: FloatArray) -> FloatArray:
        """Heights (N,) of places (N, 2) in metres of the local frame; NaN where nothing is known."""
        ...


class FlatGround:
    """Level ground at height 0: every height is above the take-off point."""

    is_known = False

    def elevation_m(self, places: FloatArray) -> FloatArray:
        """Zeros (N,) for places (N, 2)."""
        return np.zeros(len(places))
