"""A plan as a folder of files, and the way back to a sortie's file.

plan.json             the summary
plan.geojson          passes, photo points, footprints, launch points, fences
sites.geojson         the sites, as `pipeline.sites.read_sites` reads them
sortie-01.plan        QGroundControl
sortie-01.waypoints   Mission Planner
sortie-01.flight.jsonl  what a flight left behind; never overwritten
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from flight.flight_log import flight_log_of, is_complete
from flight.formats.geojson import plan_geojson
from flight.formats.qgroundcontrol import write_plan_file
from flight.formats.waypoints import write_waypoints_file
from flight.mission_building import build_mission
from flight.planning.plan import Plan
from flight.planning.plan_summary import plan_summary
from pipeline.sites import write_sites
from vision.errors import PantauError

_SUMMARY = "plan.json"
_OWN_FILE = re.compile(r"plan\.json|plan\.geojson|sites\.geojson|sortie-\d+\.(plan|waypoints)")


def write_plan(plan: Plan, folder: Path | str) -> dict[str, Any]:
    """Write a plan's folder, all files or none, and return its summary.

    An earlier plan there is replaced when nothing but a plan is in the folder (`check_plan_folder`).

    Raises PantauError when the folder holds anything else, or cannot be written.
    """
    folder = Path(folder).resolve()
    check_plan_folder(folder)
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        summary = _write_files(plan, partial)
        _put_in_place(partial, folder)
    except OSError as error:
        raise PantauError(
            f"{folder}: the plan cannot be written ({error}); choose another folder."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return summary


def check_plan_folder(folder: Path | str) -> None:
    """Raise PantauError unless a plan may be written here: nothing there yet, or only a plan."""
    folder = Path(folder)
    if folder.is_file():
        raise PantauError(f"{folder}: is a file; name a folder for the plan.")
    others = sorted(entry.name for entry in folder.glob("*") if not _OWN_FILE.fullmatch(entry.name))
    flights = [name for name in others if name.endswith(".flight.jsonl")]
    if flights:
        raise PantauError(
            f"{folder}: holds the log of a flight ({flights[0]}), which belongs to the plan in there; "
            "plan into another folder."
        )
    if others:
        raise PantauError(f"{folder}: holds something else than a plan ({others[0]}); name another folder.")


def find_sortie(folder: Path | str, number: int | None = None) -> Path:
    """The `.plan` file of a sortie: the given number, or the first that has not been flown to its end.

    A `.plan` file is returned as it is.

    Raises PantauError when the folder holds no plan, no such sortie, or only flown ones.
    """
    folder = Path(folder)
    if folder.suffix == ".plan" and not folder.is_dir():
        return folder
    sorties = {int(path.stem.split("-")[1]): path for path in sorted(folder.glob("sortie-*.plan"))}
    if not sorties:
        raise PantauError(f"{folder}: holds no sorties; name a plan folder (pantau plan) or a .plan file.")
    if number is not None:
        if number not in sorties:
            raise PantauError(f"{folder}: has no sortie {number}; it has 1 to {max(sorties)}.")
        return sorties[number]
    for path in sorties.values():
        if not is_complete(flight_log_of(path)):
            return path
    raise PantauError(f"{folder}: all {len(sorties)} sorties have been flown; name one with --sortie.")


def _write_files(plan: Plan, folder: Path) -> dict[str, Any]:
    for sortie in plan.sorties:
        mission = build_mission(plan, sortie)
        write_plan_file(mission, folder / f"{sortie.name}.plan")
        write_waypoints_file(mission, folder / f"{sortie.name}.waypoints")
    write_sites(plan.sites, folder / "sites.geojson")
    _write_json(plan_geojson(plan), folder / "plan.geojson", indent=None)
    summary = plan_summary(plan)
    _write_json(summary, folder / _SUMMARY, indent=2)
    return summary


def _write_json(document: Any, path: Path, indent: int | None) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


def _put_in_place(partial: Path, folder: Path) -> None:
    if not folder.exists():
        partial.rename(folder)
        return
    old = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    folder.rename(old)
    try:
        partial.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)
