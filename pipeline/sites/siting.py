"""Siting: which site a defect belongs to, and at which station of a road it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import STRtree

from pipeline.geotagging.observation import Observation
from pipeline.sites.site_reading import Site
from vision.camera import FloatArray
from vision.frames import LocalFrame

# Beside the carriageway: shoulder and ditch, plus the error of a position without RTK.
MARGIN_M = 10.0

# What is inspected beside a site's edge, as planned flights photograph it.
VERGE_M = 1.0


@dataclass(frozen=True)
class SiteShape:
    """What siting needs of a site: `geometry` is lon, lat; `width_m` is None for a facility."""

    id: str
    geometry: Any
    width_m: float | None


def shape_of(site: Site) -> SiteShape:
    """What siting needs of a site."""
    return SiteShape(site.id, site.geometry, site.width_m)


@dataclass(frozen=True)
class Place:
    """The site of a defect; `station_m` along a road's centreline, None at a facility."""

    site: str
    station_m: float | None


def place_on_sites(lat: ArrayLike, lon: ArrayLike, sites: Sequence[SiteShape]) -> list[Place | None]:
    """The site nearest to each position, None where all are farther away than 10 m from its edge.

    A road's edge is half its width beside the centreline; for what lies on several sites see `nearest_sites`.
    """
    lat, lon = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lon, float))
    if not len(sites) or not len(lat):
        return [None] * len(lat)
    sites = sorted(sites, key=lambda site: site.id)
    frame = LocalFrame(float(np.mean(lat)), float(np.mean(lon)))
    shapes_m = frame.shapes_to_metres([site.geometry for site in sites])
    half_width_m = half_widths_m(sites)
    points_m = shapely.points(frame.to_metres(lat, lon))
    places: list[Place | None] = [None] * len(lat)
    for point, site in zip(*nearest_sites(points_m, shapes_m, half_width_m, MARGIN_M), strict=True):
        places[point] = Place(sites[site].id, _station_m(shapes_m[site], points_m[point]))
    return places


def nearest_sites(
    points_m: NDArray[np.object_], shapes_m: NDArray[np.object_], half_width_m: FloatArray, margin_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Numbers of the points that lie within `margin_m` of a site's edge, and of the site nearest to each.

    A site's edge lies `half_width_m` beside its shape. Where sites overlap, the ground is the wider road's
    (a junction belongs to the main road), a facility's only where there is no road; of equally wide roads it
    is the one's in which the point lies deeper, of all else the first's.
    """
    point, site = STRtree(shapes_m).query(
        points_m, predicate="dwithin", distance=margin_m + half_width_m.max(initial=0.0)
    )
    beside_m = shapely.distance(points_m[point], shapes_m[site]) - half_width_m[site]
    order = np.lexsort((site, beside_m, -half_width_m[site], np.maximum(beside_m, 0.0), point))
    order = order[beside_m[order] <= margin_m]
    within, nearest = np.unique(point[order], return_index=True)
    return within, site[order[nearest]]


def may_lie_on_sites(observations: Sequence[Observation], sites: Sequence[SiteShape]) -> list[bool]:
    """Whether each observation may lie on a site: its footprint within 1 m + 1 σ of a site's edge.

    What lies beside all sites (roofs, yards, gardens) was not asked for. True for all where no
    sites are known.
    """
    if not sites or not observations:
        return [True] * len(observations)
    frame = LocalFrame(observations[0].position.lat, observations[0].position.lon)
    shapes_m = frame.shapes_to_metres([site.geometry for site in sites])
    footprints_m = frame.shapes_to_metres([observation.footprint for observation in observations])
    beside_m = shapely.distance(footprints_m[:, None], shapes_m[None, :]) - half_widths_m(sites)
    sigma_m = np.array([observation.position.sigma_m for observation in observations])
    may: list[bool] = (beside_m.min(axis=1) <= VERGE_M + sigma_m).tolist()
    return may


def half_widths_m(sites: Sequence[SiteShape]) -> FloatArray:
    """How far each site's edge lies from its geometry: 0 for a facility, whose outline is its edge."""
    return np.array([(site.width_m or 0.0) / 2 for site in sites])


def _station_m(shape_m: Any, point_m: Any) -> float | None:
    if shape_m.geom_type != "LineString":
        return None
    return float(shapely.line_locate_point(shape_m, point_m))
