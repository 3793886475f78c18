"""KML and GeoJSON of plans, read back by GDAL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.formats.kml import write_plan_kml, write_way_kml
from flight.planning.plan import Plan, Sortie
from flight.rules.airspace import Zone

GOLDEN = Path(__file__).parents[1] / "golden" / "little-plan.kml"


def read_layer(path: Path, layer: str) -> dict[str, Any]:
    """Names and shapes of one layer."""
    meta, _, geometries, columns = pyogrio.raw.read(path, layer=layer)
    names = columns[[str(name).lower() for name in meta["fields"]].index("name")]
    return dict(zip(names, shapely.from_wkb(geometries), strict=True))


def places(shape: Any) -> list[tuple[float, float, float]]:
    """(lat, lon, height) of a line."""
    return [(lat, lon, height) for lon, lat, height in shapely.get_coordinates(shape, include_z=True)]


@settings(max_examples=15)
@given(data=st.data())
def test_gdal_reads_every_leg_within_1_cm(
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
    plan_with: Callable[..., Plan],
    sorties: st.SearchStrategy[Sortie],
    off_by_m: Callable[..., float],
) -> None:
    sortie = data.draw(sorties)
    path = tmp_path_factory.mktemp("kml") / "plan.kml"
    write_plan_kml(plan_with("simulated-quad", [sortie]), path)
    read = read_layer(path, "sortie 1")
    for leg in sortie.legs():
        assert off_by_m(places(read[leg.name]), [(w.lat, w.lon, w.alt_m) for w in leg.waypoints]) < 0.01
    launch = shapely.get_coordinates(read["launch of sortie 1"])[0]
    assert launch == pytest.approx([sortie.home.lon, sortie.home.lat], abs=1e-8)


@settings(max_examples=10)
@given(data=st.data())
def test_gdal_reads_the_way_as_one_line_within_1_cm(
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
    plan_with: Callable[..., Plan],
    sorties: st.SearchStrategy[Sortie],
    flown_places: Callable[[Sortie], Any],
    off_by_m: Callable[..., float],
) -> None:
    sortie = data.draw(sorties)
    path = tmp_path_factory.mktemp("kml") / "sortie-01.kml"
    write_way_kml(plan_with("autel-evo-ii-pro-v3", [sortie]), sortie, path)
    _, _, geometries, _ = pyogrio.raw.read(path)
    assert len(geometries) == 1
    assert off_by_m(places(shapely.from_wkb(geometries[0])), flown_places(sortie)) < 0.01


def test_file_is_as_agreed(
    tmp_path: Path, plan_with: Callable[..., Plan], little_sortie: Sortie, zones: tuple[Zone, ...]
) -> None:
    plan = replace(plan_with("simulated-quad", [little_sortie]), zones=zones)
    write_plan_kml(plan, tmp_path / "plan.kml")
    assert (tmp_path / "plan.kml").read_text(encoding="utf-8") == GOLDEN.read_text(encoding="utf-8")


def test_sorties_are_folders_and_zones_keep_their_holes(
    tmp_path: Path, plan_with: Callable[..., Plan], little_sortie: Sortie, zones: tuple[Zone, ...]
) -> None:
    plan = replace(plan_with("simulated-quad", [little_sortie]), zones=zones)
    write_plan_kml(plan, tmp_path / "plan.kml")
    assert [name for name, _ in pyogrio.list_layers(tmp_path / "plan.kml")] == ["sortie 1", "zones"]
    read = read_layer(tmp_path / "plan.kml", "zones")
    assert list(read) == ["Sekolah & Taman", "airway"]
    assert np.allclose(shapely.area(list(read.values())), shapely.area([zone.area for zone in zones]))


def test_a_plan_without_sorties_is_a_readable_file(tmp_path: Path, plan_with: Callable[..., Plan]) -> None:
    write_plan_kml(plan_with("simulated-quad", []), tmp_path / "plan.kml")
    assert "sorties with Built-in simulated ArduPilot quad: 0" in (tmp_path / "plan.kml").read_text(
        encoding="utf-8"
    )
