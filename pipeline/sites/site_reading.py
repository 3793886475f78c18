"""Sites: the roads and facilities that are inspected."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from pipeline.sites.road_widths import is_paved, road_width_m
from pipeline.sites.vector_files import Feature, read_vector_file
from vision.errors import PantauError
from vision.whole_file import write_whole


@dataclass(frozen=True)
class Site:
    """A road (centreline and width) or a facility (polygon).

    `id` is unique within a sites file and stable between readings of it; `name` is for people.
    `geometry` is lon, lat in WGS 84. `width_m` is the carriageway of a road, None for a facility.
    `height_m` is given for facilities whose faces are flown too. `paved` says whether the surface is
    sealed; of a facility, whether all of its polygon is. `part_of` is the id of the site that this is a
    piece of, as in a re-flight of gaps.
    """

    id: str
    name: str
    kind: Literal["road", "facility"]
    geometry: LineString | Polygon
    width_m: float | None = None
    height_m: float | None = None
    paved: bool = True
    part_of: str | None = None


@dataclass(frozen=True)
class SitesFile:
    """The sites of a file, in file order, and remarks on what was left out or changed in reading."""

    sites: tuple[Site, ...]
    remarks: tuple[str, ...]


def read_sites(path: Path | str) -> SitesFile:
    """Read roads (lines) and facilities (polygons) from a GeoJSON, GeoPackage, KML or Shapefile.

    Ids come from the property `@id`, `osmid` or `id`; where several sites share one, a counter in
    file order follows. A road's width comes from `width_m`, `width`, `lanes` or `highway` (see
    `pipeline.sites.road_widths`), a facility's height from `height_m`, names from `name`. A road is paved or
    not by `paved`, `surface` or `highway`; a facility is paved where `paved` or `surface` says so: of a
    school with a garden, draw the paved yard as a facility of its own.

    Raises PantauError when the file is missing, unreadable, outside WGS 84 or without such geometries.
    """
    path = Path(path)
    file = read_vector_file(path)
    left_out: Counter[str] = Counter()
    parts = list(_distinct(_parts(file.features, left_out), left_out))
    if not parts:
        what = ", ".join(f"{count} {reason}" for reason, count in left_out.items()) or "no features"
        raise PantauError(
            f"{path}: no roads or facilities found ({what}); give lines for roads or polygons for facilities."
        )
    remarks = [*file.remarks, *(f"left out: {count} {reason}" for reason, count in left_out.items())]
    return SitesFile(_named(parts), tuple(remarks))


def write_sites(sites: Iterable[Site], path: Path | str) -> None:
    """Write sites as GeoJSON that `read_sites` reads back with the same ids."""
    document = {"type": "FeatureCollection", "features": [_feature_of(site) for site in sites]}
    write_whole(Path(path), json.dumps(document, ensure_ascii=False, indent=1))


def _feature_of(site: Site) -> dict[str, Any]:
    properties = {
        "id": site.id,
        "name": site.name,
        "kind": site.kind,
        "width_m": site.width_m,
        "height_m": site.height_m,
        "paved": site.paved,
        "part_of": site.part_of,
    }
    return {
        "type": "Feature",
        "properties": {name: value for name, value in properties.items() if value is not None},
        "geometry": shapely.geometry.mapping(site.geometry),
    }


@dataclass(frozen=True)
class _Part:
    feature: Feature
    geometry: LineString | Polygon


def _parts(features: Iterable[Feature], left_out: Counter[str]) -> Iterator[_Part]:
    for feature in features:
        if feature.geometry is None or feature.geometry.is_empty:
            left_out["without geometry"] += 1
            continue
        for simple in _simple_geometries(feature.geometry):
            if not isinstance(simple, LineString | Polygon):
                left_out["points (neither road nor facility)"] += 1
            elif isinstance(simple, LineString) and simple.length == 0:
                left_out["lines of no length"] += 1
            elif isinstance(simple, Polygon) and simple.area == 0:
                left_out["polygons of no area"] += 1
            else:
                yield _Part(feature, simple)


def _simple_geometries(geometry: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in _flattened(geometry):
        if isinstance(part, Polygon) and not part.is_valid:
            repaired = _flattened(shapely.make_valid(part))
            yield from [polygon for polygon in repaired if isinstance(polygon, Polygon)] or [part]
        else:
            yield LineString(part) if part.geom_type == "LinearRing" else part


def _flattened(geometry: BaseGeometry) -> Iterator[BaseGeometry]:
    if hasattr(geometry, "geoms"):
        for part in geometry.geoms:
            yield from _flattened(part)
    else:
        yield geometry


def _distinct(parts: Iterable[_Part], left_out: Counter[str]) -> Iterator[_Part]:
    seen: set[bytes] = set()
    for part in parts:
        shape = shapely.to_wkb(part.geometry.normalize())  # the same line drawn backwards is the same
        if shape in seen:
            left_out["exact duplicates"] += 1
        else:
            seen.add(shape)
            yield part


def _named(parts: list[_Part]) -> tuple[Site, ...]:
    bases = [_base_id(part, number) for number, part in enumerate(parts, start=1)]
    shared = {base for base, count in Counter(bases).items() if count > 1}
    taken = set(bases) - shared
    sites = []
    for base, part in zip(bases, parts, strict=True):
        site_id = _next_free(base, taken) if base in shared else base
        taken.add(site_id)
        sites.append(_site(site_id, part))
    return tuple(sites)


def _base_id(part: _Part, number: int) -> str:
    for name in ("@id", "osmid", "id"):
        value = part.feature.properties.get(name)
        if value is not None:
            return _id_text(value)
    return f"{_kind(part.geometry)}-{number}"


def _id_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if text.startswith("["):  # OSMnx lists the ids of merged ways: the first stands for all
        text = text.strip("[]").split(",")[0].strip(" '\"")
    return text


def _next_free(base: str, taken: set[str]) -> str:
    number = 1
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def _kind(geometry: LineString | Polygon) -> Literal["road", "facility"]:
    return "road" if isinstance(geometry, LineString) else "facility"


def _site(site_id: str, part: _Part) -> Site:
    properties = part.feature.properties
    name = str(properties.get("name", site_id))
    whole = properties.get("part_of")
    part_of = None if whole is None else str(whole)
    if isinstance(part.geometry, Polygon):
        height_m = _height_m(properties.get("height_m"))
        paved = _paved(properties, default=False)
        return Site(site_id, name, "facility", part.geometry, height_m=height_m, paved=paved, part_of=part_of)
    width = properties.get("width_m", properties.get("width"))
    road_class = properties.get("highway")
    return Site(
        site_id,
        name,
        "road",
        part.geometry,
        width_m=road_width_m(width, properties.get("lanes"), road_class),
        paved=_paved(properties, default=is_paved(None, road_class)),
        part_of=part_of,
    )


def _paved(properties: Mapping[str, Any], default: bool) -> bool:
    """Whether a site is paved, as its properties say; `default` where they say nothing."""
    paved, surface = properties.get("paved"), properties.get("surface")
    if isinstance(paved, bool | int):
        return bool(paved)
    return is_paved(surface, None) if isinstance(surface, str) and surface else default


def _height_m(value: object) -> float | None:
    try:
        height_m = float(str(value))
    except ValueError:
        return None
    return height_m if height_m > 0 else None
