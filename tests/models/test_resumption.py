"""A training goes on with what it was begun with, or not at all."""

from __future__ import annotations

import pytest

from models.training.resumption import BEGUN_WITH, fingerprint, hold_to_plan
from vision.errors import PantauError

PLAN = {"epochs": 3, "pictures to score on": fingerprint(["a", "b"]), "scales": (0.6, 1.7)}


def test_what_is_not_begun_may_change(tmp_path):
    hold_to_plan(tmp_path / "work", PLAN, is_begun=False)
    hold_to_plan(tmp_path / "work", PLAN | {"epochs": 4}, is_begun=False)
    hold_to_plan(tmp_path / "work", PLAN | {"epochs": 4}, is_begun=True)


def test_what_is_begun_is_held_to(tmp_path):
    hold_to_plan(tmp_path, PLAN, is_begun=False)
    other = PLAN | {"epochs": 4, "pictures to score on": fingerprint(["a", "c"])}
    with pytest.raises(PantauError, match="other epochs and other pictures to score on"):
        hold_to_plan(tmp_path, other, is_begun=True)
    hold_to_plan(tmp_path, PLAN, is_begun=True)


def test_a_broken_note_is_named(tmp_path):
    (tmp_path / BEGUN_WITH).write_text("1", encoding="utf-8")
    with pytest.raises(PantauError, match=BEGUN_WITH):
        hold_to_plan(tmp_path, PLAN, is_begun=True)


def test_the_order_of_pictures_does_not_matter():
    assert fingerprint(["b", "a"]) == fingerprint(["a", "b"]) != fingerprint(["a"])
