"""Resuming a sortie after a battery swap: which one, and the mission for what is left of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from flight.flight_log import FlightEvent, flight_log_of, is_complete, read_flight_log
from flight.formats.qgroundcontrol import read_plan_file
from flight.missions.mission import Mission
from flight.missions.mission_meaning import TAKEOFF
from flight.resuming.camera_runs import CameraRun, camera_runs, photographed_runs
from flight.resuming.photo_line import Place
from flight.resuming.resumed_items import rest_items
from flight.resuming.straight_way import is_open
from vision.errors import PantauError

Way = Literal["straight", "own"]

_JUMPS = (177, 601)  # DO_JUMP, DO_JUMP_TAG
_NAME_OF_EARLIER = re.compile(r"\.flight-(\d+)\.jsonl$")


@dataclass(frozen=True)
class Rest:
    """What is left of a sortie.

    `mission` flies passes `first_run` to `last_run` of `runs`; it is None, and both are 0, when all are
    `photographed` (their numbers). `way` is how the first of them is reached: "straight" at the return
    height, or along the sortie's "own" waypoints; `way_back` is how the vehicle comes home.
    """

    mission: Mission | None
    first_run: int
    last_run: int
    runs: int
    photographed: tuple[int, ...]
    way: Way = "own"
    way_back: Way = "own"


def rest_of(mission: Mission, logs: Sequence[Path], return_height_m: float | None) -> Rest:
    """The mission for what the flights of `logs` have left to photograph of a sortie.

    Take-off, what the sortie has set by then (gimbal, speed, what is looked at), the way to the start of
    the first pass that is not fully photographed, the sortie's own items from there to the end of the
    last such pass, camera off, and the way home. The fence and the exclusions stay.

    `return_height_m` (above take-off) is what a plan guarantees (`flight.heights.raising`): neither the
    ground nor any obstacle that the planner knew reaches to within the clearance below it, in all of
    the area that straight lines between home and the points of the sortie sweep, with the clearance
    beside. Over a point of the sortie the air is free, because passes keep the clearance from
    everything that stands beside them, however high. So the way there is upright to that height,
    straight, and upright down; and when passes at the end are left out, the way back is so too.
    The plan does not guarantee that these ways cross no zone. Where one comes near an exclusion or the fence
    (`flight.resuming.straight_way`), where `return_height_m` is None, and where heights are not relative,
    the sortie's own waypoints are flown, without photos.

    Raises PantauError when the mission takes no photos by command, jumps, or does not begin with a
    take-off.
    """
    runs = camera_runs(mission)
    _refuse(mission, runs)
    photographed = photographed_runs(runs, photos_of(logs))
    left = [run for run in runs if run.number not in photographed]
    if not left:
        return Rest(None, 0, 0, len(runs), photographed)
    first, last = left[0], left[-1]
    there_m = back_m = None
    if first.start_item is not None and _may_fly_straight(mission, first.line[0]):
        there_m = return_height_m
    if last.number < len(runs) and _may_fly_straight(mission, last.line[-1]):
        back_m = return_height_m
    return Rest(
        replace(mission, items=rest_items(mission, first, last, there_m, back_m)),
        first.number,
        last.number,
        len(runs),
        photographed,
        "own" if there_m is None else "straight",
        "own" if back_m is None else "straight",
    )


def photos_of(logs: Sequence[Path]) -> list[FlightEvent]:
    """All photos that the logs tell of."""
    return [event for log in logs for event in read_flight_log(log) if event.event == "photo"]


def flights_of(plan_file: Path) -> list[Path]:
    """The logs of all flights of a sortie that lie beside its `.plan`, oldest first."""
    newest = flight_log_of(plan_file)
    earlier = {
        int(found[1]): path
        for path in plan_file.parent.glob(f"{newest.name.removesuffix('.jsonl')}-*.jsonl")
        if path.name.startswith(newest.name.removesuffix(".jsonl"))
        and (found := _NAME_OF_EARLIER.search(path.name))
    }
    return [*(earlier[number] for number in sorted(earlier)), *([newest] if newest.is_file() else [])]


def is_flown(plan_file: Path) -> bool:
    """Whether nothing of a sortie is left to fly.

    Its newest flight was flown to the end (of what was left then), or its flights together have
    photographed every pass.
    """
    logs = flights_of(plan_file)
    if not logs:
        return False
    if is_complete(flight_log_of(plan_file)):
        return True
    runs = camera_runs(read_plan_file(plan_file))
    return bool(runs) and len(photographed_runs(runs, photos_of(logs))) == len(runs)


def begun_sortie(folder: Path | str) -> Path:
    """The `.plan` of the first sortie in a plan folder that was begun and is not flown to its end.

    Raises PantauError when there is none.
    """
    folder = Path(folder)
    begun = [path for path in sorted(folder.glob("sortie-*.plan")) if flights_of(path)]
    if not begun:
        raise PantauError(
            f"{folder}: no flight of a sortie has left a log here, so that there is nothing to resume; fly "
            "without --resume."
        )
    for path in begun:
        if not is_flown(path):
            return path
    raise PantauError(
        f"{folder}: every sortie that was begun ({', '.join(path.stem for path in begun)}) is flown; fly the "
        "next one without --resume, or name one with --sortie to fly what its photos lack."
    )


def _may_fly_straight(mission: Mission, place: Place) -> bool:
    return place.alt_m is not None and is_open(mission, place)


def _refuse(mission: Mission, runs: Sequence[CameraRun]) -> None:
    if not runs:
        raise PantauError(
            "the mission has no camera commands, so that no photo tells which part of it was flown; fly it "
            "whole, without --resume."
        )
    if any(item.command in _JUMPS for item in mission.items):
        raise PantauError(
            "the mission jumps back to earlier items, so that it cannot be cut; fly it whole, without "
            "--resume."
        )
    if not any(item.command == TAKEOFF for item in mission.items[: runs[0].last_item]):
        raise PantauError("the mission does not begin with a take-off; add one, or fly it without --resume.")
