"""The surveyed ground in metres: sites, what photos show of them, and where the defects lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from shapely import Geometry, Point, make_valid, union_all
from shapely.geometry import GeometryCollection

from pipeline.register.records import DefectRecord, SiteRecord
from reports.contents import Contents, geometry_of
from vision.frames import LocalFrame


@dataclass(frozen=True)
class GroundPlan:
    """Shapes in metres east and north of the survey's middle.

    `sites` and `defects` keep the records' order; `footprints` are the grounds that photos show.
    """

    sites: tuple[tuple[SiteRecord, Geometry], ...]
    defects: tuple[tuple[DefectRecord, Point], ...]
    footprints: tuple[Geometry, ...]

    @cached_property
    def seen(self) -> Geometry:
        """The ground that any photo shows."""
        return union_all(self.footprints) if self.footprints else GeometryCollection()

    @property
    def bounds_m(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of everything; None if there is nothing."""
        shapes = [shape for _, shape in (*self.sites, *self.defects)] + list(self.footprints)
        filled = [shape.bounds for shape in shapes if not shape.is_empty]
        if not filled:
            return None
        corners = np.array(filled)
        west, south = corners[:, :2].min(axis=0)
        east, north = corners[:, 2:].max(axis=0)
        return float(west), float(south), float(east), float(north)

    @property
    def road_length_m(self) -> float:
        """Length of all roads' centrelines."""
        return sum(float(shape.length) for site, shape in self.sites if site.kind == "road")

    @property
    def seen_road_length_m(self) -> float:
        """Length of road centrelines that photos show."""
        return sum(
            float(shape.intersection(self.seen).length) for site, shape in self.sites if site.kind == "road"
        )


def ground_plan(contents: Contents) -> GroundPlan:
    """Lay a register's ranked defects, sites and photo footprints out in metres."""
    sites = [(site, geometry_of(site.geometry)) for site in contents.sites]
    footprints = [geometry_of(photo.footprint) for photo in contents.photos if photo.status == "used"]
    points = [(defect, Point(defect.lon, defect.lat)) for defect in contents.ranked]
    shapes = [shape for _, shape in (*sites, *points)] + footprints
    to_metres = _projection([shape for shape in shapes if not shape.is_empty])
    return GroundPlan(
        sites=tuple((site, to_metres(shape)) for site, shape in sites),
        defects=tuple((defect, to_metres(point)) for defect, point in points),
        footprints=tuple(make_valid(to_metres(shape)) for shape in footprints if not shape.is_empty),
    )


def _projection(shapes: list[Geometry]) -> Callable[[Geometry], Geometry]:
    """From lon, lat to metres around the middle of the shapes."""
    if not shapes:
        return lambda shape: shape
    corners = np.array([shape.bounds for shape in shapes])
    lon, lat = (corners[:, :2].min(axis=0) + corners[:, 2:].max(axis=0)) / 2
    frame = LocalFrame(lat, lon)
    return frame.shapes_to_metres
