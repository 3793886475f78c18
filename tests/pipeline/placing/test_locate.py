import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from pipeline.placing.locate_command import add_commands
from vision.errors import PantauError
from vision.frames import LocalFrame


def run(*arguments: object):
    app = typer.Typer()
    add_commands(app)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["locate", *map(str, arguments)])


def complaint(*arguments: object) -> str:
    outcome = run(*arguments)
    assert isinstance(outcome.exception, PantauError), outcome.output
    return str(outcome.exception)


def slope_dem(path: Path, west: float, north: float, east_drop: float) -> Path:
    """An elevation model in degrees near the equator that falls to the east, by metres per metre."""
    rasterio = pytest.importorskip("rasterio", reason="needs the extra 'terrain'")
    cell_deg, metres_per_deg = 1e-5, 111_292.0  # at 1.265° south
    heights_m = 500 - east_drop * metres_per_deg * cell_deg * (np.arange(440) + 0.5)
    place = rasterio.Affine(cell_deg, 0, west, 0, -cell_deg, north)
    about = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": "EPSG:4326", "transform": place}
    with rasterio.open(path, "w", width=440, height=300, **about) as raster:
        raster.write(np.tile(heights_m.astype("float32"), (300, 1))[None])
    return path


def test_points_in_the_order_asked(dji_photo) -> None:
    outcome = run(dji_photo(), "--pixel", "639,0", "--pixel", "319.5,239.5", "--json")
    points = json.loads(outcome.stdout)["points"]
    assert (points[1]["lat"], points[1]["lon"]) == pytest.approx((-1.2654, 116.8312), abs=1e-8)
    assert points[0]["lat"] != points[1]["lat"]
    assert points[0]["sigma_m"] > points[1]["sigma_m"] > 1.5


def test_above_the_horizon_is_null(dji_photo) -> None:
    path = dji_photo({"GimbalPitchDegree": "-5.0"})
    points = json.loads(run(path, "--pixel", "5,5", "--pixel", "5,470", "--json").stdout)["points"]
    assert points[0] is None and points[1]["sigma_m"] > 1
    assert "shows no known ground" in run(path, "--pixel", "5,5").stdout


def test_the_ground_may_be_told(dji_photo) -> None:
    path = dji_photo({"RelativeAltitude": None})
    assert "--ground-alt" in complaint(path, "--pixel", "5,5")
    found = json.loads(run(path, "--pixel", "5,5", "--ground-alt", "20", "--json").stdout)
    assert (found["height_above_ground_m"], found["remarks"]) == (41.0, ["height_from_absolute"])
    assert found["points"][0]["sigma_m"] > 1


def test_on_an_elevation_model_the_ground_below_counts(dji_photo, tmp_path) -> None:
    """Slopes down to the east by 1 in 2: 30 m above a take-off 20 m to the west are 40 m above ground."""
    dem = slope_dem(tmp_path / "dem.tif", west=116.829, north=-1.264, east_drop=0.5)
    lat, lon = LocalFrame(-1.2654, 116.8312).to_lat_lon([[-20.0, 0.0]])[0]
    arguments = (dji_photo({"GimbalYawDegree": "0.1"}), "--pixel", "639,239.5", "--dem", dem, "--json")
    found = json.loads(run(*arguments, "--take-off", f"{lat},{lon}").stdout)
    assert found["height_above_ground_m"] == pytest.approx(40, abs=0.05)
    [right] = found["points"]
    [[east_m, _]] = LocalFrame(-1.2654, 116.8312).to_metres(right["lat"], right["lon"])
    assert east_m == pytest.approx(40 * 0.5 / (1 - 0.25), rel=0.01)  # 1 in 2 down to the right meets 1 in 2
    from_its_foot = json.loads(run(*arguments).stdout)
    assert from_its_foot["height_above_ground_m"] == 30.0
    assert from_its_foot["points"][0]["sigma_m"] > right["sigma_m"]


def test_an_absolute_altitude_alone_counts_from_the_model(dji_photo, tmp_path) -> None:
    dem = slope_dem(tmp_path / "dem.tif", west=116.829, north=-1.264, east_drop=0.0)
    photo = dji_photo({"RelativeAltitude": None, "AbsoluteAltitude": "+560.0"})
    found = json.loads(run(photo, "--pixel", "5,5", "--dem", dem, "--json").stdout)
    assert found["height_above_ground_m"] == pytest.approx(60)
    assert found["remarks"] == ["height_over_dem"]
    assert found["points"][0]["sigma_m"] > 5


def test_the_photo_may_lie_off_the_elevation_model(dji_photo, tmp_path) -> None:
    dem = slope_dem(tmp_path / "dem.tif", west=100.0, north=10.0, east_drop=0.0)
    found = json.loads(run(dji_photo(), "--pixel", "5,5", "--dem", dem, "--json").stdout)
    assert (found["height_above_ground_m"], found["remarks"]) == (30.0, ["outside_dem"])


@pytest.mark.parametrize("place", ["", "5", "a,b", "91,0", "0,181", "1,2,3", "nan,0"])
def test_malformed_take_off_places(dji_photo, place) -> None:
    assert "LAT,LON" in complaint(dji_photo(), "--pixel", "5,5", "--dem", "dem.tif", "--take-off", place)


def test_a_take_off_place_is_that_of_an_elevation_model(dji_photo) -> None:
    assert "--dem" in complaint(dji_photo(), "--pixel", "5,5", "--take-off", "0,0")


@pytest.mark.parametrize("pixel", ["-1,5", "640,5", "5,480", "1e9,1"])
def test_outside_the_picture(dji_photo, pixel) -> None:
    assert "640 × 480" in complaint(dji_photo(), "--pixel", pixel)


@pytest.mark.parametrize("pixel", ["", "5", "5,", "a,b", "1,2,3", "nan,1", "inf,1", "5;5"])
def test_malformed_pixels(dji_photo, pixel) -> None:
    assert "X,Y" in complaint(dji_photo(), "--pixel", pixel)


def test_a_pixel_must_be_given(dji_photo) -> None:
    assert run(dji_photo()).exit_code == 2


def test_photos_that_cannot_be_used(tmp_path, dji_photo) -> None:
    assert "no such file" in complaint(tmp_path / "absent.jpg", "--pixel", "1,1")
    assert "no such file" in complaint(tmp_path, "--pixel", "1,1")
    assert "no_position" in complaint(dji_photo({"GpsLatitude": None}), "--pixel", "1,1")
    text = tmp_path / "text.jpg"
    text.write_text("not a photo", encoding="utf-8")
    assert "not_an_image" in complaint(text, "--pixel", "1,1")


def test_a_truncated_photo(dji_photo) -> None:
    path = dji_photo(picture=np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8))
    path.write_bytes(path.read_bytes()[:20_000])
    assert "truncated" in complaint(path, "--pixel", "1,1")
