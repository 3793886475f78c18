"""The command `pantau plan`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vision import console
from vision.console import AsJson, Quiet, Verbose
from vision.errors import PantauError

if TYPE_CHECKING:
    pass

_HELP = """Plan the flights that photograph roads and facilities.

Reads SITES (GeoJSON, GeoPackage, KML or Shapefile: lines are roads, polygons are facilities), covers
each with passes for the drone's camera, orders all passes into sorties that one battery can fly, and
writes a folder: mission files that the drone can fly, plan.html to look at, a sheet for the operator to
print, and plan.json with what the plan costs and cannot see.

With --dem heights follow the ground; with --obstacles or --surface every leg keeps clear of what stands
there; with --zones every leg keeps out of closed airspace. The rules of --profile are tested on every
leg. With --gaps a register's survey is completed: only what its photos do not show is flown again.

Examples:

    pantau plan roads.geojson -o plan

    pantau plan roads.gpkg -o plan --drone dji-mavic-3e --gsd 0.5 --launch -6.8741,107.5372

    pantau plan roads.gpkg -o plan --dem dem.tif --obstacles buildings.geojson --zones airport.kml

    pantau plan --gaps register.db -o re-flight
"""


def add_commands(app: typer.Typer) -> None:
    """Register `plan`."""
    app.command("plan", help=_HELP)(plan)


def plan(
    sites: Annotated[
        Path | None, typer.Argument(help="Roads and facilities; none with --gaps.", show_default=False)
    ] = None,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="The plan's folder.", show_default=False)],
    gaps: Annotated[
        Path | None,
        typer.Option(help="A register: plan what its survey left uncovered.", show_default=False),
    ] = None,
    survey: Annotated[
        str | None,
        typer.Option(help="With --gaps: the survey; the newest when left out."),
    ] = None,
    launch: Annotated[
        list[str] | None,
        typer.Option(help="Launch point lat,lon; repeatable; proposed when left out."),
    ] = None,
    launches: Annotated[
        int, typer.Option(help="Propose as few launch points as serve the sites, at most this many.")
    ] = 6,
    drone: Annotated[str, typer.Option(help="A drone of the fleet.")] = "simulated-quad",
    fleet: Annotated[
        Path | None,
        typer.Option(help="Drones of your own, in the form of fleet.toml."),
    ] = None,
    gsd: Annotated[
        float | None,
        typer.Option(help="Ground sample distance in cm a pixel (0.8 without --height)."),
    ] = None,
    height: Annotated[
        float | None,
        typer.Option(help="Height above ground in m, instead of --gsd."),
    ] = None,
    forward_overlap: Annotated[float, typer.Option(help="Overlap of photos in a row, in %.")] = 70.0,
    side_overlap: Annotated[float, typer.Option(help="Overlap of parallel passes, in %.")] = 60.0,
    verge: Annotated[float, typer.Option(help="Metres photographed beside every site.")] = 1.0,
    shutter: Annotated[float, typer.Option(help="Longest exposure as 1/N s, for sharp photos.")] = 1000.0,
    dem: Annotated[
        Path | None,
        typer.Option(help="Elevation of the ground (GeoTIFF): heights follow it."),
    ] = None,
    surface: Annotated[
        Path | None,
        typer.Option(help="Elevation of what stands on it (GeoTIFF, same datum as --dem)."),
    ] = None,
    obstacles: Annotated[
        Path | None,
        typer.Option(help="Buildings, masts, power lines with heights."),
    ] = None,
    clearance: Annotated[float, typer.Option(help="Metres kept above and beside every obstacle.")] = 5.0,
    height_tolerance: Annotated[
        float,
        typer.Option(help="With --dem: metres the height above ground may be off."),
    ] = 3.0,
    transit_height: Annotated[
        float | None,
        typer.Option(help="Height above ground of long transits, in m."),
    ] = None,
    zones: Annotated[
        Path | None,
        typer.Option(help="Closed airspace: polygons with kind, floor_m, ceiling_m."),
    ] = None,
    profile: Annotated[
        str,
        typer.Option(help="Rules: indonesia, eu-a3, eu-specific, or a file of your own."),
    ] = "indonesia",
    permit: Annotated[
        list[str] | None,
        typer.Option(help="A zone or rule whose approval is in hand; repeatable."),
    ] = None,
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of the flights, for daylight."),
    ] = None,
    battery_reserve: Annotated[float, typer.Option(help="Battery left at landing, in %.")] = 30.0,
    wind: Annotated[str, typer.Option(help="Wind in m/s, or m/s,degrees it blows from.")] = "0",
    max_distance: Annotated[float | None, typer.Option(help="Longest sortie in m over ground.")] = None,
    max_range: Annotated[
        float | None, typer.Option(help="Farthest that a pass may lie from its launch point, in m.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(help="Time for the search; by the number of passes when left out."),
    ] = None,
    iterations: Annotated[
        int | None,
        typer.Option(help="Search exactly this long instead: the same plan every time."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the search.")] = 1,
    lang: Annotated[str, typer.Option(help="Language of plan.html and the operator's sheet: en, id.")] = "en",
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Plan the flights that photograph roads and facilities."""
    from flight.planning.plan_files import PlanFiles, plan_from_files
    from flight.planning.settings import PlanSettings
    from pipeline.coverage.coverage_summary import proof_text

    wind_ms, wind_from_deg = _wind(wind)
    settings = PlanSettings(
        gsd_cm=gsd,
        height_m=height,
        launches=tuple(_launch(text) for text in launch or []),
        forward_overlap=forward_overlap / 100,
        side_overlap=side_overlap / 100,
        battery_reserve=battery_reserve / 100,
        max_distance_m=max_distance,
        max_range_m=max_range,
        verge_margin_m=verge,
        exposure_s=1 / shutter if shutter > 0 else 0.0,
        transit_height_m=transit_height,
        clearance_m=clearance,
        agl_tolerance_m=height_tolerance,
        wind_ms=wind_ms,
        wind_from_deg=wind_from_deg,
        launches_at_most=launches,
        permits=tuple(permit or []),
        day=date.date() if date else None,
        seed=seed,
        solver_seconds=seconds,
        solver_iterations=iterations,
    )
    files = PlanFiles(sites, drone, gaps, survey, fleet, dem, surface, obstacles, zones, profile)
    with console.progress_from_first_step("searching the shortest sorties", 100) as advance:
        planned = plan_from_files(files, settings, output, lang, advance)
    if planned.proof is not None:
        console.say(f"survey {planned.proof.survey!r} covers {proof_text(planned.proof)}")
    if planned.summary is None:
        console.emit(planned.document(), as_json, lambda: "nothing is left uncovered: no re-flight needed")
        return
    summary = planned.summary
    for remark in summary["remarks"]:
        console.say(remark)
    for warning in summary["warnings"]:
        console.warn(warning)
    console.emit(summary, as_json, lambda: _table(summary, output))
    if planned.proof is not None:
        survey = planned.proof.survey
        console.say(f"after the flight: pantau inspect PHOTOS -r {gaps} --plan {output} --survey {survey}")


