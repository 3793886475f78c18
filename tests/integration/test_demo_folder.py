"""The demo replaces an earlier demo, and nothing else."""

from __future__ import annotations

import pytest

import pantau
from vision.errors import PantauError


def test_a_folder_of_real_work_is_not_taken_for_an_earlier_demo(tmp_path):
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "plan.json").write_text("{}", encoding="utf-8")
    register = tmp_path / "register.db"
    register.write_bytes(b"a year of inspections")
    with pytest.raises(PantauError, match="something else than an earlier demo"):
        pantau._make_way(tmp_path)
    assert register.read_bytes() == b"a year of inspections"


def test_an_earlier_demo_is_replaced_even_if_it_was_interrupted(tmp_path):
    folder = tmp_path / "demo"
    pantau._make_way(folder)
    (folder / "photos").mkdir()
    pantau._make_way(folder)
    assert not (folder / "photos").exists()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "demo").write_text("", encoding="utf-8")
    with pytest.raises(PantauError, match="is a file"):
        pantau._make_way(tmp_path / "demo")
