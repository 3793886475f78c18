"""The card of a model: what people should know before they trust it."""

from __future__ import annotations

from collections.abc import Sequence

from models.folder import ModelFolder
from models.scoring.average_precision import KindScores, Scores

# With fewer labelled boxes than this, an average precision moves by several hundredths with one box.
_FEW_BOXES = 50


def card_text(
    model: ModelFolder, scores: Scores | None, held_out: int, data: Sequence[str], notes: Sequence[str]
) -> str:
    """The card in Markdown: data, split, scores, ground resolution, limits.

    `held_out` pictures were used to choose the best epoch and the thresholds; `data` names the data
    sets with their licences; `notes` are further sentences.
    """
    sections = [
        f"# {model.name} {model.version}",
        f"Finds {', '.join(kind.english for kind in model.kinds)} in pictures taken straight down from a "
        f"drone. Architecture {model.architecture}, tiles of {model.input_px} px. Licence {model.licence}.",
        "## Data\n\n" + _bullets(data or ["not stated"]),
        "## Split\n\n" + _split_text(held_out, scores),
        "## Scores\n\n" + (_scores_text(scores) if scores else "None: no picture was kept for scoring."),
        "## Ground resolution\n\n" + _resolution_text(model),
        "## Limits\n\n" + _bullets([*_limits(scores), *notes]),
    ]
    return "\n\n".join(sections) + "\n"


def _bullets(items: Sequence[str]) -> str:
    return "\n".join(f"* {item}" for item in items)


def _split_text(held_out: int, scores: Scores | None) -> str:
    scored = (
        f"Scored on {scores.pictures} pictures that were neither trained on nor used to choose anything."
        if scores
        else "Nothing was kept for scoring."
    )
    chosen = (
        f"The best epoch and the thresholds were chosen on {held_out} pictures held out of the training "
        "part by whole overlap groups."
        if held_out
        else "The thresholds were not chosen on data."
    )
    return f"{scored} {chosen}"


def _scores_text(scores: Scores) -> str:
    head = (
        f"mAP50 **{scores.map50:.3f}**, mAP50-95 **{scores.map50_95:.3f}**. Precision, recall and F1 at the "
        "shipped threshold, at an intersection over union of 0.5.\n\n"
        "| kind | boxes | AP50 | AP50-95 | threshold | precision | recall | F1 |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|\n"
    )
    return head + "\n".join(_row(kind) for kind in scores.per_kind)


def _row(kind: KindScores) -> str:
    averages = [f"{value:.3f}" if value is not None else "–" for value in (kind.ap50, kind.ap50_95)]
    rest = [f"{kind.threshold:.2f}", f"{kind.precision:.3f}", f"{kind.recall:.3f}", f"{kind.f1:.3f}"]
    return f"| {kind.kind} | {kind.boxes} | {' | '.join([*averages, *rest])} |"


def _resolution_text(model: ModelFolder) -> str:
    if model.gsd_cm is None:
        return "Unknown: pictures are read as they are."
    fine, coarse = model.gsd_cm
    return (
        f"Trained on pictures of {fine:g}–{coarse:g} cm per pixel. Finer photos are shrunk to {fine:g} cm "
        "per pixel before they are read; coarser ones are read as they are, with fewer findings."
    )


def _limits(scores: Scores | None) -> list[str]:
    limits = ["Pictures taken obliquely, at dusk or on wet roads were not part of the scoring."]
    for kind in scores.per_kind if scores else ():
        if kind.boxes < _FEW_BOXES:
            limits.append(f"{kind.kind}: only {kind.boxes} boxes were scored; its scores are uncertain.")
    return limits
