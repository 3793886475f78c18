import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from pipeline.locate_command import add_commands
from vision.errors import PantauError


def run(*arguments: object):
    app = typer.Typer()
    add_commands(app)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["locate", *map(str, arguments)])


def complaint(*arguments: object) -> str:
    outcome = run(*arguments)
    assert isinstance(outcome.exception, PantauError), outcome.output
    return str(outcome.exception)


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
    assert "above the horizon" in run(path, "--pixel", "5,5").stdout


def test_the_ground_may_be_told(dji_photo) -> None:
    path = dji_photo({"RelativeAltitude": None})
    assert "--ground-height" in complaint(path, "--pixel", "5,5")
    assert json.loads(run(path, "--pixel", "5,5", "--ground-height", "20", "--json").stdout)["points"][0]


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
