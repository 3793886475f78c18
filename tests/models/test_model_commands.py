"""`pantau models` and `train`."""

from __future__ import annotations

import importlib.util
import json

import pytest
import typer
from typer.testing import CliRunner

from models.commands import add_commands
from models.training.release import check_tools
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


def test_a_start_that_is_no_weights_is_told_before_the_training(tmp_path):
    words = ("--data", tmp_path, "--start", __file__, "--work", tmp_path)
    for command in (("train", *words, "-o", tmp_path / "m"), ("cross-validate", *words)):
        with pytest.raises(PantauError, match=r"test_model_commands\.py: is no \.pt file"):
            run(*command)


@pytest.mark.real_data
def test_a_start_that_is_no_detector_is_told_before_the_training(tmp_path, shared):
    pytest.importorskip("ultralytics")
    (tmp_path / "text.pt").write_text("no weights\nat all", encoding="utf-8")
    starts = {shared / "weights/yolo11n-pose.pt": "for 'pose'; give", tmp_path / "text.pt": "cannot be read"}
    for start, reason in starts.items():
        words = ("--data", tmp_path, "--start", start, "--work", tmp_path)
        for command in (("train", *words, "-o", tmp_path / "m"), ("cross-validate", *words)):
            with pytest.raises(PantauError, match=rf"{start.name}: .*{reason}"):
                run(*command)


def test_what_the_release_needs_is_told_before_the_training(monkeypatch):
    monkeypatch.setattr("models.training.release._TOOLS", ("json", "no_such_tool"))
    with pytest.raises(PantauError, match="and no_such_tool cannot be found"):
        check_tools()


def test_a_cross_validation_that_the_card_could_not_tell_is_refused(tmp_path):
    document = {"kind": "pothole", "folds": 5, "epochs": 12, "imgsz_px": 416, "sources": {"drone": {}}}
    (tmp_path / "folds.json").write_text(json.dumps(document), encoding="utf-8")
    words = ("--data", tmp_path, "--start", tmp_path / "none.pt", "--work", tmp_path, "-o", tmp_path / "m")
    with pytest.raises(PantauError, match=r"folds\.json: is not what"):
        run("train", *words, "--cross-validation", tmp_path / "folds.json")


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
