"""Data sets out of several folders: nothing that is scored on is learnt from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.labelled.parts import PartShares, gather_parts, groups_of
from models.labelled.reading import read_labelled_folder
from vision.errors import PantauError

KINDS = {"D40": "pothole"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten blank pictures with YOLO labels, no split and no groups."""
    return blank_folder(tmp_path / "data", [f"p{number}" for number in range(10)])


def blank_folder(folder: Path, names: list[str], brightness: int = 0) -> Path:
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    (folder / "classes.txt").write_text("D40", encoding="utf-8")
    for grey, name in enumerate(names, brightness):
        cv2.imwrite(str(folder / f"images/{name}.png"), np.full((40, 40, 3), grey, np.uint8))
        (folder / f"labels/{name}.txt").write_text("0 0.5 0.5 0.5 0.5", encoding="utf-8")
    return folder


def names_of(parts):
    return [sorted(picture.name for picture in part) for part in (parts.learn, parts.held_out, parts.val)]


def test_no_folder_leaves_nothing_to_learn_from(tmp_path):
    with pytest.raises(PantauError, match="learn from"):
        gather_parts([], KINDS, PartShares(), tmp_path / "work")


def test_a_folder_that_is_not_there_is_told_before_pictures_are_compared(folder, tmp_path):
    compared: list[str] = []
    for folders, train_only in (([folder, tmp_path / "nowhere"], []), ([folder], [tmp_path / "nowhere"])):
        with pytest.raises(PantauError, match="nowhere"):
            gather_parts(
                folders,
                KINDS,
                PartShares(),
                tmp_path / "w",
                lambda _, name: compared.append(name),
                train_only,
            )
    assert compared == []


def test_a_picture_that_ends_too_early_is_told_before_the_training(folder, tmp_path):
    groups = {f"p{number}": number for number in range(10)}
    (folder / "overlap_groups.json").write_text(json.dumps(groups), encoding="utf-8")
    cut = folder / "images/p3.png"
    cut.write_bytes(cut.read_bytes()[:-20])
    with pytest.raises(PantauError, match=r"p3\.png: cannot be learnt from or scored on"):
        gather_parts([folder], KINDS, PartShares(), tmp_path / "work")


def test_pictures_without_split_are_shared_out_by_whole_groups(folder, tmp_path):
    groups = {f"p{number}": number // 2 for number in range(10)}
    (folder / "overlap_groups.json").write_text(json.dumps(groups), encoding="utf-8")
    parts = gather_parts([folder], KINDS, PartShares(val=0.4, held_out=0.2), tmp_path / "work")
    of_parts = [{groups[name] for name in names} for names in names_of(parts)]
    assert [len(names) for names in names_of(parts)] == [4, 2, 4]
    assert not (of_parts[0] & of_parts[1] or of_parts[0] & of_parts[2] or of_parts[1] & of_parts[2])
    assert not (tmp_path / "work").exists()


def test_one_group_is_never_split_and_learnt_from(folder, tmp_path):
    (folder / "overlap_groups.json").write_text(json.dumps({f"p{n}": 1 for n in range(10)}), encoding="utf-8")
    parts = gather_parts([folder], KINDS, PartShares(), tmp_path / "work")
    assert [len(names) for names in names_of(parts)] == [10, 0, 0]


def test_groups_that_were_found_are_kept_in_the_work_folder_until_a_picture_changes(folder, tmp_path):
    work = tmp_path / "work"
    before = sorted(folder.rglob("*"))
    told: list[str] = []
    for _ in range(2):
        groups_of(folder, read_labelled_folder(folder, KINDS), work, lambda _, name: told.append(name))
    assert len(told) == 20 and sorted(folder.rglob("*")) == before
    (folder / "images/p3.png").unlink()
    groups = groups_of(folder, read_labelled_folder(folder, KINDS), work)
    assert "p3" not in groups and len(list((work / "overlap_groups").iterdir())) == 2


def test_the_folders_own_split_is_kept_to(folder, tmp_path):
    split = {"train": ["p1", "p2", "p3"], "val": ["p4"]}
    (folder / "split.json").write_text(json.dumps(split), encoding="utf-8")
    parts = gather_parts([folder], KINDS, PartShares(held_out=0), tmp_path / "work")
    assert names_of(parts) == [["p1", "p2", "p3"], [], ["p4"]]
    parts = gather_parts([], KINDS, PartShares(), tmp_path / "work", train_only=[folder])
    assert names_of(parts) == [["p1", "p2", "p3"], [], []]


def test_a_copy_of_a_picture_to_score_on_is_not_learnt_from(folder, tmp_path):
    (folder / "split.json").write_text('{"train": ["p0", "p1"], "val": ["p2"]}', encoding="utf-8")
    other = blank_folder(tmp_path / "other", ["copy", "own"], brightness=100)
    shutil.copyfile(folder / "images/p2.png", other / "images/copy.png")
    parts = gather_parts([folder], KINDS, PartShares(held_out=0), tmp_path / "work", train_only=[other])
    assert names_of(parts) == [["own", "p0", "p1"], [], ["p2"]]
    assert any(remark.startswith("1 pictures left out") for remark in parts.remarks)


def test_what_was_met_in_the_folders_is_told(folder, tmp_path):
    (folder / "labels/p1.txt").unlink()
    parts = gather_parts([folder], KINDS, PartShares(), tmp_path / "work")
    assert any(str(folder) in remark and "no labels" in remark for remark in parts.remarks)


def test_groups_of_two_folders_are_never_one(folder, tmp_path):
    (folder / "overlap_groups.json").write_text(json.dumps({f"p{n}": n for n in range(10)}), encoding="utf-8")
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    for file in [*other.glob("images/*"), *other.glob("labels/*.txt")]:
        file.rename(file.with_stem("q" + file.stem))
    (other / "overlap_groups.json").write_text(json.dumps({f"qp{n}": n for n in range(10)}), encoding="utf-8")
    parts = gather_parts([folder, other], KINDS, PartShares(), tmp_path / "work")
    assert len(set(parts.groups.values())) == len(parts.groups) == 20
