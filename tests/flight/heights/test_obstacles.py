from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from flight.heights.ground import FlatGround, Ground
from flight.heights.obstacle_kinds import height_m, kind_of, metres, reach_m
from flight.heights.obstacle_reading import read_obstacles
from flight.heights.obstacles import Obstacle, Obstacles, check_surface
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.87, 107.5)
FLAT = FlatGround()


class Slope:
    """Ground that rises by a tenth to the east; unknown beyond 1 km."""

    is_known = True

    def elevation_m(self, places: FloatArray) -> FloatArray:
        return np.where(places[:, 0] > 1000, np.nan, places[:, 0] / 10)

    def highest_m(self, area: BaseGeometry) -> float:
        return float(area.bounds[2]) / 10


def features(path: Path, *shapes: tuple[BaseGeometry | None, dict[str, Any]]) -> Path:
    """A GeoJSON of shapes in metres."""
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": shape and json.loads(shapely.to_geojson(FRAME.shapes_to_lon_lat(shape))),
            }
            for shape, properties in shapes
        ],
    }
    file = path / "obstacles.geojson"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def read(path: Path, *shapes: tuple[BaseGeometry | None, dict[str, Any]], ground: Ground = FLAT) -> Obstacles:
    return read_obstacles(features(path, *shapes), FRAME, ground)


def top_at(obstacles: Obstacles, east: float, north: float, within_m: float = 0.0) -> float:
    return float(obstacles.tops_m(np.array([(east, north)], dtype=np.float64), within_m)[0])


def test_nothing_is_known_without_being_told() -> None:
    nothing = Obstacles()
    assert not nothing.is_known
    assert nothing.tops_m(np.zeros((2, 2)), 5.0).tolist() == [-np.inf, -np.inf]
    assert nothing.highest_m(box(0, 0, 9, 9)) == -np.inf
    assert not nothing.are_known_at(np.zeros((1, 2)), 5.0).any()


def test_points_lines_and_polygons_stand_where_they_are(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        (Point(0, 0), {"height_m": 40}),
        (LineString([(100, 0), (300, 0)]), {"height": "22 m"}),
        (box(-200, 0, -150, 50), {"building:levels": 4}),
    )
    assert found.is_known
    assert [top_at(found, *place) for place in [(4, 0), (200, 9), (-160, 20)]] == pytest.approx([40, 22, 15])
    assert top_at(found, 20, 0) == top_at(found, 200, 12) == top_at(found, -140, 20) == -np.inf
    assert top_at(found, -140, 20, within_m=10.1) == pytest.approx(15)
    assert found.highest_m(box(-10, -10, 400, 10)) == pytest.approx(40)
    assert found.highest_m(box(50, 50, 90, 90)) == -np.inf
    assert found.tops_m(np.zeros((0, 2)), 5.0).shape == (0,)


@given(
    places=st.lists(st.tuples(*[st.floats(-200, 200)] * 2), min_size=1, max_size=20),
    stands=st.lists(
        st.tuples(st.floats(-200, 200), st.floats(-200, 200), st.floats(1, 80)), min_size=1, max_size=10
    ),
    within_m=st.floats(0, 60),
)
def test_tops_are_those_of_all_within_reach(
    places: list[tuple[float, float]], stands: list[tuple[float, float, float]], within_m: float
) -> None:
    standing = [Obstacle("mast", Point(east, north).buffer(2), top, top) for east, north, top in stands]
    tops_m = Obstacles(tuple(standing)).tops_m(np.array(places), within_m)
    for place, top_m in zip(places, tops_m, strict=True):
        reached = [item.top_m for item in standing if item.shape.distance(Point(place)) <= within_m]
        assert top_m == max(reached, default=-np.inf)


def test_tops_stand_on_the_highest_ground_under_them(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        (Point(0, 0), {"height_m": 30, "radius_m": 10}),
        (box(200, 0, 500, 30), {"height_m": 10}),
        ground=Slope(),
    )
    assert top_at(found, 0, 0) == pytest.approx(31, abs=0.1)
    assert top_at(found, 210, 10) == pytest.approx(34, abs=0.1)  # of the first 40 m of it
    assert top_at(found, 495, 10) == pytest.approx(60, abs=0.1)


