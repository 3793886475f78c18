"""All that is measured of a detector on labelled pictures, in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.scoring.average_precision import Reading, Scores, score
from models.scoring.error_breakdown import ErrorBreakdown, break_down_errors
from models.scoring.false_alarms import FalseAlarms, count_false_alarms
from models.scoring.intervals import Intervals, score_intervals


@dataclass(frozen=True)
class Evaluation:
    """Scores with their intervals, what goes wrong, and false alarms."""

    scores: Scores
    intervals: Intervals
    false_alarms: FalseAlarms
    errors: ErrorBreakdown

    def as_document(self) -> dict[str, Any]:
        """The evaluation as plain values: the scores, and below them everything else."""
        return self.scores.as_document() | {
            "intervals": self.intervals.as_document(),
            "false_alarms": self.false_alarms.as_document(),
            "errors": self.errors.as_document(),
        }


def evaluate(
    readings: Sequence[Reading],
    thresholds: Mapping[str, float],
    groups: Mapping[str, int] | None = None,
    gsd_cm: tuple[float, float] | None = None,
) -> Evaluation:
    """Evaluate readings of a detector that was opened with `LOWEST_THRESHOLD` for every kind.

    `thresholds` are those it ships with; `groups` are the pictures' overlap groups, None where nobody
    knows them; `gsd_cm` is the interval of their ground sample distances.
    """
    return Evaluation(
        score(readings, thresholds),
        score_intervals(readings, thresholds, groups),
        count_false_alarms(readings, thresholds, groups, gsd_cm),
        break_down_errors(readings, thresholds),
    )
