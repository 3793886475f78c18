"""The GeoJSON of plans, read back by GDAL."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.formats.geojson import plan_geojson
from flight.planning.plan import Plan, Sortie
from flight.rules.airspace import Zone


def read_features(path: Path) -> list[tuple[dict[str, Any], Any]]:
    """Properties and shape of each feature, as GDAL understands them."""
    meta, _, geometries, columns = pyogrio.raw.read(path)
    rows = zip(*columns, strict=True)
    shapes = shapely.from_wkb(geometries)
    return [
        (dict(zip(meta["fields"], row, strict=True)), shape) for row, shape in zip(rows, shapes, strict=True)
    ]


@settings(max_examples=15)
@given(data=st.data())
def test_gdal_reads_every_leg_and_photo_within_1_cm(
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
    plan_with: Callable[..., Plan],
    sorties: st.SearchStrategy[Sortie],
    off_by_m: Callable[..., float],
) -> None:
    sortie = data.draw(sorties)
    path = tmp_path_factory.mktemp("json") / "plan.geojson"
    path.write_text(json.dumps(plan_geojson(plan_with("simulated-quad", [sortie]))), encoding="utf-8")
    features = read_features(path)
    legs = [(about, shape) for about, shape in features if about["role"] in ("transit", "pass", "return")]
    for (about, shape), leg in zip(legs, sortie.legs(), strict=True):
        assert about["role"] == leg.role
        read = [
            (lat, lon, height)
            for (lon, lat), height in zip(shapely.get_coordinates(shape), about["alts_m"], strict=True)
        ]
        assert off_by_m(read, [(w.lat, w.lon, w.alt_m) for w in leg.waypoints]) < 0.01
    photos = [(shape.y, shape.x, about["alt_m"]) for about, shape in features if about["role"] == "photo"]
    meant = [(p.lat, p.lon, p.alt_m) for flown in sortie.passes for p in flown.photos]
    assert off_by_m(photos, meant) < 0.01


def test_zones_come_first_with_their_heights(
    tmp_path: Path, plan_with: Callable[..., Plan], little_sortie: Sortie, zones: tuple[Zone, ...]
) -> None:
    plan = replace(plan_with("simulated-quad", [little_sortie]), zones=zones)
    document = plan_geojson(plan)
    about = [feature["properties"] for feature in document["features"][:2]]
    assert [(zone["kind"], zone["ceiling_m"]) for zone in about] == [
        ("restricted", None),
        ("controlled", 900.0),
    ]
    assert "Infinity" not in json.dumps(document)
    (tmp_path / "plan.geojson").write_text(json.dumps(document), encoding="utf-8")
    shapes = [shape for fields, shape in read_features(tmp_path / "plan.geojson") if fields["role"] == "zone"]
    assert [shape.area for shape in shapes] == pytest.approx([zone.area.area for zone in zones])


def test_only_photos_that_look_down_have_a_footprint(
    plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    features = plan_geojson(plan_with("simulated-quad", [little_sortie]))["features"]
    passes = [f["properties"]["pass"] for f in features if f["properties"]["role"] == "footprint"]
    assert passes == ["p#1"] * len(little_sortie.passes[0].photos)


def test_a_plan_without_sorties_is_an_empty_collection(plan_with: Callable[..., Plan]) -> None:
    assert plan_geojson(plan_with("simulated-quad", [])) == {"type": "FeatureCollection", "features": []}
