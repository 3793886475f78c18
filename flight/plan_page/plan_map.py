"""The map of a whole plan as shapes of an SVG drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from flight.plan_page.label_placing import FreeSpace, Label, along, text_width
from flight.plan_page.map_view import MapView
from flight.plan_page.pass_marks import Arrow, arrows_along
from flight.plan_page.plan_ground import PlanGround, SortieGround
from flight.planning.plan import Plan
from flight.rules.airspace import Zone
from pipeline.sites.site_reading import Site

# Dark enough for thin lines on white, and far apart for colour-blind eyes where numbers are neighbours.
_SORTIE_COLOURS = (
    "#0072b2", "#c4162a", "#00806a", "#8a3fa0", "#b35900",
    "#3b4cc0", "#6b7a00", "#b03a78", "#00798c", "#7a4a2a",
)  # fmt: skip
_ASSUMED_WIDTH_PX = 1072  # of the page's column, until its script knows better
_ASPECTS = (1.35, 2.2)
_BADGE_PX = 20.0
_NAME_PX = 12.0
_CROWDED_FROM = 15
_ZONE_NAME_PX = 13.0
_ZONE_HEIGHTS_LETTERS = 26  # of the line below a zone's name
_NEAR_ZOOM = 4.0  # from this zoom on, everything has its name and every pass its arrow
_FAR_ARROWS_APART_PX = 130.0
_NEAR_ARROWS_APART_PX = 60.0
_FAR_ARROW_FROM_PX = 26.0  # shorter passes get their arrow only near


@dataclass(frozen=True)
class SiteShape:
    """A site: its SVG path, and its true width for a road."""

    path: str
    name: str
    width_m: float | None


@dataclass(frozen=True)
class ZoneShape:
    """A zone: the part of it that the map shows, and where its name stands."""

    zone: Zone
    path: str
    label: Label


@dataclass(frozen=True)
class SortieShape:
    """A sortie: passes and transits as SVG paths, arrows by how near one looks, its number's place.

    `box` is its west, north, width and height in the drawing.
    """

    number: int
    colour: str
    passes: str
    transits: str
    far_arrows: tuple[Arrow, ...]
    near_arrows: tuple[Arrow, ...]
    badge: Label
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class LaunchShape:
    """A launch point, by its letter, and the numbers of the sorties from there."""

    letter: str
    lat: float
    lon: float
    x: float
    y: float
    sorties: tuple[int, ...]


@dataclass(frozen=True)
class PlanMap:
    """All shapes of a plan's map; names and near_names have room at the far and the near view."""

    view: MapView
    roads: tuple[SiteShape, ...]
    facilities: tuple[SiteShape, ...]
    photographed: str
    fence: str
    zones: tuple[ZoneShape, ...]
    sorties: tuple[SortieShape, ...]
    launches: tuple[LaunchShape, ...]
    names: tuple[Label, ...]
    near_names: tuple[Label, ...]

    @property
    def scale_percent(self) -> float:
        """The scale bar's share of the map's width."""
        return 100 * self.view.scale_m / self.view.width_m

    @property
    def is_crowded(self) -> bool:
        """Whether all transits at once would hide the passes."""
        return len(self.sorties) > _CROWDED_FROM


def draw_plan_map(plan: Plan, ground: PlanGround) -> PlanMap:
    """Draw the map of a plan."""
    view = MapView.around(ground.bounds_m, _ASPECTS, _ASSUMED_WIDTH_PX, zooms=True)
    space = space_beside_signs(view)
    launches = launch_shapes(plan, ground, view)
    for launch in launches:
        space.take(Label("AA", launch.x, launch.y), _BADGE_PX * view.unit_m)
    zones = zone_shapes(ground, view)
    for zone in zones:
        space.take(zone.label, 2 * _ZONE_NAME_PX * view.unit_m)
    sorties = tuple(_sortie(flown, view, space) for flown in ground.sorties)
    names = site_names(ground.sites, view, space, _NAME_PX)
    near = view.seen_from(_NEAR_ZOOM)
    return PlanMap(
        view=view,
        roads=site_shapes(ground.sites, view, "road"),
        facilities=site_shapes(ground.sites, view, "facility"),
        photographed=view.path(ground.photographed),
        fence=view.path(shapely.union_all([flown.fence for flown in ground.sorties])),
        zones=zones,
        sorties=sorties,
        launches=launches,
        names=names,
        near_names=site_names(ground.sites, near, FreeSpace(), _NAME_PX),
    )


def space_beside_signs(view: MapView) -> FreeSpace:
    """Room for labels beside the north arrow (top right) and the scale bar (bottom left)."""
    space = FreeSpace()
    space.take(Label("", view.width_m - 20 * view.unit_m, 24 * view.unit_m), 34 * view.unit_m)
    bar = Label("m" * 16, view.scale_m / 2 + 14 * view.unit_m, view.height_m - 20 * view.unit_m)
    space.take(bar, 22 * view.unit_m)
    return space


