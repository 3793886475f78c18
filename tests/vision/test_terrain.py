from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import LineString, Point, Polygon, box

from vision import terrain
from vision.errors import PantauError
from vision.terrain import ElevationModel

pytest.importorskip("rasterio", reason="needs the extra 'terrain'")

import rasterio
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine

WEST, NORTH, CELL_M = 776_000.0, 9_240_000.0, 10.0  # UTM 48 south
UTM = "EPSG:32748"
Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def save_raster(
        heights: Any, crs: str | None = UTM, transform: Affine | None = None, **more: Any
    ) -> Path:
        bands = np.asarray(heights)
        bands = bands[None] if bands.ndim == 2 else bands
        path = tmp_path / f"heights-{len(list(tmp_path.iterdir()))}.tif"
        about = {"driver": "GTiff", "count": len(bands), "dtype": bands.dtype, "crs": crs}
        place = Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH) if transform is None else transform
        size = {"height": bands.shape[1], "width": bands.shape[2]}
        unit = more.pop("unit", None)
        with rasterio.open(path, "w", transform=place, **about, **size, **more) as raster:
            raster.write(bands)
            if unit:
                raster.units = [unit]
        return path

    return save_raster


def lat_lon(east_m: Any, south_m: Any, crs: str = UTM) -> tuple[Any, Any]:
    """Places by metres from the north-western corner."""
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(WEST + np.asarray(east_m), NORTH - np.asarray(south_m))
    return lat, lon


def shape(*corners_m: tuple[float, float]) -> Polygon:
    return Polygon([lat_lon(*corner)[::-1] for corner in corners_m])


