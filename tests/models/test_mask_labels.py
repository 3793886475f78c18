"""Labels as masks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.labelled import masks
from models.labelled.labelled_folder import PictureFile
from models.labelled.pictures import LabelledBox
from vision.errors import PantauError

PICTURES = {"a": PictureFile(Path("images/a.jpg"), 60, 40)}


def write(folder: Path, mask: np.ndarray, label: str = "pothole", name: str = "a") -> Path:
    (folder / f"{label}_masks").mkdir(exist_ok=True)
    cv2.imwrite(str(folder / f"{label}_masks" / f"{name}.png"), mask)
    return folder


def test_a_folder_without_masks_is_of_another_format(tmp_path):
    assert not masks.fits(tmp_path)


def test_a_black_mask_means_no_damage(tmp_path):
    assert masks.read(write(tmp_path, np.zeros((40, 60), np.uint8)), PICTURES).boxes == {"a": ()}


def test_each_white_region_is_a_box_and_specks_are_counted(tmp_path):
    mask = np.zeros((40, 60), np.uint8)
    mask[10:20, 5:9] = 255
    mask[20:25, 9:30] = 255  # touches the first by a corner
    mask[30:36, 40:50] = 255
    mask[2, 2] = 255
    labels = masks.read(write(tmp_path, mask), PICTURES)
    expected = (LabelledBox("pothole", (5, 10, 30, 25)), LabelledBox("pothole", (40, 30, 50, 36)))
    assert sorted(labels.boxes["a"], key=str) == sorted(expected, key=str)
    assert labels.left_out.total() == 1


def test_masks_of_several_kinds_belong_together(tmp_path):
    mask = np.full((40, 60), 255, np.uint8)
    write(tmp_path, mask)
    labels = masks.read(write(tmp_path, mask, "lane"), PICTURES)
    assert {box.kind for box in labels.boxes["a"]} == {"pothole", "lane"}


def test_a_mask_of_another_size_is_named(tmp_path):
    with pytest.raises(PantauError, match=r"a\.png.*60 × 40"):
        masks.read(write(tmp_path, np.zeros((60, 40), np.uint8)), PICTURES)


def test_a_mask_that_cannot_be_read_is_named(tmp_path):
    write(tmp_path, np.zeros((40, 60), np.uint8))
    (tmp_path / "pothole_masks/a.png").write_bytes(b"no picture")
    with pytest.raises(PantauError, match=r"a\.png"):
        masks.read(tmp_path, PICTURES)
