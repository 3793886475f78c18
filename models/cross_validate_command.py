"""`pantau cross-validate`: what a recipe and data are good for, where a kind is rare."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vision.console import AsJson, Quiet, Verbose, emit, progress_from_first_step, say
from vision.errors import PantauError

if TYPE_CHECKING:
    from models.training.cross_validation import FoldedSource

_EXAMPLES = """\b
Examples:
  pantau cross-validate --data labelled/drone --start yolo11n.pt --work folds/
  pantau cross-validate --data labelled/drone --oblique street-level/ --forward-view dashcam/ --start yolo11n.pt --work folds/ --json
"""  # noqa: E501


def add_commands(app: typer.Typer) -> None:
    """Add `cross-validate`."""
    app.command("cross-validate", epilog=_EXAMPLES)(_cross_validate)


def _cross_validate(
    data: Annotated[
        list[Path], typer.Option(help="Folder of labelled pictures that look straight down; repeatable.")
    ],
    start: Annotated[
        Path, typer.Option(help="Ultralytics weights (.pt) that were never trained on these pictures.")
    ],
    work: Annotated[Path, typer.Option(help="Folder for the folds' checkpoints and findings.")],
    oblique: Annotated[
        list[Path] | None, typer.Option(help="Folder of labelled pictures that look obliquely; repeatable.")
    ] = None,
    forward_view: Annotated[
        Path | None,
        typer.Option(help="Folder of forward-looking road photos with 'pothole_masks' and 'lane_masks'."),
    ] = None,
    kind: Annotated[str, typer.Option(help="The kind that is scored.")] = "pothole",
    folds: Annotated[int, typer.Option(min=2, help="How many detectors are trained.")] = 5,
    epochs: Annotated[int, typer.Option(min=1, help="How long each of them is trained.")] = 12,
    imgsz: Annotated[int, typer.Option(min=64, help="The size in px that pictures are shown at.")] = 416,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Score a rare kind by detectors that each are scored on what they never saw.

    As many detectors are trained as there are folds. All pictures are dealt out, those that show the
    same ground together, whatever a split.json says: by overlap_groups.json, or by comparing the
    pictures. For each fold a detector is trained by a short recipe on the others and reads the fold.
    The thresholds for F1 are chosen on the other folds' readings.

    Interrupted, it goes on when the same command is given again. Needs the extra: pip install '.[train]'.
    """
    from dataclasses import replace

    from models.training.cross_validation import CrossValidationSettings, read_folds
    from models.training.cross_validation_scores import score_folds, scores_text
    from models.training.material import MaterialSources, check_sources
    from models.ultralytics_detector import load_weights

    # Ultralytics prints its progress on the stdout it finds when imported, which belongs to the results.
    with redirect_stdout(sys.stderr):
        load_weights(start)
    more = MaterialSources(forward_view, oblique=tuple(oblique or ()))
    check_sources(more)
    sources = _sources([*data, *(oblique or ())], kind, work)
    settings = CrossValidationSettings(folds=folds, kind=kind)
    settings = replace(settings, training=replace(settings.training, epochs=epochs, imgsz_px=imgsz))
    with redirect_stdout(sys.stderr):
        readings = read_folds(
            sources, more, start, work, settings, lambda steps, text: say(f"{text} is read")
        )
    scores = score_folds(readings, kind, {source.name: source.groups for source in sources})
    document = {"kind": kind, "folds": folds, "epochs": epochs, "imgsz_px": imgsz}
    by_source = {one.source: one.as_document() for one in scores}
    emit(document | {"sources": by_source}, as_json, lambda: scores_text(scores))


def _sources(folders: list[Path], kind: str, work: Path) -> list[FoldedSource]:
    from models.kinds import ROAD_KINDS, labels_of
    from models.labelled.parts import groups_of
    from models.labelled.reading import open_labelled_folder
    from models.training.cross_validation import FoldedSource

    opened = {folder: open_labelled_folder(folder, labels_of(ROAD_KINDS)) for folder in folders}
    pictures_in = {folder: content.pictures for folder, content in opened.items()}
    for folder, pictures in pictures_in.items():
        for remark in opened[folder].remarks:
            say(f"{folder}: {remark}")
        if not any(box.kind == kind for picture in pictures for box in picture.boxes):
            raise PantauError(f"{folder}: nothing in it is labelled '{kind}'; give other data or kind.")
    names = _names(list(pictures_in))
    with progress_from_first_step("finding pictures of the same ground") as advance:
        return [
            FoldedSource(names[folder], pictures, groups_of(folder, pictures, work, advance))
            for folder, pictures in pictures_in.items()
        ]


def _names(folders: list[Path]) -> dict[Path, str]:
    """What the scores call each folder: its own name, or its path where two have the same name."""
    own = [folder.resolve().name for folder in folders]
    return {
        folder: name if own.count(name) == 1 else str(folder)
        for folder, name in zip(folders, own, strict=True)
    }
