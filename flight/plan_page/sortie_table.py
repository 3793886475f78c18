"""The sorties of a plan as rows of a table, and the files that each is flown from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flight.plan_page.operator_work import battery_left
from flight.plan_page.plan_map import LaunchShape, sortie_colour
from flight.planning.plan import Plan, Sortie
from flight.planning.sortie_files import sortie_files


@dataclass(frozen=True)
class SortieRow:
    """A sortie: its launch point's letter, share of battery left at landing, file endings, map colour."""

    sortie: Sortie
    launch: str
    battery_left: float
    endings: tuple[str, ...]
    colour: str


def sortie_rows(plan: Plan, launches: Sequence[LaunchShape]) -> list[SortieRow]:
    """All sorties in order."""
    letters = {number: launch.letter for launch in launches for number in launch.sorties}
    return [
        SortieRow(
            sortie,
            letters[sortie.number],
            battery_left(plan, sortie),
            tuple(Path(file).suffix for file in sortie_files(plan.drone, sortie).values()),
            sortie_colour(sortie.number),
        )
        for sortie in plan.sorties
    ]
