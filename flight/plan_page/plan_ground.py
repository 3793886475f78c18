"""Everything of a plan that has a place, in metres of one local frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import shapely
from pyproj import Geod
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from flight.missions.sortie_fence import fence_of
from flight.missions.sortie_way import in_metres
from flight.planning.plan import Plan, Sortie, Waypoint
from flight.rules.airspace import Zone
from flight.surroundings import frame_of
from pipeline.sites.site_reading import Site
from vision.frames import LocalFrame
from vision.planar import union

_EARTH = Geod(ellps="WGS84")


@dataclass(frozen=True)
class SortieGround:
    """A sortie on the ground: passes and transits in the order flown, launch point and fence."""

    sortie: Sortie
    passes: tuple[LineString, ...]
    transits: tuple[LineString, ...]
    home: Point
    fence: Polygon

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all that is flown."""
        west, south, east, north = shapely.total_bounds([*self.passes, *self.transits, self.home])
        return float(west), float(south), float(east), float(north)


@dataclass(frozen=True)
class PlanGround:
    """A plan on the ground. `photographed` is what photos looking straight down show."""

    sites: tuple[tuple[Site, BaseGeometry], ...]
    zones: tuple[tuple[Zone, BaseGeometry], ...]
    sorties: tuple[SortieGround, ...]
    photographed: BaseGeometry

    def sites_in(self, frame: BaseGeometry) -> list[tuple[Site, BaseGeometry]]:
        """The sites that reach into a frame, cut off at its edges, in file order."""
        inside = sorted(self._tree.query(frame, predicate="intersects"))
        cut = shapely.intersection([self.sites[index][1] for index in inside], frame)
        return [(self.sites[index][0], shape) for index, shape in zip(inside, cut, strict=True)]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree([shape for _, shape in self.sites])

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east and north of sites, ways and launch points; zones may reach beyond."""
        shapes = [shape for _, shape in self.sites]
        for flown in self.sorties:
            shapes += [*flown.passes, *flown.transits, flown.home]
        west, south, east, north = shapely.total_bounds(shapes)
        return float(west), float(south), float(east), float(north)


def plan_ground(plan: Plan) -> PlanGround:
    """Lay a plan out in metres around the middle of its sites."""
    frame = frame_of(plan.sites)
    sorties = tuple(_sortie(sortie, frame) for sortie in plan.sorties)
    return PlanGround(
        sites=tuple((site, frame.shapes_to_metres(site.geometry)) for site in plan.sites),
        zones=tuple((zone, frame.shapes_to_metres(zone.area)) for zone in plan.zones),
        sorties=sorties,
        photographed=_photographed(plan, sorties),
    )


def way_length_m(way: Sequence[Waypoint]) -> float:
    """The length of a way over ground."""
    return float(_EARTH.line_length([place.lon for place in way], [place.lat for place in way]))


def _sortie(sortie: Sortie, frame: LocalFrame) -> SortieGround:
    lat, lon = zip(*fence_of(sortie), strict=True)
    return SortieGround(
        sortie=sortie,
        passes=tuple(_line(flown.waypoints, frame) for flown in sortie.passes),
        transits=tuple(_line(way, frame) for way in sortie.transits),
        home=Point(frame.to_metres(sortie.home.lat, sortie.home.lon)[0]),
        fence=Polygon(frame.to_metres(lat, lon)),
    )


def _line(way: Sequence[Waypoint], frame: LocalFrame) -> LineString:
    return LineString(in_metres(frame, way)[:, :2])


def _photographed(plan: Plan, sorties: Sequence[SortieGround]) -> BaseGeometry:
    lines = [
        line
        for ground in sorties
        for flown, line in zip(ground.sortie.passes, ground.passes, strict=True)
        if flown.look_at is None
    ]
    strips = shapely.buffer(lines, plan.swath.across_m / 2, cap_style="flat", join_style="mitre")
    return union(shapely.make_valid(strips))