def _launch(text: str) -> tuple[float, float]:
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError as error:
        raise PantauError(
            f"--launch {text!r} is no position; give it as lat,lon, say -6.8741,107.5372."
        ) from error
    return lat, lon


def _wind(text: str) -> tuple[float, float | None]:
    try:
        speed_ms, *from_deg = (float(part) for part in text.split(","))
        return speed_ms, (from_deg[0] % 360 if from_deg else None)
    except ValueError as error:
        raise PantauError(
            f"--wind {text!r} is no wind; give m/s, say 4, or m/s and the direction it blows from, say 4,270."
        ) from error


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
            f"{summary['speed_ms']:.1f} m/s: {summary['gsd_cm']:.2f} cm a pixel, "
            f"from {_launch_points(len(summary['launches']))}",
            *_aligned(rows),
            f"{summary['ratio']:.3f} times the lower bound of {summary['lower_bound_m'] / 1000:.2f} km",
            f"shows: {', '.join(kinds['shown']) or 'nothing'}",
            *([f"does not show: {', '.join(kinds['not_shown'])}"] if kinds["not_shown"] else []),
            f"look at {folder / 'plan.html'}; print {folder / 'operator-sheet.html'}, with "
            f"{len(summary['checklist'])} points to confirm before the flight",
        ]
    )


def _launch_points(count: int) -> str:
    return "1 launch point" if count == 1 else f"{count} launch points"


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d} min"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
