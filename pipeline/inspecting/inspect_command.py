"""`pantau inspect`: photos to detections to defects, in a register."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.placing.ground_options import Dem, GroundAlt, TakeOff, parse_take_off
from vision.console import AsJson, Quiet, Verbose, emit, progress, say, warn
from vision.errors import PantauError

if TYPE_CHECKING:
    from pipeline.inspecting.inspection import InspectionResult
    from pipeline.sites.site_reading import Site


def add_commands(app: typer.Typer) -> None:
    """Register `inspect`."""
    app.command("inspect")(inspect)


def inspect(
    photos: Annotated[
        list[Path],
        typer.Argument(
            help="Photos and videos, or folders that are searched for .jpg, .jpeg, .mp4 and .mov files."
        ),
    ],
    register: Annotated[
        Path, typer.Option("-r", "--register", help="The register; a new one is made where there is none.")
    ],
    survey: Annotated[
        str | None,
        typer.Option(
            help="Name of the campaign; without it the folder's name and the day of the first photo."
        ),
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The plan that was flown: its sites are taken.")
    ] = None,
    sites: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Roads and facilities to place the defects on.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="A model of the catalogue, a model folder, or an ultralytics .pt file.")
    ] = None,
    flight: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A log of the flight, as often as there are some: .flight.jsonl of `pantau fly`, "
            "ArduPilot's .bin or .log, DJI's .MRK, or a GPX track.",
        ),
    ] = None,
    dem: Dem = None,
    ground_alt: GroundAlt = None,
    take_off: TakeOff = None,
    align: Annotated[
        bool,
        typer.Option(
            "--align", help="Match overlapping photos and adjust their positions and attitudes together."
        ),
    ] = False,
    gcp: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Surveyed points and where photos show them, as OpenDroneMap's gcp_list.txt; aligns, too. "
            "Points whose label begins with CHK- are compared only.",
        ),
    ] = None,
    video_spacing: Annotated[
        float | None,
        typer.Option(
            metavar="M", help="Metres flown between two frames of a video; without it 70 % overlap."
        ),
    ] = None,
    video_focal: Annotated[
        float | None,
        typer.Option(
            metavar="MM", help="A video camera's focal length, as of 35 mm film, if no file tells it."
        ),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Find damage in photos and put each defect into the register once.

    Photos that the register knows are skipped, so an interrupted run goes on where it stopped. Photos
    that cannot be used are listed with the reason, kept in the register as rejected, and tried again
    next time; the exit code is then 1. What people decided in review stays.

    Where photos were taken is read from their files. Logs of the flights (--flight) tell it for photos that
    carry no position, and better where they have it by RTK; photos are found in them by their numbers and by
    the times between them, whatever the camera's clock was set to. A .MRK file beside the photos is found by
    itself.

    --align makes overlapping photos agree: what they show alike is matched, and all positions and attitudes
    of a flight are adjusted together. A photo with too few matches stays as recorded.

    With sites known, it ends with the coverage: how much of them the survey's photos surely show.
    `pantau plan --gaps` plans the flights for the rest; inspect their photos with the same --survey.

    Examples:

      pantau inspect photos/ -r register.db --plan plan/

      pantau inspect DJI_0020.JPG DJI_0021.JPG -r register.db --survey "March 2025" --json

      pantau inspect photos/ -r register.db --flight 00000012.BIN --dem dem.tif --align
    """
    from models.catalogue import open_detector
    from pipeline.inspecting.inspection import inspect_photos
    from pipeline.photo_gathering import gather_photos
    from pipeline.placing.photo_placing import Placing
    from pipeline.register import Register

    photo_files = gather_photos(photos)
    placing = Placing(
        logs=tuple(flight or ()),
        dem=dem,
        ground_alt_m=ground_alt,
        take_off=parse_take_off(take_off),
        video_spacing_m=video_spacing,
        video_focal_mm=video_focal,
        align=align,
        control_points=gcp,
    )
    placing.check()
    known_sites = _read_sites(plan, sites)
    detector = open_detector(model)
    try:
        with Register.open(register, create=True) as opened:
            result = inspect_photos(
                opened, photo_files, detector, survey, known_sites, plan, progress, placing
            )
    except KeyboardInterrupt:
        say("the photos that were looked at are kept; the same command goes on with the others")
        raise
    for note in result.notes:
        say(note)
    if result.photos_of_other_model:
        warn(
            f"{result.photos_of_other_model} photos were inspected before in another way "
            f"({', '.join(result.differences)}) and stay as they are; use another register to inspect them "
            "in this way."
        )
    if result.metres_apart is not None:
        warn(
            f"no photo shows any of the sites, the nearest of which is {result.metres_apart / 1000:,.1f} km "
            "away: nothing was looked for; check that these are the right sites, and the photos' positions."
        )
    for rejected in result.photos_rejected:
        frame = "" if rejected.frame is None else f", frame {rejected.frame}"
        say(f"rejected {rejected.path}{frame}: {rejected.reason} ({rejected.detail})")
    emit(_document(result, register), as_json, lambda: "\n".join(_lines(result, register)))
    if result.photos_rejected:
        raise typer.Exit(1)


