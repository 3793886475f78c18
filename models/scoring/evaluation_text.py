"""An evaluation as text for people."""

from __future__ import annotations

from collections.abc import Mapping

from models.scoring.average_precision import KindScores
from models.scoring.background import BackgroundAlarms, Ground
from models.scoring.error_breakdown import MISSED, ErrorBreakdown
from models.scoring.evaluation import Evaluation
from models.scoring.false_alarms import FalseAlarms
from models.scoring.intervals import Interval, Intervals
from models.scoring.verdicts import Verdict


def evaluation_text(
    evaluation: Evaluation, alarms: BackgroundAlarms | None = None, with_errors: bool = False
) -> str:
    """Scores with intervals, kind by kind, then false alarms; the sorts of error where wanted."""
    scores, intervals = evaluation.scores, evaluation.intervals
    head = (
        f"{scores.pictures} pictures: mAP50 {_with(scores.map50, intervals.overall['map50'])}, "
        f"mAP50-95 {_with(scores.map50_95, intervals.overall['map50_95'])}, "
        f"mean F1 {_with(scores.f1, intervals.overall['f1'])}"
    )
    columns = (
        f"  {'kind':<19} {'boxes':>5} {'groups':>6}  {'AP50':<17} {'AP50-95':<17} "
        f"{'precision':<17} {'recall':<17} {'F1':<17}"
    )
    parts = [head, columns, *(_kind_line(kind, intervals) for kind in scores.per_kind)]
    if scores.unlabelled:
        parts.append(
            f"Nothing is known of kinds without a box; the means leave out {', '.join(scores.unlabelled)}."
        )
    parts += [_drawn(intervals), _false_alarms(evaluation.false_alarms)]
    if alarms:
        parts.append(_background(alarms))
    if with_errors:
        parts.append(_errors(evaluation.errors))
    return "\n".join(parts)


def interval_text(interval: Interval | None) -> str:
    """An interval with two decimals, or a dash where there is none."""
    return f"{interval[0]:.2f}–{interval[1]:.2f}" if interval else "–"


def _with(value: float | None, interval: Interval | None) -> str:
    return f"{value:.3f} ({interval_text(interval)})" if value is not None else "–"


def _kind_line(kind: KindScores, intervals: Intervals) -> str:
    own = intervals.per_kind[kind.kind]
    cells = [
        _with(value, own[name])
        for name, value in (
            ("ap50", kind.ap50),
            ("ap50_95", kind.ap50_95),
            ("precision", kind.precision),
            ("recall", kind.recall),
            ("f1", kind.f1),
        )
    ]
    groups = intervals.groups_with[kind.kind]
    line = f"  {kind.kind:<19} {kind.boxes:>5} {groups:>6}  " + " ".join(f"{cell:<17}" for cell in cells)
    return f"{line} at {kind.threshold:.2f}"


def _drawn(intervals: Intervals) -> str:
    what = "overlap groups"
    if intervals.by_picture:
        what = "single pictures (the folder has no overlap_groups.json; if pictures overlap, too narrow)"
    return f"In brackets: 95 % intervals from {intervals.draws} draws of {intervals.groups} {what}."


def _false_alarms(alarms: FalseAlarms) -> str:
    text = (
        f"False alarms off all labelled boxes: {alarms.count}, "
        f"{_with(alarms.per_picture, alarms.interval)} a picture"
    )
    if alarms.per_100_m2:
        low, high = alarms.per_100_m2
        text += f", {low:.1f}–{high:.1f} on 100 m² outside them, at the ground resolution of the training"
    return f"{text} ({_per_kind(alarms.per_kind)})."


def _background(alarms: BackgroundAlarms) -> str:
    if not alarms.road_is_marked:
        return (
            f"Findings on {alarms.pictures} whole photos: {alarms.per_picture:.1f} a photo: "
            f"{_ground(alarms.elsewhere)}; nobody marked what is road in them (--background-labels)"
        )
    return "\n".join(
        [
            f"False alarms on {alarms.pictures} whole photos: {alarms.per_picture:.1f} a photo",
            f"  on the road:      {_ground(alarms.on_road)}",
            f"  beside the road:  {_ground(alarms.elsewhere)}",
        ]
    )


def _ground(ground: Ground) -> str:
    text = str(ground.count)
    if ground.per_100_m2 is not None:
        text += f", {ground.per_100_m2:.2f} on 100 m² (of {ground.area_m2:.0f} m²)"
    return f"{text} ({_per_kind(ground.per_kind)})" if ground.count else text


def _per_kind(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.items() if count) or "none"


def _errors(errors: ErrorBreakdown) -> str:
    words = [*(verdict.value for verdict in Verdict), MISSED]
    lines = ["What the findings are, and boxes that none means:", _row("kind", words)]
    lines += [_row(kind, [str(counts[word]) for word in words]) for kind, counts in errors.per_kind.items()]
    gains = ["", *(f"{errors.map50_gain[word]:+.3f}" for word in words[1:])]
    return "\n".join([*lines, _row("mAP50 without", gains)])


def _row(name: str, cells: list[str]) -> str:
    return f"  {name:<19}" + "".join(f"{cell:>16}" for cell in cells)
