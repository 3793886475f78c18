"""Networks in 8 bit integers: made, compared, taken where they are as good."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.catalogue import find_model, open_detector
from models.folder import INT8_NETWORK, INT8_WEIGHTS, NETWORK, ModelFolder, read_model_folder
from models.labelled.pictures import LabelledBox, LabelledPicture
from models.training.quantization import Int8Comparison, add_int8, quantize
from vision.errors import PantauError

MODEL = find_model("road-damage-yolo11n")


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    """A copy of the shipped model without INT8."""
    shutil.copytree(MODEL.path, tmp_path / "model")
    text = (tmp_path / "model/model.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "int8" not in line]
    (tmp_path / "model/model.toml").write_text("\n".join(lines), encoding="utf-8")
    return read_model_folder(tmp_path / "model")


@pytest.fixture
def pictures(tmp_path: Path) -> list[LabelledPicture]:
    rng = np.random.default_rng(1)
    made = []
    for number in range(3):
        file = tmp_path / f"{number}.png"
        Image.fromarray(rng.integers(60, 140, (128, 128, 3), dtype=np.uint8)).save(file)
        box = LabelledBox("pothole", (10.0, 10.0, 60.0, 60.0))
        made.append(LabelledPicture(file, 128, 128, (box,)))
    return made


@pytest.mark.parametrize(("int8_map50", "good"), [(0.60, True), (0.551, True), (0.549, False)])
def test_int8_ships_when_it_loses_a_hundredth_at_most(int8_map50, good):
    assert Int8Comparison({"held-out": (0.56, int8_map50)}).is_as_good == good


def test_int8_that_nothing_was_measured_of_does_not_ship():
    assert not Int8Comparison({}).is_as_good


def test_one_part_of_the_data_is_enough_to_forbid_int8():
    assert not Int8Comparison({"held-out": (0.567, 0.577), "scored": (0.497, 0.472)}).is_as_good


def test_without_pictures_there_is_nothing_to_measure_on(folder, tmp_path):
    with pytest.raises(PantauError, match="training pictures"):
        quantize(folder.network_file, [], tmp_path / "x.int8.xml", 544)


def test_a_model_without_int8_is_read_in_fp32(folder):
    assert not folder.has_int8
    assert open_detector(folder.path).sha256 == folder.sha256[NETWORK]
    with pytest.raises(PantauError, match="has no network in INT8"):
        open_detector(folder.path, precision="int8")


@pytest.mark.slow
def test_an_int8_network_is_made_and_taken_and_sees_nearly_the_same(folder, pictures):
    pytest.importorskip("nncf")
    with_int8, comparison = add_int8(folder, pictures, {"held-out": pictures})
    assert comparison.is_as_good
    assert read_model_folder(folder.path).has_int8
    assert open_detector(folder.path).sha256 == with_int8.sha256[INT8_WEIGHTS]
    assert open_detector(folder.path, precision="fp32").sha256 == folder.sha256[NETWORK]


@pytest.mark.slow
def test_a_worse_int8_network_leaves_nothing_behind(folder, pictures, monkeypatch):
    pytest.importorskip("nncf")
    monkeypatch.setattr("models.training.quantization._map50", lambda at, precision, *_: precision == "fp32")
    without, comparison = add_int8(folder, pictures, {"held-out": pictures})
    assert not comparison.is_as_good
    assert not without.has_int8
    assert not (folder.path / INT8_NETWORK).exists() and not (folder.path / INT8_WEIGHTS).exists()
    assert read_model_folder(folder.path).sha256 == folder.sha256