def test_no_places_give_no_heights(save: Save) -> None:
    model = ElevationModel.open(save(np.zeros((3, 3), "float32")))
    assert model.heights_m([], []).shape == (0,)
    assert model.highest_around_m([], [], 5.0).shape == (0,)
    assert np.isnan(model.highest_m(Polygon()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    slope_x=st.floats(-0.9, 0.9),
    slope_y=st.floats(-0.9, 0.9),
    places=st.lists(st.tuples(st.floats(5, 6395), st.floats(5, 3995)), min_size=1),
)
def test_a_plane_is_met_exactly_everywhere(
    save: Save, slope_x: float, slope_y: float, places: list[tuple[float, float]]
) -> None:
    columns, rows = np.meshgrid(np.arange(640) + 0.5, np.arange(400) + 0.5)
    model = ElevationModel.open(save(slope_x * columns + slope_y * rows))
    east_m, south_m = np.array(places).T
    expected = slope_x * east_m / CELL_M + slope_y * south_m / CELL_M
    assert model.heights_m(*lat_lon(east_m, south_m)) == pytest.approx(expected, abs=1e-3)


def test_outside_is_unknown_and_the_edge_has_the_height_of_its_cell(save: Save) -> None:
    model = ElevationModel.open(save(np.array([[1.0, 2.0], [3.0, 4.0]])))
    heights_m = model.heights_m(*lat_lon([-0.1, 0.1, 19.9, 20.1, 10], [0.1, 0.1, 19.9, 19.9, 10]))
    assert heights_m == pytest.approx([np.nan, 1, 4, np.nan, 2.5], nan_ok=True, abs=1e-6)
    assert np.isnan(model.heights_m([91.0, np.nan], [0.0, 0.0])).all()


@pytest.mark.parametrize(("dtype", "nodata"), [("int16", -32768), ("uint8", 255), ("float64", np.nan)])
def test_nodata_makes_its_surroundings_unknown(save: Save, dtype: str, nodata: float) -> None:
    heights = np.full((4, 4), 7, dtype=dtype)
    heights[1, 1] = nodata
    model = ElevationModel.open(save(heights, nodata=nodata))
    assert np.isnan(model.heights_m(*lat_lon([10, 15, 24], [10, 15, 24]))).all()
    assert model.heights_m(*lat_lon(26.0, 26.0)) == pytest.approx([7])


def test_placeholders_that_are_not_declared_are_unknown_too(save: Save) -> None:
    model = ElevationModel.open(save(np.array([[-9999, 5], [3.4e38, 5]], "float32")))
    assert np.isnan(model.heights_m(*lat_lon([5.0, 5.0], [5.0, 15.0]))).all()


@pytest.mark.parametrize(("unit", "metres"), [("ft", 0.3048), ("US survey foot", 1200 / 3937), ("metre", 1)])
def test_heights_are_metres_whatever_the_file_says(save: Save, unit: str, metres: float) -> None:
    model = ElevationModel.open(save(np.full((3, 3), 100, "int16"), unit=unit))
    assert model.heights_m(*lat_lon(15.0, 15.0)) == pytest.approx([100 * metres])


def test_degrees_and_turned_rasters_are_read_alike(save: Save) -> None:
    lat, lon = lat_lon(150.0, 150.0)
    rows, columns = np.mgrid[0:200, 0:200] + 0.5
    degrees = save(columns, "EPSG:4326", Affine(1e-5, 0, lon - 1e-3, 0, -1e-5, lat + 1e-3))
    turned = save(rows, UTM, Affine.translation(WEST, NORTH) @ Affine.rotation(-30) @ Affine.scale(2, -2))
    assert ElevationModel.open(degrees).heights_m(lat, lon) == pytest.approx([100], abs=1e-3)
    assert ElevationModel.open(degrees).cell_m == pytest.approx(1.1, abs=0.02)
    model = ElevationModel.open(turned)
    east_m, south_m = 150.0, 150.0
    along_m = south_m * np.cos(np.radians(30)) - east_m * np.sin(np.radians(30))
    assert model.heights_m(lat, lon) == pytest.approx([along_m / 2], abs=1e-3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    spikes=st.lists(st.tuples(st.integers(0, 299), st.integers(0, 299)), min_size=1, max_size=20),
    place=st.tuples(st.floats(-60, 360), st.floats(-60, 360)),
    radius_m=st.floats(0.5, 40),
    cell_m=st.sampled_from([0.25, 1.0, 3.0]),
)
def test_no_spike_within_the_radius_is_missed_and_none_far_beyond_counts(
    save: Save,
    spikes: list[tuple[int, int]],
    place: tuple[float, float],
    radius_m: float,
    cell_m: float,
) -> None:
    heights = np.zeros((300, 300), "float32")
    for number, (row, column) in enumerate(spikes, start=10):
        heights[row, column] = number
    model = ElevationModel.open(save(heights, transform=Affine(cell_m, 0, WEST, 0, -cell_m, NORTH)))
    east_m, south_m = np.array(place) * cell_m
    found = model.highest_around_m(*lat_lon(east_m, south_m), radius_m)[0]
    rows, columns = np.mgrid[0:300, 0:300]
    away = np.hypot(
        np.maximum(np.abs((columns + 0.5) * cell_m - east_m) - cell_m / 2, 0),
        np.maximum(np.abs((rows + 0.5) * cell_m - south_m) - cell_m / 2, 0),
    )
    least = heights[away <= radius_m * 0.99].max(initial=-1)
    most = heights[away <= radius_m * 1.02 + 1.5].max(initial=-1)
    assert least <= (-1 if np.isnan(found) else found) <= most


def test_a_cell_at_the_very_edge_of_the_radius_counts(save: Save) -> None:
    heights = np.zeros((50, 50), "float32")
    heights[25, 25] = 9.0  # from 250 to 260 m
    model = ElevationModel.open(save(heights))
    found = model.highest_around_m(*lat_lon([200.1, 199, 309, 311], [255.0] * 4), 50.0)
    assert found.tolist() == [9, 0, 9, 0]


def test_the_highest_cell_of_an_area_counts_whole(save: Save) -> None:
    heights = np.zeros((600, 600), "float32")
    heights[300, 300], heights[10, 10] = 50.0, 80.0
    model = ElevationModel.open(save(heights))
    assert model.highest_m(shape((2000, 2000), (4000, 2000), (4000, 4000), (2000, 4000))) == 50
    assert model.highest_m(shape((0, 0), (6000, 0), (6000, 6000), (0, 6000))) == 80
    assert model.highest_m(shape((3009, 3009), (3100, 3009), (3100, 3100))) == 50
    assert model.highest_m(shape((3011, 3011), (3100, 3011), (3100, 3100))) == 0
    assert np.isnan(model.highest_m(box(0, 0, 0.1, 0.1)))
    assert model.highest_m(LineString([lat_lon(2900, 3005)[::-1], lat_lon(3100, 3005)[::-1]])) == 50
    assert model.highest_m(Point(lat_lon(105.0, 105.0)[::-1])) == 80


def test_places_far_apart_are_read_in_small_windows(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terrain, "_LARGEST_WINDOW", 1000)
    heights = np.random.default_rng(1).uniform(0, 100, (500, 500)).astype("float32")
    model = ElevationModel.open(save(heights))
    rows, columns = np.random.default_rng(2).integers(0, 500, (2, 300))
    middles = lat_lon((columns + 0.5) * CELL_M, (rows + 0.5) * CELL_M)
    assert model.heights_m(*middles) == pytest.approx(heights[rows, columns], abs=1e-3)
    assert model.highest_around_m(*middles, 0.1) == pytest.approx(heights[rows, columns])


def test_only_what_is_needed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.tif"
    about = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": UTM, "height": 60_000, "width": 60_000}
    options = {"tiled": True, "sparse_ok": True, "bigtiff": "yes", "nodata": -9999}
    with rasterio.open(
        path, "w", transform=Affine(0.1, 0, WEST, 0, -0.1, NORTH), **about, **options
    ) as raster:
        raster.write(np.full((1, 16, 16), 30, "float32"), window=((30_000, 30_016), (30_000, 30_016)))
    model = ElevationModel.open(path)
    assert model.heights_m(*lat_lon([3000.8, 100], [3000.8, 100])) == pytest.approx([30, np.nan], nan_ok=True)
    assert model.highest_around_m(*lat_lon(2996.0, 3000.0), 5.0) == pytest.approx([30])


def test_what_is_no_elevation_model_is_refused_with_the_remedy(save: Save, tmp_path: Path) -> None:
    cells = np.zeros((3, 3), "float32")
    text = tmp_path / "notes.tif"
    text.write_text("no raster", encoding="utf-8")
    with pytest.warns(NotGeoreferencedWarning):
        unplaced = save(cells, UTM, Affine.identity())
    for path, reason in [
        (tmp_path / "none.tif", r"none\.tif: there is no such file; give a GeoTIFF"),
        (text, r"notes\.tif: cannot be read as a raster; give a GeoTIFF"),
        (save(cells, None), "save it with its coordinate reference system"),
        (unplaced, "save it with its coordinate reference system"),
        (save(cells, 'LOCAL_CS["site grid",UNIT["metre",1]]'), "names no place on Earth.*save it in UTM"),
        (save(np.zeros((3, 3, 3), "uint8"), photometric="rgb"), r"holds a picture \(3 bands\)"),
        (save(cells, unit="fathom"), "'fathom'; convert them to metres"),
    ]:
        with pytest.raises(PantauError, match=reason):
            ElevationModel.open(path)


def test_a_mask_beside_the_heights_is_no_second_band(save: Save) -> None:
    path = save(np.array([[[5, 5], [5, 5]], [[255, 255], [255, 0]]], "uint8"), alpha="yes")
    with rasterio.open(path) as raster:
        assert raster.colorinterp[1] == ColorInterp.alpha
    model = ElevationModel.open(path)
    assert model.heights_m(*lat_lon([1.0, 15], [1.0, 15])) == pytest.approx([5, np.nan], nan_ok=True)


def test_without_rasterio_the_remedy_is_named(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(np.zeros((3, 3), "float32"))
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(PantauError, match=r"pip install '\.\[terrain\]'"):
        ElevationModel.open(path)