def _read_sites(plan: Path | None, sites: Path | None) -> tuple[Site, ...]:
    if plan is not None and sites is not None:
        raise PantauError("--plan and --sites both name sites; give one of them.")
    if plan is not None:
        sites = plan / "sites.geojson"
        if not sites.is_file():
            raise PantauError(
                f"{plan}: is no plan folder (it has no sites.geojson); give one of `pantau plan`."
            )
    if sites is None:
        return ()
    from pipeline.sites.site_reading import read_sites

    file = read_sites(sites)
    for remark in file.remarks:
        say(f"{sites}: {remark}")
    return file.sites


def _document(result: InspectionResult, register: Path) -> dict[str, Any]:
    from dataclasses import asdict

    from pipeline.coverage.coverage_summary import proof_document

    return {
        "register": str(register),
        "survey": result.survey,
        "photos": {
            "used": result.photos_used,
            "rejected": len(result.photos_rejected),
            "rejected_by_reason": result.rejected_by_reason,
            "already_inspected": result.photos_known,
            "looked_at_again": result.photos_again,
            "of_other_model": result.photos_of_other_model,
            "differences": list(result.differences),
            "metres_from_sites": result.metres_apart,
            "repeated": result.photos_repeated,
            "remarks": dict(result.remarks),
        },
        "rejected": [
            {"path": str(photo.path), "frame": photo.frame, "reason": photo.reason, "detail": photo.detail}
            for photo in result.photos_rejected
        ],
        "logs": list(result.notes),
        "alignment": _without_nan(asdict(result.alignment)) if result.alignment else None,
        "detections": result.detections,
        "observations": result.observations,
        "off_site": result.off_site,
        "defects": {"new": list(result.defects_new), "seen_again": list(result.defects_seen_again)},
        "coverage": proof_document(result.coverage) if result.coverage else None,
    }


def _without_nan(value: Any) -> Any:
    """JSON knows no NaN; what is not known is null."""
    if isinstance(value, dict):
        return {name: _without_nan(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    return None if isinstance(value, float) and value != value else value


def _lines(result: InspectionResult, register: Path) -> Iterator[str]:
    yield f"{register}: survey {result.survey}" if result.survey else f"{register}: no new photos"
    yield f"photos   {result.photos_used} used, {len(result.photos_rejected)} rejected"
    for reason, count in result.rejected_by_reason.items():
        yield f"         {count} {reason}"
    if result.photos_known:
        yield f"         {result.photos_known} already inspected"
    if result.photos_again:
        yield f"         {result.photos_again} looked at again, for sites they were not looked at for before"
    if result.photos_of_other_model:
        yield f"         {result.photos_of_other_model} inspected before in another way, left as they are"
    if result.photos_repeated:
        yield f"         {result.photos_repeated} with the same content as another one"
    if result.remarks:
        yield "noticed  " + ", ".join(f"{remark} ({count})" for remark, count in result.remarks.items())
    if result.alignment:
        yield from result.alignment.lines()
    beside = f", {result.off_site} beside all sites" if result.off_site else ""
    yield f"found    {result.detections} detections, {result.observations} observations on the ground{beside}"
    yield f"defects  {len(result.defects_new)} new, {len(result.defects_seen_again)} seen again"
    if result.coverage:
        from pipeline.coverage.coverage_summary import proof_text

        yield f"covered  {proof_text(result.coverage)}"
        if result.coverage.gaps:
            yield f'         `pantau plan --gaps "{register}" -o DIR` plans the flights for the rest'
