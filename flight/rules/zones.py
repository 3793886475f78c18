"""Zones from a file: where flying is closed, or needs an approval."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely
from shapely import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from flight.rules.airspace import Zone
from pipeline.sites.vector_files import NO_CRS_REMARK, Feature, read_vector_file
from vision.errors import PantauError
from vision.frames import LocalFrame

_FOOT_M = 0.3048
_HELIPAD_RADIUS_M = 3 * 1852.0  # 3 NM: PM 37/2020, 2.2.2 (verify)
_ARC_SEGMENTS = 16  # of a quarter circle

_KIND_NAMES = ("kind", "type", "class", "category", "landuse", "aeroway", "jenis")
_KINDS = {
    "prohibited": ("prohibited", "prohibited area", "p", "terlarang", "kawasan terlarang"),
    "restricted": ("restricted", "restricted area", "r", "terbatas", "kawasan terbatas"),
    "controlled": ("controlled", "controlled airspace", "ctr", "tma", "cta", "terkontrol"),
    "airport": ("airport", "aerodrome", "kkop", "bandara"),
    "helipad": ("helipad", "heliport"),
    "residential": ("residential", "permukiman"),
    "commercial": ("commercial", "retail", "perdagangan"),
    "industrial": ("industrial", "industri"),
    "recreational": ("recreational", "recreation_ground", "rekreasi"),
}
_KIND_OF = {spelling: kind for kind, spellings in _KINDS.items() for spelling in spellings}
_NO_KIND = "unspecified"

_FLOOR_NAMES = ("floor", "lower", "lower_limit", "base", "bottom", "min_height")
_CEILING_NAMES = ("ceiling", "upper", "upper_limit", "top", "max_height")
_HEIGHT = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(m|ft|feet)?\s*(?:agl)?", re.IGNORECASE)
_FROM_GROUND = ("gnd", "sfc", "ground", "surface")
_UNLIMITED = ("unl", "unlimited", "inf", "infinity")


def read_zones(path: Path | str) -> tuple[Zone, ...]:
    """Read zones from a GeoJSON, GeoPackage, KML or Shapefile, in file order.

    Zones are polygons, or points with a `radius_m` (`radius_nm`); a helipad's radius is 3 NM where none
    is given. A polygon is the zone itself, also a helipad's. Ids come from `@id`, `osmid` or `id`, a
    number where none is given; kinds from `kind`, `type`, `class`, `landuse` … in common spellings (an
    unknown kind stays as it is written). Heights are above ground: `floor_m`, `floor`, `lower` … in
    metres, `floor_ft` … in feet, or texts such as "400 ft", "GND", "unlimited".

    Raises PantauError that names the file, the feature and the remedy: a missing or unreadable file, no
    coordinate reference system, coordinates outside WGS 84, lines and points without radius, heights
    that are none, a floor at or above the ceiling, no zones at all.
    """
    path = Path(path)
    file = read_vector_file(path)
    if NO_CRS_REMARK in file.remarks:
        raise PantauError(
            f"{path}: names no coordinate reference system, so nobody knows where its zones lie; save it "
            "with one, or as GeoJSON."
        )
    if not file.features:
        raise PantauError(f"{path}: holds no zones; give polygons, or leave --zones out if there are none.")
    zones: list[Zone] = []
    taken: set[str] = set()
    for number, feature in enumerate(file.features, start=1):
        zone = _zone(path, number, feature, taken)
        taken.add(zone.id)
        zones.append(zone)
    return tuple(zones)


def _zone(path: Path, number: int, feature: Feature, taken: set[str]) -> Zone:
    properties = feature.properties
    base = next((_plain(properties[key]) for key in ("@id", "osmid", "id") if key in properties), "")
    base = base or f"zone-{number}"
    zone_id, copy = base, 1
    while zone_id in taken:
        copy += 1
        zone_id = f"{base}-{copy}"
    name = str(properties.get("name", zone_id))
    who = f"{path}: zone {number} ({name})"
    kind = _kind(properties)
    floor_m, ceiling_m = _heights_m(who, properties)
    return Zone(zone_id, name, kind, _area(who, feature, kind), floor_m, ceiling_m)


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _kind(properties: Mapping[str, Any]) -> str:
    written = next((str(properties[name]).strip() for name in _KIND_NAMES if name in properties), _NO_KIND)
    return _KIND_OF.get(written.casefold(), written.casefold())


def _heights_m(who: str, properties: Mapping[str, Any]) -> tuple[float, float]:
    floor_m = _height_m(who, properties, _FLOOR_NAMES, 0.0)
    ceiling_m = _height_m(who, properties, _CEILING_NAMES, math.inf)
    if floor_m >= ceiling_m:
        raise PantauError(
            f"{who}: its floor of {floor_m:g} m is not below its ceiling of {ceiling_m:g} m; correct the "
            "heights (metres above ground)."
        )
    return floor_m, ceiling_m


def _height_m(who: str, properties: Mapping[str, Any], names: Sequence[str], missing_m: float) -> float:
    for name in names:
        for key, unit_m in ((f"{name}_m", 1.0), (f"{name}_ft", _FOOT_M), (name, 1.0)):
            if key in properties:
                return _metres(who, key, str(properties[key]).strip(), unit_m)
    return missing_m


def _metres(who: str, key: str, text: str, unit_m: float) -> float:
    if text.casefold() in _FROM_GROUND:
        return 0.0
    if text.casefold() in _UNLIMITED:
        return math.inf
    match = _HEIGHT.fullmatch(text)
    if not match:
        raise PantauError(
            f"{who}: {key} is {text!r}, no height above ground; give metres, or feet as floor_ft, ceiling_ft."
        )
    if match[2]:
        unit_m = 1.0 if match[2].casefold() == "m" else _FOOT_M
    return float(match[1]) * unit_m


def _area(who: str, feature: Feature, kind: str) -> Polygon | MultiPolygon:
    geometry = feature.geometry
    if geometry is None or geometry.is_empty:
        raise PantauError(f"{who}: has no geometry; draw a polygon, or remove it.")
    parts = _flattened(geometry)
    if all(isinstance(part, Point) for part in parts):
        radius_m = _radius_m(who, feature.properties, kind)
        return _polygons(who, [_disc(part, radius_m) for part in parts])
    if not all(isinstance(part, Polygon) for part in parts):
        raise PantauError(
            f"{who}: is a {geometry.geom_type}; a zone is a polygon, or a point with radius_m; redraw it."
        )
    return _polygons(who, parts)


def _polygons(who: str, parts: Sequence[BaseGeometry]) -> Polygon | MultiPolygon:
    """The union of polygons, repaired so that nothing enclosed by an outline is lost."""
    valid = [
        part if part.is_valid else shapely.make_valid(part, method="structure", keep_collapsed=False)
        for part in parts
    ]
    area = shapely.union_all(valid)
    if not isinstance(area, Polygon | MultiPolygon) or area.is_empty:
        raise PantauError(f"{who}: its outline encloses no area; draw it again, or remove it.")
    return area


def _flattened(geometry: BaseGeometry) -> list[BaseGeometry]:
    return [part for simple in shapely.get_parts([geometry]) for part in _parts_of(simple)]


def _parts_of(geometry: BaseGeometry) -> list[BaseGeometry]:
    nested = getattr(geometry, "geoms", None)
    return [geometry] if nested is None else [part for inner in nested for part in _parts_of(inner)]


def _radius_m(who: str, properties: Mapping[str, Any], kind: str) -> float:
    for key, unit_m in (("radius_m", 1.0), ("radius_nm", 1852.0), ("radius", 1.0)):
        if key in properties:
            try:
                radius_m = float(properties[key]) * unit_m
            except (TypeError, ValueError):
                radius_m = math.nan
            if 0 < radius_m < math.inf:
                return radius_m
            raise PantauError(f"{who}: {key} is {properties[key]!r}; give the radius as a number above 0.")
    if kind == "helipad":
        return _HELIPAD_RADIUS_M
    raise PantauError(f"{who}: is a point without radius_m; give its radius in metres, or draw a polygon.")


def _disc(centre: BaseGeometry, radius_m: float) -> Polygon:
    """A polygon (lon, lat) around a circle, touching it from outside."""
    lon, lat = shapely.get_coordinates(centre)[0]
    frame = LocalFrame(lat, lon)
    around_m = radius_m / math.cos(math.pi / (4 * _ARC_SEGMENTS))
    disc: Polygon = frame.shapes_to_lon_lat(Point(0, 0).buffer(around_m, quad_segs=_ARC_SEGMENTS))
    return disc
