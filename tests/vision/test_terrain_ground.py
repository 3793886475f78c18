from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from vision.attitude import camera_to_enu
from vision.camera import Camera
from vision.frames import LocalFrame
from vision.ground import meet_flat_ground
from vision.terrain import ElevationModel
from vision.terrain_ground import TerrainGround

rasterio = pytest.importorskip("rasterio", reason="needs the extra 'terrain'")

LAT, LON = -6.87, 107.5
SIDE_M, ZERO_M = 600, 1234.5
CAMERA = Camera("test", 4000, 3000, 2900.0, 1999.5, 1499.5, (0.02, -0.01, 0.0005, 0.0003, 0.0))
Shape = Callable[[np.ndarray, np.ndarray], np.ndarray]
Model = Callable[..., TerrainGround]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """`ground(height of east, north; cell_m=…)`: terrain about a place, on the frame of that place."""
    folder = tmp_path_factory.mktemp("terrain")

    @cache
    def make(shape: Shape, cell_m: float = 2.0) -> TerrainGround:
        cells = round(SIDE_M / cell_m)
        middles = (np.arange(cells) + 0.5) * cell_m - SIDE_M / 2
        heights_m = (ZERO_M + shape(*np.meshgrid(middles, -middles))).astype("float64")
        about = {
            "driver": "GTiff", "count": 1, "dtype": "float64", "width": cells, "height": cells,
            "crs": f"+proj=aeqd +lat_0={LAT} +lon_0={LON} +ellps=WGS84 +units=m",
            "transform": rasterio.Affine(cell_m, 0, -SIDE_M / 2, 0, -cell_m, SIDE_M / 2),
        }  # fmt: skip
        path: Path = folder / f"{shape.__name__}-{cell_m}.tif"
        with rasterio.open(path, "w", **about) as raster:
            raster.write(heights_m[None])
        return TerrainGround(ElevationModel.open(path), ZERO_M, 0.2)

    return make


def level(east_m: np.ndarray, north_m: np.ndarray) -> np.ndarray:
    return 0 * east_m


def plane(east_m: np.ndarray, north_m: np.ndarray) -> np.ndarray:
    return 0.3 * east_m - 0.2 * north_m


def hills(east_m: np.ndarray, north_m: np.ndarray) -> np.ndarray:
    return 8 * np.sin(east_m / 15) * np.cos(north_m / 20)


def wall(east_m: np.ndarray, north_m: np.ndarray) -> np.ndarray:
    return np.where((north_m > 40) & (north_m < 44), 12.0, 0.0)


def half_known(east_m: np.ndarray, north_m: np.ndarray) -> np.ndarray:
    return np.where(east_m > 20, np.nan, 0.0)


def rays_of(pixels: np.ndarray, *attitude: float) -> np.ndarray:
    return CAMERA.rays(pixels) @ camera_to_enu(*attitude).T


def test_no_rays_meet_nothing(ground: Model) -> None:
    assert ground(plane).meet(np.empty((0, 3)), LAT, LON, 30.0).shape == (0, 2)
    assert ground(plane).sigma_m == 0.2


def test_heights_count_from_the_zero_whatever_the_datum(ground: Model) -> None:
    lat, lon = LocalFrame(LAT, LON).to_lat_lon([[10.0, 20.0]])[0]
    assert ground(plane).heights_m([lat], [lon]) == pytest.approx([-1.0], abs=1e-4)
    assert ground(plane).height_above_m(lat, lon, 30.0) == pytest.approx(31.0, abs=1e-4)


angles, pitches, rolls = st.floats(-180, 180), st.floats(-90, -30), st.floats(-30, 30)
pixels = st.tuples(st.floats(0, 3999), st.floats(0, 2999)).map(lambda pixel: np.array([pixel]))
easily = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)


@easily
@given(pixel=pixels, yaw=angles, pitch=pitches, roll=rolls, height_m=st.floats(5, 60))
def test_level_terrain_is_flat_ground(
    ground: Model, pixel: np.ndarray, yaw: float, pitch: float, roll: float, height_m: float
) -> None:
    rays = rays_of(pixel, yaw, pitch, roll)
    expected = meet_flat_ground(rays, height_m)
    assume(np.isfinite(expected).all() and np.abs(expected).max() < SIDE_M / 2 - 5)
    assert ground(level).meet(rays, LAT, LON, height_m) == pytest.approx(expected, abs=1e-3)