def test_wires_hang_between_their_towers_high_above_a_valley(tmp_path: Path) -> None:
    class Valley(Slope):
        def elevation_m(self, places: FloatArray) -> FloatArray:
            return np.abs(places[:, 0]) / 4

    line = LineString([(-400, 0), (400, 0)])
    found = read(tmp_path, (line, {"power": "line", "height_m": 40}), ground=Valley())
    assert top_at(found, 0, 0) == pytest.approx(140, abs=0.5)
    assert len(found.standing) == 21


def test_what_has_no_height_is_counted_and_assumed_tall(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        (Point(0, 0), {"natural": "tree"}),
        (Point(50, 0), {"natural": "tree", "height": "unknown"}),
        (Point(90, 0), {"man_made": "mast", "height": 0}),
        (box(-90, 0, -60, 30), {"building": "yes", "height": "8 m"}),
    )
    assert top_at(found, 0, 0) == 30 and top_at(found, 90, 0) == 80
    assert [item.assumed for item in found.standing] == [True, True, True, False]
    assert "4 obstacles: 2 × tree, 1 × mast, 1 × building" in found.remarks
    assumed = next(remark for remark in found.remarks if "assumed" in remark)
    assert "3 obstacles have no height" in assumed and "2 × tree (30 m), 1 × mast (80 m)" in assumed


def test_roads_rivers_and_cables_are_no_obstacles(tmp_path: Path) -> None:
    line = LineString([(0, 0), (100, 0)])
    found = read(
        tmp_path,
        (line, {"highway": "residential"}),
        (line, {"power": "cable"}),
        (box(0, 0, 90, 90), {"landuse": "residential"}),
        (None, {"height_m": 5}),
        (MultiPoint([(0, 50), (10, 50)]), {"height_m": 5}),
        (Point(0, 0), {"other_tags": '"natural"=>"tree","height"=>"9"'}),
    )
    assert len(found.standing) == 3 and found.highest_m(box(-9, -9, 99, 99)) == 9
    assert {"left out: 3 on or under the ground", "left out: 1 without geometry"} <= set(found.remarks)


def test_crossed_outlines_and_places_beyond_the_model_are_survived(tmp_path: Path) -> None:
    bow = Polygon([(0, 0), (30, 30), (30, 0), (0, 30)])
    found = read(tmp_path, (bow, {"height_m": 9}), (Point(2000, 0), {"height_m": 9}), ground=Slope())
    assert top_at(found, 25, 15) > 9
    assert "left out: 1 pieces beyond the elevation model" in found.remarks


def test_files_without_obstacles_are_refused(tmp_path: Path) -> None:
    for shapes, reason in [
        ((), r"names no obstacles \(no features\).*leave --obstacles out"),
        (((Point(0, 0), {"highway": "crossing"}),), r"names no obstacles \(1 on or under the ground\)"),
        (((Point(90_000, 0), {"height_m": 9}),), "more than 50 km from the sites"),
    ]:
        with pytest.raises(PantauError, match=reason):
            read(tmp_path, *shapes)
    with pytest.raises(PantauError, match="there is no such file"):
        read_obstacles(tmp_path / "none.geojson", FRAME, FLAT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12),
        (12.5, 12.5),
        ("12,5 m", 12.5),
        ("40 ft", 12.192),
        ("7'4\"", 2.2352),
        ("10;14", 14),
        ("about 9m", 9),
        ("0", None),
        ("-9999", None),
        ("5000", None),
        ("tall", None),
        (True, None),
    ],
)
def test_lengths_are_read_as_people_write_them(text: object, expected: float | None) -> None:
    assert metres(text) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, None),
        ({"ele": "700"}, None),
        ({"height": 7, "height_m": 8}, 8),
        ({"height": "?", "building:levels": "2"}, 9),
        ({"building:levels": "2", "roof:height": "1.5"}, 7.5),
        ({"building:levels": "2", "roof:levels": "2"}, 12),
        ({"tinggi": "11"}, 11),
    ],
)
def test_heights_are_found_by_their_names(properties: dict[str, Any], expected: float | None) -> None:
    assert height_m(properties) == expected


