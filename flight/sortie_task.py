"""What `pantau fly` is to fly: a sortie's mission, or what earlier flights have left of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from flight.flight_log import flight_log_of, is_open
from flight.formats.qgroundcontrol import read_plan_file
from flight.missions.mission import Mission
from flight.missions.mission_extent import extent_of
from flight.planning.plan_folder import find_sortie
from flight.resuming.rest_of_sortie import begun_sortie, flights_of, rest_of
from flight.sortie_facts import SortieFacts, facts_of
from vision.errors import PantauError

_WAYS = {
    "straight": "straight there at the return height",
    "own": "there along the sortie's own way",
}


@dataclass(frozen=True)
class SortieTask:
    """A mission to fly, with its plan file, what the plan knows of it, and a sentence about it.

    `others` are the missions of the same sortie that a vehicle may be flying already.
    """

    plan_file: Path
    mission: Mission
    facts: SortieFacts
    told: str
    others: tuple[Mission, ...] = ()

    @property
    def log_file(self) -> Path:
        """Where its flight is logged."""
        return flight_log_of(self.plan_file)

    @property
    def photos(self) -> int:
        """Photos that it should take."""
        return extent_of(self.mission).photos


def sortie_task(plan: Path, number: int | None = None, resume: bool = False) -> SortieTask:
    """The sortie to fly: of this number, or the next one that was not flown to its end.

    With `resume` it is what earlier flights have left of a sortie: of this number, or of the first that
    was begun. Raises PantauError when there is none.
    """
    begun = resume and number is None and plan.is_dir()
    plan_file = begun_sortie(plan) if begun else find_sortie(plan, number)
    mission, facts = read_plan_file(plan_file), facts_of(plan_file)
    logs = flights_of(plan_file)
    others = (mission, *_rest_in_the_air(mission, logs, facts))
    if resume:
        return _resumed(plan_file, mission, facts, logs, others)
    told = f"{plan_file.name}: {len(mission.items)} items."
    if logs:
        told += " It was begun before; --resume flies only what is left of it."
    return SortieTask(plan_file, mission, facts, told, others)


def _resumed(
    plan_file: Path, mission: Mission, facts: SortieFacts, logs: list[Path], others: tuple[Mission, ...]
) -> SortieTask:
    if not logs:
        raise PantauError(f"{plan_file}: was never flown; fly it without --resume.")
    rest = rest_of(mission, logs, facts.return_height_m)
    if rest.mission is None:
        raise PantauError(
            f"{plan_file}: all its passes are photographed, by the logs; nothing is left to fly."
        )
    one = rest.first_run == rest.last_run
    passes = f"pass {rest.first_run}" if one else f"passes {rest.first_run} to {rest.last_run}"
    told = f"{plan_file.name}: resumed, {passes} of {rest.runs}; {_WAYS[rest.way]}."
    # The plan's figures are of the whole sortie.
    left = replace(facts, duration_s=extent_of(rest.mission).duration_s, photos=None)
    return SortieTask(plan_file, rest.mission, left, told, others)


def _rest_in_the_air(mission: Mission, logs: list[Path], facts: SortieFacts) -> tuple[Mission, ...]:
    """What a resumed flight flies that is going on now: made when its own log was not there yet."""
    before = logs[:-1] if logs and is_open(logs[-1]) else logs
    if not before:
        return ()
    try:
        rest = rest_of(mission, before, facts.return_height_m).mission
    except PantauError:  # a mission that cannot be resumed, which does not matter here
        return ()
    return () if rest is None else (rest,)
