"""The map as shapes of an SVG drawing, in metres from its top left corner."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, floor, isfinite, log10

from shapely import Geometry, get_parts

from pipeline.register.records import SiteRecord
from reports.contents import DONE
from reports.ground_plan import GroundPlan

# Width to height: the ground's own within these. Never below 1.2, the style sheet's on telephones, so
# that the width limits the drawing and the scale bar's share of it is true.
_LOWEST_ASPECT, _HIGHEST_ASPECT = 1.35, 2.2
_SMALLEST_WIDTH_M = 90.0
_MARGIN = 0.06
# A drawing of this width in CSS pixels is assumed until the page's script knows better.
_ASSUMED_WIDTH_PX = 1000
_NARROW_BELOW_M, _WIDE_ABOVE_M = 4.0, 7.0
_CROWDED_FROM = 150
# Roads shorter than this share of the map's width carry no name: it would not fit.
_NAMED_FROM_SHARE = 0.12


@dataclass(frozen=True)
class Label:
    """A name at a point, turned by degrees clockwise; `beside` the point, not over it."""

    text: str
    x: float
    y: float
    turn_deg: float = 0.0
    beside: bool = False


@dataclass(frozen=True)
class RoadShape:
    """A road: SVG path of its centreline, true width, and its class (narrow, medium, wide, unknown)."""

    path: str
    width_m: float
    width_class: str
    name: str


@dataclass(frozen=True)
class FacilityShape:
    """A facility: SVG path of its outline."""

    path: str
    name: str


@dataclass(frozen=True)
class Marker:
    """A defect on the map, with the radius in metres that holds its true place 95 % of the time.

    `done` are repaired ones.
    """

    defect_id: str
    rank: int
    kind: str
    severity: str
    done: bool
    x: float
    y: float
    radius_m: float


@dataclass(frozen=True)
class MapDrawing:
    """A map of `width_m` × `height_m`; `markers` are in drawing order, the most urgent last.

    `metres_per_px` holds for the assumed width of the page; `scale_m` is a round length for the
    scale bar, `grid_m` the distance of the grid's lines.
    """

    width_m: float
    height_m: float
    metres_per_px: float
    scale_m: float
    grid_path: str
    seen_path: str
    photo_path: str
    roads: tuple[RoadShape, ...]
    facilities: tuple[FacilityShape, ...]
    labels: tuple[Label, ...]
    markers: tuple[Marker, ...]

    @property
    def is_crowded(self) -> bool:
        """Whether the dots would hide each other at their usual size."""
        return len(self.markers) > _CROWDED_FROM

    @property
    def has_done(self) -> bool:
        """Whether the map shows repaired defects."""
        return any(marker.done for marker in self.markers)

    @property
    def scale_percent(self) -> float:
        """The scale bar's share of the map's width."""
        return 100 * self.scale_m / self.width_m

    @property
    def width_classes(self) -> tuple[str, ...]:
        """The classes of road that the map shows, narrow to wide."""
        shown = {road.width_class for road in self.roads}
        return tuple(name for name in ("narrow", "medium", "wide", "unknown") if name in shown)


def draw_map(plan: GroundPlan) -> MapDrawing | None:
    """Draw a ground plan; None if there is nothing on it."""
    if plan.bounds_m is None:
        return None
    view = _View.around(plan.bounds_m)
    grid_m = round_length_m(view.width_m / 10)
    return MapDrawing(
        width_m=round(view.width_m, 1),
        height_m=round(view.height_m, 1),
        metres_per_px=view.width_m / _ASSUMED_WIDTH_PX,
        scale_m=round_length_m(view.width_m / 5),
        grid_path=view.grid(grid_m),
        seen_path=view.path(plan.seen),
        photo_path=" ".join(view.path(footprint) for footprint in plan.footprints),
        roads=tuple(_road(view, site, shape) for site, shape in plan.sites if site.kind == "road"),
        facilities=tuple(
            FacilityShape(view.path(shape), site.name)
            for site, shape in plan.sites
            if site.kind == "facility"
        ),
        labels=tuple(label for site, shape in plan.sites for label in _labels(view, site, shape)),
        markers=tuple(reversed(_markers(view, plan))),
    )


def round_length_m(most_m: float) -> float:
    """The longest of 1, 2, 5, 10, 20, 50 … m that is not longer than this."""
    power = 10.0 ** floor(log10(most_m))
    return max(step * power for step in (1, 2, 5) if step * power <= most_m * (1 + 1e-9))


@dataclass(frozen=True)
class _View:
    """The piece of ground that the map shows: its west and north edge and its size."""

    west_m: float
    north_m: float
    width_m: float
    height_m: float

    @classmethod
    def around(cls, bounds_m: tuple[float, float, float, float]) -> _View:
        west, south, east, north = bounds_m
        across_m, up_m = east - west, north - south
        aspect = min(max(across_m / max(up_m, 1e-9), _LOWEST_ASPECT), _HIGHEST_ASPECT)
        width_m = max(max(across_m, up_m * aspect) * (1 + 2 * _MARGIN), _SMALLEST_WIDTH_M)
        height_m = width_m / aspect
        return cls((west + east - width_m) / 2, (south + north + height_m) / 2, width_m, height_m)

    def xy(self, east_m: float, north_m: float) -> tuple[float, float]:
        return round(east_m - self.west_m, 2), round(self.north_m - north_m, 2)

    def path(self, shape: Geometry) -> str:
        """The SVG path of lines and areas (a hole is a ring of the same path)."""
        return "".join(self._part_path(part) for part in get_parts(shape))

    def _part_path(self, part: Geometry) -> str:
        if part.is_empty:
            return ""
        if part.geom_type == "Polygon":
            return "".join(self._line(ring) + "Z" for ring in (part.exterior, *part.interiors))
        if part.geom_type in ("LineString", "LinearRing"):
            return self._line(part)
        return self.path(part) if part.geom_type.startswith(("Multi", "Geometry")) else ""

    def _line(self, line: Geometry) -> str:
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in (self.xy(*point[:2]) for point in line.coords))

    def grid(self, step_m: float) -> str:
        """Lines every so many metres, far beyond the edges: the page's frame may show more."""
        columns = range(1, int(self.width_m / step_m) + 1)
        rows = range(-int(self.height_m / step_m), int(2 * self.height_m / step_m) + 1)
        height = f"{3 * self.height_m:g}"
        vertical = "".join(f"M{i * step_m:g} {-self.height_m:g}v{height}" for i in columns)
        return vertical + "".join(f"M0 {i * step_m:g}H{self.width_m:g}" for i in rows)


