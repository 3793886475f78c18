from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from flight.planning.plan_command import add_commands
from vision.errors import PantauError

ROAD = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "Jalan A"},
            "geometry": {"type": "LineString", "coordinates": [[107.5, -6.87], [107.502, -6.87]]},
        }
    ],
}


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_commands(app)
    return app


@pytest.fixture
def roads(tmp_path: Path) -> Path:
    file = tmp_path / "roads.geojson"
    file.write_text(json.dumps(ROAD), encoding="utf-8")
    return file


def test_plan_prints_a_table_and_warns(app: typer.Typer, roads: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["plan", str(roads), "-o", str(tmp_path / "p"), "--iterations", "50"])
    assert result.exit_code == 0
    assert "0.80 cm a pixel" in result.stdout and "sortie  passes" in result.stdout
    assert "warning: no obstacle data" in result.stderr
    assert (tmp_path / "p" / "sortie-01.plan").exists()


def test_json_is_the_summary_alone(app: typer.Typer, roads: Path, tmp_path: Path) -> None:
    arguments = ["plan", str(roads), "-o", str(tmp_path / "p"), "--iterations", "50", "--json"]
    result = CliRunner().invoke(app, [*arguments, "--launch", "-6.871,107.501"])
    summary = json.loads(result.stdout)
    assert summary == json.loads((tmp_path / "p" / "plan.json").read_text(encoding="utf-8"))
    assert summary["launches"] == [[pytest.approx(-6.871), pytest.approx(107.501)]]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--drone", "ufo"], "known are"),
        (["--gsd", "1", "--height", "20"], "not both"),
        (["--launch", "here"], "give it as lat,lon"),
        (["--battery-reserve", "300"], "share"),
        (["--height", "2"], "fly higher"),
    ],
)
def test_mistakes_leave_nothing_behind(
    app: typer.Typer, roads: Path, tmp_path: Path, options: list[str], problem: str
) -> None:
    result = CliRunner().invoke(app, ["plan", str(roads), "-o", str(tmp_path / "p"), *options])
    assert isinstance(result.exception, PantauError)
    assert problem in str(result.exception)
    assert not (tmp_path / "p").exists()
