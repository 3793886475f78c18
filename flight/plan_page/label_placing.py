"""Where labels find room on a map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import atan2, ceil, cos, degrees, radians, sin

import numpy as np
from shapely import LineString

_CHARACTER = 0.56  # mean width of a letter, in heights of the font


@dataclass(frozen=True)
class Label:
    """A text centred at a point of the drawing, turned by degrees clockwise."""

    text: str
    x: float
    y: float
    turn_deg: float = 0.0


@dataclass
class FreeSpace:
    """The room that labels leave to each other: each takes a row of discs."""

    _discs: list[tuple[float, float, float]] = field(default_factory=list)

    def take(self, label: Label, font_m: float) -> bool:
        """Take the room of a label if nothing else has it yet, and say so."""
        discs = list(_discs_of(label, font_m))
        if self._discs:
            taken = np.array(self._discs)
            for x, y, radius in discs:
                if np.any(np.hypot(taken[:, 0] - x, taken[:, 1] - y) < taken[:, 2] + radius):
                    return False
        self._discs += discs
        return True

    def first_free(self, candidates: Iterable[Label], font_m: float) -> Label | None:
        """The first candidate that finds room, which it takes; None if none does."""
        return next((label for label in candidates if self.take(label, font_m)), None)


def along(text: str, line: LineString, share: float, beside: float) -> Label:
    """A label along a line of the drawing, never upside down: at a share of its length, so far above it."""
    middle, before, after = (
        line.interpolate(min(max(at, 0.0), 1.0), normalized=True) for at in (share, share - 0.1, share + 0.1)
    )
    turn_deg = degrees(atan2(after.y - before.y, after.x - before.x))
    upright_deg = (turn_deg + 90) % 180 - 90
    turn = radians(upright_deg)
    x, y = middle.x + beside * sin(turn), middle.y - beside * cos(turn)
    return Label(text, round(x, 1), round(y, 1), round(upright_deg, 1))


def text_width(text: str, font_m: float) -> float:
    """About how wide a text is."""
    return len(text) * _CHARACTER * font_m


def _discs_of(label: Label, font_m: float) -> Iterable[tuple[float, float, float]]:
    radius = font_m * 0.65
    reach = max(text_width(label.text, font_m) / 2 - radius, 0.0)
    count = max(ceil(reach / radius), 1)
    turn = radians(label.turn_deg)
    for step in np.linspace(-reach, reach, count + 1 if reach else 1):
        yield label.x + step * cos(turn), label.y + step * sin(turn), radius
