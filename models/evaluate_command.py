"""`pantau evaluate`: honest scores of a detector on labelled pictures."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vision.console import AsJson, Quiet, Verbose, emit, progress, say
from vision.errors import PantauError

if TYPE_CHECKING:
    from models.catalogue import OpenedDetector
    from models.labelled.pictures import LabelledPicture
    from models.scoring.average_precision import Reading
    from models.scoring.background import BackgroundAlarms, BackgroundPicture
    from models.scoring.evaluation import Evaluation
    from vision.detector import Detector

_EXAMPLES = """\b
Examples:
  pantau evaluate --data labelled/drone --split val
  pantau evaluate --data labelled/drone --sheet worst.png --predictions found.json
  pantau evaluate --data labelled/drone --background photos/ --json
  pantau evaluate --model my-model/ --data labelled/drone --split all --json
"""


class Part(StrEnum):
    """The parts of a data set that can be scored."""

    TRAIN = "train"
    VAL = "val"
    ALL = "all"


class Precision(StrEnum):
    """What a network computes in."""

    FP32 = "fp32"
    INT8 = "int8"


def add_commands(app: typer.Typer) -> None:
    """Add `evaluate`."""
    app.command("evaluate", epilog=_EXAMPLES)(_evaluate)


def _evaluate(
    data: Annotated[Path, typer.Option(help="Folder of labelled pictures: VOC, YOLO, COCO or masks.")],
    model: Annotated[
        str | None, typer.Option(help="Name of a model, its folder, or an ultralytics .pt file.")
    ] = None,
    split: Annotated[Part, typer.Option(help="Part of the data by its split.json, or all of it.")] = Part.VAL,
    precision: Annotated[
        Precision | None, typer.Option(help="Of the model's network; INT8 by default where it has one.")
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="Write all findings there as COCO results (JSON).")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Draw the worst false alarms and misses there (PNG).")
    ] = None,
    background: Annotated[
        Path | None, typer.Option(help="Folder of whole photos to count false alarms on.")
    ] = None,
    background_labels: Annotated[
        Path | None,
        typer.Option(help="What is road and what is damage in them; else the folder's background.json."),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Score a detector on labelled pictures.

    Prints mAP50, mAP50-95 and the mean F1, and for each kind the average precision and, at the
    threshold that the model ships with, precision, recall and F1, all with 95 % intervals from drawing
    the overlap groups of the folder's overlap_groups.json again and again (single pictures where it
    has none); then how many findings lie off all labelled boxes. With -v also what sorts of error
    there are, and what mAP50 would gain without each.

    --predictions writes a JSON list of {image_id, category_id, bbox, score}: image_id is the picture's
    name without suffix, category_id counts the model's kinds from 1 (--json lists them as categories),
    bbox is left, top, width, height in pixels.
    """
    from models.catalogue import open_detector
    from models.scoring.background import read_background
    from models.scoring.coco_results import coco_categories, write_coco_results
    from models.scoring.evaluation_text import evaluation_text

    opened = open_detector(model, precision=precision.value if precision else None)
    # What cannot be read or written should be known before the pictures are read for minutes.
    if background_labels and not background:
        raise PantauError(f"{background_labels}: says what photos show; name their folder by --background.")
    for file in filter(None, (predictions, sheet)):
        _check_file(file)
    photos = read_background(background, background_labels) if background else []
    pictures, remarks = _pictures(opened, data, split)
    readings, evaluation = _measure(_eager(opened, model, precision), opened, data, pictures)
    alarms = _count_background(opened, photos) if photos else None
    kinds = [kind.name for kind in opened.kinds]
    if predictions:
        write_coco_results(predictions, readings, kinds)
        say(f"{predictions}: written")
    if sheet:
        _draw_sheet(sheet, opened, readings, alarms, background)
        say(f"{sheet}: written")
    document: dict[str, Any] = {
        "model": opened.name,
        "sha256": opened.sha256,
        "split": split.value,
        "remarks": remarks,
    }
    document |= evaluation.as_document() | {"categories": coco_categories(kinds)}
    if alarms:
        document["background"] = alarms.as_document()
    emit(document, as_json, lambda: evaluation_text(evaluation, alarms, verbose))


def _eager(opened: OpenedDetector, model: str | None, precision: Precision | None) -> Detector:
    """The same detector, reporting the candidates that average precision asks for too."""
    from models.catalogue import open_detector
    from models.scoring.average_precision import LOWEST_THRESHOLD

    lowest = dict.fromkeys(opened.thresholds, LOWEST_THRESHOLD)
    return open_detector(model, lowest, precision.value if precision else None).detector


def _pictures(
    opened: OpenedDetector, data: Path, split: Part
) -> tuple[list[LabelledPicture], tuple[str, ...]]:
    """The pictures to score on, and what was met in reading their folder, which is said too."""
    from models.kinds import labels_of
    from models.labelled.dataset import SPLIT, pictures_of_part, read_split, split_remarks
    from models.labelled.reading import open_labelled_folder

    folder = open_labelled_folder(data, labels_of(opened.kinds))
    pictures = pictures_of_part(data, folder.pictures, split.value)
    remarks = folder.remarks
    if split is not Part.ALL:
        remarks += split_remarks(read_split(data / SPLIT), folder.pictures)
    for remark in remarks:
        say(f"{data}: {remark}")
    return pictures, remarks


def _check_file(file: Path) -> None:
    from models.output_place import check_place

    if file.is_dir():
        raise PantauError(f"{file}: is a folder; name a file to write.")
    check_place(file)


def _measure(
    eager: Detector, opened: OpenedDetector, data: Path, pictures: list[LabelledPicture]
) -> tuple[list[Reading], Evaluation]:
    from models.labelled.dataset import OVERLAP_GROUPS, read_groups
    from models.scoring.average_precision import read_all
    from models.scoring.evaluation import evaluate

    groups = read_groups(data / OVERLAP_GROUPS) if (data / OVERLAP_GROUPS).is_file() else None
    with progress("reading pictures", len(pictures)) as advance:
        readings = read_all(eager, pictures, advance)
    return readings, evaluate(readings, opened.thresholds, groups, opened.gsd_cm)


def _count_background(opened: OpenedDetector, photos: list[BackgroundPicture]) -> BackgroundAlarms:
    from models.scoring.background import count_on_background

    with progress("reading photos", len(photos)) as advance:
        return count_on_background(opened.detector, photos, advance)


def _draw_sheet(
    file: Path,
    opened: OpenedDetector,
    readings: list[Reading],
    alarms: BackgroundAlarms | None,
    background: Path | None,
) -> None:
    from models.scoring.contact_sheet import write_contact_sheet
    from models.scoring.worst_errors import background_rows, worst_rows

    rows = worst_rows(readings, opened.thresholds, opened.kinds)
    if alarms and background:
        rows += background_rows(alarms, background)
    title = f"{opened.name} on {len(readings)} pictures: the worst false alarms and misses"
    write_contact_sheet(file, title, rows)
