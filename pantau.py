"""The front door: the command `pantau`, composed of the sub-commands that the packages bring.

What strings packages together that must not know each other lives here: the demo.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flight import fly_command
from flight.planning import plan_command
from models import commands as model_commands
from pipeline import doctor_command
from pipeline.defects import review_command
from pipeline.inspecting import inspect_command
from pipeline.placing import locate_command
from reports import export_command, report_command
from vision.console import AsJson, Quiet, Verbose, emit, progress, progress_from_first_step, say
from vision.errors import PantauError
from vision.whole_file import write_whole

if TYPE_CHECKING:
    from flight.simulator.exposure import Exposure
    from flight.simulator.score import Score
    from pipeline.inspecting.inspection import InspectionResult
    from pipeline.sites.site_reading import Site

EXIT_USER_MISTAKE = 2
EXIT_INTERRUPTED = 130
_DEMO_DRONE = "simulated-quad"
_DEMO_SUMMARY = "demo.json"
_DEMO_ITERATIONS = 500

app = typer.Typer(
    name="pantau",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=(
        "Inspect a district's roads and public facilities with drones: plan the flights, drive the drones, "
        "find the damage in the photos, put each defect on the map once, report it.\n\n"
        "Exit codes: 0 done, 1 done with failures listed, 2 the user's mistake, 130 interrupted.\n\n"
        "Example:\n\n  pantau demo -o demo"
    ),
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"pantau {version('pantau')}")
        raise typer.Exit


@app.callback()
def _pantau(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for all that it makes.")] = Path(
        "demo"
    ),
    seed: Annotated[int, typer.Option(help="Another seed: other damage, other weather of errors.")] = 1,
    score: Annotated[bool, typer.Option(help="Compare what was found with what was there.")] = True,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Run the whole chain on a built-in simulated district, then the report.

    Plans a survey of a small made-up district, flies it through dronekit over MAVLink on the
    simulated vehicle, which photographs the ground with its known damage, inspects the photos with
    the shipped detector and writes the report. An earlier demo in the folder is replaced.

    Examples:

      pantau demo

      pantau demo -o /tmp/demo --seed 7 --json
    """
    started_s = time.monotonic()
    _make_way(output)
    sites = _demo_sites()
    _demo_plan(sites, output / "plan", seed)
    exposures = _demo_flights(output, seed)
    inspection = _demo_inspection(output)
    report = _demo_report(output)
    outcome = _demo_score(sites, exposures, output, seed) if score else None
    result = _DemoResult(output, report, inspection, outcome, time.monotonic() - started_s)
    write_whole(output / _DEMO_SUMMARY, json.dumps(result.document(), indent=2))
    emit(result.document(), as_json, result.text)


@dataclass(frozen=True)
class _DemoResult:
    """What the demo made and found."""

    folder: Path
    report: Path
    inspection: InspectionResult
    score: Score | None
    seconds: float

    def document(self) -> dict[str, Any]:
        return {
            "report": str(self.report),
            "geojson": str(self.folder / "defects.geojson"),
            "register": str(self.folder / "register.db"),
            "photos": {"used": self.inspection.photos_used, "rejected": len(self.inspection.photos_rejected)},
            "detections": self.inspection.detections,
            "defects": len(self.inspection.defects_new),
            "score": self.score.as_dict() if self.score else None,
            "seconds": round(self.seconds, 1),
        }

    def text(self) -> str:
        lines = [
            f"{self.inspection.photos_used} photos, {self.inspection.detections} detections, "
            f"{len(self.inspection.defects_new)} defects, {self.seconds:.0f} s"
        ]
        if self.score:
            lines += ["", "what was there, and what was found of it:", self.score.as_table()]
        return "\n".join([*lines, "", f"Now open {self.report}"])


def _make_way(folder: Path) -> None:
    """Remove an earlier demo, and mark the folder as one; refuse to touch anything else."""
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / _DEMO_SUMMARY).exists():
            raise PantauError(f"{folder}: holds something else than an earlier demo; name another folder.")
        shutil.rmtree(folder)
    elif folder.is_file():
        raise PantauError(f"{folder}: is a file; name a folder for the demo.")
    # From the start, so that an interrupted demo can be told from real work, which has a plan too.
    write_whole(folder / _DEMO_SUMMARY, "{}")


