"""Defects as GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from shapely import get_parts, normalize, set_precision
from shapely.geometry import MultiPolygon, mapping
from shapely.geometry.polygon import orient

from pipeline.register.records import DefectRecord
from reports.contents import Contents, geometry_of
from reports.export_formats import DefectGeometry

# 7 decimals of a degree are 1 cm on the ground; more would claim a precision that nobody has.
_DECIMALS = 7


def defects_as_geojson(contents: Contents, geometry: DefectGeometry = DefectGeometry.POINT) -> str:
    """All defects, rejected and duplicate ones included, as a GeoJSON feature collection.

    Positions are lon, lat with 7 decimals in WGS 84; the properties are the register's columns. A
    defect without a usable footprint keeps its point. One feature a line, in the order of their ids.
    """
    features = [
        json.dumps(_feature(contents, defect, geometry), ensure_ascii=False, allow_nan=False)
        for defect in sorted(contents.defects, key=lambda defect: defect.id)
    ]
    body = ",\n".join(features)
    return f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n' if features else _EMPTY


_EMPTY = '{"type": "FeatureCollection", "features": []}\n'


def _feature(contents: Contents, defect: DefectRecord, geometry: DefectGeometry) -> dict[str, Any]:
    shape = _footprint(contents, defect) if geometry is DefectGeometry.FOOTPRINT else None
    return {
        "type": "Feature",
        "id": defect.id,
        "geometry": shape or _point(defect),
        "properties": asdict(defect),
    }


def _point(defect: DefectRecord) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(defect.lon, _DECIMALS), round(defect.lat, _DECIMALS)]}


def _footprint(contents: Contents, defect: DefectRecord) -> dict[str, Any] | None:
    """The footprint of the best observation, exterior counterclockwise; None if it has no area."""
    for observation in contents.observations[defect.id]:
        snapped = set_precision(geometry_of(observation.footprint), 10.0**-_DECIMALS)
        polygons = [
            orient(part)
            for part in get_parts(normalize(snapped))
            if part.geom_type == "Polygon" and part.area
        ]
        if polygons:
            return _rounded(mapping(polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)))
    return None


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": _rounded_coordinates(geometry["coordinates"])}


def _rounded_coordinates(coordinates: Any) -> Any:
    if isinstance(coordinates, float):
        return round(coordinates, _DECIMALS)
    return [_rounded_coordinates(inner) for inner in coordinates]
