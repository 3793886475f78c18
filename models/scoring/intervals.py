"""How far scores can be trusted: intervals from drawing the overlap groups again and again.

The bootstrap over clusters (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 8): each draw
takes as many groups as there are, with replacement, and scores them; the interval holds the middle
95 % of the draws. Pictures of one group show the same ground, so that drawing single pictures would
make the intervals too narrow. With few groups they are too narrow still: six groups with potholes
say little of the seventh road.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.scoring.average_precision import IOU_LEVELS, RECALL_LEVELS, Judgement, Reading, judge
from vision.camera import FloatArray
from vision.candidates import IntArray

# With 1,000 the ends for a kind with 6 groups still moved by 0.1 from one seed to another.
DRAWS = 4000
_LEVEL_PERCENT = 95.0

Interval = tuple[float, float]


@dataclass(frozen=True)
class Intervals:
    """95 % intervals of scores; None where too little is labelled to say one.

    `groups` were drawn `draws` times, each an overlap group or, where `by_picture`, a picture.
    `overall` holds map50, map50_95 and f1; `per_kind` ap50, ap50_95, precision, recall and f1;
    `groups_with` counts the groups in which a kind is labelled.
    """

    by_picture: bool
    groups: int
    draws: int
    overall: Mapping[str, Interval | None]
    per_kind: Mapping[str, Mapping[str, Interval | None]]
    groups_with: Mapping[str, int]

    def as_document(self) -> dict[str, Any]:
        """The intervals as plain values."""
        return {
            "percent": _LEVEL_PERCENT,
            "drawn": "pictures" if self.by_picture else "overlap groups",
            "groups": self.groups,
            "draws": self.draws,
            **self.overall,
            "per_kind": {
                kind: {"groups": self.groups_with[kind]} | dict(intervals)
                for kind, intervals in self.per_kind.items()
            },
        }


@dataclass(frozen=True)
class _GroupCounts:
    """What of a judgement counts in a draw, by group (G groups, H hits at one IoU level).

    `seen` and `right` (H, G) count the group's findings, and hits, down to each hit's score; `boxes` (G,).
    """

    seen: IntArray
    right: IntArray
    boxes: IntArray


def score_intervals(
    readings: Sequence[Reading],
    thresholds: Mapping[str, float],
    groups: Mapping[str, int] | None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Intervals:
    """Intervals of all scores that `models.scoring.average_precision.score` gives for the same arguments.

    `groups` maps pictures' names to their overlap group; a picture without one is a group of its
    own, and so is every picture where it is None. The same seed gives the same intervals.
    """
    group_of = group_numbers(readings, groups)
    count = int(group_of.max(initial=-1)) + 1
    weights = draw_weights(count, draws, seed)
    sampled: dict[str, dict[str, FloatArray]] = {}
    groups_with: dict[str, int] = {}
    for kind, threshold in thresholds.items():
        judgement = judge(readings, kind)
        boxes = np.bincount(group_of, judgement.boxes_in, count)
        groups_with[kind] = int((boxes > 0).sum())
        sampled[kind] = _sampled_scores(judgement, threshold, group_of, weights)
    overall = {
        f"m{name}" if name.startswith("ap") else name: _interval_of_mean(
            [scores[name] for kind, scores in sampled.items() if groups_with[kind]] if count > 1 else []
        )
        for name in ("ap50", "ap50_95", "f1")
    }
    per_kind = {
        kind: {
            name: interval_of(values) if groups_with[kind] > 1 else None for name, values in scores.items()
        }
        for kind, scores in sampled.items()
    }
    return Intervals(groups is None, count, draws, overall, per_kind, groups_with)


def group_numbers(readings: Sequence[Reading], groups: Mapping[str, int] | None) -> IntArray:
    """The number (P,) of each reading's group, counted from 0 without gaps, in the order they come in.

    So the same pictures in the same groups are drawn alike, whatever the groups are called.
    """
    keys = [
        (0, str(groups[reading.picture.name]))
        if groups is not None and reading.picture.name in groups
        else (1, str(reading.picture.path))
        for reading in readings
    ]
    number = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], dtype=np.intp)


def draw_weights(groups: int, draws: int = DRAWS, seed: int = 0) -> FloatArray:
    """How often each group is in each draw (draws, groups); every row sums to the number of groups."""
    if groups == 0:
        return np.zeros((draws, 0))
    generator = np.random.default_rng(seed)
    return generator.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(np.float64)


def interval_of(values: FloatArray) -> Interval | None:
    """The middle 95 % of the draws that say something; None where none does."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    tail = (100 - _LEVEL_PERCENT) / 2
    low, high = np.percentile(known, [tail, 100 - tail])
    return float(low), float(high)


