"""Where in a photo paved ground lies: carriageways and paved facilities, as polygons of pixels.

Each is made narrower by the 1-σ error of the photo's position all around: the grass of a verge is not to
be taken for weeds on the road because the camera thinks it was a metre elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely import Polygon, box
from shapely.geometry.base import BaseGeometry

from pipeline.geotagging.geotag import photo_footprint, pixels_of
from pipeline.photo import Photo
from pipeline.sites.site_reading import Site
from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.planar import intersection

_EDGE_PIECES = (
    20  # a long edge is bent by the lens: it is projected in so many pieces per height above ground
)


def paved_areas_px(photo: Photo, sites: Sequence[Site]) -> tuple[list[FloatArray], list[FloatArray]]:
    """The paved facilities and the carriageways of paved roads in a photo, polygons (M, 2) of its pixels.

    What `vision.surface.find_neglect` takes; both lists are empty where the photo shows none.
    """
    footprint = photo_footprint(photo)
    paved = [site for site in sites if site.paved]
    if footprint is None or not paved:
        return [], []
    frame = LocalFrame(photo.pose.lat, photo.pose.lon)
    seen_m = frame.shapes_to_metres(footprint)
    facilities: list[FloatArray] = []
    carriageways: list[FloatArray] = []
    for site in paved:
        if not site.geometry.intersects(footprint) and site.width_m is None:
            continue
        surely_m = paving_m(site, frame, photo.pose.sigma_position_m)
        polygons = facilities if site.width_m is None else carriageways
        outlines_px = [_pixels(photo, part) for part in _whole_parts(intersection(surely_m, seen_m))]
        polygons += [outline_px for outline_px in outlines_px if len(outline_px) > 2]
    return facilities, carriageways


def paving_m(site: Site, frame: LocalFrame, sigma_m: float = 0.0) -> BaseGeometry:
    """The paving of a site in metres: a facility's polygon or a road's carriageway, narrowed by `sigma_m`."""
    shape_m: BaseGeometry = frame.shapes_to_metres(site.geometry)
    if site.width_m is not None:
        half_m = site.width_m / 2 - sigma_m
        return shape_m.buffer(half_m, cap_style="flat") if half_m > 0 else Polygon()
    return shape_m.buffer(-sigma_m, join_style="mitre") if sigma_m else shape_m


def _whole_parts(shape_m: BaseGeometry) -> Iterator[Polygon]:
    """The polygons of a shape, those with holes cut through their holes."""
    for part in shapely.get_parts(shape_m):
        if not isinstance(part, Polygon) or part.is_empty:
            continue
        if not part.interiors:
            yield part
            continue
        west, south, east, north = part.bounds
        middle = part.interiors[0].centroid.x
        for half in (box(west, south, middle, north), box(middle, south, east, north)):
            yield from _whole_parts(intersection(part, half))


def _pixels(photo: Photo, polygon_m: Polygon) -> FloatArray:
    """The pixels (M, 2) that show a polygon's edge, as far as any do; metres from the camera's foot."""
    edge_m = shapely.segmentize(polygon_m.exterior, photo.height_above_ground_m / _EDGE_PIECES)
    pixels_px = pixels_of(photo, np.array(edge_m.coords)[:-1])
    return pixels_px[np.isfinite(pixels_px).all(axis=1)]
