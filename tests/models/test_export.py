"""Export and training with ultralytics, where it is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import open_detector
from models.training.export import export_network
from vision.decoding import read_picture
from vision.errors import PantauError
from vision.openvino_detector import OpenVinoDetector

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_data,
    pytest.mark.skipif(find_spec("ultralytics") is None, reason="needs the extra train"),
]


@pytest.fixture
def weights(shared: Path) -> Path:
    return shared / "weights/road-damage-yolo11n-512-12epochs.pt"


def test_an_exported_network_finds_what_its_weights_find(weights, shared, tmp_path):
    before = sorted(weights.parent.iterdir())
    exported = export_network(weights, tmp_path / "model.onnx")
    assert exported.labels == ("D00", "D10", "D20", "D40", "Repair")
    assert sorted(weights.parent.iterdir()) == before
    by_torch = open_detector(weights)
    names = [kind.name for kind in by_torch.kinds]
    by_openvino = OpenVinoDetector(tmp_path / "model.onnx", names, exported.input_px, by_torch.thresholds)
    picture = read_picture(shared / "data/photos/brighton-beach/DJI_0026.JPG")[:1200, :1500]
    one, other = by_torch.detector.detect(picture), by_openvino.detect(picture)
    assert len(one) > 0
    assert one.kind == other.kind
    assert np.allclose(one.xyxy_px, other.xyxy_px, atol=0.5)
    assert np.allclose(one.score, other.score, atol=1e-3)


def test_weights_of_another_task_are_the_users_mistake(shared):
    with pytest.raises(PantauError, match="detects boxes"):
        open_detector(shared / "weights/yolo11n-pose.pt")


def test_a_file_that_is_no_weights_is_the_users_mistake(tmp_path):
    (tmp_path / "mine.pt").write_bytes(b"no weights")
    with pytest.raises(PantauError, match=r"mine\.pt"):
        open_detector(tmp_path / "mine.pt")
