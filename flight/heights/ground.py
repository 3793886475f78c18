"""How high the ground lies: flat, or as an elevation model says."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.terrain import ElevationModel

_LOOKED_AT_EVERY_M = 5.0  # finer than any gap in a model that matters to a flight
_ROWS_AT_MOST = 200  # over an area, whatever its size


class Ground(Protocol):
    """The ground's height in metres above one datum."""

    @property
    def is_known(self) -> bool:
        """Whether the heights were measured, not assumed."""
        ...

    def elevation_m(self, places: FloatArray) -> FloatArray:
        """Heights (N,) of places (N, 2) in metres of the local frame; NaN where nothing is known."""
        ...

    def highest_m(self, area: BaseGeometry) -> float:
        """The highest ground in an area (metres of the local frame); NaN where nothing is known."""
        ...


class FlatGround:
    """Level ground at height 0: every height is above the take-off point."""

    is_known = False

    def elevation_m(self, places: FloatArray) -> FloatArray:
        """Zeros (N,) for places (N, 2)."""
        return np.zeros(len(places))

    def highest_m(self, area: BaseGeometry) -> float:
        """Zero."""
        return 0.0


class TerrainGround:
    """The ground as an elevation model has it."""

    is_known = True

    def __init__(self, model: ElevationModel, frame: LocalFrame) -> None:
        self._model = model
        self._frame = frame

    def elevation_m(self, places: FloatArray) -> FloatArray:
        """Heights (N,) of places (N, 2), between the model's cells; NaN where it knows nothing."""
        lat, lon = self._frame.to_lat_lon(places).T
        return self._model.heights_m(lat, lon)

    def highest_m(self, area: BaseGeometry) -> float:
        """The highest of all cells that `elevation_m` takes into account in an area."""
        reach = area.buffer(self._model.cell_m * 1.5, quad_segs=2)  # to the middles of the next cells
        return self._model.highest_m(self._frame.shapes_to_lon_lat(reach))


def uncovered(ground: Ground, geometry: BaseGeometry) -> FloatArray | None:
    """The first place (2,) in a geometry whose height is unknown; None where all are known."""
    if not ground.is_known:
        return None
    places = np.vstack([places_in(part) for part in shapely.get_parts(geometry)])
    gaps = np.flatnonzero(np.isnan(ground.elevation_m(places)))
    return places[gaps[0]] if len(gaps) else None


def places_in(geometry: BaseGeometry) -> FloatArray:
    """Places (N, 2) all over a simple geometry: along its outline, and on a grid inside."""
    outline = shapely.get_coordinates(shapely.segmentize(geometry, _LOOKED_AT_EVERY_M))
    if not isinstance(geometry, Polygon):
        return np.asarray(outline, dtype=np.float64)
    west, south, east, north = geometry.bounds
    step_m = max(_LOOKED_AT_EVERY_M, (east - west) / _ROWS_AT_MOST, (north - south) / _ROWS_AT_MOST)
    grid = np.stack(np.meshgrid(np.arange(west, east, step_m), np.arange(south, north, step_m)), axis=-1)
    inside = grid.reshape(-1, 2)
    return np.vstack([outline, inside[shapely.contains_xy(geometry, inside)]])
