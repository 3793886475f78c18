"""`pantau fly`: fly a sortie of a plan, on a real vehicle or on the simulated one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vision import console
from vision.console import AsJson, Quiet, Verbose
from vision.errors import PantauError

if TYPE_CHECKING:
    from flight.driving.flight_result import FlightResult
    from flight.driving.interruption import Ask
    from flight.sortie_task import SortieTask

EXIT_WITH_FAILURES = 1
EXIT_INTERRUPTED = 130
SITE_QUESTION = (
    "This plan knows of no obstacles. Have you checked on the ground that no wire, tree, mast or building "
    "comes near any leg, the transits and the return included?"
)


def add_commands(app: typer.Typer) -> None:
    """Register `pantau fly`."""
    app.command("fly")(fly_command)


def fly_command(
    plan: Annotated[Path, typer.Argument(help="A plan folder, or a .plan file of simple items.")],
    sortie: Annotated[
        int | None, typer.Option(help="The sortie of a plan folder; by default the next unflown one.")
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on at the first pass that is not fully photographed, by the logs."),
    ] = False,
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
    set_failsafes: Annotated[
        bool,
        typer.Option("--set-failsafes", help="Set the vehicle's failsafes, fence and return height."),
    ] = False,
    despite: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK",
            help="Fly although this pre-flight check fails; may be repeated.",
            autocompletion=lambda: _check_names(),
        ),
    ] = None,
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
    Without a terminal and without --yes it is a dry run. A plan made without obstacle data flies only
    when somebody has looked the site over on the ground: it asks, and with --yes wants --site-checked.

    In flight Ctrl-C asks: continue, pause, return or land; without a terminal the vehicle returns, with
    the camera off. When the pilot changes the mode by remote control, it only watches. A lost link is
    connected again. If this program dies, start it again: it finds the flight and watches it on.

    After a battery swap --resume flies what is left, by the logs of the earlier flights.

    With --simulate the vehicle is a simulated one that stands at the planned launch point.

    Examples:

      pantau fly plan --simulate --photos photos

      pantau fly plan --sortie 2 --connect udp:0.0.0.0:14550

      pantau fly plan --resume --connect udp:0.0.0.0:14550 --set-failsafes

      pantau fly survey.plan --connect serial:/dev/ttyUSB0:57600 --yes --json
    """
    _check_options(simulate, connect, photos, time_factor)
    from flight.sortie_task import sortie_task

    task = sortie_task(plan, sortie, resume)
    console.say(task.told)
    if simulate:
        result, developed = _simulated(task, photos, time_factor, seed)
    else:
        assert connect is not None
        sure_of_site = site_checked or task.facts.obstacles_known
        if yes and not sure_of_site:
            raise PantauError(
                f"{task.plan_file}: was planned without obstacle data; look the site over on the ground, "
                "then add --site-checked, or plan with --obstacles or --surface."
            )
        options = {"set_protections": set_failsafes, "despite": _known_checks(despite or [])}
        result, developed = _real(task, connect, yes, sure_of_site, options), []
    document = result.to_document() | {"sortie": str(task.plan_file)}
    if photos is not None:
        document["photo_files"] = [str(file) for file in developed]
    console.emit(document, as_json, lambda: _summary(result, task.plan_file, len(developed)))
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


def _check_names() -> list[str]:
    from flight.checks.preflight import CHECK_NAMES

    return list(CHECK_NAMES)


def _known_checks(names: list[str]) -> frozenset[str]:
    unknown = sorted(set(names) - set(_check_names()))
    if unknown:
        raise PantauError(f"--despite {unknown[0]!r}: is no check; there are {', '.join(_check_names())}.")
    return frozenset(names)


def _simulated(
    task: SortieTask, photos: Path | None, time_factor: float | None, seed: int
) -> tuple[FlightResult, list[Path]]:
    from flight.simulated_flying import TIME_FACTOR, check_can_develop, develop_flight, fly_simulated

    if photos is not None:
        check_can_develop(task.plan_file)
    with console.progress_from_first_step(f"Flying {task.plan_file.stem}", task.photos) as progress:
        flown = fly_simulated(
            task,
            time_factor=time_factor or TIME_FACTOR,
            seed=seed,
            ask=_asker(),
            say=console.say,
            progress=progress,
        )
    if photos is None or not flown.exposures:
        return flown.result, []
    with console.progress(f"Developing {task.plan_file.stem}", len(flown.exposures)) as progress:
        return flown.result, develop_flight(task.plan_file, flown.exposures, photos, seed, progress)


def _real(task: SortieTask, url: str, yes: bool, sure_of_site: bool, options: dict[str, Any]) -> FlightResult:
    from flight.driving.flying import fly

    confirm: Callable[[], bool] | None = None
    if yes:
        confirm = _sure
    elif sys.stdin.isatty():
        confirm = _ask if sure_of_site else _ask_about_site_too
    with console.progress_from_first_step(f"Flying {task.plan_file.stem}", task.photos) as progress:
        return fly(
            task.mission,
            url,
            task.log_file,
            also_ours=task.others,
            confirm=confirm,
            facts=task.facts,
            ask=_asker(),
            say=console.say,
            progress=progress,
            **options,
        )


def _asker() -> Ask | None:
    """Who is asked after Ctrl-C: whoever sits at the terminal, or nobody."""
    from flight.driving.interruption import TerminalAsker

    return TerminalAsker(console.say) if sys.stdin.isatty() else None


def _sure() -> bool:
    return True


def _ask() -> bool:
    return typer.confirm("Take off now?", err=True)


def _ask_about_site_too() -> bool:
    return typer.confirm(SITE_QUESTION, err=True) and _ask()


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
