"""The worst false alarms and misses of each kind, chosen to be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.kinds import Kind
from models.scoring.average_precision import Reading, iou_matrix
from models.scoring.background import Alarm, BackgroundAlarms
from models.scoring.contact_sheet import FOUND, LABELLED, Box, Crop, Row
from models.scoring.verdicts import RIGHT_IOU, JudgedReading, Verdict, judge_reading, reported

MOST_PER_ROW = 6
Ranked = list[tuple[float, Crop]]


def worst_rows(
    readings: Sequence[Reading],
    thresholds: Mapping[str, float],
    kinds: Sequence[Kind],
    most: int = MOST_PER_ROW,
) -> list[Row]:
    """Two rows a kind: the surest wrong findings, and the labelled boxes that came least near to be found.

    `readings` hold candidates below the thresholds too; what counts is what reaches them.
    """
    judged = [judge_reading(reading) for reading in reported(readings, thresholds)]
    rows = []
    for kind in kinds:
        wrong = _wrong_findings(judged, kind.name, kinds)
        missed, labelled = _misses(judged, readings, kind.name)
        rows.append(
            Row(
                f"{kind.english}: {len(wrong)} wrong findings from {thresholds[kind.name]:.2f}",
                _first(sorted(wrong, key=lambda one: -one[0]), most),
            )
        )
        rows.append(
            Row(
                f"{kind.english}: {len(missed)} of {labelled} labelled boxes missed",
                _first(sorted(missed, key=lambda one: one[0]), most),
            )
        )
    return rows


def background_rows(alarms: BackgroundAlarms, folder: Path, most: int = MOST_PER_ROW) -> list[Row]:
    """The surest false alarms on the road of whole photos, and beside it; one row where no road is marked."""
    if not alarms.road_is_marked:
        return [_background_row("findings", alarms.alarms, folder, most)]
    return [
        _background_row(
            f"false alarms {where}",
            [alarm for alarm in alarms.alarms if alarm.on_road == on_road],
            folder,
            most,
        )
        for on_road, where in ((True, "on the road"), (False, "beside the road"))
    ]


def _background_row(what: str, alarms: Sequence[Alarm], folder: Path, most: int) -> Row:
    crops = [
        Crop(
            folder / alarm.image,
            alarm.xyxy_px,
            f"{alarm.score:.2f} {alarm.kind.replace('_', ' ')}",
            (Box(alarm.xyxy_px, FOUND),),
        )
        for alarm in sorted(alarms, key=lambda alarm: -alarm.score)[:most]
    ]
    return Row(f"whole photos: {len(alarms)} {what}", crops)


def _first(ranked: Ranked, most: int) -> list[Crop]:
    """The first crops, one a picture, so that one bad picture does not fill the row."""
    of_picture: dict[Path, Crop] = {}
    for _, crop in ranked:
        of_picture.setdefault(crop.picture, crop)
    return list(of_picture.values())[:most]


def _wrong_findings(judged: Sequence[JudgedReading], kind: str, kinds: Sequence[Kind]) -> Ranked:
    """The findings of a kind that are not right, with their scores."""
    english = {one.name: one.english for one in kinds}
    alarms = []
    for one in judged:
        found = one.reading.found
        for index, verdict in enumerate(one.verdict):
            if found.kind[index] == kind and verdict is not Verdict.RIGHT:
                score = float(found.score[index])
                words = f"{score:.2f} {_words(one, index, english)}"
                alarms.append((score, _crop(one, _box(found.xyxy_px[index]), words)))
    return alarms


def _words(one: JudgedReading, index: int, english: Mapping[str, str]) -> str:
    """What is wrong with a finding, for its caption."""
    verdict = one.verdict[index]
    if verdict is Verdict.BACKGROUND:
        return "nothing labelled"
    if verdict is Verdict.DUPLICATE:
        return "found twice"
    if verdict is Verdict.LOOSE:
        return f"overlaps only {one.iou[index]:.2f}"
    labelled = english[one.reading.picture.boxes[one.box[index]].kind]
    return f"labelled {labelled}" if verdict is Verdict.WRONG_KIND else f"near {labelled}"


def _misses(judged: Sequence[JudgedReading], readings: Sequence[Reading], kind: str) -> tuple[Ranked, int]:
    """The missed boxes of a kind with the best score of a candidate that fits, and how many are labelled."""
    misses, labelled = [], 0
    for one, reading in zip(judged, readings, strict=True):
        for box, hit in zip(one.reading.picture.boxes, one.hit, strict=True):
            labelled += box.kind == kind
            if box.kind != kind or hit:
                continue
            best = _best_score(reading, kind, box.xyxy_px)
            words = f"at best a candidate of {best:.2f}" if best else "no candidate at all"
            misses.append((best, _crop(one, box.xyxy_px, words)))
    return misses, labelled


def _best_score(reading: Reading, kind: str, xyxy_px: tuple[float, float, float, float]) -> float:
    fits = iou_matrix(reading.found.xyxy_px, np.array([xyxy_px]))[:, 0] >= RIGHT_IOU
    own = np.array([name == kind for name in reading.found.kind], dtype=bool)
    return float(reading.found.score[fits & own].max(initial=0.0))


def _crop(one: JudgedReading, xyxy_px: tuple[float, float, float, float], words: str) -> Crop:
    labelled = tuple(Box(box.xyxy_px, LABELLED) for box in one.reading.picture.boxes)
    found = tuple(Box(_box(xyxy), FOUND) for xyxy in one.reading.found.xyxy_px)
    return Crop(one.reading.picture.path, xyxy_px, words, (*labelled, *found))


def _box(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(value) for value in values)
    return left, top, right, bottom
