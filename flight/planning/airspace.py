"""Where flying is not allowed, and the way round it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from shapely import MultiPolygon, Polygon

from vision.camera import FloatArray


@dataclass(frozen=True)
class Zone:
    """Airspace that is closed or needs an approval: an area (lon, lat) between two heights above ground.

    `kind` is one of those that profiles name: "prohibited", "restricted", "controlled", "helipad",
    "residential" … `ceiling_m` is infinite where no upper limit is given.
    """

    id: str
    name: str
    kind: str
    area: Polygon | MultiPolygon
    floor_m: float = 0.0
    ceiling_m: float = math.inf


@dataclass(frozen=True)
class Airspace:
    """The zones that the flights of a survey must keep out of, in metres of the local frame."""

    def distances_m(self, leave: FloatArray, enter: FloatArray) -> FloatArray:
        """The lengths (N, M) of the shortest ways round all zones from places (N, 2) to places (M, 2).

        Infinite where there is no way.
        """
        way = enter[None, :, :] - leave[:, None, :]
        apart_m: FloatArray = np.hypot(way[..., 0], way[..., 1])
        return apart_m

    def way(self, start: FloatArray, end: FloatArray) -> FloatArray:
        """The shortest way (N, 2) round all zones, both ends included."""
        return np.array([start, end], dtype=np.float64)
