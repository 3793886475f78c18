from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from flight.heights.clearance import clearance_along
from flight.heights.ground import FlatGround, TerrainGround, uncovered
from flight.heights.obstacles import Obstacles
from flight.heights.raising import HeightRules, raise_pass, raise_transit, return_height_m
from flight.rules.airspace import Airspace
from flight.surroundings import Surroundings
from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.terrain import ElevationModel

pytest.importorskip("rasterio", reason="needs the extra 'terrain'")

import rasterio
from rasterio.transform import Affine

FRAME = LocalFrame(-6.87, 107.5)
RULES = HeightRules(photo_height_m=20, transit_height_m=45, clearance_m=5, tolerance_m=3, steepest=2.0)
CELL_DEG = 1e-4  # 11 m


def elevation_model(path: Path, heights: FloatArray, cell_deg: float = CELL_DEG) -> ElevationModel:
    """Heights by row from the north around the frame's origin."""
    rows, columns = heights.shape
    corner = (FRAME.lon - columns / 2 * cell_deg, FRAME.lat + rows / 2 * cell_deg)
    about = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:4326", "nodata": -9999}
    place = Affine(cell_deg, 0, corner[0], 0, -cell_deg, corner[1])
    with rasterio.open(path, "w", height=rows, width=columns, transform=place, **about) as raster:
        raster.write(np.nan_to_num(heights, nan=-9999).astype("float32"), 1)
    return ElevationModel.open(path)


def ground(path: Path, heights: FloatArray) -> TerrainGround:
    return TerrainGround(elevation_model(path / "dem.tif", heights), FRAME)


def test_flat_ground_is_level_and_covers_everything() -> None:
    flat = FlatGround()
    assert not flat.is_known
    assert flat.elevation_m(np.zeros((0, 2))).shape == (0,)
    assert flat.elevation_m(np.ones((3, 2))).tolist() == [0, 0, 0]
    assert flat.highest_m(box(0, 0, 1, 1)) == 0
    assert uncovered(flat, LineString([(0, 0), (1e6, 0)])) is None


def test_terrain_has_the_model_s_heights_in_the_local_frame(tmp_path: Path) -> None:
    model = ground(tmp_path, np.tile(np.arange(40) - 19.5, (40, 1)))
    assert model.is_known
    assert model.elevation_m(np.array([(0, 0), (55, 90)])) == pytest.approx([0, 5], abs=0.03)
    assert np.isnan(model.elevation_m(np.array([(300.0, 0.0)]))).all()


def test_the_highest_ground_bounds_every_place_of_an_area(tmp_path: Path) -> None:
    heights = np.random.default_rng(4).uniform(0, 50, (40, 40))
    model = ground(tmp_path, heights)
    area = Polygon([(-100, -90), (120, -60), (30, 110)])
    places = np.random.default_rng(5).uniform(-110, 120, (5000, 2))
    inside = places[[area.contains(Point(place)) for place in places]]
    assert model.elevation_m(inside).max() <= model.highest_m(area) <= heights.max()


def test_a_peak_just_outside_of_an_area_raises_the_ground_inside(tmp_path: Path) -> None:
    heights = np.zeros((40, 40))
    heights[20, 20] = 30.0  # its middle 5.5 m east and south of the origin
    model = ground(tmp_path, heights)
    beside = box(-10, -10, -0.5, 10)
    assert model.elevation_m(np.array([(-0.5, -5.5)]))[0] > 10
    assert model.highest_m(beside) == 30
    assert model.highest_m(box(-90, -10, -40, 10)) == 0


def test_the_first_place_without_height_is_found(tmp_path: Path) -> None:
    heights = np.zeros((40, 40))
    heights[20, 30] = np.nan
    model = ground(tmp_path, heights)
    assert uncovered(model, LineString([(-200, -5), (90, -5)])) is None
    place = uncovered(model, LineString([(-200, -5), (200, -5)]))
    assert place is not None and place == pytest.approx([105, -5], abs=6)
    assert uncovered(model, box(90, -20, 140, 20)) is not None
    assert uncovered(model, box(60, -60, 170, 60)) is not None  # the hole lies inside
    assert uncovered(model, MultiPolygon([box(0, 0, 50, 50), box(400, 0, 450, 50)])) is not None


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), height_m=st.floats(0, 25), waves_m=st.floats(250, 800))
def test_passes_transits_and_returns_keep_clear_of_a_real_model(
    tmp_path_factory: pytest.TempPathFactory, seed: int, height_m: float, waves_m: float
) -> None:
    folder = tmp_path_factory.mktemp("dem")
    rows, columns = np.mgrid[0:80, 0:80] * CELL_DEG * 110_600 * 2 * np.pi / waves_m
    heights = 500 + height_m * np.sin(columns + seed) * np.cos(rows)
    surroundings = Surroundings(FRAME, ground(folder, heights), Obstacles(), Airspace())
    line = LineString(np.random.default_rng(seed).uniform(-350, 350, (4, 2)))
    raised = raise_pass(line, 20, surroundings, RULES)
    points = np.array(raised.coords)
    least_m, _ = clearance_along(points, surroundings, RULES.clearance_m, step_m=0.5)
    assert least_m >= 17 - 0.2
    way = np.array([points[-1, :2], (0, 0)])
    over_home = np.array([0, 0, surroundings.ground.elevation_m(way[1:])[0] + 20])
    transit = raise_transit(points[-1], over_home, way, surroundings, RULES)
    assert clearance_along(transit, surroundings, RULES.clearance_m)[0] >= 17 - 0.2
    back_m = return_height_m([points, transit], np.zeros(2), surroundings, RULES)
    straight = np.array([(*points[1, :2], back_m), (0, 0, back_m)])
    assert clearance_along(straight, surroundings, RULES.clearance_m)[0] >= 45 - 1e-3
