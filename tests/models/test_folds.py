"""Folds keep what shows the same ground together, and are alike in the kind that is scored."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.labelled.pictures import LabelledBox, LabelledPicture
from models.training.folds import assign_folds, check_folds, groups_by_number
from vision.errors import PantauError


def picture(name: str, potholes: int) -> LabelledPicture:
    return LabelledPicture(Path(f"{name}.jpg"), 9, 9, (LabelledBox("pothole", (1, 1, 2, 2)),) * potholes)


def test_nothing_has_no_folds():
    assert assign_folds([], {}, "pothole", 5, 0) == {}


@given(
    st.dictionaries(st.text("abcdef", min_size=1), st.tuples(st.integers(0, 9), st.integers(0, 3))),
    st.integers(2, 6),
    st.integers(),
)
def test_every_picture_is_in_one_fold_with_all_of_its_group(described, folds, seed):
    pictures = [picture(name, potholes) for name, (_, potholes) in described.items()]
    groups = {name: group for name, (group, _) in described.items()}
    fold_of = assign_folds(pictures, groups, "pothole", folds, seed)
    assert set(fold_of) == set(described) and set(fold_of.values()) <= set(range(folds))
    assert len({(groups[name], fold) for name, fold in fold_of.items()}) == len(set(groups.values()))


def test_folds_hold_about_as_many_boxes_and_pictures():
    pictures = [picture(f"a{number}", number % 4) for number in range(100)]
    fold_of = assign_folds(pictures, {}, "pothole", 5, 0)
    boxes = [sum(len(one.boxes) for one in pictures if fold_of[one.name] == fold) for fold in range(5)]
    sizes = [list(fold_of.values()).count(fold) for fold in range(5)]
    assert max(boxes) - min(boxes) <= 1 and max(sizes) - min(sizes) <= 3


def test_neighbouring_numbers_are_one_group():
    groups = groups_by_number(["100_a", "101_b", "104_c", "120_d", "x", "y"])
    assert groups["100_a"] == groups["101_b"] == groups["104_c"]
    assert len(set(groups.values())) == 4


def test_more_folds_than_groups_of_the_kind_are_refused_with_what_is_possible():
    pictures = [picture(f"a{number}", number % 2) for number in range(10)]
    groups = {one.name: number // 4 for number, one in enumerate(pictures)}
    check_folds("tiles", pictures, {}, "pothole", 5)
    with pytest.raises(PantauError, match=r"tiles: .*5 overlap groups.*--folds 2 to 5"):
        check_folds("tiles", pictures, {}, "pothole", 6)
    with pytest.raises(PantauError, match=r"3 overlap groups.*--folds 2 to 3"):
        check_folds("tiles", pictures, groups, "pothole", 5)
    with pytest.raises(PantauError, match=r"1 overlap group,.*more data"):
        check_folds("tiles", pictures[:4], groups, "pothole", 2)
