"""A place that cannot be written to is known before the work."""

from __future__ import annotations

import pytest

from models.output_place import check_place
from vision.errors import PantauError


def test_a_place_that_can_be_written_stays_empty(tmp_path):
    check_place(tmp_path / "new" / "found.json")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_place_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(PantauError, match=r"found\.json: cannot be written"):
        check_place(tmp_path / "file" / "found.json")
