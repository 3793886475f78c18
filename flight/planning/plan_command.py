"""The command `pantau plan`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vision import console
from vision.console import AsJson, Quiet, Verbose
from vision.errors import PantauError

if TYPE_CHECKING:
    from flight.planning.settings import PlanSettings

_HELP = """Plan the flights that photograph roads and facilities.

Reads SITES (GeoJSON, GeoPackage, KML or Shapefile: lines are roads, polygons are facilities), covers
each with passes for the drone's camera, orders all passes into sorties that one battery can fly, and
writes a folder with QGroundControl .plan and Mission Planner .waypoints files, plan.json with what the
plan costs and cannot see, and plan.geojson to look at.

Examples:

    pantau plan roads.geojson -o plan

    pantau plan roads.gpkg -o plan --drone dji-mavic-3e --gsd 0.5 --launch -6.8741,107.5372
"""


def add_commands(app: typer.Typer) -> None:
    """Register `plan`."""
    app.command("plan", help=_HELP)(plan)


def plan(
    sites: Annotated[Path, typer.Argument(help="Roads and facilities.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="The plan's folder.", show_default=False)],
    drone: Annotated[str, typer.Option(help="A drone of the fleet.")] = "simulated-quad",
    gsd: Annotated[
        float | None, typer.Option(help="Ground sample distance in cm a pixel (0.8 without --height).")
    ] = None,
    height: Annotated[float | None, typer.Option(help="Flight height in m, instead of --gsd.")] = None,
    launch: Annotated[
        list[str] | None, typer.Option(help="Launch point lat,lon; repeatable; proposed when left out.")
    ] = None,
    forward_overlap: Annotated[float, typer.Option(help="Overlap of photos in a row, in %.")] = 70.0,
    side_overlap: Annotated[float, typer.Option(help="Overlap of parallel passes, in %.")] = 60.0,
    battery_reserve: Annotated[float, typer.Option(help="Battery left at landing, in %.")] = 30.0,
    max_distance: Annotated[float | None, typer.Option(help="Longest sortie in m over ground.")] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Time for the search; by the number of passes when left out.")
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(help="Search exactly this long instead: the same plan every time.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the search.")] = 1,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Plan the flights that photograph roads and facilities."""
    from flight.planning.settings import PlanSettings

    settings = PlanSettings(
        gsd_cm=gsd,
        height_m=height,
        launches=tuple(_launch(text) for text in launch or []),
        forward_overlap=forward_overlap / 100,
        side_overlap=side_overlap / 100,
        battery_reserve=battery_reserve / 100,
        max_distance_m=max_distance,
        seed=seed,
        solver_seconds=seconds,
        solver_iterations=iterations,
    )
    summary = _plan_into(sites, drone, settings, output)
    for warning in summary["warnings"]:
        console.warn(warning)
    console.emit(summary, as_json, lambda: _table(summary, output))


def _plan_into(sites: Path, drone: str, settings: PlanSettings, output: Path) -> dict[str, Any]:
    from dataclasses import replace

    from flight.fleet import find_drone
    from flight.planning.plan_folder import check_plan_folder, write_plan
    from flight.planning.survey import plan_survey
    from pipeline.sites import read_sites

    chosen = find_drone(drone)
    check_plan_folder(output)
    file = read_sites(sites)
    for remark in file.remarks:
        console.say(f"{sites}: {remark}")
    with console.progress("searching the shortest sorties", total=100) as advance:
        survey = plan_survey(file.sites, chosen, settings, advance=advance)
    return write_plan(replace(survey, remarks=file.remarks), output)


def _launch(text: str) -> tuple[float, float]:
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError as error:
        raise PantauError(
            f"--launch {text!r} is no position; give it as lat,lon, say -6.8741,107.5372."
        ) from error
    return lat, lon


def _table(summary: dict[str, Any], folder: Path) -> str:
    totals = summary["totals"]
    rows = [("sortie", "passes", "distance", "time", "photos", "battery")]
    rows += [
        (
            str(sortie["number"]),
            str(len(sortie["passes"])),
            f"{sortie['distance_m'] / 1000:.2f} km",
            _minutes(sortie["duration_s"]),
            str(sortie["photos"]),
            f"{sortie['battery_used']:.0%}",
        )
        for sortie in summary["sorties"]
    ]
    rows.append(
        (
            "all",
            str(totals["passes"]),
            f"{totals['distance_m'] / 1000:.2f} km",
            _minutes(totals["duration_s"]),
            str(totals["photos"]),
            "",
        )
    )
    kinds = summary["kinds"]
    return "\n".join(
        [
            f"{len(summary['sites'])} sites with {summary['drone']}, {summary['height_m']:.1f} m up at "
            f"{summary['speed_ms']:.1f} m/s: {summary['gsd_cm']:.2f} cm a pixel",
            *_aligned(rows),
            f"{summary['ratio']:.3f} times the lower bound of {summary['lower_bound_m'] / 1000:.2f} km",
            f"shows: {', '.join(kinds['shown']) or 'nothing'}",
            *([f"does not show: {', '.join(kinds['not_shown'])}"] if kinds["not_shown"] else []),
            f"written to {folder}",
        ]
    )


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d} min"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
