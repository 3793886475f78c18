"""What reaches into the air: buildings, masts, trees, power lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, STRtree
from shapely.geometry.base import BaseGeometry

from flight.heights.ground import Ground
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame
from vision.terrain import ElevationModel

_COMPARED_EVERY_M = 10.0
_SMALL_HOLE_M = 5.0  # surface models from photos have holes of this size; what is around them is known
# A surface lies on the ground or above it, and on most of a road nothing stands. Models of 30 m cells
# are a few metres off.
_LOWEST_SURFACE_M = -5.0  # median along the sites, above the ground
_HIGHEST_SURFACE_M = 15.0  # lowest quarter along the roads


@dataclass(frozen=True)
class Obstacle:
    """One thing, or a short piece of a long one, in metres of the local frame.

    `shape` is what it takes up seen from above. `height_m` is above ground, `top_m` above the datum of
    the survey's ground. `assumed` says that its height was not given.
    """

    kind: str
    shape: BaseGeometry
    height_m: float
    top_m: float
    assumed: bool = False


@dataclass(frozen=True)
class Surface:
    """A surface model: the tops of all that stands, and of the ground between."""

    model: ElevationModel
    frame: LocalFrame

    def tops_m(self, places: FloatArray, within_m: float) -> FloatArray:
        """The highest cell (N,) within a distance of places (N, 2); NaN where none is known."""
        lat, lon = self.frame.to_lat_lon(places).T
        return self.model.highest_around_m(lat, lon, within_m)

    def highest_m(self, area: BaseGeometry) -> float:
        """The highest cell in an area; NaN where none is known."""
        return self.model.highest_m(self.frame.shapes_to_lon_lat(area))


@dataclass(frozen=True)
class Obstacles:
    """Obstacles with their tops, in metres of the local frame; empty when nothing is known.

    `standing` are those of a file, `surface` what a surface model shows; either or both. `remarks` say
    how they were read. `sites` are the surveyed buildings: they stand in the way like any other, but
    nobody has told about what else does.
    """

    standing: tuple[Obstacle, ...] = ()
    surface: Surface | None = None
    remarks: tuple[str, ...] = ()
    sites: tuple[Obstacle, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anybody has told about obstacles at all."""
        return bool(self.standing) or self.surface is not None

    def with_surface(self, model: ElevationModel, frame: LocalFrame) -> Obstacles:
        """These obstacles and those of a surface model (see `check_surface`)."""
        return replace(self, surface=Surface(model, frame))

    def are_known_at(self, places: FloatArray, within_m: float) -> NDArray[np.bool_]:
        """Whether (N,) anybody has told about obstacles within a distance of places (N, 2).

        A surface model ends somewhere; a file of obstacles is taken to name all that there are.
        """
        if self.surface is None:
            return np.full(len(places), self.is_known)
        known: NDArray[np.bool_] = ~np.isnan(self.surface.tops_m(places, within_m))
        return known

    def tops_m(self, places: FloatArray, within_m: float) -> FloatArray:
        """The highest top (N,) within a horizontal distance of places (N, 2); −inf where there is none.

        With a surface model the ground between obstacles counts as a top.
        """
        tops_m = np.full(len(places), -np.inf)
        if self._all and len(places):
            at, found = self._tree.query(shapely.points(places), predicate="dwithin", distance=within_m)
            np.maximum.at(tops_m, at, self._tops_m[found])
        if self.surface is not None:
            tops_m = np.fmax(tops_m, self.surface.tops_m(places, within_m))
        return tops_m

    def highest_m(self, area: BaseGeometry) -> float:
        """The highest top in an area; −inf where there is none."""
        highest_m = -np.inf
        if self._all:
            found = self._tree.query(area, predicate="intersects")
            highest_m = self._tops_m[found].max(initial=-np.inf)
        if self.surface is not None:
            highest_m = np.fmax(highest_m, self.surface.highest_m(area))
        return float(highest_m)

    @property
    def _all(self) -> tuple[Obstacle, ...]:
        return (*self.standing, *self.sites)

    @cached_property
    def _tree(self) -> STRtree:
        return STRtree([obstacle.shape for obstacle in self._all])

    @cached_property
    def _tops_m(self) -> FloatArray:
        return np.array([obstacle.top_m for obstacle in self._all], dtype=np.float64)


def check_surface(obstacles: Obstacles, ground: Ground, geometries: Sequence[BaseGeometry]) -> None:
    """Raise PantauError when a surface model cannot be used over sites (metres of the local frame).

    It needs an elevation model of the same height datum, so that heights above ground follow, and must
    cover every site.
    """
    if obstacles.surface is None:
        return
    path = obstacles.surface.model.path
    if not ground.is_known:
        raise PantauError(
            f"{path}: a surface model gives heights above a datum, not above ground; give the elevation "
            "model of the bare ground too (--dem)."
        )
    places = _along(geometries)
    gaps = np.flatnonzero(~obstacles.are_known_at(places, _SMALL_HOLE_M))
    if len(gaps):
        lat, lon = obstacles.surface.frame.to_lat_lon(places[gaps[0]])[0]
        raise PantauError(
            f"{path}: the surface model says nothing about {lat:.5f},{lon:.5f}, where a site lies; give a "
            "larger one, or plan without --surface."
        )
    roads = [shape for shape in geometries if isinstance(shape, LineString)]
    _check_datum(obstacles.surface, ground, places, _along(roads))


def _along(geometries: Sequence[BaseGeometry]) -> FloatArray:
    lines = shapely.segmentize(np.array(geometries, dtype=object), _COMPARED_EVERY_M)
    return np.asarray(shapely.get_coordinates(lines), dtype=np.float64)


def _check_datum(surface: Surface, ground: Ground, all_m: FloatArray, roads_m: FloatArray) -> None:
    def above_ground_m(places: FloatArray, quantile: float) -> float:
        if not len(places):
            return 0.0
        return float(np.nanquantile(surface.tops_m(places, 0.0) - ground.elevation_m(places), quantile))

    low_m, high_m = above_ground_m(all_m, 0.5), above_ground_m(roads_m, 0.25)
    if low_m < _LOWEST_SURFACE_M or high_m > _HIGHEST_SURFACE_M:
        apart_m = low_m if low_m < _LOWEST_SURFACE_M else high_m
        raise PantauError(
            f"{surface.model.path}: the surface lies {apart_m:+.0f} m from the elevation model (--dem) along "
            "the sites; the two must have the same height datum (ellipsoid or sea level), convert one."
        )
