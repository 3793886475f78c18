"""A list of checks: what was looked at, what was found, and how it is told to a person."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_MARK_WIDTH = 4


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `serious`: no flight while it fails; else only a warning.

    `name` is short and stays the same from version to version: people name checks to fly despite them.
    """

    name: str
    passed: bool
    found: str
    remedy: str = ""
    serious: bool = True


def failed(checks: Iterable[Check], serious: bool, despite: frozenset[str] = frozenset()) -> list[Check]:
    """The failed checks of one weight, without those that somebody flies despite, by name."""
    return [
        check
        for check in checks
        if not check.passed and check.serious == serious and check.name not in despite
    ]


def show(checks: Iterable[Check], say: Callable[[str], None], width: int | None = None) -> None:
    """Tell the list line by line, with the remedy of each that failed; `width` is the terminal's by default.

    A remedy that does not fit beside what was found stands below it.
    """
    checks = list(checks)
    columns = width or shutil.get_terminal_size().columns
    name_width = max((len(check.name) for check in checks), default=0)
    indent = " " * (2 + _MARK_WIDTH + 2 + name_width + 2)
    for check in checks:
        head = f"  {_mark(check):<{_MARK_WIDTH}}  {check.name:<{name_width}}  "
        for line in _lines(check, head, indent, columns):
            say(line)


def _lines(check: Check, head: str, indent: str, columns: int) -> list[str]:
    remedy = "" if check.passed else check.remedy
    in_one = f"{head}{check.found}. {remedy}" if remedy else head + check.found
    if len(in_one) <= columns:
        return [in_one]
    room = max(20, columns - len(indent))
    found, below = (textwrap.wrap(text, room, break_on_hyphens=False) for text in (check.found, remedy))
    first, *more = found or [""]
    return [head + first, *(indent + line for line in (*more, *below))]


def _mark(check: Check) -> str:
    if check.passed:
        return "ok"
    return "FAIL" if check.serious else "warn"
