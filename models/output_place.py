"""Whether results can be written: known before a command works for minutes or hours."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile

from vision.errors import PantauError


def check_place(path: Path) -> None:
    """Raise PantauError when nothing can be written beside `path`; its folder is made where it is missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise PantauError(f"{path}: cannot be written ({error.strerror}); choose another place.") from error
