"""Zones from files, and what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from flight.rules.zones import read_zones
from vision.errors import PantauError
from vision.frames import LocalFrame

SQUARE = [[107.5, -6.9], [107.51, -6.9], [107.51, -6.89], [107.5, -6.89], [107.5, -6.9]]
BOW_TIE = [[107.5, -6.9], [107.51, -6.89], [107.51, -6.9], [107.5, -6.89], [107.5, -6.9]]


def polygon(ring: list[list[float]] = SQUARE, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def feature(shape: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    geometry = {"type": shape, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def written(folder: Path, *features: dict[str, Any]) -> Path:
    path = folder / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_a_file_without_zones_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PantauError, match=r"zones\.geojson: holds no zones"):
        read_zones(written(tmp_path))


def test_a_polygon_becomes_a_zone(tmp_path: Path) -> None:
    (zone,) = read_zones(written(tmp_path, polygon(id="WAR-1", name="Husein", kind="CTR", ceiling_m=300)))
    assert (zone.id, zone.name, zone.kind) == ("WAR-1", "Husein", "controlled")
    assert (zone.floor_m, zone.ceiling_m) == (0.0, 300.0)
    assert zone.area.equals(shapely.Polygon(SQUARE))


def test_nothing_but_a_polygon_is_enough(tmp_path: Path) -> None:
    first, second = read_zones(written(tmp_path, polygon(), polygon()))
    assert (first.id, second.id, first.kind) == ("zone-1", "zone-2", "unspecified")
    assert (first.floor_m, first.ceiling_m) == (0.0, math.inf)


@pytest.mark.parametrize(
    ("properties", "heights_m"),
    [
        ({"floor": 30, "ceiling": 120}, (30, 120)),
        ({"lower": "GND", "upper": "unlimited"}, (0, math.inf)),
        ({"lower": "100 ft", "upper": "400 ft AGL"}, (30.48, 121.92)),
        ({"floor_ft": 100, "ceiling_ft": 400}, (30.48, 121.92)),
        ({"lower_m": 10.5, "upper_m": 60}, (10.5, 60)),
    ],
)
def test_heights_are_read_in_common_spellings(
    tmp_path: Path, properties: dict[str, Any], heights_m: tuple[float, float]
) -> None:
    (zone,) = read_zones(written(tmp_path, polygon(**properties)))
    assert (zone.floor_m, zone.ceiling_m) == pytest.approx(heights_m)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (polygon(name="A", floor_m=100, ceiling_m=50), r"zone 1 \(A\): its floor of 100 m is not below"),
        (polygon(name="B", upper="FL 95"), r"zone 1 \(B\): upper is 'FL 95', no height above ground"),
        (feature("LineString", SQUARE, name="C"), r"zone 1 \(C\): is a LineString; a zone is a polygon"),
        (feature("Point", SQUARE[0], name="D"), r"zone 1 \(D\): is a point without radius_m"),
        (feature("Point", SQUARE[0], name="E", radius_m="big"), r"zone 1 \(E\): radius_m is 'big'"),
        (feature("Polygon", [[SQUARE[0]] * 4], name="F"), r"zone 1 \(F\): its outline encloses no area"),
        (polygon(name="G") | {"geometry": None}, r"zone 1 \(G\): has no geometry"),
        (polygon([[lat, lon] for lon, lat in SQUARE]), r"lie outside WGS 84; latitude and longitude"),
    ],
)
def test_nonsense_is_refused_with_file_and_feature(
    tmp_path: Path, bad: dict[str, Any], sentence: str
) -> None:
    path = written(tmp_path, bad)
    with pytest.raises(PantauError, match=sentence) as error:
        read_zones(path)
    assert str(error.value).startswith(str(path))


def test_a_helipad_is_a_disc_of_three_nautical_miles(tmp_path: Path) -> None:
    point = [107.55, -6.9]
    pad, own = read_zones(
        written(tmp_path, feature("Point", point, kind="helipad"), feature("Point", point, radius_m=200))
    )
    ring = shapely.get_coordinates(pad.area)
    away_m = np.hypot(*LocalFrame(-6.9, 107.55).to_metres(ring[:, 1], ring[:, 0]).T)
    edges_m = LocalFrame(-6.9, 107.55).shapes_to_metres(pad.area).exterior.distance(shapely.Point(0, 0))
    assert edges_m >= 5556 - 0.01 and away_m.max() < 5556 * 1.01
    assert own.area.area < pad.area.area / 500


def test_a_bow_tie_keeps_both_halves(tmp_path: Path) -> None:
    (zone,) = read_zones(written(tmp_path, polygon(BOW_TIE)))
    assert zone.area.is_valid and zone.area.area == pytest.approx(0.01 * 0.01 / 2)


def test_an_outline_drawn_over_itself_loses_nothing(tmp_path: Path) -> None:
    twice = feature("MultiPolygon", [[SQUARE], [[[x + 0.005, y] for x, y in SQUARE]]])
    (zone,) = read_zones(written(tmp_path, twice))
    assert zone.area.area == pytest.approx(0.015 * 0.01)


def test_ids_that_repeat_are_told_apart(tmp_path: Path) -> None:
    zones = read_zones(written(tmp_path, polygon(id="a"), polygon(id="a"), polygon(id="b")))
    assert [zone.id for zone in zones] == ["a", "a-2", "b"]


def test_kml_is_read_with_its_names(tmp_path: Path) -> None:
    path = tmp_path / "zones.kml"
    ring = " ".join(f"{lon},{lat},0" for lon, lat in SQUARE)
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Lanud Husein</name>'
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>"
        "</outerBoundaryIs></Polygon></Placemark></Document></kml>",
        encoding="utf-8",
    )
    (zone,) = read_zones(path)
    assert zone.name == "Lanud Husein" and zone.area.equals(shapely.Polygon(SQUARE))


def shapes(path: Path, crs: str | None) -> Path:
    area = shapely.Polygon(SQUARE)
    pyogrio.raw.write(
        path,
        geometry=np.array([shapely.to_wkb(area)], dtype=object),
        field_data=[np.array(["restricted"], dtype=object), np.array([50.0])],
        fields=["kind", "floor_ft"],
        geometry_type="Polygon",
        crs=crs,
    )
    return path


@pytest.mark.parametrize("name", ["zones.gpkg", "zones.shp"])
def test_other_formats_are_read_too(tmp_path: Path, name: str) -> None:
    (zone,) = read_zones(shapes(tmp_path / name, "EPSG:4326"))
    assert zone.kind == "restricted" and zone.floor_m == pytest.approx(15.24)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_missing_reference_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PantauError, match=r"zones\.shp: names no coordinate reference system"):
        read_zones(shapes(tmp_path / "zones.shp", None))