def sortie_colour(number: int) -> str:
    """The colour of a sortie; they repeat after ten."""
    return _SORTIE_COLOURS[(number - 1) % len(_SORTIE_COLOURS)]


def launch_shapes(plan: Plan, ground: PlanGround, view: MapView) -> tuple[LaunchShape, ...]:
    """The launch points in the order of their first sortie, named A, B, C … AA."""
    by_place: dict[tuple[float, float], list[SortieGround]] = {}
    for flown in ground.sorties:
        by_place.setdefault((flown.sortie.home.lat, flown.sortie.home.lon), []).append(flown)
    return tuple(
        LaunchShape(
            _letter(index),
            lat,
            lon,
            *view.xy_of(flown[0].home.x, flown[0].home.y),
            tuple(each.sortie.number for each in flown),
        )
        for index, ((lat, lon), flown) in enumerate(by_place.items())
    )


def site_shapes(
    sites: Sequence[tuple[Site, BaseGeometry]], view: MapView, kind: str
) -> tuple[SiteShape, ...]:
    """The sites of a kind."""
    return tuple(
        SiteShape(view.path(shape), site.name, site.width_m) for site, shape in sites if site.kind == kind
    )


def zone_shapes(ground: PlanGround, view: MapView) -> tuple[ZoneShape, ...]:
    """The zones as far as the map shows them."""
    shown = [(zone, shapely.intersection(area, view.frame)) for zone, area in ground.zones]
    return tuple(
        ZoneShape(zone, view.path(area), _zone_label(zone, area, view))
        for zone, area in shown
        if not area.is_empty and area.area > 0
    )


def site_names(
    sites: Sequence[tuple[Site, BaseGeometry]], view: MapView, space: FreeSpace, font_px: float
) -> tuple[Label, ...]:
    """The names of sites that find room, the largest site first, each name once."""
    font_m = font_px * view.unit_m
    placed: dict[str, Label] = {}
    for site, shape in sorted(sites, key=lambda each: -each[1].length):
        if site.name in placed or site.name == site.id:
            continue
        candidates = [
            label for part in shapely.get_parts(shape) for label in _name_places(site, part, view, font_m)
        ]
        label = space.first_free(candidates, font_m)
        if label is not None:
            placed[site.name] = label
    return tuple(placed.values())


def _name_places(site: Site, shape: BaseGeometry, view: MapView, font_m: float) -> list[Label]:
    if site.kind == "facility":
        point = shape.representative_point()
        return [Label(site.name, *view.xy_of(point.x, point.y))]
    if shape.geom_type != "LineString" or shape.length < text_width(site.name, font_m):
        return []
    line = LineString(view.xy(shapely.get_coordinates(shape)))
    return [
        along(site.name, line, share, side * 0.95 * font_m) for share in (0.5, 0.35, 0.65) for side in (1, -1)
    ]


def _zone_label(zone: Zone, area: BaseGeometry, view: MapView) -> Label:
    point = max(shapely.get_parts(area), key=shapely.area).representative_point()
    x, y = view.xy_of(point.x, point.y)
    letters = max(len(zone.name), _ZONE_HEIGHTS_LETTERS)
    half_m = text_width("m" * letters, _ZONE_NAME_PX * view.unit_m) / 2 + 4 * view.unit_m
    below_north_m, above_edge_m = 50 * view.unit_m, view.height_m - 26 * view.unit_m
    return Label(
        zone.name,
        round(min(max(x, half_m), max(view.width_m - half_m, half_m)), 1),
        round(min(max(y, below_north_m), max(above_edge_m, below_north_m)), 1),
    )


def _sortie(flown: SortieGround, view: MapView, space: FreeSpace) -> SortieShape:
    long_passes = [line for line in flown.passes if line.length >= _FAR_ARROW_FROM_PX * view.unit_m]
    near = view.seen_from(_NEAR_ZOOM)
    west, south, east, north = flown.bounds_m
    left, top = view.xy_of(west, north)
    return SortieShape(
        number=flown.sortie.number,
        colour=sortie_colour(flown.sortie.number),
        passes=view.path(flown.passes),
        transits=view.path(flown.transits),
        far_arrows=tuple(arrows_along(long_passes, view, _FAR_ARROWS_APART_PX)),
        near_arrows=tuple(arrows_along(flown.passes, near, _NEAR_ARROWS_APART_PX)),
        badge=_badge(flown, view, space),
        box=(left, top, round(east - west, 1), round(north - south, 1)),
    )


def _badge(flown: SortieGround, view: MapView, space: FreeSpace) -> Label:
    """The sortie's number on one of its passes, the farthest from home first: there they lie apart."""
    passes = sorted(flown.passes, key=lambda line: -line.distance(flown.home))
    places = [line.interpolate(share, normalized=True) for line in passes for share in (0.5, 0.2, 0.8)]
    labels = [Label(str(flown.sortie.number), *view.xy_of(place.x, place.y)) for place in places]
    return space.first_free(labels, _BADGE_PX * view.unit_m) or labels[0]


def _letter(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
