"""How often a detector cries wolf: findings where no damage is labelled, by picture and by ground."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely import Geometry, union_all
from shapely import box as shapely_box

from models.labelled.pictures import LabelledBox
from models.scoring.average_precision import Reading
from models.scoring.intervals import Interval, draw_weights, group_numbers, interval_of
from models.scoring.verdicts import reported
from vision.camera import FloatArray
from vision.detector import Detections

# A finding with this share of its box on labelled damage, of whatever kind, is about that damage. What
# it is called, and how well its box fits, is the business of precision.
ON_DAMAGE_SHARE = 0.25


@dataclass(frozen=True)
class FalseAlarms:
    """Findings at the shipped thresholds off all labelled damage, and the ground they were found on.

    `per_picture` is their mean, with its 95 % interval (None for a single group). `per_100_m2` is
    their number on 100 m² of ground outside the labelled boxes, were all pictures as coarse, or as
    fine, as they may be; None where no resolution is known.
    """

    pictures: int
    count: int
    per_kind: Mapping[str, int]
    per_picture: float
    interval: Interval | None
    per_100_m2: tuple[float, float] | None

    def as_document(self) -> dict[str, Any]:
        """The false alarms as plain values."""
        return {
            "pictures": self.pictures,
            "count": self.count,
            "per_kind": dict(self.per_kind),
            "per_picture": self.per_picture,
            "per_picture_interval": self.interval,
            "per_100_m2": self.per_100_m2,
        }


def count_false_alarms(
    readings: Sequence[Reading],
    thresholds: Mapping[str, float],
    groups: Mapping[str, int] | None,
    gsd_cm: tuple[float, float] | None,
) -> FalseAlarms:
    """Count them on labelled pictures that show little but road.

    Nobody marked where the road ends in the pictures: the ground is all that they show outside their
    labelled boxes (by eye, six sevenths of what 60 tiles of RDD2022's drone pictures show is road).
    `gsd_cm` is the interval of the pictures' ground sample distances; `groups` as in
    `models.scoring.intervals.score_intervals`.
    """
    kinds: Counter[str] = Counter()
    number = np.zeros(len(readings))
    for index, reading in enumerate(reported(readings, thresholds)):
        alarms = off_damage(reading.found, damage_of(reading.picture.boxes))
        kinds.update(reading.found.kind[alarm] for alarm in alarms)
        number[index] = len(alarms)
    area_px = sum(_unlabelled_px(reading) for reading in readings)
    count = int(number.sum())
    return FalseAlarms(
        len(readings),
        count,
        {kind: kinds[kind] for kind in thresholds},
        count / max(len(readings), 1),
        _interval_per_picture(readings, number, groups),
        _per_100_m2(count, area_px, gsd_cm),
    )


def damage_of(boxes: Sequence[LabelledBox]) -> Geometry:
    """The ground, in pixels, that labelled boxes cover together."""
    return union_all([shapely_box(*box.xyxy_px) for box in boxes])


def off_damage(found: Detections, damage: Geometry) -> list[int]:
    """The indices of those findings that lie off the damage."""
    outlines = [shapely_box(*xyxy_px) for xyxy_px in found.xyxy_px]
    return [
        index
        for index, outline in enumerate(outlines)
        if outline.intersection(damage).area < ON_DAMAGE_SHARE * outline.area
    ]


def _unlabelled_px(reading: Reading) -> float:
    picture = reading.picture
    frame = shapely_box(0, 0, picture.width_px, picture.height_px)
    return float(frame.difference(damage_of(picture.boxes)).area)


def _per_100_m2(count: int, area_px: float, gsd_cm: tuple[float, float] | None) -> tuple[float, float] | None:
    if gsd_cm is None or area_px <= 0:
        return None
    fine_m2, coarse_m2 = (area_px * (gsd / 100) ** 2 for gsd in gsd_cm)
    return 100 * count / coarse_m2, 100 * count / fine_m2


def _interval_per_picture(
    readings: Sequence[Reading], number: FloatArray, groups: Mapping[str, int] | None
) -> Interval | None:
    group_of = group_numbers(readings, groups)
    count = int(group_of.max(initial=-1)) + 1
    if count < 2:
        return None
    weights = draw_weights(count)
    return interval_of(weights @ np.bincount(group_of, number) / (weights @ np.bincount(group_of)))
