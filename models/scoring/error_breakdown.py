"""What costs the score: how often each kind of error happens, and what would be gained without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.scoring.average_precision import Reading, average_precision
from models.scoring.verdicts import JudgedReading, Verdict, judge_reading, reported
from vision.camera import FloatArray
from vision.candidates import IntArray

MISSED = "missed"
_MENDED = (Verdict.LOOSE, Verdict.WRONG_KIND)


@dataclass(frozen=True)
class ErrorBreakdown:
    """Errors of a detector, after TIDE.

    `per_kind` counts at the shipped thresholds, for each kind, what its findings are (by `Verdict`)
    and how many of its boxes no finding means ("missed"). `map50_gain` is what mAP50 would gain,
    over all candidates, were all errors of one sort mended and the others left: a loose box drawn
    right, a wrong kind named right, anything else left out, a missed box not asked for.
    """

    per_kind: Mapping[str, Mapping[str, int]]
    map50_gain: Mapping[str, float]

    def as_document(self) -> dict[str, Any]:
        """The breakdown as plain values."""
        return {
            "per_kind": {kind: dict(counts) for kind, counts in self.per_kind.items()},
            "map50_gain": dict(self.map50_gain),
        }


@dataclass(frozen=True)
class _Findings:
    """All findings of all pictures by falling score: kinds and labelled boxes (−1: none) by their number."""

    kind: IntArray
    verdict: NDArray[np.str_]
    box: IntArray


def break_down_errors(readings: Sequence[Reading], thresholds: Mapping[str, float]) -> ErrorBreakdown:
    """Break down the errors in readings of a detector that was opened with the lowest thresholds."""
    kinds = list(thresholds)
    shipped = [judge_reading(reading) for reading in reported(readings, thresholds)]
    everything = [judge_reading(reading) for reading in readings]
    return ErrorBreakdown(_counts(shipped, kinds), _gains(everything, kinds))


def _counts(judged: Sequence[JudgedReading], kinds: Sequence[str]) -> dict[str, dict[str, int]]:
    found: Counter[tuple[str, str]] = Counter()
    for one in judged:
        found.update(zip(one.reading.found.kind, one.verdict, strict=True))
        for box, missed in zip(one.reading.picture.boxes, one.missed, strict=True):
            found[box.kind, MISSED] += bool(missed)
    words = [*(verdict.value for verdict in Verdict), MISSED]
    return {kind: {word: found[kind, word] for word in words} for kind in kinds}


def _gains(judged: Sequence[JudgedReading], kinds: Sequence[str]) -> dict[str, float]:
    findings = _all_findings(judged, kinds)
    kind_of_box = np.array(
        [kinds.index(box.kind) for one in judged for box in one.reading.picture.boxes], dtype=np.intp
    )
    missed = np.concatenate([np.empty(0, dtype=bool), *(one.missed for one in judged)])
    boxes = np.bincount(kind_of_box, minlength=len(kinds))
    right = findings.verdict == Verdict.RIGHT
    before = _map50(findings.kind, right, boxes)
    gains = {}
    for verdict in (word for word in Verdict if word is not Verdict.RIGHT):
        mended = _mended(findings, verdict) if verdict in _MENDED else np.zeros(len(right), dtype=bool)
        kept = (findings.verdict != verdict) | mended
        kind = (
            np.where(mended, kind_of_box[findings.box], findings.kind) if len(kind_of_box) else findings.kind
        )
        gains[verdict.value] = _map50(kind[kept], (right | mended)[kept], boxes) - before
    asked = boxes - np.bincount(kind_of_box[missed], minlength=len(kinds))
    gains[MISSED] = _map50(findings.kind, right, asked) - before
    return gains


def _all_findings(judged: Sequence[JudgedReading], kinds: Sequence[str]) -> _Findings:
    first_box = np.cumsum([0, *(len(one.hit) for one in judged)])
    box = [np.where(one.box >= 0, one.box + first, -1) for one, first in zip(judged, first_box, strict=False)]
    kind = [kinds.index(name) for one in judged for name in one.reading.found.kind]
    verdict = [word for one in judged for word in one.verdict]
    score: FloatArray = np.concatenate([np.empty(0), *(one.reading.found.score for one in judged)])
    order = np.argsort(-score, kind="stable")
    return _Findings(
        np.array(kind, dtype=np.intp)[order],
        np.array(verdict, dtype=str)[order],
        np.concatenate([np.empty(0, dtype=np.intp), *box])[order],
    )


def _mended(findings: _Findings, verdict: Verdict) -> NDArray[np.bool_]:
    """Which findings become right: for each box that no finding hits, the best one with this error."""
    hit = findings.box[findings.verdict == Verdict.RIGHT]
    candidates = np.flatnonzero((findings.verdict == verdict) & ~np.isin(findings.box, hit))
    _, first = np.unique(findings.box[candidates], return_index=True)
    mended = np.zeros(len(findings.box), dtype=bool)
    mended[candidates[first]] = True
    return mended


def _map50(kind: IntArray, right: NDArray[np.bool_], boxes: IntArray) -> float:
    averages = [
        average_precision(right[kind == number], int(count)) for number, count in enumerate(boxes) if count
    ]
    return float(np.mean(averages)) if averages else 0.0
