"""Files and folders to photo files."""

from __future__ import annotations

import pytest

from pipeline.photo_gathering import gather_photos
from vision.errors import PantauError


@pytest.fixture
def folder(tmp_path):
    for name in ("b.JPG", "a.jpeg", "deep/er/c.jpg", "notes.txt", "d.MP4", "._b.JPG", ".cache/d.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path / "photos"


def test_a_folder_is_searched_with_its_folders(folder):
    assert [path.name for path in gather_photos([folder])] == ["a.jpeg", "b.JPG", "d.MP4", "c.jpg"]


def test_a_file_is_taken_once_and_whatever_it_is_called(folder):
    named = [folder / "notes.txt", folder / "b.JPG", folder, folder / "deep" / ".." / "b.JPG"]
    assert [path.name for path in gather_photos(named)] == ["notes.txt", "b.JPG", "a.jpeg", "d.MP4", "c.jpg"]


def test_mistakes_are_said_with_the_path(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(PantauError, match=r"empty.*no photos"):
        gather_photos([tmp_path / "empty"])
    with pytest.raises(PantauError, match="nowhere"):
        gather_photos([tmp_path / "nowhere"])
    with pytest.raises(PantauError):
        gather_photos([])