@pytest.mark.parametrize(
    ("properties", "geometry", "expected"),
    [
        ({}, "Point", "mast"),
        ({}, "LineString", "power line"),
        ({}, "Polygon", "building"),
        ({"kind": "street_lamp"}, "Point", "street lamp"),
        ({"power": "minor_line"}, "LineString", "minor power line"),
        ({"power": "tower"}, "Point", "power tower"),
        ({"power": "generator", "generator:source": "wind"}, "Point", "wind turbine"),
        ({"building": "no", "amenity": "school"}, "Polygon", None),
        ({"man_made": "communications_tower"}, "Polygon", "mast"),
        ({"natural": "water"}, "Polygon", None),
        ({"landuse": "forest"}, "Polygon", "tree"),
        ({"power": "line", "location": "underground"}, "LineString", None),
        ({"amenity": "hospital", "height": "20"}, "Polygon", "building"),
    ],
)
def test_kinds_follow_the_tags(properties: dict[str, Any], geometry: str, expected: str | None) -> None:
    kind = kind_of(properties, geometry)
    assert (kind and kind.name) == expected


def test_a_crown_is_as_wide_as_the_file_says() -> None:
    tree = kind_of({"natural": "tree"}, "Point")
    assert tree is not None
    assert [reach_m(tags, tree) for tags in ({}, {"diameter_crown": "9 m"}, {"radius_m": 2})] == [6, 4.5, 2]


def surface(path: Path, heights: FloatArray) -> Any:
    """A surface model of 1 m cells around the frame's origin, which UTM 48 south serves well."""
    pytest.importorskip("rasterio", reason="needs the extra 'terrain'")
    import rasterio
    from pyproj import Transformer
    from rasterio.transform import Affine

    from vision.terrain import ElevationModel

    to_utm = Transformer.from_crs("EPSG:4326", "EPSG:32748", always_xy=True)
    east, north = to_utm.transform(FRAME.lon, FRAME.lat)
    rows, columns = heights.shape
    place = Affine(1, 0, east - columns / 2, 0, -1, north + rows / 2)
    about = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:32748", "nodata": -9999}
    file = path / "dsm.tif"
    with rasterio.open(file, "w", height=rows, width=columns, transform=place, **about) as raster:
        raster.write(np.nan_to_num(heights, nan=-9999).astype("float32"), 1)
    return ElevationModel.open(file)


def test_a_surface_model_adds_what_no_file_names(tmp_path: Path) -> None:
    heights = np.zeros((200, 200))
    heights[100:110, 150:160] = 25.0  # 50 to 60 m east, 0 to 10 m south
    heights[:40] = np.nan
    both = read(tmp_path, (Point(0, 0), {"height_m": 40})).with_surface(surface(tmp_path, heights), FRAME)
    assert top_at(both, 0, 0, 5) == 40 and top_at(both, 55, -5, 5) == 25 and top_at(both, -50, 0, 5) == 0
    assert top_at(both, 44, -5, 5) == 0 and top_at(both, 47, -5, 5) == 25
    assert both.highest_m(box(40, -20, 80, 0)) == 25
    assert both.are_known_at(np.array([(0, 0), (0, 90), (900, 0)]), 5.0).tolist() == [True, False, False]
    alone = Obstacles().with_surface(surface(tmp_path, heights), FRAME)
    assert alone.is_known and top_at(alone, 0, 90, 5) == -np.inf


def test_a_surface_model_needs_ground_of_the_same_datum_under_every_site(tmp_path: Path) -> None:
    road, far = LineString([(-80, 0), (80, 0)]), LineString([(0, 0), (500, 0)])

    class Level(Slope):
        def elevation_m(self, places: FloatArray) -> FloatArray:
            return np.full(len(places), 10.0)

    right = Obstacles().with_surface(surface(tmp_path, np.full((200, 200), 11.0)), FRAME)
    check_surface(right, Level(), [road, box(-50, -50, 50, 50)])
    check_surface(Obstacles(), FLAT, [far])
    holed = np.full((200, 200), 11.0)
    holed[97:103, 97:103] = np.nan
    check_surface(Obstacles().with_surface(surface(tmp_path, holed), FRAME), Level(), [road])
    with pytest.raises(PantauError, match=r"dsm\.tif: .*elevation model.*\(--dem\)"):
        check_surface(right, FLAT, [road])
    with pytest.raises(PantauError, match=r"says nothing about -6\.87000,107\.50\d+, where a site lies"):
        check_surface(right, Level(), [far])
    for surface_m, apart in ((-15.0, r"-25 m"), (60.0, r"\+50 m")):
        wrong = Obstacles().with_surface(surface(tmp_path, np.full((200, 200), surface_m)), FRAME)
        with pytest.raises(PantauError, match=rf"lies {apart} from the elevation model.*same height datum"):
            check_surface(wrong, Level(), [road])
