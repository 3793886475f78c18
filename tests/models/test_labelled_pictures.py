"""Labels in Pascal VOC."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.kinds import ROAD_KINDS, labels_of
from models.labelled.pictures import LabelledBox, read_voc_folder
from vision.errors import PantauError

BOX = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"
OBJECT = "<object><name>{}</name>" + BOX + "</object>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "voc").mkdir()
    return tmp_path


def write(folder: Path, name: str, *labels: str) -> None:
    (folder / "images" / f"{name}.jpg").write_bytes(b"")
    objects = "".join(OBJECT.format(label) for label in labels)
    size = "<size><width>64</width><height>48</height></size>"
    (folder / "voc" / f"{name}.xml").write_text(f"<annotation>{size}{objects}</annotation>", encoding="utf-8")


def test_a_folder_without_pictures_is_the_users_mistake(folder):
    with pytest.raises(PantauError, match="no pictures"):
        read_voc_folder(folder, {})


def test_a_picture_without_objects_has_no_boxes(folder):
    write(folder, "empty")
    (picture,) = read_voc_folder(folder, labels_of(ROAD_KINDS))
    assert (picture.name, picture.width_px, picture.height_px, picture.boxes) == ("empty", 64, 48, ())


def test_codes_and_names_become_kinds_and_other_labels_are_left_out(folder):
    write(folder, "a", "D40", "pothole", "Block crack")
    (picture,) = read_voc_folder(folder, labels_of(ROAD_KINDS))
    assert picture.boxes == (LabelledBox("pothole", (1, 2, 30, 40)),) * 2


@pytest.mark.parametrize("text", ["", "no xml", "<annotation/>"])
def test_a_broken_label_file_is_named(folder, text):
    write(folder, "a")
    (folder / "voc" / "a.xml").write_text(text, encoding="utf-8")
    with pytest.raises(PantauError, match=r"a\.xml"):
        read_voc_folder(folder, {})


def test_a_picture_without_its_label_file_is_named(folder):
    (folder / "images" / "b.jpg").write_bytes(b"")
    with pytest.raises(PantauError, match=r"b\.xml"):
        read_voc_folder(folder, {})
