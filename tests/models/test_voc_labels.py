"""Labels in Pascal VOC."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.labelled import voc
from models.labelled.labelled_folder import PictureFile
from models.labelled.pictures import LabelledBox
from vision.errors import PantauError

SIZE = "<size><width>64</width><height>48</height></size>"
OBJECT = (
    "<object><name>{}</name>"
    "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object>"
)


def read(folder: Path, text: str, name: str = "a"):
    (folder / "voc").mkdir(exist_ok=True)
    (folder / "voc" / f"{name}.xml").write_text(text, encoding="utf-8")
    return voc.read(folder, {"a": PictureFile(folder / "images/a.jpg", 64, 48)})


def test_a_folder_without_labels_is_of_another_format(tmp_path):
    assert not voc.fits(tmp_path)


def test_no_objects_are_no_boxes(tmp_path):
    assert read(tmp_path, f"<annotation>{SIZE}</annotation>").boxes == {"a": ()}


def test_each_object_is_a_box_with_the_folders_own_label(tmp_path):
    labels = read(tmp_path, f"<annotation>{SIZE}{OBJECT.format('D40')}{OBJECT.format('crack')}</annotation>")
    corners = (1, 2, 30, 40)
    assert labels.boxes == {"a": (LabelledBox("D40", corners), LabelledBox("crack", corners))}


def test_labels_in_the_layout_of_rdd2022_are_found(tmp_path):
    (tmp_path / "annotations/xmls").mkdir(parents=True)
    (tmp_path / "annotations/xmls/a.xml").write_text(f"<annotation>{SIZE}</annotation>", encoding="utf-8")
    assert voc.fits(tmp_path) and voc.read(tmp_path, {}).without_picture == 1


def test_a_size_of_zero_says_nothing(tmp_path):
    size = SIZE.replace("64", "0").replace("48", "0")
    assert len(read(tmp_path, f"<annotation>{size}{OBJECT.format('D40')}</annotation>").boxes["a"]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no xml",
        "<annotation/>",
        f"<annotation>{SIZE}<object/></annotation>",
        f"<annotation>{SIZE.replace('64', '640')}</annotation>",
        f"<annotation>{SIZE}{OBJECT.replace('30', 'wide')}</annotation>",
    ],
)
def test_a_broken_label_file_is_named(tmp_path, text):
    with pytest.raises(PantauError, match=r"a\.xml"):
        read(tmp_path, text)
