"""The shipped network through OpenVINO."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.catalogue import find_model
from vision.decoding import read_picture
from vision.errors import PantauError
from vision.openvino_detector import OpenVinoDetector, OpenVinoNetwork

MODEL = find_model("road-damage-yolo11n")
KINDS = [kind.name for kind in MODEL.kinds]


@pytest.fixture(scope="module")
def detector() -> OpenVinoDetector:
    return OpenVinoDetector(
        MODEL.network_file, KINDS, MODEL.input_px, dict.fromkeys(KINDS, 0.2), MODEL.gsd_cm
    )


def test_plain_grey_has_no_damage(detector):
    assert len(detector.detect(np.full((700, 900, 3), 110, np.uint8))) == 0


@pytest.mark.parametrize("shape", [(1, 1, 3), (40, 700, 3), (545, 544, 3)])
def test_any_size_is_read(detector, shape):
    detector.detect(np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8))


def test_a_file_that_is_no_network_is_the_users_mistake(tmp_path: Path):
    file = tmp_path / "model.onnx"
    file.write_bytes(b"no network")
    with pytest.raises(PantauError, match=r"model\.onnx"):
        OpenVinoNetwork(file, 512, 5)


def test_a_network_for_other_kinds_is_the_users_mistake():
    with pytest.raises(PantauError, match="does not fit 3 kinds"):
        OpenVinoNetwork(MODEL.network_file, 512, 3)


def test_tiles_of_several_sizes_are_read_each_at_its_own():
    network = OpenVinoNetwork(MODEL.network_file, 64, len(KINDS))
    tiles = [np.full((height, width, 3), 90, np.uint8) for height, width in ((64, 64), (32, 64), (64, 32))]
    answers: dict[int, int] = {}
    for _ in range(2):
        network.run(tiles, lambda number, output: answers.update({number: output.shape[1]}))
    assert answers == {0: 84, 1: 42, 2: 42}


def test_a_failure_while_taking_an_answer_is_not_swallowed():
    network = OpenVinoNetwork(MODEL.network_file, 64, len(KINDS))

    def fail(number, output):
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        network.run([np.zeros((64, 64, 3), np.uint8)], fail)


@pytest.mark.real_data
def test_obvious_damage_is_found(detector, shared):
    picture = read_picture(shared / "data/road-damage/drone/images/China_Drone_002144.jpg")
    found = detector.detect(picture)
    assert set(found.kind) & {"longitudinal_crack", "transverse_crack", "alligator_crack", "pothole"}


@pytest.mark.real_data
def test_results_of_a_whole_photo_repeat_and_lie_inside_it(detector, shared):
    picture = read_picture(shared / "data/photos/brighton-beach/DJI_0026.JPG")
    first, second = detector.detect(picture), detector.detect(picture)
    assert first.score.tolist() == second.score.tolist()
    assert len(first) > 0
    height, width = picture.shape[:2]
    assert (first.xyxy_px >= 0).all()
    assert (first.xyxy_px <= [width, height, width, height]).all()


@pytest.mark.real_data
def test_within_an_area_is_found_what_the_whole_picture_shows_there(detector, shared):
    tile = read_picture(shared / "data/road-damage/drone/images/China_Drone_002144.jpg")
    picture = np.tile(tile, (3, 3, 1))
    area = np.array([[300, 300], [1100, 300], [1100, 1100], [300, 1100]])
    whole, part = detector.detect(picture), detector.detect(picture, within=[area])
    middle = (whole.xyxy_px[:, :2] > 400).all(axis=1) & (whole.xyxy_px[:, 2:] < 1000).all(axis=1)
    assert middle.any()
    for box in whole.xyxy_px[middle]:
        assert np.abs(part.xyxy_px - box).max(axis=1).min() < 20