@easily
@given(pixel=pixels, yaw=angles, pitch=pitches, roll=rolls, height_m=st.floats(5, 60))
def test_a_plane_is_met_to_a_millimetre(
    ground: Model, pixel: np.ndarray, yaw: float, pitch: float, roll: float, height_m: float
) -> None:
    rays = rays_of(pixel, yaw, pitch, roll)
    east, north, up = rays[0]
    come_down = 0.3 * east - 0.2 * north - up  # what the ray comes nearer to the plane
    expected = height_m / come_down * rays[:, :2] if come_down > 0 and up < -0.1 else np.full((1, 2), np.inf)
    # What the heights' rounding moves a ray that grazes the ground is more than a millimetre.
    assume(np.abs(expected).max() < min(SIDE_M / 2 - 5, 20 * height_m))
    assert ground(plane).meet(rays, LAT, LON, height_m) == pytest.approx(expected, abs=1e-3)


@easily
@given(pixel=pixels, yaw=angles, pitch=pitches, roll=rolls, height_m=st.floats(12, 60))
def test_the_first_place_on_hills_is_met_from_above(
    ground: Model, pixel: np.ndarray, yaw: float, pitch: float, roll: float, height_m: float
) -> None:
    """It lies on ray and ground, and nowhere before it the ray is below the ground."""
    rays = rays_of(pixel, yaw, pitch, roll)
    found = ground(hills).meet(rays, LAT, LON, height_m)
    assume(np.isfinite(found).all() and abs(rays[0, 0]) + abs(rays[0, 1]) > 1e-3)
    come_down_m = -rays[0, 2] * np.hypot(*found[0]) / np.hypot(*rays[0, :2])
    shares = np.linspace(0, 1, 500)[:, None]
    ground_m = ground(hills).heights_m(*LocalFrame(LAT, LON).to_lat_lon(shares * found).T)
    above_m = height_m - shares[:, 0] * come_down_m - ground_m
    assert above_m[-1] == pytest.approx(0, abs=1e-3)
    assert above_m.min() > -0.05  # a ray may graze the tip of a ridge between two steps


def test_a_wall_stands_before_what_is_behind_it(ground: Model) -> None:
    """30 m high, a ray that would meet the ground 60 m north meets the 12 m high wall 40 m north."""
    found = ground(wall, 0.5).meet(
        np.array([[0.0, 2.0, -1.0], [0.0, 1.0, -1.0], [0.0, 3.0, -1.0]]), LAT, LON, 30.0
    )
    assert found[:, 1] == pytest.approx([40, 30, 90], abs=0.5)


def test_no_ground_above_the_horizon_or_beyond_what_is_known(ground: Model) -> None:
    rays = np.array(
        [[0.0, 1.0, 0.1], [0.0, 1.0, 0.0], [1.0, 0.0, -1.0], [-1.0, 0.0, -1.0], [0.0, 20.0, -1.0]]
    )
    found = ground(half_known).meet(np.vstack([rays, np.full((1, 3), np.nan)]), LAT, LON, 30.0)
    assert np.isfinite(found[:, 0]).tolist() == [False, False, False, True, False, False]


def test_a_camera_below_the_ground_or_off_the_model_sees_none(ground: Model) -> None:
    down = np.array([[0.0, 0.0, -1.0]])
    assert np.isnan(ground(plane).meet(down, LAT, LON, -0.1)).all()
    assert np.isnan(ground(plane).meet(down, LAT + 1, LON, 30.0)).all()
    assert ground(plane).meet(down, LAT, LON, 0.1) == pytest.approx(np.zeros((1, 2)))


def test_many_threads_meet_the_same(ground: Model) -> None:
    across, down = np.meshgrid(np.linspace(0, 3999, 12), np.linspace(0, 2999, 9))
    rays = rays_of(np.column_stack([across.ravel(), down.ravel()]), 30, -70, 5)
    expected = ground(hills).meet(rays, LAT, LON, 40.0)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: ground(hills).meet(rays, LAT, LON, 40.0), range(8)))
    assert all(np.array_equal(one, expected, equal_nan=True) for one in found)
