"""The surveyed ground in metres: sites, what photos show of them, and where the defects lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from shapely import Geometry, Point, box, make_valid, union_all
from shapely.geometry import GeometryCollection

from pipeline.register.records import DefectRecord, SiteRecord
from reports.contents import Contents, geometry_of
from vision.frames import LocalFrame

Bounds = tuple[float, float, float, float]

# The map opens on the defects, and on what lies no farther from them than this.
_FARTHEST_OTHER_M = 20_000.0


@dataclass(frozen=True)
class GroundPlan:
    """Shapes in metres east and north of the defects' middle, without defects of everything's.

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
    def bounds_m(self) -> Bounds | None:
        """West, south, east and north of all that is to be looked at; None if there is nothing.

        Sites and photos far from all defects are left out: a stray photo would make the map one dot.
        """
        others = [shape for _, shape in self.sites] + list(self.footprints)
        defects = _bounds([point for _, point in self.defects])
        if defects is None:
            return _bounds(others)
        around = box(*defects).buffer(_FARTHEST_OTHER_M)
        return _bounds([box(*defects), *(shape for shape in others if shape.intersects(around))])


def ground_plan(contents: Contents) -> GroundPlan:
    """Lay a register's ranked defects, sites and photo footprints out in metres."""
    sites = [(site, geometry_of(site.geometry)) for site in contents.sites]
    footprints = [geometry_of(photo.footprint) for photo in contents.photos if photo.status == "used"]
    points = [(defect, Point(defect.lon, defect.lat)) for defect in contents.ranked]
    shapes = [shape for _, shape in (*sites, *points)] + footprints
    to_metres = _projection(_bounds([point for _, point in points]) or _bounds(shapes))
    return GroundPlan(
        sites=tuple((site, to_metres(shape)) for site, shape in sites),
        defects=tuple((defect, to_metres(point)) for defect, point in points),
        footprints=tuple(make_valid(to_metres(shape)) for shape in footprints if not shape.is_empty),
    )


def _bounds(shapes: Sequence[Geometry]) -> Bounds | None:
    """West, south, east and north of shapes; None if there is nothing of them."""
    everything = GeometryCollection(list(shapes))
    return None if everything.is_empty else everything.bounds


def _projection(bounds: Bounds | None) -> Callable[[Geometry], Geometry]:
    """From lon, lat to metres around the middle of bounds."""
    if bounds is None:
        return lambda shape: shape
    west, south, east, north = bounds
    return LocalFrame((south + north) / 2, (west + east) / 2).shapes_to_metres
