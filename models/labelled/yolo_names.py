"""What the numbers in YOLO labels mean: `names` in data.yaml, or the lines of classes.txt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from vision.errors import PantauError

CLASSES = "classes.txt"
_DATA_FILES = ("data.yaml", "data.yml", "dataset.yaml")
_CLASSES_FILES = (CLASSES, f"labels/{CLASSES}")
_NAMES_LINE = re.compile(r"names\s*:\s*(.*)")
_NUMBERED = re.compile(r"(\d+)\s*:\s*(.+)")


def read_names(folder: Path) -> dict[int, str]:
    """The name of each number; raises PantauError when no file says it, or it cannot be understood."""
    for file in (folder / name for name in _DATA_FILES):
        if file.is_file():
            return _names_of_yaml(file)
    for file in (folder / name for name in _CLASSES_FILES):
        if file.is_file():
            return {number: name.strip() for number, name in enumerate(_lines(file)) if name.strip()}
    raise PantauError(
        f"{folder}: has YOLO labels and no names for their numbers; "
        f"add data.yaml with 'names', or {CLASSES} with one name a line."
    )


def write_names(kinds: Sequence[str]) -> str:
    """The entry `names` of a data.yaml."""
    return "names:\n" + "".join(f"  {number}: {kind}\n" for number, kind in enumerate(kinds))


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise PantauError(f"{file}: cannot be read ({error}); save it as text in UTF-8.") from error


def _names_of_yaml(file: Path) -> dict[int, str]:
    """The entry `names` in the forms that label programs write it.

    A list or numbered names, in brackets or one a line: `names: [a, b]`, `names: {0: a}`, `- a`,
    `0: a`. A YAML library would be one more dependency for this one entry.
    """
    lines = [_without_comment(line) for line in _lines(file)]
    for number, line in enumerate(lines):
        if found := _NAMES_LINE.fullmatch(line):
            entries = _in_brackets(found[1], lines[number + 1 :]) if found[1] else _below(lines[number + 1 :])
            names = _numbered(entries)
            if names:
                return names
    raise PantauError(
        f"{file}: its entry 'names' cannot be understood; "
        "write one 'number: name' a line below 'names:', indented by two spaces."
    )


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line).rstrip()


def _in_brackets(start: str, following: Sequence[str]) -> list[str]:
    text = " ".join([start, *following])
    closing = {"[": "]", "{": "}"}.get(text[0], "")
    inside, found, _ = text[1:].partition(closing) if closing else ("", "", "")
    return [part.strip() for part in inside.split(",") if part.strip()] if found else []


def _below(following: Sequence[str]) -> list[str]:
    entries: list[str] = []
    for line in filter(None, following):
        if not line.startswith((" ", "\t", "-")):
            break
        entries.append(line.strip().removeprefix("- ").strip())
    return entries


def _numbered(entries: Sequence[str]) -> dict[int, str]:
    """Names with their own numbers where each has one, else in their order; {} where some have none."""
    numbered = [_NUMBERED.fullmatch(entry) for entry in entries]
    if not any(numbered):
        return dict(enumerate(map(_unquoted, entries)))
    return {int(found[1]): _unquoted(found[2]) for found in numbered if found} if all(numbered) else {}


def _unquoted(name: str) -> str:
    name = name.strip()
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"" else name
