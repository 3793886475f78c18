"""One measured figure, with the aim it is held against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured, its value, and the aim in words ("" where there is none)."""

    name: str
    value: float
    unit: str
    aim: str = ""
    met: bool | None = None

    def line(self) -> str:
        """The figure as one line for people."""
        verdict = "" if self.met is None else ("  met" if self.met else "  MISSED")
        aim = f"  (aim {self.aim})" if self.aim else ""
        return f"{self.name:<62} {self.value:>10.3f} {self.unit:<8}{aim}{verdict}"


def at_most(name: str, value: float, unit: str, aim: float) -> Figure:
    """A figure that should not exceed its aim."""
    return Figure(name, value, unit, f"≤ {aim:g}", value <= aim)


def at_least(name: str, value: float, unit: str, aim: float) -> Figure:
    """A figure that should reach its aim."""
    return Figure(name, value, unit, f"≥ {aim:g}", value >= aim)