def _demo_sites() -> tuple[Site, ...]:
    from flight.simulator.district import SAMPLE_SITES
    from pipeline.sites.site_reading import read_sites

    return read_sites(SAMPLE_SITES).sites


def _demo_plan(sites: Sequence[Site], folder: Path, seed: int) -> None:
    from flight.fleet import find_drone
    from flight.planning.plan_folder import write_plan
    from flight.planning.settings import PlanSettings
    from flight.planning.survey import plan_survey

    settings = PlanSettings(seed=seed, solver_iterations=_DEMO_ITERATIONS)
    with progress("1/5 planning", total=100) as advance:
        plan = plan_survey(sites, find_drone(_DEMO_DRONE), settings, advance=advance)
    write_plan(plan, folder)


def _demo_flights(output: Path, seed: int) -> list[Exposure]:
    from flight.formats.qgroundcontrol import read_plan_file
    from flight.missions.mission_extent import extent_of
    from flight.simulated_flying import develop_flight, fly_simulated
    from flight.sortie_task import sortie_task

    exposures: list[Exposure] = []
    for sortie in sorted((output / "plan").glob("sortie-*.plan")):
        planned = extent_of(read_plan_file(sortie)).photos
        with progress_from_first_step(f"2/5 flying {sortie.stem}", planned) as flying:
            flight = fly_simulated(sortie_task(sortie), seed=seed, say=say, progress=flying)
        with progress(f"3/5 developing the photos of {sortie.stem}", len(flight.exposures)) as developing:
            develop_flight(sortie, flight.exposures, output / "photos", seed, developing)
        exposures += flight.exposures
    return exposures


def _demo_inspection(output: Path) -> InspectionResult:
    from models.catalogue import open_detector
    from pipeline.inspecting.inspection import inspect_photos
    from pipeline.photo_gathering import gather_photos
    from pipeline.register import Register
    from pipeline.sites.site_reading import read_sites

    photos = gather_photos([output / "photos"])
    sites = read_sites(output / "plan" / "sites.geojson").sites
    with Register.open(output / "register.db", create=True) as register:
        return inspect_photos(register, photos, open_detector(), "demo", sites, output / "plan", progress)


def _demo_report(output: Path) -> Path:
    from pipeline.register import Register
    from reports.export import write_export
    from reports.export_formats import ExportFormat
    from reports.report import write_report

    with Register.open(output / "register.db", create=False) as register:
        write_export(register, ExportFormat.GEOJSON, output / "defects.geojson")
        report = write_report(register, output / "report")
    return report.folder / "index.html"


def _demo_score(sites: Sequence[Site], exposures: Sequence[Exposure], output: Path, seed: int) -> Score:
    from flight.fleet import find_drone
    from flight.simulator.district import build_district
    from flight.simulator.photo_geometry import photographed_damages
    from flight.simulator.score import Finding, score_findings
    from flight.simulator.truth import truth_of, write_truth
    from pipeline.register import Register

    district = build_district(sites, seed)
    write_truth(district, output / "truth.geojson")
    with Register.open(output / "register.db", create=False) as register:
        findings = [
            Finding(defect.kind, defect.lat, defect.lon, defect.sigma_m, defect.score)
            for defect in register.defects()
        ]
    photographed = photographed_damages(district, list(exposures), find_drone(_DEMO_DRONE).camera())
    return score_findings(truth_of(district), findings, photographed)


def _import_dronekit() -> object:
    from flight.driving.dronekit_link import import_dronekit

    return import_dronekit()


plan_command.add_commands(app)
fly_command.add_commands(app)
inspect_command.add_commands(app)
locate_command.add_commands(app)
review_command.add_commands(app)
report_command.add_commands(app)
export_command.add_commands(app)
model_commands.add_commands(app)
doctor_command.add_commands(app, more_imports={"dronekit": _import_dronekit})


def main() -> None:
    """Run the command; the one place where an exception becomes an exit code."""
    try:
        app()
    except PantauError as mistake:
        print(f"error: {mistake}", file=sys.stderr)
        sys.exit(EXIT_USER_MISTAKE)
    except SystemExit as end:  # Typer makes one of Ctrl-C, and says nothing.
        if end.code == EXIT_INTERRUPTED:
            print("interrupted", file=sys.stderr)
        raise
