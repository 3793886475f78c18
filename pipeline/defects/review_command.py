"""`pantau review`: what people decide about defects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vision.console import AsJson, Quiet, Verbose, emit, warn
from vision.errors import PantauError

if TYPE_CHECKING:
    from pipeline.register.records import DefectRecord, EventRecord, ObservationRecord

_RegisterOption = Annotated[Path | None, typer.Option("-r", "--register", help="The register.")]
_Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="Defects; the first letters are enough.")]
_By = Annotated[str | None, typer.Option(help="Who decides; the user of this computer by default.")]
_Note = Annotated[str | None, typer.Option(help="Why, in a sentence; kept with the decision.")]


def add_commands(app: typer.Typer) -> None:
    """Register `review` with its verbs."""
    review = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    review.callback()(_review)
    review.command("list")(list_defects)
    review.command("show")(show_defect)
    for verb in (confirm, reject, assign, repair, verify, reopen):
        review.command()(verb)
    app.add_typer(review, name="review")


def _review(context: typer.Context, register: _RegisterOption = None) -> None:
    """List and show defects, and decide about them.

    A defect goes new → confirmed → assigned → repaired → verified; it can be rejected, and reopened.
    What a person decided stays, whatever later runs of `pantau inspect` find. Every decision is kept
    with its time, person and note.

    Examples:

      pantau review -r register.db list --status new

      pantau review -r register.db confirm D-7K2M9QXA D-5W --by ana
    """
    context.obj = register


def list_defects(
    context: typer.Context,
    status: Annotated[str | None, typer.Option(help="Only those in this state, say new.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only those of this kind, say pothole.")] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """List defects, the most urgent first.

    Examples:

      pantau review -r register.db list --status confirmed --kind pothole
    """
    from pipeline.defects.review import require_state
    from pipeline.register import Register
    from pipeline.register.unfinished_runs import unfinished_surveys, unfinished_warning

    if status is not None:
        require_state(status)
    with Register.open(_register_of(context), read_only=True) as register:
        defects = register.defects(status, kind)
        if kind is not None and not defects:
            _require_kind(kind, register.defects())
        names = {site.id: site.name for site in register.sites()}
        unfinished = unfinished_surveys(register.runs())
    if unfinished:
        warn(unfinished_warning(unfinished))
    emit(
        {"defects": [asdict(defect) for defect in defects], "unfinished_surveys": unfinished},
        as_json,
        lambda: "\n".join(_table(defects, names)),
    )


def show_defect(
    context: typer.Context,
    defect_id: Annotated[str, typer.Argument(metavar="ID", help="A defect; the first letters are enough.")],
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Show one defect: its figures, the photos that show it, what was decided.

    Examples:

      pantau review -r register.db show D-7K2M9QXA
    """
    from pipeline.register import Register

    with Register.open(_register_of(context), read_only=True) as register:
        defect = register.defect(defect_id)
        observations = register.observations_of(defect.id)
        events = register.events_of(defect.id)
        paths = {photo.id: str(photo.path.with_name(photo.name)) for photo in register.photos("used")}
        names = {site.id: site.name for site in register.sites()}
    document = {
        "defect": asdict(defect),
        "observations": [
            {**asdict(observation), "photo_path": paths[observation.photo]} for observation in observations
        ],
        "events": [asdict(event) for event in events],
    }
    emit(document, as_json, lambda: "\n".join(_description(defect, observations, events, paths, names)))


