"""Where to launch from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from vision.camera import FloatArray


def propose_launch(geometries: Sequence[BaseGeometry], tracks: Sequence[LineString]) -> FloatArray:
    """The point (1, 2) in metres on a road nearest to the length-weighted centre of all passes.

    On a road a pilot can stand and stop; the centre itself may be a roof or a lake. Where there are
    only facilities, it is on the edge of one.
    """
    weights_m = np.array([track.length for track in tracks])
    middles = np.array([track.centroid.coords[0] for track in tracks])
    centre = Point((middles * weights_m[:, None]).sum(axis=0) / weights_m.sum())
    roads = [geometry for geometry in geometries if isinstance(geometry, LineString)]
    places = shapely.union_all(roads or [geometry.boundary for geometry in geometries])
    nearest = shapely.get_coordinates(shapely.shortest_line(centre, places))[-1]
    return np.array([nearest], dtype=np.float64)
