"""Files appear whole or not at all."""

from __future__ import annotations

import pytest

from vision.errors import PantauError
from vision.whole_file import write_whole


def test_text_is_written_as_it_is(tmp_path):
    write_whole(tmp_path / "new" / "a.txt", "Jalan é\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "Jalan é\n".encode()


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "a.bin"
    write_whole(file, b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(PantauError, match=r"a\.bin: cannot be written \(No space left"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]
