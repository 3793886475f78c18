"""`pantau train`: a detector fine-tuned on labelled pictures."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.model_text import described, model_text
from vision.console import AsJson, Quiet, Verbose, emit, progress, progress_from_first_step, say
from vision.errors import PantauError

if TYPE_CHECKING:
    from models.folder import ModelFolder
    from models.labelled.parts import DataParts
    from models.training.fine_tuning import TrainingSettings
    from models.training.material import MaterialSources

EXAMPLES = """\b
Examples:
  pantau train --data labelled/drone --start yolo11n.pt --work training/ -o my-model/ --epochs 30
  pantau train --data reviewed/ --train-only street-level/ --start old.pt --work training/ -o my-model/
  pantau train --data a/ --data b/ --start old.pt --work training/ -o my-model/ --gsd-cm 0.5 1.5
"""


def add_commands(app: typer.Typer) -> None:
    """Add `train`."""
    app.command("train", epilog=EXAMPLES)(_train)


def _train(
    data: Annotated[
        list[Path],
        typer.Option(
            help="Folder of labelled pictures: Pascal VOC, YOLO, COCO or masks; as often as wanted."
        ),
    ],
    start: Annotated[
        Path,
        typer.Option(help="Ultralytics weights (.pt) to start from, never trained on pictures to score on."),
    ],
    work: Annotated[Path, typer.Option(help="Folder for the training's checkpoints.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="The model folder to write.")],
    train_only: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of pictures to learn from and never to score on, say other views."),
    ] = None,
    forward_view: Annotated[
        Path | None,
        typer.Option(
            help="Folder of forward-looking road photos with 'pothole_masks' and 'lane_masks'; seen from "
            "above, their potholes are learnt too."
        ),
    ] = None,
    background: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of photos without damage: roofs, trees, fields, paving; repeatable."),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="How often every picture is seen.")] = 14,
    val_share: Annotated[
        float,
        typer.Option(min=0, max=0.9, help="Share kept for scoring of a folder that has no split.json."),
    ] = 0.2,
    name: Annotated[str | None, typer.Option(help="The model's name; else the folder's.")] = None,
    version: Annotated[str, typer.Option("--model-version", help="The model's version.")] = "0.1.0",
    gsd_cm: Annotated[
        tuple[float, float] | None,
        typer.Option("--gsd-cm", help="Finest and coarsest ground resolution of the data, cm per pixel."),
    ] = None,
    ground_resolution: Annotated[
        Path | None,
        typer.Option(
            help="Table of things of known size measured in the pictures; it gives --gsd-cm, and the "
            "coarsest resolution that each kind is still found at."
        ),
    ] = None,
    views: Annotated[
        int,
        typer.Option(
            help="Look at each tile in so many views, as it is and mirrored: 1, 2 or 4. Finds more, takes "
            "as many times as long."
        ),
    ] = 1,
    cross_validation: Annotated[
        Path | None,
        typer.Option(help="What 'pantau cross-validate --json' printed, for the card."),
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

    Folders may be of any format; what `pantau export -f yolo` and `-f coco` write is one of them.
    Pictures that a folder's split.json counts to 'val' are never trained on; they give the scores in
    the model's card. Without split.json, pictures that show the same ground stay together, so that
    none of it is trained on and scored: by the folder's overlap_groups.json, or by comparing the
    pictures. Part of the others, chosen likewise, decides on the best epoch and the thresholds.

    Before, pictures are made of those to learn from: potholes pasted on other roads, damage at other
    ground resolutions, ground without damage. Folders given by --train-only count as looking obliquely.

    An interrupted training goes on when the same command is given again; a finished one is exported
    again. Needs the extra: pip install '.[train]' in Pantau's folder.
    """
    from models.output_place import check_place
    from models.training.data_resolution import read_data_resolution
    from models.training.fine_tuning import TrainingSettings, gather_shown, is_begun, train
    from models.training.material import MaterialSources, check_sources
    from models.training.release import Provenance, ReleaseData, check_tools, release_model
    from models.training.resumption import hold_to_plan
    from models.ultralytics_detector import load_weights

    _check_interval(gsd_cm)
    _check_views(views)
    if out.exists() and not out.is_dir():
        raise PantauError(f"{out}: is a file; name a folder for the model with -o.")
    check_place(out)
    folds = _read_folds(cross_validation) if cross_validation else None
    # Ultralytics prints its progress on the stdout it finds when imported, which belongs to the results.
    with redirect_stdout(sys.stderr):
        load_weights(start)
    check_tools()
    sources = MaterialSources(forward_view, tuple(background or ()), tuple(train_only or ()))
    check_sources(sources)
    resolution = read_data_resolution(ground_resolution) if ground_resolution else None
    folders = [*data, *(train_only or ())]
    settings = TrainingSettings(epochs=epochs)
    provenance = Provenance(
        name or out.resolve().name,
        version,
        resolution.gsd_cm if resolution else gsd_cm,
        tuple(source or [folder.resolve().name for folder in folders]),
        tuple(note or ()),
        view_count=views,
    )
    parts = _gather(data, train_only or (), val_share, work)
    hold_to_plan(work, _plan(parts, sources, start, settings), is_begun(work))
    with progress_from_first_step("making training material") as advance:
        shown = [] if is_begun(work) else gather_shown(parts.learn, work, settings, sources, advance)
    with redirect_stdout(sys.stderr):
        weights = train(shown, parts.held_out, start, work, settings)
        of_picture = resolution.of_pictures(parts.held_out, parts.groups) if resolution else None
        measured_on = ReleaseData(
            parts.held_out,
            parts.val,
            parts.groups,
            of_picture,
            parts.learn,
            cross_validation=folds,
        )
        with progress("scoring", measured_on.readings) as advance:
            model = release_model(weights, out, provenance, measured_on, advance)
    say(f"{out}: written")
    emit(_document(model, parts, out), as_json, lambda: model_text(model))


