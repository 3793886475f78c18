"""A folder's format is recognised, and what cannot be used is said."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from models.kinds import ROAD_KINDS, labels_of
from models.labelled.labelled_folder import find_pictures
from models.labelled.pictures import LabelledBox
from models.labelled.reading import open_labelled_folder, read_labelled_folder
from vision.errors import PantauError

KINDS = labels_of(ROAD_KINDS)


@pytest.fixture
def yolo(tmp_path: Path) -> Path:
    """Pictures a and b of 60 × 40 px, and names; no labels yet."""
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    for name in "ab":
        cv2.imwrite(str(tmp_path / f"images/{name}.jpg"), np.full((40, 60, 3), 90, np.uint8))
    names = "names: [D40, 'Alligator-Crack', TRANSVERSE crack, lubang, Block crack]"
    (tmp_path / "data.yaml").write_text(names, encoding="utf-8")
    return tmp_path


def label(folder: Path, name: str, *lines: str) -> None:
    (folder / f"labels/{name}.txt").write_text("\n".join(lines), encoding="utf-8")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PantauError, match="nowhere"):
        read_labelled_folder(tmp_path / "nowhere", KINDS)


def test_an_empty_folder_is_told_what_each_layout_looks_like(tmp_path):
    with pytest.raises(PantauError, match="no pictures") as raised:
        read_labelled_folder(tmp_path, KINDS)
    assert all(word in str(raised.value) for word in ("voc", "labels", "COCO", "_masks"))


def test_pictures_without_any_labels_are_no_labelled_folder(yolo):
    (yolo / "labels").rmdir()
    with pytest.raises(PantauError, match="no labels"):
        read_labelled_folder(yolo, KINDS)


def test_two_formats_in_one_folder_are_refused(yolo):
    (yolo / "voc").mkdir()
    with pytest.raises(PantauError, match="Pascal VOC and YOLO"):
        read_labelled_folder(yolo, KINDS)


def test_a_picture_without_labels_shows_no_damage_and_is_counted(yolo):
    label(yolo, "a", "0 0.5 0.5 0.5 0.5")
    opened = open_labelled_folder(yolo, KINDS)
    assert [len(picture.boxes) for picture in opened.pictures] == [1, 0]
    assert opened.without_labels == 1 and "1 pictures have no labels" in opened.remarks[0]


def test_codes_and_names_become_kinds_and_unknown_labels_are_counted(yolo):
    label(yolo, "a", *(f"{number} 0.5 0.5 0.5 0.5" for number in range(5)))
    opened = open_labelled_folder(yolo, KINDS)
    kinds = [box.kind for box in opened.pictures[0].boxes]
    assert kinds == ["pothole", "alligator_crack", "transverse_crack", "pothole"]
    assert opened.unknown_labels == Counter({"Block crack": 1})


def test_what_sticks_out_is_cut_off_and_what_lies_outside_left_out(yolo):
    label(yolo, "a", "0 0 0.5 0.5 0.5", "0 1.5 0.5 0.2 0.2", "0 0.5 0.5 0 0.5")
    opened = open_labelled_folder(yolo, KINDS)
    assert opened.pictures[0].boxes == (LabelledBox("pothole", (0, 10, 15, 30)),)
    assert opened.clipped == 1 and opened.left_out.total() == 2


def test_labels_of_other_pictures_only_are_the_users_mistake(yolo):
    label(yolo, "elsewhere", "0 0.5 0.5 0.5 0.5")
    with pytest.raises(PantauError, match="none of its 1 labels"):
        read_labelled_folder(yolo, KINDS)


def test_a_picture_that_viewers_turn_has_no_sure_labels(yolo):
    orientation = Image.Exif()
    orientation[0x0112] = 6
    Image.new("RGB", (60, 40)).save(yolo / "images/a.jpg", exif=orientation)
    assert len(read_labelled_folder(yolo, KINDS)) == 2
    label(yolo, "a", "0 0.5 0.5 0.5 0.5")
    with pytest.raises(PantauError, match=r"a\.jpg.*Orientation"):
        read_labelled_folder(yolo, KINDS)


def test_two_pictures_of_one_name_are_the_users_mistake(yolo):
    (yolo / "images/a.png").write_bytes((yolo / "images/a.jpg").read_bytes())
    with pytest.raises(PantauError, match="same name"):
        find_pictures(yolo)


def test_a_broken_picture_is_named_and_hidden_files_are_no_pictures(yolo):
    (yolo / "images/._a.jpg").write_bytes(b"")
    assert list(find_pictures(yolo)) == ["a", "b"]
    (yolo / "images/c.jpg").write_bytes(b"")
    with pytest.raises(PantauError, match=r"c\.jpg"):
        find_pictures(yolo)


def test_whatever_is_damaged_in_a_picture_it_is_named_without_noise(yolo, recwarn):
    Image.new("RGB", (60, 40)).save(yolo / "images/c.tif")
    whole = (yolo / "images/c.tif").read_bytes()
    read = 0
    for place in range(8, min(len(whole), 250)):
        (yolo / "images/c.tif").write_bytes(whole[:place] + b"\xff\x00" + whole[place + 2 :])
        try:
            read += len(find_pictures(yolo))
        except PantauError as error:
            assert "c.tif" in str(error)
    assert read and not recwarn.list


def test_links_are_followed_and_hidden_folders_left_out(yolo, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    cv2.imwrite(str(elsewhere / "c.JPG"), np.full((40, 60, 3), 90, np.uint8))
    (yolo / "images/.thumbs").mkdir()
    (yolo / "images/.thumbs/a.jpg").write_bytes(b"")
    try:
        (yolo / "images/day 2").symlink_to(elsewhere)
        (elsewhere / "back").symlink_to(yolo)
        (yolo / "images/d.jpg").symlink_to(elsewhere / "c.JPG")
    except OSError:
        pytest.skip("this file system has no links")
    assert list(find_pictures(yolo)) == ["a", "b", "c", "d"]


def test_labels_of_unknown_kinds_only_are_the_users_mistake(yolo):
    label(yolo, "a", "4 0.5 0.5 0.5 0.5")
    with pytest.raises(PantauError, match=r"but Block crack; known are .*lubang"):
        read_labelled_folder(yolo, KINDS)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "format", "pictures", "boxes"),
    [("motorbike", "Pascal VOC", 300, 1179), ("forward-view", "masks", 220, 741)],
)
def test_real_folders_are_recognised(shared, name, format, pictures, boxes):
    opened = open_labelled_folder(shared / "data/road-damage" / name, KINDS)
    assert (opened.format, len(opened.pictures)) == (format, pictures)
    assert sum(len(picture.boxes) for picture in opened.pictures) == boxes
