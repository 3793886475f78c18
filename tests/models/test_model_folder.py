"""`model.toml`: written, read back, refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.folder import ModelFolder, check_files, read_model_folder, sha256_of, write_model_toml
from models.kinds import ROAD_KINDS
from vision.errors import PantauError


@pytest.fixture
def model(tmp_path: Path) -> ModelFolder:
    (tmp_path / "model.onnx").write_bytes(b"network")
    return ModelFolder(
        path=tmp_path,
        name='mine "quoted"',
        version="1.2",
        architecture="yolo11n",
        licence="AGPL-3.0-or-later",
        input_px=544,
        gsd_cm=(0.5, 1.5),
        kinds=ROAD_KINDS,
        thresholds={kind.name: 0.3 for kind in ROAD_KINDS},
        sha256={"model.onnx": sha256_of(tmp_path / "model.onnx")},
        coarsest_gsd_cm={"pothole": 2.5},
        training={"data": ["jalan – één"]},
        scores={"map50": 0.5, "ap50": {"pothole": 0.25}},
    )


def test_what_is_written_is_read_back(model):
    write_model_toml(model)
    assert read_model_folder(model.path) == model
    assert [file.name for file in model.path.glob("*.toml*")] == ["model.toml"]


def test_an_unknown_ground_resolution_is_read_back(model):
    unknown = replace(model, gsd_cm=None, training={}, scores={})
    write_model_toml(unknown)
    assert read_model_folder(model.path) == unknown


def test_a_model_older_than_coarsest_resolutions_opens_without_them(model):
    file = write_model_toml(model)
    file.write_text(file.read_text(encoding="utf-8").replace("coarsest_gsd_cm = 2.5\n", ""), encoding="utf-8")
    assert read_model_folder(model.path) == replace(model, coarsest_gsd_cm={})


def test_a_folder_without_description_is_no_model(tmp_path):
    with pytest.raises(PantauError, match="no model folder"):
        read_model_folder(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('version = "1.2"', "", "version"),
        ("input_px = 544", 'input_px = "big"', "cannot be read"),
        ("[0.5, 1.5]", "[1.5, 0.5]", "no interval"),
        ("name =", "name", "cannot be read"),
        ("threshold = 0.3", "threshold = 7", "between 0 and 1"),
        ("threshold = 0.3", "threshold = nan", "between 0 and 1"),
        ("coarsest_gsd_cm = 2.5", "coarsest_gsd_cm = -1", "not above 0"),
        ('name = "transverse_crack"', 'name = "repair"', "two of its kinds"),
    ],
)
def test_a_broken_description_is_named(model, old, new, message):
    file = write_model_toml(model)
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PantauError, match=message):
        read_model_folder(model.path)


def test_a_changed_network_is_noticed(model):
    check_files(model)
    (model.path / "model.onnx").write_bytes(b"another")
    with pytest.raises(PantauError, match="has changed"):
        check_files(model)


def test_a_missing_network_is_noticed(model):
    (model.path / "model.onnx").unlink()
    with pytest.raises(PantauError, match="is missing"):
        check_files(model)
