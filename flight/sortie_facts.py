"""What a plan knows of a sortie beyond its mission."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ENORMOUS = 1e9  # no metres or seconds of a flight


@dataclass(frozen=True)
class SortieFacts:
    """Facts of a sortie; None means not known.

    `return_height_m` is above the take-off point. `duration_s` is planned from take-off to landing.
    `endurance_s` is how long the drone flies with a full battery. `obstacles_known` is whether the plan
    was made with obstacle data; else somebody must have looked on the ground.
    """

    return_height_m: float | None = None
    duration_s: float | None = None
    endurance_s: float | None = None
    photos: int | None = None
    obstacles_known: bool = False


def facts_of(plan_file: Path) -> SortieFacts:
    """What the `plan.json` beside a sortie's file knows of it; nothing for a lone or damaged file.

    The endurance is the one that the plan was made with, also where the drone is of the user's own fleet.
    """
    try:
        summary = json.loads(plan_file.with_name("plan.json").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        return SortieFacts()
    sortie = _sortie(summary, plan_file.name)
    if sortie is None:
        return SortieFacts()
    duration_s, battery_used = (_positive(sortie.get(name)) for name in ("duration_s", "battery_used"))
    photos = _positive(sortie.get("photos"))
    surroundings = summary.get("surroundings")
    return SortieFacts(
        return_height_m=_positive(sortie.get("return_height_m")),
        duration_s=duration_s,
        endurance_s=duration_s / battery_used if duration_s and battery_used else None,
        photos=None if photos is None else int(photos),
        obstacles_known=isinstance(surroundings, dict) and surroundings.get("obstacles_known") is True,
    )


def _sortie(summary: Any, file_name: str) -> Mapping[str, Any] | None:
    """The summary's entry that lists this file."""
    sorties = summary.get("sorties") if isinstance(summary, dict) else None
    for sortie in sorties if isinstance(sorties, list) else []:
        files = sortie.get("files") if isinstance(sortie, dict) else None
        if isinstance(files, dict) and file_name in files.values():
            return dict(sortie)
    return None


def _positive(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 < value < _ENORMOUS else None
