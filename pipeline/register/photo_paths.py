"""Where photos lie, as text: a file, or a frame of a video (`flight/DJI_0001.MP4#frame=240`)."""

from __future__ import annotations

import re
from pathlib import Path

_FRAME = re.compile(r"#frame=(\d+)$")


def path_text(path: Path, folder: Path, frame: int | None = None) -> str:
    """A path relative to the register's folder where it lies below it, so that both move together."""
    absolute = path.resolve()
    place = (absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute).as_posix()
    return place if frame is None else frame_name(place, frame)


def path_and_frame(text: str, folder: Path) -> tuple[Path, int | None]:
    """The file behind a text of `path_text`, and the frame of a video."""
    found = _FRAME.search(text)
    return (folder / _FRAME.sub("", text), int(found[1])) if found else (folder / text, None)


def frame_name(video: str, frame: int) -> str:
    """The name of a video's frame."""
    return f"{video}#frame={frame}"
