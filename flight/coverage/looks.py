"""How many photos show each metre of a road, or each square metre of a facility.

All geometry here is in metres of a local frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from flight.coverage.photo_geometry import Swath, footprints, photo_positions
from flight.coverage.tracks import Track
from flight.planning.plan import Looks
from pipeline.sites.site_reading import Site
from vision.camera import FloatArray

_STEP_M = 1.0
_MOST_PLACES = 200_000  # of one facility: beyond, the grid gets coarser
_PLACES_AT_ONCE = 200_000


def looks_of_sites(
    sites: Sequence[Site], geometries: Sequence[BaseGeometry], tracks: Sequence[Track], swath: Swath
) -> dict[str, Looks]:
    """For each site's id how many photos show its ground; `geometries` are the sites' in metres.

    Photos of neighbouring passes count; those of faces do not. A road is looked at every metre: a
    station counts with the fewest photos of its centreline and both edges.
    """
    tree = STRtree(photographed_ground(tracks, swath))
    stations = [
        _road_stations(geometry, site.width_m or 0.0)
        if isinstance(geometry, LineString)
        else _facility_places(geometry)[:, None]
        for site, geometry in zip(sites, geometries, strict=True)
    ]
    counts = _fewest(tree, stations)
    return {site.id: _looks(count) for site, count in zip(sites, counts, strict=True)}


def photographed_ground(tracks: Sequence[Track], swath: Swath) -> list[Polygon]:
    """The footprints, in metres, of all photos that look straight down; those of faces do not."""
    photos = [photo_positions(track.line, swath.photo_spacing_m) for track in tracks if track.look_at is None]
    return footprints(np.vstack([np.empty((0, 3)), *photos]), swath)


def _fewest(tree: STRtree, stations: Sequence[FloatArray]) -> list[NDArray[np.intp]]:
    """For each site's stations (S, P, 2: P places each) the fewest photos of any of their places."""
    places = np.vstack([np.empty((0, 2)), *(station.reshape(-1, 2) for station in stations)])
    shown = np.concatenate(
        [
            np.bincount(tree.query(shapely.points(part), predicate="intersects")[0], minlength=len(part))
            for part in np.array_split(places, len(places) // _PLACES_AT_ONCE + 1)
        ]
    )
    ends = np.cumsum([0, *(station.size // 2 for station in stations)])
    return [
        shown[start:end].reshape(station.shape[:2]).min(axis=1)
        for (start, end), station in zip(pairwise(ends), stations, strict=True)
    ]


def _looks(counts: NDArray[np.intp]) -> Looks:
    return Looks(int(counts.min()), float(np.median(counts)), int(counts.max()))


def _road_stations(line: LineString, width_m: float) -> FloatArray:
    """The centre and both edges of a road (S, 3, 2), every metre and at its very end."""
    at_m = np.append(np.arange(0.0, line.length, _STEP_M), line.length)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, at_m))
    before, after = np.maximum(at_m - 0.1, 0.0), np.minimum(at_m + 0.1, line.length)
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, after)) - shapely.get_coordinates(
        shapely.line_interpolate_point(line, before)
    )
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    right = np.column_stack([ahead[:, 1], -ahead[:, 0]]) * width_m / 2
    return np.stack([points - right, points, points + right], axis=1)


def _facility_places(area: BaseGeometry) -> FloatArray:
    """A grid (N, 2) of one place for each square metre inside an area, coarser for a vast one."""
    step_m = max(_STEP_M, (area.envelope.area / _MOST_PLACES) ** 0.5)
    west, south, east, north = area.bounds
    grid = np.meshgrid(
        np.arange(west + step_m / 2, east, step_m), np.arange(south + step_m / 2, north, step_m)
    )
    places = np.column_stack([axis.ravel() for axis in grid])
    inside: FloatArray = places[shapely.contains_xy(area, *places.T)]
    middle: FloatArray = shapely.get_coordinates(area.representative_point())
    return inside if len(inside) else middle
