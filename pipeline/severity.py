"""How bad a defect is, and what comes first: simple rules by kind and size.

These are working rules of this project, to sort a work list by. They are no condition index: what
makes cracks and potholes severe, their width and depth, cannot be measured from above.

* A pothole counts by its diameter: from 0.3 m a motorcycle's wheel drops into it, from 0.6 m a
  car's does.
* A single crack counts by its length, because sealing is measured and paid by the metre.
* An alligator crack counts by its area: it is a failing base course, repaired by the square metre.
* A repair is no damage: it is recorded as `low` so that it can be checked when it fails.
* A kind of another model, of which nothing is known, counts by its area.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Literal

Severity = Literal["low", "medium", "high"]


@dataclass(frozen=True)
class _Rule:
    """From which size on a kind is `medium` and `high`, and how urgent it is beside others (0…30)."""

    size: Callable[[float, float], float]
    medium_from: float
    high_from: float
    urgency: float


def _by_length_m(length_m: float, area_m2: float) -> float:
    return length_m


def _by_area_m2(length_m: float, area_m2: float) -> float:
    return area_m2


# Urgency: potholes throw riders; alligator cracks become potholes in the next rains.
_RULES = {
    "pothole": _Rule(_by_length_m, 0.3, 0.6, urgency=30),
    "alligator_crack": _Rule(_by_area_m2, 1.0, 5.0, urgency=20),
    "transverse_crack": _Rule(_by_length_m, 3.0, 10.0, urgency=10),
    "longitudinal_crack": _Rule(_by_length_m, 3.0, 10.0, urgency=10),
    "repair": _Rule(_by_area_m2, inf, inf, urgency=0),
}
_OTHER_KIND = _Rule(_by_area_m2, 1.0, 5.0, urgency=10)

_POINTS = {"low": 0.0, "medium": 30.0, "high": 60.0}
_POINTS_FOR_SIZE = 10.0


def severity_of(kind: str, length_m: float, area_m2: float) -> Severity:
    """The severity of a defect of this kind and size."""
    rule = _RULES.get(kind, _OTHER_KIND)
    size = rule.size(length_m, area_m2)
    if size >= rule.high_from:
        return "high"
    return "medium" if size >= rule.medium_from else "low"


def priority_of(kind: str, length_m: float, area_m2: float, certainty: float = 1.0) -> float:
    """A number from 0 to 100 to rank defects by, the most urgent highest.

    Points for severity (0, 30, 60), for the kind (0…30) and for the size (0…10) add up. A finding
    that nobody has decided about counts by its `certainty` (0…1, see `pipeline.corroboration`), down
    to half: what is surely there comes before what may be a false alarm.
    """
    rule = _RULES.get(kind, _OTHER_KIND)
    size = rule.size(length_m, area_m2)
    of_size = _POINTS_FOR_SIZE * size / (size + rule.high_from)
    points = _POINTS[severity_of(kind, length_m, area_m2)] + rule.urgency + of_size
    return round(points * (1 + certainty) / 2, 1)
