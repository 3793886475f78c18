"""`pantau models`, `pantau evaluate` and `pantau train`."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vision.console import AsJson, Quiet, Verbose, emit, progress, say
from vision.errors import PantauError

if TYPE_CHECKING:
    from models.folder import ModelFolder
    from models.scoring.average_precision import Scores

_MODELS_EXAMPLES = """\b
Examples:
  pantau models
  pantau models --json
"""
_EVALUATE_EXAMPLES = """\b
Examples:
  pantau evaluate --data labelled/drone --split val
  pantau evaluate --model my-model/ --data labelled/drone --split all --json
"""
_TRAIN_EXAMPLES = """\b
Examples:
  pantau train --data labelled/drone --start yolo11n.pt --work training/ -o my-model/ --epochs 30
  pantau train --data a/ --data b/ --start old.pt --work training/ -o my-model/ --gsd-cm 0.5 1.5
"""


class Part(StrEnum):
    """The parts of a data set that can be scored."""

    TRAIN = "train"
    VAL = "val"
    ALL = "all"


def add_commands(app: typer.Typer) -> None:
    """Add `models`, `evaluate` and `train`."""
    app.command("models", epilog=_MODELS_EXAMPLES)(_models)
    app.command("evaluate", epilog=_EVALUATE_EXAMPLES)(_evaluate)
    app.command("train", epilog=_TRAIN_EXAMPLES)(_train)


def _models(as_json: AsJson = False, verbose: Verbose = False, quiet: Quiet = False) -> None:
    """List the detectors that ship with Pantau.

    Shows for each the kinds of damage it finds, the ground resolution it was trained at, and its
    scores on pictures that it has never seen.
    """
    from models.catalogue import DEFAULT_MODEL, list_models

    known = list_models()
    document = {"default": DEFAULT_MODEL, "models": [_described(model) for model in known]}
    emit(document, as_json, lambda: "\n\n".join(_model_text(model) for model in known))


def _evaluate(
    data: Annotated[Path, typer.Option(help="Folder with 'images' and Pascal VOC labels in 'voc'.")],
    model: Annotated[
        str | None, typer.Option(help="Name of a model, its folder, or an ultralytics .pt file.")
    ] = None,
    split: Annotated[Part, typer.Option(help="Part of the data by its split.json, or all of it.")] = Part.VAL,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Score a detector on labelled pictures.

    Prints mAP50 and mAP50-95, and for each kind the average precision and, at the threshold that
    the model ships with, precision, recall and F1.
    """
    from models.catalogue import open_detector
    from models.kinds import labels_of
    from models.labelled.dataset import pictures_of_part
    from models.labelled.pictures import read_voc_folder
    from models.scoring.average_precision import LOWEST_THRESHOLD, read_all, score

    shipped = open_detector(model)
    lowest = open_detector(model, dict.fromkeys(shipped.thresholds, LOWEST_THRESHOLD)).detector
    pictures = pictures_of_part(data, read_voc_folder(data, labels_of(shipped.kinds)), split.value)
    with progress("reading pictures", len(pictures)) as advance:
        readings = read_all(lowest, pictures, advance)
    scores = score(readings, shipped.thresholds)
    document = {"model": shipped.name, "sha256": shipped.sha256, "split": split.value} | scores.as_document()
    emit(document, as_json, lambda: _scores_text(scores))


