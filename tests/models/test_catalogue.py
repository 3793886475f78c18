"""The shipped models, and how they are found."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import DEFAULT_MODEL, find_model, list_models, open_detector
from models.folder import check_files
from models.kinds import ROAD_KINDS
from vision.errors import PantauError


def test_every_shipped_model_is_complete_and_says_where_it_fails():
    assert DEFAULT_MODEL in [model.name for model in list_models()]
    for model in list_models():
        check_files(model)
        assert model.path.name == model.name
        assert model.gsd_cm is not None
        assert set(model.thresholds) == {kind.name for kind in model.kinds}
        assert "## Limits" in (model.path / "CARD.md").read_text(encoding="utf-8")


def test_nothing_in_a_shipped_network_names_a_path():
    for model in list_models():
        content = model.network_file.read_bytes()
        assert not [word for word in (b"/tmp/", b"/home/", b"/root/", b"site-packages") if word in content]


def test_the_default_detector_opens_with_what_a_register_notes():
    opened = open_detector()
    assert (opened.name, opened.kinds) == (DEFAULT_MODEL, ROAD_KINDS)
    assert opened.sha256 == find_model(DEFAULT_MODEL).sha256["model.int8.bin"]
    assert len(opened.detector.detect(np.full((600, 600, 3), 90, np.uint8), gsd_cm=1.0)) == 0


def test_an_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(PantauError, match=DEFAULT_MODEL):
        open_detector("no-such-model")


def test_a_model_of_ones_own_opens_by_its_folder(tmp_path: Path):
    own = shutil.copytree(find_model(DEFAULT_MODEL).path, tmp_path / "own")
    assert open_detector(own, {"pothole": 0.9}).thresholds["pothole"] == 0.9
    (own / "model.onnx").write_bytes(b"tampered")
    with pytest.raises(PantauError, match="has changed"):
        open_detector(own)


def test_weights_have_no_precision_to_choose(tmp_path):
    with pytest.raises(PantauError, match=r"mine\.pt.*precision int8"):
        open_detector(tmp_path / "mine.pt", precision="int8")


def test_missing_weights_are_the_users_mistake(tmp_path):
    with pytest.raises(PantauError, match=r"none\.pt"):
        open_detector(tmp_path / "none.pt")


@pytest.mark.skipif(
    importlib.util.find_spec("ultralytics") is not None, reason="the extra train is installed"
)
def test_weights_without_the_extra_name_the_remedy(tmp_path):
    (tmp_path / "mine.pt").write_bytes(b"weights")
    with pytest.raises(PantauError, match=r"pip install '.\[train\]'"):
        open_detector(tmp_path / "mine.pt")
