"""Which part of a photo is read: what may show something that counts.

A photo along a road shows yards and roofs on either side, which nobody asked about. A detection counts
where its footprint lies within 1 m and 1 σ of a site (see `pipeline.sites.siting.may_lie_on_sites`). Read is
what may hold such a footprint: each pixel whose place on the ground lies within 1 m of a site, give or take
the longer half axis of its 1-σ error (position, height, tilt, yaw, focal length and ground together, see
`pipeline.geotagging.ground_error`). So what is read is what counts; a photo that knows its place better is
read less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, box

from pipeline.geotagging.geotag import FARTHEST_SEEN_HEIGHTS
from pipeline.geotagging.ground_error import error_ellipses, ground_covariances, ground_offsets
from pipeline.photo import Photo
from pipeline.sites.siting import VERGE_M, SiteShape, half_widths_m
from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.ground import FlatGround

# Cells along the picture's longer side: of a 20 MP photo one is 43 pixels, well below a tile.
_CELLS_ALONG = 128
# Farther than any photo shows ground, with its errors: drones fly no higher than 500 m.
_FARTHEST_SITE_M = 10_000.0


def site_areas_px(photo: Photo, sites: Sequence[SiteShape]) -> list[FloatArray] | None:
    """What of a photo may show sites, as rectangles (4, 2) of its pixels that share no area.

    None when no sites are known; empty when the photo shows none of them.
    """
    if not sites:
        return None
    camera = photo.camera
    cell_px = max(camera.width_px, camera.height_px) / _CELLS_ALONG
    x_px, y_px = _edges(camera.width_px, cell_px), _edges(camera.height_px, cell_px)
    return _rectangles(_wanted_cells(photo, sites, x_px, y_px), x_px, y_px)


def _edges(size_px: int, cell_px: float) -> FloatArray:
    return np.linspace(-0.5, size_px - 0.5, max(2, round(size_px / cell_px) + 1))


def _wanted_cells(
    photo: Photo, sites: Sequence[SiteShape], x_px: FloatArray, y_px: FloatArray
) -> NDArray[np.bool_]:
    """Which cells (rows, columns) between the edges may show what counts.

    At the horizon all cells may: whatever ground shows there can be a site. Above it none does.
    """
    on_sites = _sites_about(photo, sites)
    if on_sites is None:
        return np.zeros((len(y_px) - 1, len(x_px) - 1), dtype=bool)
    corners_px = np.stack(np.meshgrid(x_px, y_px), axis=-1).reshape(-1, 2)
    ground_m = ground_offsets(photo, corners_px)
    with np.errstate(invalid="ignore"):
        seen = np.hypot(*ground_m.T) <= FARTHEST_SEEN_HEIGHTS * photo.height_above_ground_m
    sigmas_m = np.zeros(len(ground_m))
    sigmas_m[seen] = _sigmas_m(photo, corners_px[seen])
    grid = len(y_px), len(x_px)
    seen_corners = _at_corners(seen.reshape(grid))
    wanted = np.asarray(seen_corners.any(axis=-1))
    whole = seen_corners.all(axis=-1)
    shown = shapely.polygons(_at_corners(ground_m.reshape(*grid, 2))[whole])
    reach_m = VERGE_M + _at_corners(sigmas_m.reshape(grid))[whole].max(axis=-1)
    wanted[whole] = shapely.dwithin(on_sites, shown, reach_m)
    return wanted


def _at_corners(values: NDArray[Any]) -> NDArray[Any]:
    """For each cell (rows, columns) the values (4, …) at its corners, from the values at all corners."""
    return np.stack([values[:-1, :-1], values[:-1, 1:], values[1:, 1:], values[1:, :-1]], axis=2)


def _sigmas_m(photo: Photo, pixels_px: FloatArray) -> FloatArray:
    """The longer half axis of each pixel's error ellipse on the ground; infinite just below the horizon.

    For thousands of pixels level ground right below the camera tells it well enough.
    """
    level = replace(
        photo,
        ground=FlatGround(photo.ground.sigma_m),
        pose=replace(photo.pose, alt_agl_m=photo.height_above_ground_m),
    )
    covariances = ground_covariances(level, pixels_px)
    known = np.isfinite(covariances).all(axis=(1, 2))
    sigmas_m = np.full(len(pixels_px), np.inf)
    sigmas_m[known] = error_ellipses(covariances[known])[:, 0]
    return sigmas_m


def _sites_about(photo: Photo, sites: Sequence[SiteShape]) -> Any:
    """The sites that lie nearer than anything a photo shows, as one shape in metres from the camera's foot.

    None where there is none.
    """
    frame = LocalFrame(photo.pose.lat, photo.pose.lon)
    around = box(*frame.shapes_to_lon_lat(Point(0, 0).buffer(_FARTHEST_SITE_M)).bounds)
    near = [site for site in sites if around.intersects(site.geometry)]
    if not near:
        return None
    shapes_m = frame.shapes_to_metres([shapely.intersection(site.geometry, around) for site in near])
    on_sites = shapely.union_all(shapely.buffer(shapes_m, half_widths_m(near)))
    shapely.prepare(on_sites)
    return on_sites


def _rectangles(wanted: NDArray[np.bool_], x_px: FloatArray, y_px: FloatArray) -> list[FloatArray]:
    """Rectangles that hold the wanted cells: runs along the rows, like ones below each other joined."""
    rectangles: list[FloatArray] = []
    open_runs: dict[tuple[int, int], int] = {}  # the row in which each began
    for row in range(len(wanted) + 1):
        runs = _runs(wanted[row]) if row < len(wanted) else []
        for run in [run for run in open_runs if run not in runs]:
            top, (first, end) = open_runs.pop(run), run
            rectangles.append(_corners(x_px[first], y_px[top], x_px[end], y_px[row]))
        for run in runs:
            open_runs.setdefault(run, row)
    return rectangles


def _runs(wanted: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First index and end of each run of wanted cells in a row."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]])))
    return [(int(first), int(end)) for first, end in changes.reshape(-1, 2)]


def _corners(left: float, top: float, right: float, bottom: float) -> FloatArray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