def confirm(
    context: typer.Context,
    ids: _Ids,
    by: _By = None,
    note: _Note = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Confirm that defects are what they were taken for.

    Examples:

      pantau review -r register.db confirm D-7K2M9QXA --by ana
    """
    _decide(context, "confirm", ids, by, note, as_json)


def reject(
    context: typer.Context,
    ids: _Ids,
    by: _By = None,
    note: _Note = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Reject defects that are none; they do not come back as new.

    Examples:

      pantau review -r register.db reject D-7K2M9QXA --note "a manhole cover"
    """
    _decide(context, "reject", ids, by, note, as_json)


def assign(
    context: typer.Context,
    ids: _Ids,
    to: Annotated[str, typer.Option(help="The team or person that is to repair them.")],
    by: _By = None,
    note: _Note = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Assign confirmed defects to a team or person.

    Examples:

      pantau review -r register.db assign D-7K2M9QXA --to "team north"
    """
    _decide(context, "assign", ids, by, note, as_json, assignee=to)


def repair(
    context: typer.Context,
    ids: _Ids,
    by: _By = None,
    note: _Note = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Note that defects were repaired.

    Examples:

      pantau review -r register.db repair D-7K2M9QXA --note "cold mix"
    """
    _decide(context, "repair", ids, by, note, as_json)


def verify(
    context: typer.Context,
    ids: _Ids,
    by: _By = None,
    note: _Note = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Note that repairs were seen to be good.

    Examples:

      pantau review -r register.db verify D-7K2M9QXA --by ana
    """
    _decide(context, "verify", ids, by, note, as_json)


def reopen(
    context: typer.Context,
    ids: _Ids,
    by: _By = None,
    note: _Note = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Open defects again that were repaired, verified or rejected.

    Examples:

      pantau review -r register.db reopen D-7K2M9QXA --note "broken up again"
    """
    _decide(context, "reopen", ids, by, note, as_json)


def _decide(
    context: typer.Context,
    action: str,
    ids: list[str],
    by: str | None,
    note: str | None,
    as_json: bool,
    assignee: str | None = None,
) -> None:
    from pipeline.defects.review import Decision, current_actor, decide
    from pipeline.register import Register

    decision = Decision(action, by or current_actor(), note, assignee)
    with Register.open(_register_of(context)) as register:
        decided = decide(register, ids, decision)
    emit(
        {"defects": [asdict(defect) for defect in decided]},
        as_json,
        lambda: "\n".join(f"{defect.id} {defect.status}" for defect in decided),
    )


def _register_of(context: typer.Context) -> Path:
    register: Path | None = context.obj
    if register is None:
        raise PantauError("no register given; say which: pantau review -r register.db list")
    return register


def _require_kind(kind: str, defects: list[DefectRecord]) -> None:
    kinds = sorted({defect.kind for defect in defects})
    if kind not in kinds:
        raise PantauError(f"{kind}: no defect is of this kind; there are {', '.join(kinds) or 'none'}.")


def _table(defects: list[DefectRecord], names: dict[str, str]) -> Iterator[str]:
    yield f"{'id':<10}  {'priority':>8}  {'severity':<8}  {'status':<9}  {'kind':<18}  {'seen':>5}  place"
    for defect in defects:
        yield (
            f"{defect.id:<10}  {defect.priority:>8.1f}  {defect.severity:<8}  {defect.status:<9}  "
            f"{defect.kind:<18}  {_seen(defect):>5}  {_place(defect, names)}"
        )


def _seen(defect: DefectRecord) -> str:
    """In how many photos it was seen, of how many that show its place."""
    of_all = f"/{defect.photo_count}" if defect.photo_count else ""
    return f"{defect.observation_count}{of_all}"


def _place(defect: DefectRecord, names: dict[str, str]) -> str:
    position = f"{defect.lat:.6f}, {defect.lon:.6f} ± {defect.sigma_m:.1f} m"
    if defect.site is None:
        return position
    station = f" at {defect.station_m:.0f} m" if defect.station_m is not None else ""
    return f"{position} ({names.get(defect.site, defect.site)}{station})"


def _size(defect: DefectRecord) -> str:
    """Sides and area of its outline, and what is measured of the damage itself."""
    parts = [f"{defect.length_m:.2f} × {defect.width_m:.2f} m, {defect.area_m2:.2f} m²"]
    if not defect.outlined:
        parts.append("measured on a box")
    if defect.crack_length_m is not None:
        parts.append(f"{defect.crack_length_m:.2f} m along the crack")
    if defect.crack_width_m is not None:
        parts.append(f"crack {defect.crack_width_m * 1000:.0f} mm wide")
    if defect.diameter_m is not None:
        parts.append(f"diameter {defect.diameter_m:.2f} m")
    return ", ".join(parts)


def _description(
    defect: DefectRecord,
    observations: list[ObservationRecord],
    events: list[EventRecord],
    paths: dict[str, str],
    names: dict[str, str],
) -> Iterator[str]:
    facts: dict[str, Any] = {
        "kind": defect.kind,
        "severity": f"{defect.severity}, priority {defect.priority:.1f}",
        "status": defect.status,
        "assignee": defect.assignee,
        "place": _place(defect, names),
        "size": _size(defect),
        "seen": f"in {_seen(defect)} photos of it, {defect.first_seen or '?'} … {defect.last_seen or '?'}",
    }
    yield defect.id
    yield from (f"  {name:<9} {value}" for name, value in facts.items() if value is not None)
    for observation in observations:
        yield f"  photo     {paths[observation.photo]} ({observation.kind}, score {observation.score:.2f})"
    for event in events:
        note = f": {event.note}" if event.note else ""
        yield f"  {event.at} {event.actor} {event.action} ({event.old} → {event.new}){note}"
