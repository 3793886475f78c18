"""Scores of a cross-validation: over all folds together, and how far they spread from fold to fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.scoring.average_precision import KindScores, Reading, judge, score
from models.scoring.intervals import Interval, score_intervals
from models.scoring.thresholds import choose_thresholds
from models.training.cross_validation import FoldReadings


@dataclass(frozen=True)
class SourceScores:
    """How well unseen pictures of one source are read.

    `ap50` takes the findings of all folds together, `ap50_interval` its 95 % interval from drawing
    overlap groups; `precision`, `recall` and `f1` count what each fold reports at its own threshold,
    which was chosen on the other folds' readings. `per_fold` are the same for each fold alone. Scores
    are None where no box is labelled.
    """

    source: str
    pictures: int
    boxes: int
    ap50: float | None
    ap50_interval: Interval | None
    precision: float | None
    recall: float | None
    f1: float | None
    per_fold: tuple[KindScores, ...]

    def as_document(self) -> dict[str, Any]:
        """The scores as plain values, with mean and standard deviation over the folds."""
        return asdict(self) | {
            "ap50_over_folds": _spread([fold.ap50 for fold in self.per_fold]),
            "f1_over_folds": _spread([fold.f1 for fold in self.per_fold]),
        }


def score_folds(
    folds: Sequence[FoldReadings], kind: str, groups: Mapping[str, Mapping[str, int]]
) -> list[SourceScores]:
    """The scores of each source; `groups` are its pictures' overlap groups, where they are known."""
    names = list(folds[0].by_source) if folds else []
    return [_score_source(name, folds, kind, groups.get(name)) for name in names]


def scores_text(scores: Sequence[SourceScores]) -> str:
    """The scores for people: a line for each source, and one for each of its folds."""
    lines = []
    for one in scores:
        document = one.as_document()
        low_high = "–".join(f"{value:.2f}" for value in one.ap50_interval or ())
        lines.append(
            f"{one.source}: {one.boxes} boxes in {one.pictures} pictures: "
            f"AP50 {_number(one.ap50)}{f' (95 %: {low_high})' if low_high else ''}, "
            f"F1 {_number(one.f1)} (precision {_number(one.precision)}, recall {_number(one.recall)}); "
            f"over folds AP50 {_mean_and_spread(document['ap50_over_folds'])}, "
            f"F1 {_mean_and_spread(document['f1_over_folds'])}"
        )
        lines += [
            f"  fold {number}: {fold.boxes:>4} boxes, AP50 {_number(fold.ap50)}, F1 {_number(fold.f1)} "
            f"at {fold.threshold:.2f}"
            for number, fold in enumerate(one.per_fold, start=1)
        ]
    return "\n".join(lines)


def _score_source(
    name: str, folds: Sequence[FoldReadings], kind: str, groups: Mapping[str, int] | None
) -> SourceScores:
    per_fold, right, reported = [], 0, 0
    for fold in folds:
        others = [one for other in folds if other is not fold for one in other.by_source[name]]
        thresholds = choose_thresholds(others, [kind])
        readings = fold.by_source[name]
        per_fold.append(score(readings, thresholds).per_kind[0])
        judgement = judge(readings, kind)
        is_reported = judgement.score >= thresholds[kind]
        reported += int(is_reported.sum())
        right += int(judgement.hit[is_reported, 0].sum())
    pooled: list[Reading] = [one for fold in folds for one in fold.by_source[name]]
    thresholds = choose_thresholds(pooled, [kind])
    together = score(pooled, thresholds).per_kind[0]
    boxes = together.boxes
    return SourceScores(
        source=name,
        pictures=len(pooled),
        boxes=boxes,
        ap50=together.ap50,
        ap50_interval=score_intervals(pooled, thresholds, groups).per_kind[kind]["ap50"],
        precision=right / max(reported, 1) if boxes else None,
        recall=right / boxes if boxes else None,
        f1=2 * right / (reported + boxes) if boxes else None,
        per_fold=tuple(per_fold),
    )


def _spread(values: Sequence[float | None]) -> dict[str, float] | None:
    """Mean and standard deviation of what is known; None where less than two values are."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    return {"mean": float(np.mean(known)), "sd": float(np.std(known, ddof=1))}


def _mean_and_spread(spread: Mapping[str, float] | None) -> str:
    return f"{spread['mean']:.3f} ± {spread['sd']:.3f}" if spread else "–"


def _number(value: float | None) -> str:
    return f"{value:.3f}" if value is not None else "–"
