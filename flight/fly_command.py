"""`pantau fly`: fly a sortie of a plan, on a real vehicle or on the simulated one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vision import console
from vision.console import AsJson, Quiet, Verbose
from vision.errors import PantauError

if TYPE_CHECKING:
    from flight.flying import FlightResult
    from flight.mission import Mission

EXIT_WITH_FAILURES = 1
EXIT_INTERRUPTED = 130


def add_commands(app: typer.Typer) -> None:
    """Register `pantau fly`."""
    app.command("fly")(fly_command)


def fly_command(
    plan: Annotated[Path, typer.Argument(help="A plan folder, or a .plan file of simple items.")],
    sortie: Annotated[
        int | None, typer.Option(help="The sortie of a plan folder; by default the next unflown one.")
    ] = None,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Fly on the built-in simulated vehicle.")
    ] = False,
    connect: Annotated[
        str | None, typer.Option(metavar="URL", help="tcp:HOST:PORT, udp:HOST:PORT or serial:DEVICE[:BAUD].")
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option(help="With --simulate: develop the photos that were taken into this folder."),
    ] = None,
    time_factor: Annotated[
        float | None, typer.Option(min=0.1, max=50, help="With --simulate: simulated seconds in a real one.")
    ] = None,
    seed: Annotated[int, typer.Option(help="With --simulate: the same seed gives the same flight.")] = 1,
    site_checked: Annotated[
        bool,
        typer.Option("--site-checked", help="The site was looked over on the ground for obstacles."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take off without asking.")] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Fly a sortie of a plan: check, upload, verify, take off, watch, log.

    Connects to a vehicle that speaks MAVLink (ArduCopter), waits until it is ready, shows the
    pre-flight checks, uploads fence and mission and reads them back. Then it asks, arms, starts the
    mission, follows it until landing and writes `sortie-NN.flight.jsonl` beside the sortie.
    Without a terminal and without --yes it is a dry run. Ctrl-C in flight switches the camera off
    and lets the vehicle return. When the mode is changed by remote control, it only watches.
    A plan made without obstacle data flies only when somebody has looked the site over on the ground:
    it asks, and with --yes wants --site-checked.

    With --simulate the vehicle is a simulated one that stands at the planned launch point.

    Examples:

      pantau fly plan --simulate --photos photos

      pantau fly plan --sortie 2 --connect udp:0.0.0.0:14550

      pantau fly survey.plan --connect serial:/dev/ttyUSB0:57600 --yes --json
    """
    _check_options(simulate, connect, photos, time_factor)
    from flight.formats.qgroundcontrol import read_plan_file
    from flight.mission_extent import extent_of
    from flight.planning.plan_folder import find_sortie
    from flight.site_check import knows_obstacles

    plan_file = find_sortie(plan, sortie)
    mission = read_plan_file(plan_file)
    planned_photos = extent_of(mission).photos
    if simulate:
        result, developed = _simulated(plan_file, photos, time_factor, seed, planned_photos)
    else:
        assert connect is not None
        sure_of_site = site_checked or knows_obstacles(plan_file)
        if yes and not sure_of_site:
            raise PantauError(
                f"{plan_file}: was planned without obstacle data; look the site over on the ground, then add "
                "--site-checked, or plan with --obstacles or --surface."
            )
        result, developed = _real(mission, connect, plan_file, yes, sure_of_site, planned_photos), []
    document = result.to_document() | {"sortie": str(plan_file)}
    if photos is not None:
        document["photo_files"] = [str(file) for file in developed]
    console.emit(document, as_json, lambda: _summary(result, plan_file, len(developed)))
    if result.outcome == "interrupted":
        raise typer.Exit(EXIT_INTERRUPTED)
    if not result.as_planned:
        raise typer.Exit(EXIT_WITH_FAILURES)


def _check_options(
    simulate: bool, connect: str | None, photos: Path | None, time_factor: float | None
) -> None:
    if simulate == (connect is not None):
        raise PantauError("Say which vehicle flies: either --simulate or --connect URL.")
    if not simulate and (photos is not None or time_factor is not None):
        raise PantauError(
            "--photos and --time-factor belong to --simulate; a real camera brings its own photos."
        )


def _simulated(
    plan_file: Path,
    photos: Path | None,
    time_factor: float | None,
    seed: int,
    planned_photos: int,
) -> tuple[FlightResult, list[Path]]:
    from flight.simulated_flying import TIME_FACTOR, check_can_develop, develop_flight, fly_simulated

    if photos is not None:
        check_can_develop(plan_file)
    with console.progress_from_first_step(f"Flying {plan_file.stem}", planned_photos) as progress:
        flown = fly_simulated(
            plan_file,
            time_factor=time_factor or TIME_FACTOR,
            seed=seed,
            say=console.say,
            progress=progress,
        )
    if photos is None or not flown.exposures:
        return flown.result, []
    with console.progress(f"Developing {plan_file.stem}", len(flown.exposures)) as progress:
        return flown.result, develop_flight(plan_file, flown.exposures, photos, seed, progress)


def _real(
    mission: Mission, url: str, plan_file: Path, yes: bool, sure_of_site: bool, planned_photos: int
) -> FlightResult:
    from flight.flight_log import flight_log_of
    from flight.flying import fly

    confirm: Callable[[], bool] | None = None
    if yes:
        confirm = _sure
    elif sys.stdin.isatty():
        confirm = _ask if sure_of_site else _ask_about_site_too
    with console.progress_from_first_step(f"Flying {plan_file.stem}", planned_photos) as progress:
        log = flight_log_of(plan_file)
        return fly(mission, url, log, confirm=confirm, say=console.say, progress=progress)


def _sure() -> bool:
    return True


def _ask() -> bool:
    return typer.confirm("Take off now?", err=True)


def _ask_about_site_too() -> bool:
    from flight.site_check import QUESTION

    return typer.confirm(QUESTION, err=True) and _ask()


def _summary(result: FlightResult, plan_file: Path, developed: int) -> str:
    if result.outcome in ("dry_run", "declined"):
        return f"{plan_file.name}: checked, not flown."
    minutes, seconds = divmod(round(result.duration_s), 60)
    lines = [
        f"{plan_file.name}: {result.outcome.replace('_', ' ')}, {result.photos} of "
        f"{result.photos_planned} planned photos, {result.distance_m:.0f} m in {minutes}:{seconds:02d} min."
    ]
    if result.battery_used_percent is not None:
        lines.append(f"Battery used: {result.battery_used_percent:.0f} %.")
    lines += [f"Attention: {warning}" for warning in result.warnings]
    if developed:
        lines.append(f"{developed} photos developed.")
    lines.append(f"Log: {result.log}")
    return "\n".join(lines)
