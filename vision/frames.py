"""Local metric frames: WGS 84 latitude and longitude to metres east and north, and back."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from vision.camera import FloatArray


def geodesic_m(here: tuple[float, float], there: tuple[float, float]) -> float:
    """The distance on the ellipsoid between two places (lat, lon), however far apart."""
    (lat, lon), (other_lat, other_lon) = here, there
    return float(_ellipsoid().inv(lon, lat, other_lon, other_lat)[2])


@cache
def _ellipsoid() -> Any:
    from pyproj import Geod

    return Geod(ellps="WGS84")


class LocalFrame:
    """Metres east and north of an origin (azimuthal equidistant projection of the ellipsoid).

    Within 10 km of the origin distances are true to 1 mm per km. What lies nearer than 0.7 mm to the
    origin is put on it (PROJ's tolerance of 1e-10 radians).
    """

    def __init__(self, lat: float, lon: float) -> None:
        self.lat = float(lat)
        self.lon = float(lon)

    @cached_property
    def _projection(self) -> Any:
        # Proj, not Transformer: one is needed per photo, and a Transformer takes 50 times as long to make.
        from pyproj import Proj

        return Proj(proj="aeqd", lat_0=self.lat, lon_0=self.lon, ellps="WGS84", units="m")

    def to_metres(self, lat: ArrayLike, lon: ArrayLike) -> FloatArray:
        """East and north (N, 2) in metres of WGS 84 positions."""
        lon_deg = np.atleast_1d(np.asarray(lon, dtype=np.float64))
        lat_deg = np.atleast_1d(np.asarray(lat, dtype=np.float64))
        return np.column_stack(self._projection(lon_deg, lat_deg))

    def to_lat_lon(self, east_north_m: ArrayLike) -> FloatArray:
        """Latitude and longitude (N, 2) in degrees of positions (N, 2) in metres."""
        points = np.asarray(east_north_m, dtype=np.float64).reshape(-1, 2)
        lon, lat = self._projection(points[:, 0], points[:, 1], inverse=True)
        return np.column_stack([lat, lon])

    def shapes_to_metres(self, shapes: Any) -> Any:
        """A shapely geometry, or an array of them, from lon, lat to metres east and north."""
        from shapely import transform

        return transform(shapes, lambda lon_lat: self.to_metres(lon_lat[:, 1], lon_lat[:, 0]))

    def shapes_to_lon_lat(self, shapes_m: Any) -> Any:
        """A shapely geometry, or an array of them, from metres east and north to lon, lat."""
        from shapely import transform

        return transform(shapes_m, lambda east_north_m: self.to_lat_lon(east_north_m)[:, ::-1])
