"""What the photos of a survey surely show of the ground, and what rejected ones would have shown.

A photo counts where it is sharp and sure. Sharp: ground up to 60° off the vertical, where a pixel is
four times as long on the ground as straight below. Sure: its footprint less the 1-σ error of its
position all around, so that a camera that thinks it was one or two metres elsewhere proves nothing
at its edges. Errors of height and attitude are not counted; the overlap of photos is there for them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, tan
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point, STRtree
from sqlite_utils import Database

from pipeline.coverage.sites_read import was_looked_at
from pipeline.register.rows import keys_read_for
from vision.camera import FloatArray
from vision.frames import LocalFrame

FLATTEST_DEG = 60.0
"""Ground seen from farther off the vertical than this is not sharp enough to be inspected."""

_FRAME_DEG = 0.1  # one local frame for photos within some 10 km
_LEAST_SHRINKING_M = 1e-6
_LEAST_METRES_PER_DEGREE = 110_000.0
_SIGMA_UNKNOWN_M = 1.5  # as `pipeline.photo.Pose` assumes without RTK

Shapes = NDArray[np.object_]

# One exposure that was saved twice, with other bytes, shows nothing more: hence DISTINCT.
_USED = """
SELECT DISTINCT taken_at, lat, lon, alt_agl_m, coalesce(sigma_position_m, ?) AS sigma_m, footprint, read_for
FROM photos WHERE survey = ? AND status = 'used' AND footprint IS NOT NULL
ORDER BY taken_at, lat, lon
"""
_REJECTED = "SELECT reason, footprint FROM photos WHERE survey = ? AND status = 'rejected' ORDER BY id"


@dataclass(frozen=True)
class ShownGround:
    """The ground in the photos of a survey; all shapes are lon, lat.

    `surely` is what each used photo surely shows (empty for one that proves nothing), `anyhow` all
    that is in it, `read_for` the keys of the sites that it was looked at for
    (`pipeline.coverage.sites_read`).
    `rejected` are the footprints of those rejected photos of which one is known, with their `reasons`;
    `rejected_by_reason` counts all rejected photos.
    """

    surely: Shapes
    anyhow: Shapes
    read_for: tuple[frozenset[str] | None, ...]
    rejected: Shapes
    reasons: tuple[str, ...]
    rejected_by_reason: dict[str, int]

    def surely_near(self, shape: Any, reach_m: float, key: str) -> Shapes:
        """What photos that were looked at for a site surely show within `reach_m` of it, and a little beyond.

        `shape` is the site's, `key` its key.
        """
        lat = (shape.bounds[1] + shape.bounds[3]) / 2
        reach_deg = reach_m / (_LEAST_METRES_PER_DEGREE * cos(radians(lat)))
        near = self._sure_tree.query(shape, predicate="dwithin", distance=reach_deg)
        read = [index for index in np.sort(near) if was_looked_at(self.read_for[index], key)]
        shapes: Shapes = self.surely[read]
        return shapes

    def photos_with(self, place: Point, key: str) -> tuple[int, int]:
        """How many used photos have a place of a site in them at all, however flatly or unsurely.

        First those that were looked at for the site, by its key, then the others.
        """
        found = self._whole_tree.query(place, predicate="intersects")
        read = sum(was_looked_at(self.read_for[index], key) for index in found)
        return read, len(found) - read

    def rejected_with(self, shape: Any) -> dict[str, int]:
        """How many rejected photos would have shown some of a shape, by reason, the commonest first."""
        found = self._rejected_tree.query(shape, predicate="intersects")
        return dict(Counter(self.reasons[index] for index in np.sort(found)).most_common())

    @cached_property
    def _sure_tree(self) -> STRtree:
        return STRtree(self.surely)

    @cached_property
    def _whole_tree(self) -> STRtree:
        return STRtree(self.anyhow)

    @cached_property
    def _rejected_tree(self) -> STRtree:
        return STRtree(self.rejected)


def read_shown_ground(db: Database, survey: int) -> ShownGround:
    """The ground in the photos of a survey (its number), from the register."""
    used = list(db.query(_USED, [_SIGMA_UNKNOWN_M, survey]))
    rejected = list(db.query(_REJECTED, [survey]))
    placed = [row for row in rejected if row["footprint"]]
    footprints = _shapes([row["footprint"] for row in used])
    columns = ("lat", "lon", "alt_agl_m", "sigma_m")
    lat, lon, alt_agl_m, sigma_m = (np.array([row[name] for row in used], dtype=float) for name in columns)
    return ShownGround(
        surely=surely_shown(footprints, lat, lon, alt_agl_m, sigma_m),
        anyhow=footprints,
        read_for=tuple(keys_read_for(row["read_for"]) for row in used),
        rejected=_shapes([row["footprint"] for row in placed]),
        reasons=tuple(row["reason"] for row in placed),
        rejected_by_reason=dict(Counter(row["reason"] for row in rejected).most_common()),
    )


def surely_shown(
    footprints: Shapes, lat: FloatArray, lon: FloatArray, alt_agl_m: FloatArray, sigma_position_m: FloatArray
) -> Shapes:
    """The part of each photo's footprint (lon, lat) that is sharp and sure; empty where there is none.

    `lat`, `lon` and `alt_agl_m` (N) are the cameras'. Footprints are convex, and so is what is left.
    """
    surely: Shapes = np.empty(len(footprints), dtype=object)
    cells = np.round(np.column_stack([lat, lon]) / _FRAME_DEG)
    for cell in np.unique(cells, axis=0):
        there = (cells == cell).all(axis=1)
        frame = LocalFrame(*(cell * _FRAME_DEG))
        cameras_m = shapely.points(frame.to_metres(lat[there], lon[there]))
        near_m = shapely.buffer(cameras_m, alt_agl_m[there] * tan(radians(FLATTEST_DEG)))
        sharp_m = shapely.intersection(frame.shapes_to_metres(footprints[there]), near_m)
        # GEOS loses shapes that it is to shrink by less than it can tell from nothing.
        less_m = np.where(sigma_position_m[there] < _LEAST_SHRINKING_M, 0.0, sigma_position_m[there])
        sure_m = shapely.buffer(sharp_m, -less_m, join_style="mitre")
        surely[there] = frame.shapes_to_lon_lat(sure_m)
    return surely


def _shapes(texts: list[str]) -> Shapes:
    shapes: Shapes = np.array(shapely.from_geojson(texts), dtype=object)
    return shapes
