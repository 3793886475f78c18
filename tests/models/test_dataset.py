"""Splits keep overlapping pictures together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.labelled.dataset import (
    Split,
    hold_out_groups,
    oversample,
    pictures_of_part,
    read_groups,
    read_split,
    split_by_group,
    split_remarks,
    write_yolo_dataset,
)
from models.labelled.pictures import LabelledBox, LabelledPicture
from vision.errors import PantauError


def picture(name: str, *kinds: str, folder: Path = Path("x")) -> LabelledPicture:
    boxes = tuple(LabelledBox(kind, (10, 20, 30, 60)) for kind in kinds)
    return LabelledPicture(folder / f"{name}.jpg", 100, 200, boxes)


def test_nothing_is_held_out_of_nothing():
    assert hold_out_groups([], {}, 0.2, 0) == ([], [])


@given(
    st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 6), min_size=1),
    st.floats(0, 0.9),
    st.integers(),
)
def test_no_group_is_on_both_sides_and_no_picture_is_lost(groups, share, seed):
    pictures = [picture(name) for name in groups]
    kept, held_out = hold_out_groups(pictures, groups, share, seed)
    assert sorted(map(str, pictures)) == sorted(map(str, [*kept, *held_out]))
    assert not {groups[one.name] for one in kept} & {groups[one.name] for one in held_out}


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 6)), st.floats(0, 0.9), st.integers())
def test_a_split_keeps_groups_whole_and_scores_on_no_more_than_its_share(groups, share, seed):
    split = split_by_group([picture(name) for name in groups], groups, share, seed)
    assert split.train | split.val == set(groups) and not split.train & split.val
    assert not {groups[name] for name in split.train} & {groups[name] for name in split.val}
    assert len(split.val) <= share * len(groups)


def test_rare_kinds_are_shown_more_often():
    shown = oversample(
        [picture("a", "pothole", "repair"), picture("b", "repair"), picture("c")], {"pothole": 3}
    )
    assert [one.name for one in shown] == ["a", "a", "a", "b", "c"]


def test_a_picture_in_both_parts_is_the_users_mistake(tmp_path):
    file = tmp_path / "split.json"
    file.write_text(json.dumps({"train": ["a"], "val": ["a"]}), encoding="utf-8")
    with pytest.raises(PantauError, match="1 pictures"):
        read_split(file)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"train": []}', '{"train": 1, "val": []}', '{"train": "a", "val": []}']
)
def test_a_broken_split_is_named(tmp_path, text):
    file = tmp_path / "split.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PantauError, match=r"split\.json"):
        read_split(file)


def test_what_a_split_and_its_folder_do_not_share_is_counted():
    split = Split(frozenset("ab"), frozenset("c"))
    assert split_remarks(split, [picture("a"), picture("b"), picture("c")]) == ()
    missing, unused = split_remarks(split, [picture("a"), picture("d"), picture("e")])
    assert missing.startswith("2 names") and unused.startswith("2 pictures")


@pytest.mark.parametrize("text", ["", "[]", '{"a": null}', '{"a": "first"}', '{"a": Infinity}'])
def test_broken_groups_are_named(tmp_path, text):
    file = tmp_path / "overlap_groups.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PantauError, match=r"overlap_groups\.json.*expected"):
        read_groups(file)


def test_files_that_begin_with_a_mark_are_read(tmp_path):
    (tmp_path / "split.json").write_text('{"train": ["a"], "val": []}', encoding="utf-8-sig")
    (tmp_path / "groups.json").write_text('{"a": 1}', encoding="utf-8-sig")
    assert read_split(tmp_path / "split.json").train == {"a"} and read_groups(tmp_path / "groups.json") == {
        "a": 1
    }


def test_parts_follow_the_split(tmp_path):
    (tmp_path / "split.json").write_text(json.dumps({"train": ["a"], "val": ["b"]}), encoding="utf-8")
    pictures = [picture("a"), picture("b"), picture("c")]
    parts = {
        part: [one.name for one in pictures_of_part(tmp_path, pictures, part)]
        for part in ("train", "val", "all")
    }
    assert parts == {"train": ["a"], "val": ["b"], "all": ["a", "b", "c"]}


def test_a_part_of_a_folder_without_split_is_the_users_mistake(tmp_path):
    with pytest.raises(PantauError, match=r"split\.json.*--split all"):
        pictures_of_part(tmp_path, [picture("a")], "val")


def test_a_written_data_set_holds_boxes_in_shares_of_the_picture(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"pixels")
    one = picture("a", "pothole", folder=tmp_path)
    data = write_yolo_dataset(tmp_path / "out", ["crack", "pothole"], {"train": [one, one], "val": []})
    assert "1: pothole" in data.read_text(encoding="utf-8")
    assert (tmp_path / "out/labels/a.txt").read_text(
        encoding="utf-8"
    ) == "1 0.200000 0.200000 0.200000 0.200000\n"
    assert (tmp_path / "out/images/a.jpg").read_bytes() == b"pixels"
    assert len((tmp_path / "out/train.txt").read_text(encoding="utf-8").splitlines()) == 2


def test_pictures_of_one_name_from_two_folders_stay_two(tmp_path):
    pictures = []
    for folder, kind in (("x", "pothole"), ("y", "repair")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.jpg").write_bytes(folder.encode())
        pictures.append(picture("a", kind, folder=tmp_path / folder))
    write_yolo_dataset(tmp_path / "out", ["pothole", "repair"], {"train": pictures, "val": pictures[1:]})
    written = {file.name: file.read_bytes() for file in (tmp_path / "out/images").iterdir()}
    assert written == {"a.jpg": b"x", "a-2.jpg": b"y"}
    assert (tmp_path / "out/labels/a-2.txt").read_text(encoding="utf-8").startswith("1 ")
    assert (tmp_path / "out/val.txt").read_text(encoding="utf-8").strip().endswith("a-2.jpg")


def test_nothing_of_a_written_data_set_leads_back_to_the_originals(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"pixels")
    out = tmp_path / "work #2: new"
    data = write_yolo_dataset(out, ["pothole"], {"train": [picture("a", folder=tmp_path)], "val": []})
    # Ultralytics writes JPEGs anew that do not end as it expects, as DJI's often do not.
    (out / "images/a.jpg").write_bytes(b"mended")
    assert (tmp_path / "a.jpg").read_bytes() == b"pixels"
    assert data.read_text(encoding="utf-8").startswith(f'path: "{out.resolve()}"\n')
