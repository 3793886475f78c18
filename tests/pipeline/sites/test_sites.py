from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, Polygon

from pipeline.sites.road_widths import is_paved, road_width_m
from pipeline.sites.site_reading import Site, read_sites, write_sites
from vision.errors import PantauError

ROAD = LineString([(107.53, -6.87), (107.54, -6.88)])
SIDE = LineString([(107.54, -6.88), (107.55, -6.88)])
FIELD = Polygon([(107.53, -6.87), (107.54, -6.87), (107.54, -6.88)])


def geojson(path: Path, *features: tuple[dict[str, object], object], **more: object) -> Path:
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": shape and shapely.geometry.mapping(shape),
            }
            for properties, shape in features
        ],
        **more,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def with_driver(path: Path, driver: str, geometries: list[object], crs: str | None = "EPSG:4326") -> Path:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(geometries)),
        [np.array([f"Jalan {n}" for n in range(len(geometries))], dtype=object)],
        ["Name"],
        geometry_type=geometries[0].geom_type,  # type: ignore[attr-defined]
        crs=crs,
        driver=driver,
    )
    return path


def test_file_without_features_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PantauError, match=r"no roads or facilities found \(no features\)"):
        read_sites(geojson(tmp_path / "empty.geojson"))


def test_only_points_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PantauError, match="1 points"):
        read_sites(geojson(tmp_path / "points.geojson", ({}, Point(107, -6))))


def test_line_is_a_road_and_polygon_a_facility(tmp_path: Path) -> None:
    file = geojson(
        tmp_path / "s.geojson",
        ({"@id": "way/1", "name": "Jalan A", "lanes": 2, "surface": "gravel"}, ROAD),
        ({"id": "park", "height_m": 4}, FIELD),
    )
    road, park = read_sites(file).sites
    assert (road.id, road.name, road.kind, road.width_m, road.paved) == (
        "way/1",
        "Jalan A",
        "road",
        6.5,
        False,
    )
    assert (park.id, park.name, park.kind, park.width_m, park.height_m) == (
        "park",
        "park",
        "facility",
        None,
        4,
    )


def test_multi_geometries_are_exploded_with_numbered_ids(tmp_path: Path) -> None:
    parts = MultiLineString([[(107, -6), (107.01, -6)], [(107, -6.1), (107.01, -6.1)]])
    file = geojson(
        tmp_path / "m.geojson", ({"osmid": "7"}, parts), ({"osmid": 7}, ROAD), ({"osmid": "7-1"}, FIELD)
    )
    assert [site.id for site in read_sites(file).sites] == ["7-2", "7-3", "7-4", "7-1"]


def test_unusable_geometries_are_left_out_with_remarks(tmp_path: Path) -> None:
    nowhere = LineString([(107, -6), (107, -6)])
    file = geojson(
        tmp_path / "x.geojson",
        ({}, ROAD),
        ({}, ROAD.reverse()),
        ({}, nowhere),
        ({}, None),
        ({}, Point(107, -6)),
    )
    found = read_sites(file)
    assert [site.id for site in found.sites] == ["road-1"]
    assert set(found.remarks) == {
        "left out: 1 exact duplicates",
        "left out: 1 lines of no length",
        "left out: 1 without geometry",
        "left out: 1 points (neither road nor facility)",
    }


def test_self_crossing_polygon_is_repaired(tmp_path: Path) -> None:
    bow_tie = Polygon([(107, -6), (107.01, -6.01), (107.01, -6), (107, -6.01)])
    sites = read_sites(geojson(tmp_path / "bow.geojson", ({}, bow_tie))).sites
    assert len(sites) == 2 and all(site.geometry.is_valid for site in sites)


@pytest.mark.parametrize(
    ("name", "driver"), [("a.gpkg", "GPKG"), ("a.kml", "KML"), ("a.shp", "ESRI Shapefile")]
)
def test_other_formats_are_read(tmp_path: Path, name: str, driver: str) -> None:
    found = read_sites(with_driver(tmp_path / name, driver, [ROAD, LineString([(107, -6), (107.1, -6)])]))
    assert [site.name for site in found.sites] == ["Jalan 0", "Jalan 1"]
    assert found.sites[0].geometry.equals_exact(ROAD, 1e-7)


def test_projected_file_is_transformed_and_said_so(tmp_path: Path) -> None:
    utm = LineString([(780000, 9240000), (780100, 9240000)])
    found = read_sites(with_driver(tmp_path / "utm.gpkg", "GPKG", [utm], crs="EPSG:32748"))
    lon, lat = found.sites[0].geometry.coords[0]
    assert (lon, lat) == pytest.approx((107.5331, -6.8691), abs=2e-3)
    assert "UTM zone 48S" in found.remarks[0]


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_shapefile_without_reference_system_is_assumed_to_be_wgs84(tmp_path: Path) -> None:
    found = read_sites(with_driver(tmp_path / "bare.shp", "ESRI Shapefile", [ROAD], crs=None))
    assert "WGS 84 was assumed" in found.remarks[0]


