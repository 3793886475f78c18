"""Defects as GeoJSON."""

import json
from collections.abc import Callable
from pathlib import Path

import shapely
from shapely.geometry import shape

from pipeline.register.records import DefectRecord, ObservationRecord
from reports.contents import Contents
from reports.export_formats import DefectGeometry
from reports.geojson import defects_as_geojson

GOLDEN = Path(__file__).parent / "golden"
MakeContents = Callable[..., Contents]
MakeDefect = Callable[..., DefectRecord]
MakeObservation = Callable[..., ObservationRecord]


def test_nothing_is_an_empty_collection(make_contents: MakeContents) -> None:
    assert json.loads(defects_as_geojson(make_contents())) == {"type": "FeatureCollection", "features": []}


def test_points_golden(three_defects: Contents) -> None:
    assert defects_as_geojson(three_defects) == (GOLDEN / "points.geojson").read_text(encoding="utf-8")


def test_footprints_golden(three_defects: Contents) -> None:
    text = defects_as_geojson(three_defects, DefectGeometry.FOOTPRINT)
    assert text == (GOLDEN / "footprints.geojson").read_text(encoding="utf-8")


def test_positions_are_lon_lat_with_7_decimals(make_contents: MakeContents, make_defect: MakeDefect) -> None:
    contents = make_contents(defects=(make_defect(),), observations={"D-AAAA1111": ()})
    feature = json.loads(defects_as_geojson(contents))["features"][0]
    assert feature["geometry"]["coordinates"] == [107.542, -6.8851235]


def test_exteriors_run_counterclockwise(three_defects: Contents) -> None:
    features = json.loads(defects_as_geojson(three_defects, DefectGeometry.FOOTPRINT))["features"]
    polygons = [shape(each["geometry"]) for each in features if each["geometry"]["type"] == "Polygon"]
    assert polygons and all(polygon.exterior.is_ccw for polygon in polygons)


def test_a_footprint_without_area_leaves_the_point(
    make_contents: MakeContents, make_defect: MakeDefect, make_observation: MakeObservation
) -> None:
    speck = {"type": "Polygon", "coordinates": [[[107.5, -6.8]] * 4]}
    observations = {"D-AAAA1111": (make_observation(footprint=speck),)}
    contents = make_contents(defects=(make_defect(),), observations=observations)
    feature = json.loads(defects_as_geojson(contents, DefectGeometry.FOOTPRINT))["features"][0]
    assert feature["geometry"]["type"] == "Point"


def test_all_of_a_district_is_valid(sample_contents: Contents) -> None:
    features = json.loads(defects_as_geojson(sample_contents, DefectGeometry.FOOTPRINT))["features"]
    assert len(features) == 22
    assert all(shapely.is_valid(shape(feature["geometry"])) for feature in features)
