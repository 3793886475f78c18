"""Which scores are worth reporting: thresholds chosen on pictures held out of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.scoring.average_precision import Judgement, Reading, judge, precision_recall_f1
from vision.camera import FloatArray

# Where too few pictures were held out to choose on: what ultralytics predicts with.
UNCHOSEN_THRESHOLD = 0.25
_CANDIDATES = np.round(np.arange(0.05, 0.91, 0.01), 2)
# A curve of F1 from fewer boxes has its top wherever single boxes happen to lie.
_FEWEST_BOXES = 30
# Over this many neighbouring thresholds F1 is averaged, so that one lucky box makes no optimum.
_SMOOTHED_OVER = 5


def choose_thresholds(readings: Sequence[Reading], kinds: Sequence[str]) -> dict[str, float]:
    """The threshold with the best F1 for each kind.

    A kind with fewer than 30 labelled boxes gets the threshold that is best for all kinds together,
    or 0.25 where even they have no more.
    `readings` come from a detector opened with the lowest threshold, of pictures that neither the
    training nor the scoring uses.
    """
    judgements = {kind: judge(readings, kind) for kind in kinds}
    pooled = _pooled(judgements)
    common = _best(pooled) if pooled.boxes >= _FEWEST_BOXES else UNCHOSEN_THRESHOLD
    return {
        kind: _best(judgement) if judgement.boxes >= _FEWEST_BOXES else common
        for kind, judgement in judgements.items()
    }


def _pooled(judgements: Mapping[str, Judgement]) -> Judgement:
    parts = list(judgements.values())
    return Judgement(
        np.concatenate([part.score for part in parts]),
        np.concatenate([part.hit for part in parts]),
        np.concatenate([part.picture for part in parts]),
        np.sum([part.boxes_in for part in parts], axis=0),
    )


def _best(judgement: Judgement) -> float:
    f1 = np.array([precision_recall_f1(judgement, threshold)[2] for threshold in _CANDIDATES])
    return float(_CANDIDATES[int(np.argmax(_smooth(f1)))])


def _smooth(values: FloatArray) -> FloatArray:
    padded = np.pad(values, _SMOOTHED_OVER // 2, mode="edge")
    return np.convolve(padded, np.full(_SMOOTHED_OVER, 1 / _SMOOTHED_OVER), mode="valid")
