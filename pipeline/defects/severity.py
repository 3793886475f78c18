"""How bad a defect is, and what comes first: simple rules by kind and size.

These are working rules of this project, to sort a work list by. They are no condition index: the depth
of potholes and ruts cannot be measured from above, and the width of most cracks is less than two pixels.

* A pothole counts by the diameter of the circle that has its area, with the limits of ASTM D6433 for
  potholes 25 to 50 mm deep: medium from 0.20 m, high from 0.45 m. The depth is taken to be that, since
  nobody knows it. Where only a box is known, which is larger, its longer side counts, from 0.3 and 0.6 m.
* A single crack counts by its length, because sealing is measured and paid by the metre. Where its mean
  width could be measured, it is at least medium from 10 mm and high from 75 mm, the limits of ASTM D6433.
  A width that could not be measured says nothing: the crack is not taken to be narrow. (The Surface
  Distress Index of Bina Marga calls cracks wide from 3 mm, which no survey height shows.)
* An alligator crack counts by its area: it is a failing base course, repaired by the square metre.
* A repair is no damage: it is recorded as `low` so that it can be checked when it fails.
* Vegetation on paving counts by its area, medium from 2 m² and high from 10 m²: a day's weeding.
* A kind of another model, of which nothing is known, counts by its area.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from operator import attrgetter
from typing import Literal

from pipeline.damage_size import DamageSize

Severity = Literal["low", "medium", "high"]


@dataclass(frozen=True)
class _Measure:
    """A size, and from which of it on a defect is `medium` and `high`; the size None is unknown."""

    size: Callable[[DamageSize], float | None]
    medium_from: float
    high_from: float


@dataclass(frozen=True)
class _Rule:
    """What counts: of `first_known` the first size that is known, and `also` what may make it worse.

    `urgency` is how urgent a kind is beside others (0…30).
    """

    first_known: tuple[_Measure, ...]
    urgency: float
    also: tuple[_Measure, ...] = ()


_AREA_M2 = _Measure(attrgetter("area_m2"), 1.0, 5.0)
_NO_SIZE = _Measure(attrgetter("area_m2"), inf, inf)
_POTHOLE = (
    _Measure(attrgetter("diameter_m"), 0.20, 0.45),
    _Measure(attrgetter("length_m"), 0.3, 0.6),
)
_CRACK = _Rule(
    (_Measure(lambda size: size.crack_length_m or size.length_m, 3.0, 10.0),),
    urgency=10,
    also=(_Measure(attrgetter("crack_width_m"), 0.010, 0.075),),
)

# Urgency: potholes throw riders; alligator cracks become potholes in the next rains.
_RULES = {
    "pothole": _Rule(_POTHOLE, urgency=30),
    "alligator_crack": _Rule((_AREA_M2,), urgency=20),
    "transverse_crack": _CRACK,
    "longitudinal_crack": _CRACK,
    "repair": _Rule((_NO_SIZE,), urgency=0),
    "vegetation": _Rule((_Measure(attrgetter("area_m2"), 2.0, 10.0),), urgency=5),
}
_OTHER_KIND = _Rule((_AREA_M2,), urgency=10)

_GRADES: tuple[Severity, ...] = ("low", "medium", "high")
_POINTS = (0.0, 30.0, 60.0)
_POINTS_FOR_SIZE = 10.0


def severity_of(kind: str, size: DamageSize) -> Severity:
    """The severity of a defect of this kind and size."""
    return _GRADES[_grade(_RULES.get(kind, _OTHER_KIND), size)]


def priority_of(kind: str, size: DamageSize, certainty: float = 1.0) -> float:
    """A number from 0 to 100 to rank defects by, the most urgent highest.

    Points for severity (0, 30, 60), for the kind (0…30) and for the size (0…10) add up. A finding
    that nobody has decided about counts by its `certainty` (0…1, see `pipeline.defects.corroboration`), down
    to half: what is surely there comes before what may be a false alarm.
    """
    rule = _RULES.get(kind, _OTHER_KIND)
    measure, value = _counting(rule, size)
    of_size = _POINTS_FOR_SIZE * value / (value + measure.high_from)
    points = _POINTS[_grade(rule, size)] + rule.urgency + of_size
    return round(points * (1 + certainty) / 2, 1)


def _grade(rule: _Rule, size: DamageSize) -> int:
    """0, 1 or 2: the worst of what counts and what may make it worse."""
    counted = [_counting(rule, size), *((measure, measure.size(size)) for measure in rule.also)]
    return max(
        (value >= measure.medium_from) + (value >= measure.high_from)
        for measure, value in counted
        if value is not None
    )


def _counting(rule: _Rule, size: DamageSize) -> tuple[_Measure, float]:
    for measure in rule.first_known:
        value = measure.size(size)
        if value is not None:
            return measure, value
    raise AssertionError("the last measure of a rule is always known")
