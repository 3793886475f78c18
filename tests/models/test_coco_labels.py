"""Labels in COCO."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.labelled import coco
from models.labelled.labelled_folder import PictureFile
from models.labelled.pictures import LabelledBox, LabelledPicture
from vision.errors import PantauError

PICTURES = {name: PictureFile(Path(f"images/{name}.jpg"), 200, 100) for name in "ab"}


def write(folder: Path, *annotations: dict, **entries: object) -> Path:
    document = {
        "images": [{"id": 7, "file_name": "train\\a.jpg", "width": 200, "height": 100}],
        "categories": [{"id": 3, "name": "D40"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3} | each for each in annotations],
    }
    (folder / "labels.json").write_text(json.dumps(document | entries), encoding="utf-8")
    return folder


def test_a_split_is_no_label_file(tmp_path):
    (tmp_path / "split.json").write_text('{"train": [], "val": []}', encoding="utf-8")
    assert not coco.fits(tmp_path)


def test_a_listed_picture_without_annotations_shows_no_damage_and_others_are_not_known(tmp_path):
    labels = coco.read(write(tmp_path), PICTURES)
    assert labels.boxes == {"a": ()} and labels.not_looked_at == {"b"}


def test_boxes_and_polygons_become_boxes(tmp_path):
    polygon = {"segmentation": [[5, 6, 9, 6, 9, 20], [4, 7, 5, 7, 5, 8]]}
    labels = coco.read(write(tmp_path, {"bbox": [10, 20, 30, 40]}, polygon), PICTURES)
    assert labels.boxes["a"] == (LabelledBox("D40", (10, 20, 40, 60)), LabelledBox("D40", (4, 6, 9, 20)))


def test_crowds_are_left_out_and_counted(tmp_path):
    mask = {"segmentation": {"counts": [1, 2], "size": [100, 200]}, "iscrowd": 1}
    labels = coco.read(write(tmp_path, {"bbox": [0, 0, 9, 9], "iscrowd": 1}, mask), PICTURES)
    assert labels.boxes == {"a": ()} and labels.left_out.total() == 2


def test_run_lengths_without_a_box_are_refused(tmp_path):
    rle = {"segmentation": {"counts": [1, 2], "size": [100, 200]}}
    with pytest.raises(PantauError, match=r"labels\.json.*run-length"):
        coco.read(write(tmp_path, rle), PICTURES)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"categories": []}, "category_id of the annotation 1 is missing or not listed"),
        ({"images": []}, "image_id of the annotation 1"),
        ({"images": [{"id": 7}]}, "'file_name' is missing"),
        ({"annotations": [3]}, "cannot be read as COCO"),
        ({"images": [{"id": 7, "file_name": "a.jpg", "width": 100, "height": 200}]}, "100 × 200"),
        ({"images": [{"id": 7, "file_name": "1/a.jpg"}, {"id": 8, "file_name": "2/a.jpg"}]}, "the name a"),
        ({"images": [{"id": 7, "file_name": "a.jpg"}, {"id": 7, "file_name": "b.jpg"}]}, "the same id"),
    ],
)
def test_a_broken_file_is_named(tmp_path, entries, reason):
    with pytest.raises(PantauError, match=rf"labels\.json.*{reason}"):
        coco.read(write(tmp_path, {"bbox": [1, 2, 3, 4]}, **entries), PICTURES)


@pytest.mark.parametrize("label", [{"bbox": [1, 2, 3]}, {"bbox": None}, {"segmentation": [[]]}, {"bbox": []}])
def test_an_annotation_without_a_place_is_named(tmp_path, label):
    with pytest.raises(PantauError, match=r"labels\.json.*annotation 1 "):
        coco.read(write(tmp_path, label), PICTURES)


def test_sizes_may_be_words_and_a_file_may_begin_with_a_mark(tmp_path):
    images = [{"id": 0, "file_name": "a.jpg", "width": "200", "height": 100.0}]
    file = write(tmp_path, {"bbox": [1, 2, 3, 4], "image_id": 0}, images=images) / "labels.json"
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert len(coco.read(tmp_path, PICTURES).boxes["a"]) == 1


def test_a_cut_file_is_named(tmp_path):
    (tmp_path / "labels.json").write_text('{"annotations": [', encoding="utf-8")
    assert coco.fits(tmp_path)
    with pytest.raises(PantauError, match=r"labels\.json"):
        coco.read(tmp_path, PICTURES)


def test_two_label_files_are_the_users_mistake(tmp_path):
    write(tmp_path)
    (tmp_path / "more.json").write_text('{"annotations": []}', encoding="utf-8")
    with pytest.raises(PantauError, match=r"labels\.json and more\.json"):
        coco.read(tmp_path, PICTURES)


def test_what_is_written_is_read(tmp_path):
    box = LabelledBox("pothole", (1.5, 2, 30, 40.25))
    boxes = {"a": (box,), "b": ()}
    pictures = [LabelledPicture(Path(f"{name}.jpg"), 200, 100, found) for name, found in boxes.items()]
    document = coco.coco_document(pictures, ["crack", "pothole"], {"description": "ours"})
    (tmp_path / "annotations.json").write_text(json.dumps(document), encoding="utf-8")
    assert coco.read(tmp_path, PICTURES).boxes == boxes