def _train(
    data: Annotated[list[Path], typer.Option(help="Folder with 'images' and 'voc'; as often as wanted.")],
    start: Annotated[Path, typer.Option(help="Ultralytics weights (.pt) to start from.")],
    work: Annotated[Path, typer.Option(help="Folder for the training's checkpoints.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The model folder to write.")],
    epochs: Annotated[int, typer.Option(min=1, help="How often every picture is seen.")] = 14,
    name: Annotated[str | None, typer.Option(help="The model's name; else the folder's.")] = None,
    version: Annotated[str, typer.Option("--model-version", help="The model's version.")] = "0.1.0",
    gsd_cm: Annotated[
        tuple[float, float] | None,
        typer.Option("--gsd-cm", help="Finest and coarsest ground resolution of the data, cm per pixel."),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="For the card: a data set, its source, its licence; repeatable.")
    ] = None,
    note: Annotated[list[str] | None, typer.Option(help="A sentence for the card; repeatable.")] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Fine-tune a detector on labelled pictures and write it as a model folder.

    Pictures that a folder's split.json counts to 'val' are never trained on; they give the scores
    in the model's card. Part of the others, by whole overlap groups, chooses the best epoch and the
    thresholds. An interrupted training goes on when the same command is given again; a finished one
    is exported again. Needs the extra: pip install '.[train]' in Pantau's folder.
    """
    from models.training.fine_tuning import TrainingSettings, train
    from models.training.release import Provenance, release_data, release_model

    _check_interval(gsd_cm)
    settings = TrainingSettings(epochs=epochs)
    provenance = Provenance(
        name or out.resolve().name,
        version,
        gsd_cm,
        tuple(source or [folder.resolve().name for folder in data]),
        tuple(note or ()),
    )
    # Ultralytics prints its progress on stdout, which belongs to the results.
    with redirect_stdout(sys.stderr):
        weights = train(data, start, work, settings)
        measured_on = release_data(data, settings)
        with progress("scoring", len(measured_on.held_out) + len(measured_on.val)) as advance:
            model = release_model(weights, out, provenance, measured_on, advance)
    say(f"{out}: written")
    emit(_described(model) | {"folder": str(out)}, as_json, lambda: _model_text(model))


def _check_interval(gsd_cm: tuple[float, float] | None) -> None:
    if gsd_cm is not None and not 0 < gsd_cm[0] <= gsd_cm[1]:
        raise PantauError(
            f"--gsd-cm {gsd_cm[0]:g} {gsd_cm[1]:g}: is no interval; give the finest value, then the coarsest."
        )


def _described(model: ModelFolder) -> dict[str, Any]:
    return {
        "name": model.name,
        "version": model.version,
        "architecture": model.architecture,
        "licence": model.licence,
        "gsd_cm": model.gsd_cm,
        "kinds": [vars(kind) | {"threshold": model.thresholds[kind.name]} for kind in model.kinds],
        "scores": model.scores,
        "sha256": model.sha256,
    }


def _model_text(model: ModelFolder) -> str:
    gsd = f"{model.gsd_cm[0]:g}–{model.gsd_cm[1]:g} cm per pixel" if model.gsd_cm else "unknown"
    score = f"mAP50 {model.scores['map50']:.3f}" if "map50" in model.scores else "not scored"
    head = f"{model.name} {model.version} ({model.architecture}): ground resolution {gsd}; {score}"
    average = model.scores.get("ap50", {})
    lines = [
        f"  {kind.name:<20} {kind.rdd_code or '–':<7} {kind.indonesian:<20} "
        f"AP50 {f'{average[kind.name]:.3f}' if kind.name in average else '–'}"
        for kind in model.kinds
    ]
    return "\n".join([head, *lines])


def _scores_text(scores: Scores) -> str:
    head = f"{scores.pictures} pictures: mAP50 {scores.map50:.3f}, mAP50-95 {scores.map50_95:.3f}"
    columns = (
        f"  {'kind':<20} {'boxes':>6} {'AP50':>6} {'AP50-95':>8} {'precision':>10} {'recall':>7} {'F1':>6}"
    )
    lines = [
        f"  {kind.kind:<20} {kind.boxes:>6} {_number(kind.ap50):>6} {_number(kind.ap50_95):>8} "
        f"{kind.precision:>10.3f} {kind.recall:>7.3f} {kind.f1:>6.3f}  at {kind.threshold:.2f}"
        for kind in scores.per_kind
    ]
    return "\n".join([head, columns, *lines])


def _number(value: float | None) -> str:
    return f"{value:.3f}" if value is not None else "–"
