"""What reaches into the air: buildings, masts, trees, power lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from vision.camera import FloatArray


@dataclass(frozen=True)
class Obstacles:
    """Obstacles with their tops, in metres of the local frame; empty when nothing is known."""

    @property
    def is_known(self) -> bool:
        """Whether anybody has told about obstacles at all."""
        return False

    def tops_m(self, places: FloatArray, within_m: float) -> FloatArray:
        """The highest top (N,) within a horizontal distance of places (N, 2); −inf where there is none."""
        return np.full(len(places), -np.inf)

    def highest_m(self, area: BaseGeometry) -> float:
        """The highest top in an area; −inf where there is none."""
        return float("-inf")
