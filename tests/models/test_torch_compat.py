"""Ultralytics is imported without what it does to others."""

from __future__ import annotations

import pytest

from models.labelled.labelled_folder import find_pictures
from models.torch_compat import import_ultralytics
from vision.errors import PantauError


def test_a_broken_picture_stays_the_users_mistake_once_ultralytics_is_imported(tmp_path):
    pytest.importorskip("ultralytics")
    import_ultralytics()
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.jpg").write_text("no picture", encoding="utf-8")
    with pytest.raises(PantauError, match=r"a\.jpg: is no picture"):
        find_pictures(tmp_path)
