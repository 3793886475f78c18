"""What a simulated district is made of: paved surfaces, damage, and scenery around it.

All geometry is in metres east and north of the district's origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon

from vision.camera import FloatArray

SceneryKind = Literal["line_marking", "manhole", "stain", "car", "roof", "tree"]


@dataclass(frozen=True)
class Surface:
    """The paved ground of one site: a road's carriageway, or a facility.

    `centreline_m` is None for a facility; `axis_deg` is then the direction of its longest side
    (counter-clockwise from east).
    """

    site: str
    outline_m: Polygon
    centreline_m: LineString | None
    width_m: float
    axis_deg: float
    paved: bool
    seed: int

    def axis_deg_at(self, station_m: float) -> float:
        """The direction of the road at a distance from its start, counter-clockwise from east."""
        if self.centreline_m is None:
            return self.axis_deg
        ends = self.centreline_m.interpolate([station_m - 0.5, station_m + 0.5])
        (x0, y0), (x1, y1) = (point.coords[0] for point in ends)
        return float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))


@dataclass(frozen=True)
class Damage:
    """One damage that is there: a crack's path (LineString), or the outline of an area.

    `width_m` is a crack's mean opening with its spalled edges, and an area's smaller extent.
    `axis_deg` is the direction of the road it lies in.
    """

    id: str
    kind: str
    site: str
    geometry_m: LineString | Polygon
    width_m: float
    axis_deg: float
    seed: int

    @cached_property
    def length_m(self) -> float:
        """A crack's extent from end to end, an area's larger extent."""
        box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(self.geometry_m))
        return float(np.linalg.norm(np.diff(box, axis=0), axis=1).max())

    @property
    def area_m2(self) -> float:
        """The area of its outline; a crack's length times its opening."""
        if isinstance(self.geometry_m, Polygon):
            return float(self.geometry_m.area)
        return float(self.geometry_m.length * self.width_m)

    @property
    def centre_m(self) -> FloatArray:
        """East and north (2,) of its centroid."""
        centre: FloatArray = shapely.get_coordinates(self.geometry_m.centroid)[0]
        return centre


@dataclass(frozen=True)
class SceneryItem:
    """Something in the picture that is no damage; `axis_deg` is the way it lies."""

    kind: SceneryKind
    outline_m: Polygon | MultiPolygon
    axis_deg: float
    seed: int
