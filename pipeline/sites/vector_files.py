"""Vector files of any common format as plain features in WGS 84."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from vision.errors import PantauError

NO_CRS_REMARK = "the file names no coordinate reference system; WGS 84 was assumed"


@dataclass(frozen=True)
class Feature:
    """One feature: its properties by lower-case name (without nulls) and its geometry (lon, lat)."""

    properties: Mapping[str, Any]
    geometry: BaseGeometry | None


@dataclass(frozen=True)
class VectorFile:
    """All features of a file in WGS 84, in file order, and remarks on how they were read."""

    features: tuple[Feature, ...]
    remarks: tuple[str, ...]


def read_vector_file(path: Path) -> VectorFile:
    """Read every layer of a GeoJSON, GeoPackage, KML or Shapefile.

    Coordinates in another reference system are transformed to WGS 84, and a remark says so.

    Raises PantauError when the file is missing, unreadable or lies outside WGS 84.
    """
    if not path.exists():
        raise PantauError(f"{path}: there is no such file; name a GeoJSON, GeoPackage, KML or Shapefile.")
    features: list[Feature] = []
    remarks: list[str] = []
    for layer in _layer_names(path):
        layer_features, crs = _read_layer(path, layer)
        layer_features, remark = _in_wgs84(path, layer_features, crs)
        features += layer_features
        if remark and remark not in remarks:
            remarks.append(remark)
    return VectorFile(tuple(features), tuple(remarks))


def _layer_names(path: Path) -> list[str]:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        return [str(name) for name, geometry_type in pyogrio.list_layers(path) if geometry_type is not None]
    except (DataSourceError, DataLayerError) as error:
        raise _unreadable(path, error) from error


def _read_layer(path: Path, layer: str) -> tuple[list[Feature], str | None]:
    import pyogrio.raw
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

    try:
        meta, _, geometries_wkb, columns = pyogrio.raw.read(path, layer=layer, force_2d=True)
        geometries = shapely.from_wkb(geometries_wkb)
    except (DataSourceError, DataLayerError, FeatureError, GeometryError, shapely.GEOSException) as error:
        raise _unreadable(path, error) from error
    names = [str(name).lower() for name in meta["fields"]]
    features = [
        Feature(_without_nulls(names, [column[row] for column in columns]), geometry)
        for row, geometry in enumerate(geometries)
    ]
    return features, meta["crs"]


def _unreadable(path: Path, error: Exception) -> PantauError:
    reason = str(error).split(";")[0].rstrip(".")
    return PantauError(
        f"{path}: cannot be read as a vector file ({reason}); give a GeoJSON, GeoPackage, KML or Shapefile."
    )


def _without_nulls(names: list[str], values: list[Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        plain = value.item() if isinstance(value, np.generic) else value
        is_null = plain is None or plain == "" or (isinstance(plain, float) and np.isnan(plain))
        if not is_null:
            properties.setdefault(name, plain)
    return properties


def _in_wgs84(path: Path, features: list[Feature], crs: str | None) -> tuple[list[Feature], str | None]:
    remark = None
    if crs is None:
        remark = NO_CRS_REMARK
    elif not _is_wgs84(crs):
        features, remark = _reprojected(features, crs)
    _check_bounds(path, features, crs)
    return features, remark


def _is_wgs84(crs: str) -> bool:
    from pyproj import CRS

    system = CRS.from_user_input(crs)
    return (
        system.to_epsg() in (4326, 4979)
        or "CRS84" in system.name
        or system.to_authority() == ("OGC", "CRS84")
    )


def _reprojected(features: list[Feature], crs: str) -> tuple[list[Feature], str]:
    from pyproj import CRS, Transformer

    system = CRS.from_user_input(crs)
    transformer = Transformer.from_crs(system, "EPSG:4326", always_xy=True)

    def to_lon_lat(points: Any) -> Any:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    moved = [
        Feature(feature.properties, feature.geometry and shapely.transform(feature.geometry, to_lon_lat))
        for feature in features
    ]
    return moved, f"coordinates were transformed from {system.name} to WGS 84"


def _check_bounds(path: Path, features: list[Feature], crs: str | None) -> None:
    for lon, lat in _coordinates(features):
        if abs(lon) <= 180 and abs(lat) <= 90:
            continue
        if abs(lon) <= 90 and abs(lat) <= 180:
            remedy = "latitude and longitude seem to be swapped; write longitude first"
        elif crs is None or _is_wgs84(crs):
            remedy = "they seem to be projected; save the file with its reference system, or in EPSG:4326"
        else:
            remedy = f"they do not fit the file's reference system; correct it (it says {crs[:60]})"
        raise PantauError(f"{path}: coordinates such as ({lon:.6g}, {lat:.6g}) lie outside WGS 84; {remedy}.")


def _coordinates(features: list[Feature]) -> Iterator[tuple[float, float]]:
    for feature in features:
        if feature.geometry is not None:
            yield from map(tuple, shapely.get_coordinates(feature.geometry))