def average_precision_of_draws(
    hit: NDArray[np.bool_], group: IntArray, boxes_in_group: IntArray, weights: FloatArray
) -> FloatArray:
    """The average precision in each draw (D,), NaN in a draw without a labelled box.

    `hit` and `group` (N,) tell by falling score whether a finding is right and whose it is;
    `boxes_in_group` (G,) counts labelled boxes; `weights` (D, G) how often a draw holds a group.
    Precision peaks at hits only, so that nothing between them is looked at.
    """
    counts = _counts_at_hits(hit, group, boxes_in_group)
    seen, right = weights @ counts.seen.T, weights @ counts.right.T
    boxes = weights @ counts.boxes
    precision = np.divide(right, seen, out=np.zeros_like(right), where=seen > 0)
    best_from_here = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = right / boxes[:, None]
    levels_reached = np.searchsorted(RECALL_LEVELS, recall, side="right")
    levels_here = np.diff(levels_reached, axis=1, prepend=0)
    averages = (best_from_here * levels_here).sum(axis=1) / len(RECALL_LEVELS)
    return np.where(boxes > 0, averages, np.nan)


def _counts_at_hits(hit: NDArray[np.bool_], group: IntArray, boxes_in_group: IntArray) -> _GroupCounts:
    groups, at = len(boxes_in_group), np.flatnonzero(hit)
    segment = np.searchsorted(at, np.arange(len(hit)))  # a finding counts from the next hit onwards
    seen = np.zeros((len(at) + 1, groups), dtype=np.intp)
    np.add.at(seen, (segment, group), 1)
    right = np.zeros((len(at), groups), dtype=np.intp)
    right[np.arange(len(at)), group[at]] = 1
    return _GroupCounts(seen[: len(at)].cumsum(axis=0), right.cumsum(axis=0), boxes_in_group)


def _sampled_scores(
    judgement: Judgement, threshold: float, group_of: IntArray, weights: FloatArray
) -> dict[str, FloatArray]:
    """Each score of a kind in each draw (D,)."""
    group = group_of[judgement.picture]
    boxes = np.bincount(group_of, judgement.boxes_in, weights.shape[1]).astype(np.intp)
    levels = [
        average_precision_of_draws(judgement.hit[:, level], group, boxes, weights)
        for level in range(len(IOU_LEVELS))
    ]
    reported = judgement.score >= threshold
    found = weights @ np.bincount(group[reported], minlength=weights.shape[1])
    right = weights @ np.bincount(group[reported & judgement.hit[:, 0]], minlength=weights.shape[1])
    labelled = weights @ boxes
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, f1 = right / labelled, 2 * right / (found + labelled)
    precision = np.divide(right, found, out=np.zeros_like(right), where=found > 0)
    known = labelled > 0
    at_threshold = {"precision": precision, "recall": recall, "f1": f1}
    return {
        "ap50": levels[0],
        "ap50_95": np.mean(levels, axis=0),
        **{name: np.where(known, values, np.nan) for name, values in at_threshold.items()},
    }


def _interval_of_mean(per_kind: Sequence[FloatArray]) -> Interval | None:
    """The interval of the mean over the kinds that a draw holds."""
    if not per_kind:
        return None
    values = np.array(per_kind)
    known = np.isfinite(values)
    total = np.where(known, values, 0).sum(axis=0)
    means = np.divide(total, known.sum(axis=0), out=np.full(len(total), np.nan), where=known.any(axis=0))
    return interval_of(means)
