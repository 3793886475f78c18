"""Labels as YOLO reads them, and what their numbers mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.labelled import yolo
from models.labelled.labelled_folder import PictureFile
from models.labelled.pictures import LabelledBox, LabelledPicture
from models.labelled.yolo_names import read_names, write_names
from vision.errors import PantauError

PICTURES = {"a": PictureFile(Path("images/a.jpg"), 200, 100)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "labels").mkdir()
    (tmp_path / "classes.txt").write_text("crack\npothole\n", encoding="utf-8")
    return tmp_path


def boxes_of(folder: Path, text: str):
    (folder / "labels/a.txt").write_text(text, encoding="utf-8")
    return yolo.read(folder, PICTURES).boxes["a"]


def test_a_folder_without_labels_is_of_another_format(tmp_path):
    assert not yolo.fits(tmp_path)


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_label_file_means_no_damage(folder, text):
    assert boxes_of(folder, text) == ()


def test_shares_become_pixels(folder):
    (box,) = boxes_of(folder, "1 0.5 0.5 0.2 0.4\n")
    assert box.kind == "pothole" and box.xyxy_px == pytest.approx((80, 30, 120, 70))


def test_a_polygon_becomes_the_box_around_it(folder):
    (box,) = boxes_of(folder, "0 0.1 0.2 0.5 0.9 0.3 0.1")
    assert box.kind == "crack" and box.xyxy_px == pytest.approx((20, 10, 100, 90))


@pytest.mark.parametrize(
    "line",
    ["2 0.5 0.5 0.1 0.1", "a 0.5 0.5 0.1 0.1", "0 0.5 0.5 0.1", "0 0.5 0.5 0.1 0.1 0.9", "0 100 50 20 20",
     "0 nan 0.5 0.1 0.1"],
)  # fmt: skip
def test_a_broken_line_is_named(folder, line):
    with pytest.raises(PantauError, match=r"a\.txt: line 2"):
        boxes_of(folder, f"0 0.5 0.5 0.1 0.1\n{line}\n")


def test_numbers_without_names_are_the_users_mistake(folder):
    (folder / "classes.txt").unlink()
    with pytest.raises(PantauError, match=r"data\.yaml"):
        boxes_of(folder, "")


@pytest.mark.parametrize(
    "text",
    [
        "nc: 2\nnames: ['a b', c]  # two\n",
        "names:\n- a b\n- c\ntrain: x\n",
        'names:\n  0: "a b"\n  1: c\n',
        "names: {0: a b, 1: c}",
        "names: [a b,\n  c]\nval: y",
        write_names(["a b", "c"]),
    ],
)
def test_names_are_understood_in_all_their_forms(tmp_path, text):
    (tmp_path / "data.yaml").write_text(text, encoding="utf-8")
    assert read_names(tmp_path) == {0: "a b", 1: "c"}


@pytest.mark.parametrize("text", ["", "names:", "names: [a, b", "names: a", "names:\n  0: a\n  b\n"])
def test_names_that_are_not_understood_are_refused(tmp_path, text):
    (tmp_path / "data.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PantauError, match=r"data\.yaml"):
        read_names(tmp_path)


@given(st.tuples(*[st.floats(0, 100)] * 4))
def test_what_is_written_is_read(tmp_path_factory, corners):
    left, top, width, height = corners
    box = LabelledBox("pothole", (left, top / 2, left + width, (top + height) / 2))
    folder = tmp_path_factory.mktemp("yolo")
    (folder / "labels").mkdir()
    (folder / "data.yaml").write_text(write_names(["crack", "pothole"]), encoding="utf-8")
    lines = "".join(yolo.label_lines(LabelledPicture(Path("a.jpg"), 200, 100, (box,)), ["crack", "pothole"]))
    (read,) = boxes_of(folder, lines)
    assert read.kind == "pothole" and read.xyxy_px == pytest.approx(box.xyxy_px, abs=1e-3)


def test_files_of_windows_programs_are_read(folder):
    for name, text in (("classes.txt", "crack\r\npothole\r\n"), ("labels/a.txt", "1 0.5 0.5 0.2 0.4\r\n")):
        (folder / name).write_bytes(text.encode("utf-8-sig"))
    assert [box.kind for box in yolo.read(folder, PICTURES).boxes["a"]] == ["pothole"]


def test_a_line_left_empty_in_classes_keeps_its_number(folder):
    (folder / "classes.txt").write_text("crack\n\npothole\n\n", encoding="utf-8")
    assert read_names(folder) == {0: "crack", 2: "pothole"}


def test_labels_in_another_encoding_are_told_which_one_is_wanted(folder):
    (folder / "labels/a.txt").write_text("0 0.5 0.5 0.2 0.4", encoding="utf-16")
    with pytest.raises(PantauError, match=r"a\.txt.*UTF-8"):
        yolo.read(folder, PICTURES)


def test_two_label_files_of_one_picture_are_the_users_mistake(folder):
    for name in ("labels/a.txt", "labels/old/a.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")
    with pytest.raises(PantauError, match="same name"):
        yolo.read(folder, PICTURES)


def test_lists_of_classes_in_several_folders_are_no_labels(folder):
    for part in ("train", "val"):
        (folder / "labels" / part).mkdir()
        (folder / "labels" / part / "classes.txt").write_text("crack", encoding="utf-8")
    assert yolo.read(folder, PICTURES).without_picture == 0
