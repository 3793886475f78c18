"""Subtitle files (SubRip, `.SRT`), read leniently: what was said, and when in the video.

Drones cut the last block off when they lose power, leave blank lines inside blocks, or write no
times at all. A block begins with a number alone on its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"<[^<>]*>")
_TIMES = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{1,3})\s*-->\s*(\d+):(\d\d):(\d\d)[,.](\d{1,3})")


@dataclass(frozen=True)
class Cue:
    """One block: its text without markup, shown from `start_s` (None where the file tells no times)."""

    start_s: float | None
    text: str


def read_cues(content: bytes) -> list[Cue]:
    """The blocks of a subtitle file in their order; empty when there are none."""
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    return [_cue(block) for block in _blocks(lines)]


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """The lines of each block, without its number and without blank ones."""
    block: list[str] | None = None
    for line in map(str.strip, lines):
        if line.isdecimal():
            if block:
                yield block
            block = []
        elif line and block is not None:
            block.append(line)
    if block:
        yield block


def _cue(block: list[str]) -> Cue:
    times = _TIMES.search(block[0])
    text = "\n".join(block[1:] if times else block)
    return Cue(_seconds(*times.groups()[:4]) if times else None, _TAG.sub("", text))


def _seconds(hours: str, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")
