"""Files appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from vision.errors import PantauError


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name beside its place, then move it there; text as UTF-8.

    PantauError if the place cannot be written to.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise PantauError(
            f"{path}: cannot be written ({error.strerror}); choose another place, or close the file "
            "where it is open"
        ) from error