def _road(view: _View, site: SiteRecord, shape: Geometry) -> RoadShape:
    return RoadShape(view.path(shape), site.width_m or 0.0, _width_class(site.width_m), site.name)


def _width_class(width_m: float | None) -> str:
    if width_m is None:
        return "unknown"
    if width_m < _NARROW_BELOW_M:
        return "narrow"
    return "wide" if width_m > _WIDE_ABOVE_M else "medium"


def _labels(view: _View, site: SiteRecord, shape: Geometry) -> list[Label]:
    if shape.is_empty or not site.name:
        return []
    if site.kind == "facility":
        point = shape.representative_point()
        return [Label(site.name, *view.xy(point.x, point.y))]
    if shape.length < _NAMED_FROM_SHARE * view.width_m:
        return []
    longest = max(get_parts(shape), key=lambda part: part.length)
    middle, before, after = (longest.interpolate(share, normalized=True) for share in (0.5, 0.4, 0.6))
    turn_deg = -degrees(atan2(after.y - before.y, after.x - before.x))
    upright_deg = (turn_deg + 90) % 180 - 90
    return [Label(site.name, *view.xy(middle.x, middle.y), round(upright_deg, 1), beside=True)]


def _markers(view: _View, plan: GroundPlan) -> list[Marker]:
    return [
        Marker(
            defect.id,
            rank,
            defect.kind,
            defect.severity,
            defect.status in DONE,
            *view.xy(point.x, point.y),
            radius_m=round(defect.radius_95_m, 2) if isfinite(defect.sigma_m) else 0.0,
        )
        for rank, (defect, point) in enumerate(plan.defects, start=1)
    ]
