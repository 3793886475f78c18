"""`pantau models` and `train`."""

from __future__ import annotations

import importlib.util
import json

import pytest
import typer
from typer.testing import CliRunner

from models.commands import add_commands
from vision.errors import PantauError

APP = typer.Typer()
add_commands(APP)


def run(*arguments: object):
    outcome = CliRunner().invoke(APP, [str(argument) for argument in arguments])
    if isinstance(outcome.exception, PantauError):
        raise outcome.exception
    return outcome


def test_models_lists_kinds_scores_and_ground_resolution():
    document = json.loads(run("models", "--json").stdout)
    names = {model["name"]: model for model in document["models"]}
    shipped = names[document["default"]]
    assert {kind["name"] for kind in shipped["kinds"]} >= {"pothole", "repair"}
    assert shipped["gsd_cm"][0] < shipped["gsd_cm"][1]
    assert 0 < shipped["scores"]["map50"] < 1
    assert "lubang" in run("models").stdout


def test_training_needs_its_start(tmp_path):
    with pytest.raises(PantauError, match=r"none\.pt"):
        run(
            "train",
            "--data",
            tmp_path,
            "--start",
            tmp_path / "none.pt",
            "--work",
            tmp_path,
            "-o",
            tmp_path / "m",
        )


def test_a_file_in_the_models_place_is_told_before_the_training(tmp_path):
    (tmp_path / "m").write_text("mine", encoding="utf-8")
    words = ("--data", tmp_path, "--start", tmp_path / "none.pt", "--work", tmp_path, "-o", tmp_path / "m")
    with pytest.raises(PantauError, match="m: is a file"):
        run("train", *words)


@pytest.mark.skipif(
    importlib.util.find_spec("ultralytics") is not None, reason="the extra train is installed"
)
def test_training_without_the_extra_names_the_remedy(tmp_path):
    (tmp_path / "start.pt").write_bytes(b"weights")
    with pytest.raises(PantauError, match=r"pip install '.\[train\]'"):
        run(
            "train",
            "--data",
            tmp_path,
            "--start",
            tmp_path / "start.pt",
            "--work",
            tmp_path,
            "-o",
            tmp_path / "m",
        )
    assert not (tmp_path / "m").exists()
