"""Where the simulated vehicle still differs from the recorded one, as far as the tests compare them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

# By test, the cases that differ, and why.
DRAG = "ArduPilot's simulated frame is slowed by drag: it comes to 9.5 m/s later than ours, photos included"
OPEN: dict[str, dict[str, str]] = {"photo places": {"return with the trigger on": DRAG}}


def cases(what: str, names: Sequence[str]) -> list[Any]:
    """The cases of a test, those marked that are known to differ."""
    known = OPEN.get(what, {})
    return [
        pytest.param(*name.split(" ") if what == "health" else (name,), id=name, marks=_open(known.get(name)))
        for name in names
    ]


def _open(reason: str | None) -> list[Any]:
    return [] if reason is None else [pytest.mark.xfail(strict=True, reason=reason)]
