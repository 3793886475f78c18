"""The card of a model: what people should know before they trust it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.folder import ModelFolder
from models.scoring.average_precision import KindScores, Scores
from models.scoring.background import BackgroundAlarms, Ground
from models.scoring.evaluation import Evaluation
from models.scoring.evaluation_text import interval_text
from models.scoring.false_alarms import FalseAlarms
from models.scoring.intervals import Interval, Intervals

if TYPE_CHECKING:
    from models.training.quantization import Int8Comparison

# With fewer labelled boxes than this, an average precision moves by several hundredths with one box.
_FEW_BOXES = 50
# Draws of fewer groups than this are too alike, so that their interval is too narrow.
_FEW_GROUPS = 20


@dataclass(frozen=True)
class Evidence:
    """What was measured of a model and what its makers say of it; all of it may be missing.

    `held_out` pictures were used to choose the best epoch and the thresholds, `evaluation` is of the
    pictures kept for scoring, `background` of whole photos. `cross_validation` is what
    `pantau cross-validate --json` prints; `int8` compares the INT8 network with the one in FP32. `data`
    names the data sets with their licences; `notes` are further sentences.
    """

    held_out: int = 0
    evaluation: Evaluation | None = None
    background: BackgroundAlarms | None = None
    cross_validation: Mapping[str, Any] | None = None
    int8: Int8Comparison | None = None
    data: Sequence[str] = ()
    notes: Sequence[str] = ()


def card_text(model: ModelFolder, evidence: Evidence) -> str:
    """The card in Markdown: data, split, scores, false alarms, ground resolution, limits."""
    evaluation = evidence.evaluation
    sections = [
        f"# {model.name} {model.version}",
        f"Finds {', '.join(kind.english for kind in model.kinds)} in pictures taken straight down from a "
        f"drone. Architecture {model.architecture}, tiles of {model.input_px} px{_views_text(model)}. "
        f"Licence {model.licence}.",
        "## Data\n\n" + _bullets(evidence.data or ["not stated"]),
        "## Split\n\n" + _split_text(evidence.held_out, evaluation.scores if evaluation else None),
        "## Scores\n\n" + _scores_text(evidence),
        "## False alarms\n\n" + _false_alarms_text(evidence),
        "## Ground resolution\n\n" + _resolution_text(model),
        "## Limits\n\n" + _bullets([*_limits(evaluation), *evidence.notes]),
    ]
    return "\n\n".join(sections) + "\n"


def _views_text(model: ModelFolder) -> str:
    if model.view_count == 1:
        return ""
    return f", each looked at in {model.view_count} views (as it is and mirrored)"


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


def _scores_text(evidence: Evidence) -> str:
    evaluation = evidence.evaluation
    parts = [_table(evaluation.scores, evaluation.intervals)] if evaluation else []
    parts = parts or ["None: no picture was kept for scoring."]
    if evidence.cross_validation:
        parts.append(cross_validation_text(evidence.cross_validation))
    if evidence.int8:
        parts.append(_int8_text(evidence.int8))
    return "\n\n".join(parts)


def _int8_text(comparison: Int8Comparison) -> str:
    if not comparison.map50:
        return (
            "No picture of damage was at hand, so nobody knows whether the network finds as much in INT8: it "
            "does not ship."
        )
    figures = ", ".join(
        f"{int8:.3f} on the {name} pictures (FP32 {fp32:.3f})"
        for name, (fp32, int8) in comparison.map50.items()
    )
    verdict = "it is what ships" if comparison.is_as_good else "it does not ship"
    return f"In INT8 the network reaches mAP50 {figures}: {verdict}."


def _table(scores: Scores, intervals: Intervals) -> str:
    overall = intervals.overall
    what = "pictures" if intervals.by_picture else "overlap groups"
    return (
        f"mAP50 **{_number(scores.map50)}** ({interval_text(overall['map50'])}), mAP50-95 "
        f"**{_number(scores.map50_95)}** ({interval_text(overall['map50_95'])}), mean F1 "
        f"**{_number(scores.f1)}** ({interval_text(overall['f1'])}). Precision, recall and F1 at the shipped "
        f"threshold, at an intersection over union of 0.5. In brackets: 95 % intervals from "
        f"{intervals.draws} draws of the {intervals.groups} {what}.\n\n"
        "| kind | boxes | groups | AP50 | AP50-95 | threshold | precision | recall | F1 |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    ) + "\n".join(_row(kind, intervals) for kind in scores.per_kind)


def _row(kind: KindScores, intervals: Intervals) -> str:
    own = intervals.per_kind[kind.kind]
    cells = [
        kind.kind,
        str(kind.boxes),
        str(intervals.groups_with[kind.kind]),
        _with(kind.ap50, own["ap50"]),
        _with(kind.ap50_95, own["ap50_95"]),
        f"{kind.threshold:.2f}",
        _with(kind.precision, own["precision"]),
        _with(kind.recall, own["recall"]),
        _with(kind.f1, own["f1"]),
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _with(value: float | None, interval: Interval | None) -> str:
    return f"{value:.3f} ({interval_text(interval)})" if value is not None and interval else _number(value)


def cross_validation_text(document: Mapping[str, Any]) -> str:
    """What the recipe and the data are good for, by source of the pictures.

    `document` is what `pantau cross-validate --json` prints; raises KeyError, TypeError, ValueError or
    AttributeError for anything else.
    """
    head = (
        f"{document['folds']}-fold cross-validation of {document['kind']} over everything, folds by whole "
        f"overlap groups, {document['epochs']} epochs at {document['imgsz_px']} px each. It measures the "
        "recipe and the data, not these weights:"
    )
    lines = [
        f"{name}: AP50 {_with(source['ap50'], source['ap50_interval'])}, F1 {_number(source['f1'])} "
        f"(precision {_number(source['precision'])}, recall {_number(source['recall'])}) on "
        f"{source['boxes']} boxes in {source['pictures']} pictures"
        for name, source in document["sources"].items()
    ]
    return f"{head}\n\n{_bullets(lines)}"


def _false_alarms_text(evidence: Evidence) -> str:
    lines = []
    if evidence.evaluation:
        lines.append(_alarms_of_tiles(evidence.evaluation.false_alarms))
    if evidence.background:
        lines += _alarms_of_photos(evidence.background)
    return _bullets(lines) if lines else "Not counted."


def _alarms_of_tiles(alarms: FalseAlarms) -> str:
    text = (
        "Findings off all labelled boxes of the scored pictures, at the shipped thresholds: "
        f"{alarms.count}, {_with(alarms.per_picture, alarms.interval)} a picture"
    )
    if alarms.per_100_m2:
        low, high = alarms.per_100_m2
        text += (
            f", {low:.1f}–{high:.1f} on 100 m², by the finest and coarsest ground resolution of the data; "
            "nobody marked the road's edges, so the ground is all that the pictures show outside the boxes"
        )
    return text + "."


def _alarms_of_photos(alarms: BackgroundAlarms) -> list[str]:
    if not alarms.road_is_marked:
        return [f"In {alarms.pictures} whole photos, their roads not marked: {_on(alarms.elsewhere)}."]
    return [
        f"On the road in {alarms.pictures} whole photos, outside its damage: {_on(alarms.on_road)}.",
        f"Beside the road in them (grass, trees, roofs, water): {_on(alarms.elsewhere)}.",
    ]


def _on(ground: Ground) -> str:
    kinds = ", ".join(f"{kind} {count}" for kind, count in ground.per_kind.items())
    text = f"{ground.count}" + (f" ({kinds})" if kinds else "")
    if ground.per_100_m2 is None or ground.area_m2 is None:
        return text
    return f"{text}, {ground.per_100_m2:.2f} on 100 m² (of {ground.area_m2:.0f} m²)"


def _resolution_text(model: ModelFolder) -> str:
    if model.gsd_cm is None:
        return "Unknown: pictures are read as they are."
    fine, coarse = model.gsd_cm
    text = (
        f"Trained on pictures of {fine:g}–{coarse:g} cm per pixel. Photos finer than the middle of that are "
        "shrunk to it before they are read, photos coarser than all of it are enlarged, at most twofold."
    )
    if not model.coarsest_gsd_cm:
        return text
    limits = ", ".join(f"{kind} {gsd_cm:g} cm" for kind, gsd_cm in model.coarsest_gsd_cm.items())
    return f"{text} In photos coarser than this a kind is not reported: {limits} per pixel."


def _limits(evaluation: Evaluation | None) -> list[str]:
    limits = ["Pictures taken obliquely, at dusk or on wet roads were not part of the scoring."]
    for kind in evaluation.scores.per_kind if evaluation else ():
        if not kind.boxes:
            limits.append(
                f"{kind.kind}: no box was scored; nothing is known of it, and the means leave it out."
            )
        elif kind.boxes < _FEW_BOXES:
            scored = "one box was" if kind.boxes == 1 else f"only {kind.boxes} boxes were"
            limits.append(f"{kind.kind}: {scored} scored; its scores are uncertain.")
    for name, groups in evaluation.intervals.groups_with.items() if evaluation else ():
        if groups == 1:
            limits.append(f"{name}: labelled in one overlap group only; no interval can be said.")
        elif 0 < groups < _FEW_GROUPS:
            limits.append(
                f"{name}: labelled in {groups} overlap groups only; its intervals are rather too narrow."
            )
    return limits