@pytest.mark.parametrize(
    ("point", "remedy"), [((780000, 9240000), "EPSG:4326"), ((-6.87, 107.53), "write longitude first")]
)
def test_coordinates_outside_wgs84_are_refused(
    tmp_path: Path, point: tuple[float, float], remedy: str
) -> None:
    line = LineString([point, (point[0] + 1, point[1])])
    with pytest.raises(PantauError, match=f"outside WGS 84.*{remedy}"):
        read_sites(geojson(tmp_path / "far.geojson", ({}, line)))


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    text = tmp_path / "notes.geojson"
    text.write_text("these are no roads", encoding="utf-8")
    for path, problem in ((tmp_path / "none.geojson", "no such file"), (text, "cannot be read")):
        with pytest.raises(PantauError, match=problem) as error:
            read_sites(path)
        assert str(path) in str(error.value)


degrees = st.floats(-80, 80).map(lambda degree: round(degree, 9))
points = st.lists(st.tuples(degrees, degrees), min_size=2, max_size=6, unique=True)


@given(shapes=st.lists(points, min_size=1, max_size=8, unique_by=lambda shape: frozenset(shape)))
def test_written_sites_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, shapes: list[list[tuple[float, float]]]
) -> None:
    sites = tuple(
        Site(f"s{n}", f"Jalan {n}", "road", LineString(shape), width_m=n + 1.5, paved=n % 2 == 0)
        for n, shape in enumerate(shapes)
    )
    file = tmp_path_factory.mktemp("sites") / "sites.geojson"
    write_sites(sites, file)
    read = read_sites(file).sites
    assert [(s.id, s.name, s.width_m, s.paved) for s in read] == [
        (s.id, s.name, s.width_m, s.paved) for s in sites
    ]
    assert all(a.geometry.equals_exact(b.geometry, 1e-9) for a, b in zip(read, sites, strict=True))


def test_pieces_name_the_site_they_are_part_of(tmp_path: Path) -> None:
    sites = (
        Site("way/1", "Jalan Uji", "road", ROAD, width_m=6.0),
        Site("way/2 STA 0+120–0+180", "Jalan Lain", "road", SIDE, width_m=6.0, part_of="way/2"),
        Site("yard gap 1", "Sekolah", "facility", FIELD, part_of="yard"),
    )
    write_sites(sites[:2], tmp_path / "roads.geojson")
    write_sites(sites[1:], tmp_path / "pieces.geojson")
    roads, pieces = (read_sites(tmp_path / f"{name}.geojson").sites for name in ("roads", "pieces"))
    assert [(site.id, site.part_of) for site in pieces] == [(site.id, site.part_of) for site in sites[1:]]
    assert [site.part_of for site in roads] == [None, "way/2"]


@pytest.mark.parametrize(
    ("width", "lanes", "road_class", "expected_m"),
    [
        ("7 m", None, "residential", 7.0),
        ("7,5", "4", None, 7.5),
        ("24 ft", None, None, 7.3152),
        (float("nan"), 2.0, "primary", 6.5),
        (None, "['2', '1']", None, 6.5),
        ("narrow", None, "trunk_link", 4.0),
        (None, None, "['residential', 'living_street']", 5.0),
        (None, None, "footway", 2.0),
        (None, None, None, 5.0),
        (0, None, "secondary", 7.0),
    ],
)
def test_road_width(width: object, lanes: object, road_class: object, expected_m: float) -> None:
    assert road_width_m(width, lanes, road_class) == pytest.approx(expected_m)


def test_surface_says_whether_a_road_is_paved() -> None:
    assert is_paved(None, "residential") and is_paved("asphalt", "track")
    assert not is_paved("gravel", "residential") and not is_paved(None, "track")


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "count"),
    [("bandung-cimahi", 27), ("balikpapan-klandasan-ilir", 199), ("balikpapan-kota", 1439)],
)
def test_real_roads_keep_their_ids(shared: Path, tmp_path: Path, name: str, count: int) -> None:
    found = read_sites(shared / "data" / "roads" / f"{name}.geojson")
    assert len({site.id for site in found.sites}) == count
    write_sites(found.sites, tmp_path / "copy.geojson")
    assert read_sites(tmp_path / "copy.geojson").sites == found.sites


@pytest.mark.parametrize(
    ("properties", "paved"),
    [({}, False), ({"paved": True}, True), ({"surface": "asphalt"}, True), ({"surface": "grass"}, False),
     ({"surface": "grass", "paved": 1}, True)],
)  # fmt: skip
def test_a_facility_is_paved_where_the_file_says_so(tmp_path, properties, paved):
    square = [[107.0, -6.0], [107.001, -6.0], [107.001, -6.001], [107.0, -6.0]]
    geometry = {"type": "Polygon", "coordinates": [square]}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    path = tmp_path / "sites.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    (site,) = read_sites(path).sites
    assert site.paved is paved