def _plan(
    parts: DataParts, sources: MaterialSources, start: Path, settings: TrainingSettings
) -> dict[str, Any]:
    """What a training is, by words for people."""
    from models.training.resumption import fingerprint

    return {
        "start": start.name,
        **asdict(settings),
        "pictures to learn from": fingerprint(picture.name for picture in parts.learn),
        "pictures to choose on": fingerprint(picture.name for picture in parts.held_out),
        "pictures to score on": fingerprint(picture.name for picture in parts.val),
        "forward view": sources.forward_view and sources.forward_view.resolve().name,
        "background": [folder.resolve().name for folder in sources.background],
    }


def _gather(data: list[Path], train_only: list[Path] | tuple[()], val_share: float, work: Path) -> DataParts:
    from models.kinds import ROAD_KINDS, labels_of
    from models.labelled.parts import PartShares, gather_parts

    with progress_from_first_step("finding pictures of the same ground") as advance:
        shares = PartShares(val=val_share)
        parts = gather_parts(data, labels_of(ROAD_KINDS), shares, work, advance, train_only)
    for remark in parts.remarks:
        say(remark)
    say(_shares_text(parts))
    return parts


def _check_interval(gsd_cm: tuple[float, float] | None) -> None:
    if gsd_cm is not None and not 0 < gsd_cm[0] <= gsd_cm[1]:
        raise PantauError(
            f"--gsd-cm {gsd_cm[0]:g} {gsd_cm[1]:g}: is no interval; give the finest value, then the coarsest."
        )


def _read_folds(file: Path) -> dict[str, Any]:
    import json

    from models.card import cross_validation_text

    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        cross_validation_text(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PantauError(
            f"{file}: is not what `pantau cross-validate --json` prints ({error}); give its output."
        ) from error
    return dict(document)


def _check_views(views: int) -> None:
    from vision.views import VIEW_COUNTS

    if views not in VIEW_COUNTS:
        raise PantauError(f"--views {views}: there are {', '.join(map(str, VIEW_COUNTS))}; give one of them.")


def _document(model: ModelFolder, parts: DataParts, out: Path) -> dict[str, Any]:
    pictures = {"learn": len(parts.learn), "held_out": len(parts.held_out), "val": len(parts.val)}
    return described(model) | {"folder": str(out), "pictures": pictures, "remarks": parts.remarks}


def _shares_text(parts: DataParts) -> str:
    return (
        f"{len(parts.learn)} pictures to learn from, {len(parts.held_out)} to choose on, "
        f"{len(parts.val)} to score on"
    )
