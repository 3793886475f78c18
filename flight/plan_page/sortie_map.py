"""The map of one sortie for the operator's sheet: numbered passes, in black and white."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin

import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from flight.plan_page.label_placing import FreeSpace, Label
from flight.plan_page.map_view import MapView
from flight.plan_page.pass_marks import Arrow, arrows_along
from flight.plan_page.plan_ground import PlanGround, SortieGround
from flight.plan_page.plan_map import (
    ZoneShape,
    site_names,
    space_beside_signs,
    zone_shapes,
)
from pipeline.sites.site_reading import Site

_WIDTH_PX = 703  # 186 mm of paper at 96 pixels an inch
_BADGE_PX = 13.0
_NAME_PX = 10.0
_ZONE_NAME_PX = 22.0  # two lines
_ARROWS_APART_PX = 70.0
_BADGE_PLACES = (0.0, 0.12, 0.25, 0.4, 0.55, 0.7, 0.85)  # shares of a pass
_BESIDE_PX = (20.0, 32.0, 46.0)


@dataclass(frozen=True)
class Badge:
    """A pass's number in the drawing, and the point that a line leads to from it where it stands beside."""

    text: str
    x: float
    y: float
    leads_to: tuple[float, float] | None


@dataclass(frozen=True)
class SortieMap:
    """All shapes of one sortie's map.

    `roads` are by their width in metres. `badges` are the numbers of the passes, where they begin.
    """

    view: MapView
    roads: tuple[tuple[float, str], ...]
    facilities: str
    zones: tuple[ZoneShape, ...]
    fence: str
    passes: str
    transits: str
    arrows: tuple[Arrow, ...]
    badges: tuple[Badge, ...]
    names: tuple[Label, ...]
    home: tuple[float, float]

    @property
    def scale_percent(self) -> float:
        """The scale bar's share of the map's width."""
        return 100 * self.view.scale_m / self.view.width_m


def draw_sortie_map(ground: PlanGround, flown: SortieGround, aspect: float) -> SortieMap:
    """Draw the map of one sortie, so many times wider than high; sites of others stay in the background."""
    view = MapView.around(flown.bounds_m, (aspect, aspect), _WIDTH_PX)
    sites = ground.sites_in(view.frame)
    home = view.xy_of(flown.home.x, flown.home.y)
    space = space_beside_signs(view)
    space.take(Label("AA", *home), _BADGE_PX * view.unit_m)
    zones = zone_shapes(ground, view)
    for zone in zones:
        space.take(zone.label, _ZONE_NAME_PX * view.unit_m)
    badges = tuple(_badge(number, line, view, space) for number, line in enumerate(flown.passes, start=1))
    return SortieMap(
        view=view,
        roads=_roads_by_width(sites, view),
        facilities=view.path([shape for site, shape in sites if site.kind == "facility"]),
        zones=zones,
        fence=view.path(flown.fence),
        passes=view.path(flown.passes),
        transits=view.path(flown.transits),
        arrows=tuple(arrows_along(flown.passes, view, _ARROWS_APART_PX)),
        badges=badges,
        names=site_names(sites, view, space, _NAME_PX),
        home=home,
    )


def _roads_by_width(
    sites: Sequence[tuple[Site, BaseGeometry]], view: MapView
) -> tuple[tuple[float, str], ...]:
    widths: dict[float, list[BaseGeometry]] = defaultdict(list)
    for site, shape in sites:
        if site.kind == "road":
            widths[round(site.width_m or 1.0, 1)].append(shape)
    return tuple((width_m, view.path(shapes)) for width_m, shapes in widths.items())


def _badge(number: int, line: LineString, view: MapView, space: FreeSpace) -> Badge:
    """The number where the pass begins, or farther along it, or beside it where it is too short."""
    points = view.xy(
        shapely.get_coordinates(shapely.line_interpolate_point(line, _BADGE_PLACES, normalized=True))
    )
    x, y = points[0]
    around = [
        (x + away * view.unit_m * cos(radians(turn)), y + away * view.unit_m * sin(radians(turn)))
        for away in _BESIDE_PX
        for turn in range(0, 360, 45)
    ]
    places = [(round(float(x), 1), round(float(y), 1)) for x, y in [*points, *around]]
    labels = [Label(str(number), *place) for place in places]
    label = space.first_free(labels, _BADGE_PX * view.unit_m) or labels[0]
    beside = (label.x, label.y) not in places[: len(points)]
    return Badge(label.text, label.x, label.y, places[0] if beside else None)
