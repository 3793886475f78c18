"""Numbers, lengths, times and places as operators of a language write them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from flight.plan_page.texts import Texts

_GAP = "\u00a0"  # between a number and its unit: never a line break


@dataclass(frozen=True)
class NumberFormat:
    """Writes values for people in the language of its texts; Indonesian with a decimal comma."""

    texts: Texts

    def number(self, value: float, digits: int = 0) -> str:
        """A number with so many digits after the decimal mark."""
        text = f"{value:,.{digits}f}"
        if not text.strip("-0.,"):
            text = text.lstrip("-")
        if self.texts.language == "id":
            return text.translate(str.maketrans(",.", ".,"))
        return text

    def metres(self, value_m: float, digits: int = 0) -> str:
        """A height or length that is always told in metres."""
        return f"{self.number(value_m, digits)}{_GAP}m"

    def metres_up(self, value_m: float) -> str:
        """A height to keep in whole metres, never rounded down."""
        return self.metres(math.ceil(value_m - 1e-6))

    def distance(self, value_m: float) -> str:
        """A distance: metres below 1 km, kilometres with two digits from there."""
        return self.metres(value_m) if value_m < 999.5 else f"{self.number(value_m / 1000, 2)}{_GAP}km"

    def round_length(self, value_m: float) -> str:
        """A round length (1, 2, 5, 10 … m) as on a scale bar."""
        return f"{value_m / 1000:g}{_GAP}km" if value_m >= 1000 else f"{value_m:g}{_GAP}m"

    def small_length(self, value_m: float) -> str:
        """The size of damage: millimetres below 2 cm, centimetres from there."""
        if value_m < 0.02:
            return f"{self.number(value_m * 1000, 1 if value_m < 0.01 else 0)}{_GAP}mm"
        return f"{self.number(value_m * 100)}{_GAP}cm"

    def percent(self, share: float) -> str:
        """A share (0–1) in per cent, rounded down, so that 100 % means all of it."""
        return f"{int(share * 100 + 1e-9)}%"

    def percent_more(self, ratio: float) -> str:
        """By how much more a ratio is than 1, in per cent with one digit below 10 %."""
        more = max(ratio - 1, 0.0) * 100
        return f"{self.number(more, 1 if more < 9.95 else 0)}%"

    def speed(self, value_ms: float) -> str:
        """A speed in metres a second."""
        return f"{self.number(value_ms, 1)}{_GAP}m/s"

    def duration(self, value_s: float) -> str:
        """Hours and minutes, or minutes and seconds."""
        minute, second, hour = (self.texts(f"unit.{name}") for name in ("minute", "second", "hour"))
        if value_s >= 3600:
            hours, minutes = divmod(round(value_s / 60), 60)
            return f"{hours}{_GAP}{hour} {minutes}{_GAP}{minute}"
        minutes, seconds = divmod(round(value_s), 60)
        return f"{minutes}{_GAP}{minute} {seconds:02d}{_GAP}{second}"

    def seconds(self, value_s: float) -> str:
        """A short time in seconds, with one digit only where it is needed."""
        digits = 0 if abs(value_s - round(value_s)) < 0.05 else 1
        return f"{self.number(value_s, digits)}{_GAP}{self.texts('unit.second')}"

    def exposure(self, value_s: float) -> str:
        """A shutter time as cameras show it: 1/1000 s."""
        if value_s >= 0.4:
            return self.seconds(value_s)
        return f"1/{round(1 / value_s)}{_GAP}{self.texts('unit.second')}"

    def date(self, moment: datetime) -> str:
        """A day, say 21 November 2026."""
        month = self.texts("unit.months").split()[moment.month - 1]
        return f"{moment.day} {month} {moment.year}"


def coordinates_text(lat: float, lon: float) -> str:
    """Latitude and longitude with 6 decimals (11 cm), decimal points in every language."""
    return f"{lat:.6f}, {lon:.6f}"
