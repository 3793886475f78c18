"""A plan as a folder of files, and the way back to a sortie's file.

plan.json               the summary
plan.html               the plan to look at
operator-sheet.html     the plan to print and take along
plan.geojson            transits, passes, photo points, footprints, launch points, fences, zones
plan.kml                transits, passes, launch points and zones, for a globe
sites.geojson           the sites, as `pipeline.sites.site_reading.read_sites` reads them
sortie-01.plan          QGroundControl      of each sortie those files that the drone can fly
sortie-01.waypoints     Mission Planner
sortie-01.kmz           DJI WPML
sortie-01.csv           Litchi
sortie-01.kml           the way as one line
sortie-01.flight.jsonl  what a flight left behind; never overwritten
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from flight.formats.geojson import plan_geojson
from flight.formats.kml import write_plan_kml
from flight.plan_page.page import write_plan_page
from flight.plan_page.sheet import write_operator_sheet
from flight.planning.plan import Plan
from flight.planning.plan_summary import plan_summary
from flight.planning.sortie_files import SUFFIXES, write_sortie_files
from flight.resuming.rest_of_sortie import is_flown
from pipeline.sites.site_reading import write_sites
from vision.errors import PantauError

_SUMMARY = "plan.json"
_OWN_FILE = re.compile(
    r"plan\.(json|html|geojson|kml)|operator-sheet\.html|sites\.geojson"
    r"|sortie-\d+\.(plan|waypoints|kmz|csv|kml)"
)


def write_plan(plan: Plan, folder: Path | str, language: str = "en") -> dict[str, Any]:
    """Write a plan's folder, all files or none, and return its summary.

    The pages for people are in `language` ("en" or "id").

    An earlier plan there is replaced when nothing but a plan is in the folder (`check_plan_folder`).

    Raises PantauError when the folder holds anything else, or cannot be written.
    """
    folder = Path(folder).resolve()
    check_plan_folder(folder)
    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        summary = _write_files(plan, partial, language)
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
        raise _no_sorties(folder)
    if number is not None:
        if number not in sorties:
            raise PantauError(f"{folder}: has no sortie {number}; it has 1 to {max(sorties)}.")
        return sorties[number]
    for path in sorties.values():
        if not is_flown(path):
            return path
    raise PantauError(f"{folder}: all {len(sorties)} sorties have been flown; name one with --sortie.")


def _no_sorties(folder: Path) -> PantauError:
    others = sorted(
        path
        for suffix in SUFFIXES.values()
        for path in folder.glob(f"sortie-[0-9]*{suffix}")
        if suffix != ".plan"
    )
    if not others:
        return PantauError(f"{folder}: holds no sorties; name a plan folder (pantau plan) or a .plan file.")
    return PantauError(
        f"{folder}: this plan's drone is not flown over MAVLink, so that it has no .plan; load "
        f"{others[0].name} and the others into its own remote or app, and fly them from there."
    )


def _write_files(plan: Plan, folder: Path, language: str) -> dict[str, Any]:
    for sortie in plan.sorties:
        write_sortie_files(plan, sortie, folder)
    write_plan_page(plan, folder / "plan.html", language)
    write_operator_sheet(plan, folder / "operator-sheet.html", language)
    write_plan_kml(plan, folder / "plan.kml")
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
