"""Which damage a ground sample distance can show, and which it cannot.

The rule is an assumption, stated so that it can be argued with: a crack shows when it is at least a
third of a pixel wide (a dark line over a third of a pixel darkens that pixel by a third of the
contrast, more than the texture of asphalt does), and can be measured from two pixels on. A patch
(pothole, repair) shows when it spans at least 8 pixels, the smallest thing that detectors find
reliably; the web of an alligator crack shows when its cells do. Beyond the ground sample distance at which
the shipped detector was measured to find a kind at all, none of it shows: `inspect` would not report it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from models.catalogue import DEFAULT_MODEL, find_model

_LINE_PX = 1 / 3
_PATCH_PX = 8.0


@dataclass(frozen=True)
class SmallestDamage:
    """The smallest damage of a kind that an inspection must find, and the pixels that it takes."""

    kind: str
    feature: str
    size_m: float
    needed_px: float


SMALLEST_DAMAGE = (
    # Bina Marga's SDI doubles its deduction above 3 mm mean crack width.
    SmallestDamage("longitudinal_crack", "a crack 3 mm wide", 0.003, _LINE_PX),
    SmallestDamage("transverse_crack", "a crack 3 mm wide", 0.003, _LINE_PX),
    SmallestDamage("alligator_crack", "a web of cells of 10 cm", 0.10, _PATCH_PX),
    # ASTM D6433 counts potholes from 10 cm in diameter.
    SmallestDamage("pothole", "a hole of 10 cm", 0.10, _PATCH_PX),
    SmallestDamage("repair", "a patch of 30 cm", 0.30, _PATCH_PX),
)


@dataclass(frozen=True)
class Visibility:
    """What a ground sample distance shows of one kind: from which size on, and whether that is enough.

    `too_coarse_for_detector` is the coarsest ground sample distance, in centimetres, at which the detector
    finds the kind, where this one is coarser; then none of it is shown, whatever its size.
    """

    kind: str
    shown: bool
    visible_from_m: float
    wanted: str
    too_coarse_for_detector: float | None = None


def visibility(gsd_m: float, coarsest_gsd_cm: Mapping[str, float] | None = None) -> tuple[Visibility, ...]:
    """For each kind of damage whether the smallest that matters shows at this ground sample distance.

    `coarsest_gsd_cm` holds the detector's limits by kind; those of the shipped one when they are None.
    """
    limits_cm = _shipped_limits_cm() if coarsest_gsd_cm is None else coarsest_gsd_cm
    return tuple(_of_kind(smallest, gsd_m, limits_cm.get(smallest.kind)) for smallest in SMALLEST_DAMAGE)


def _of_kind(smallest: SmallestDamage, gsd_m: float, limit_cm: float | None) -> Visibility:
    too_coarse = limit_cm is not None and gsd_m * 100 > limit_cm
    return Visibility(
        kind=smallest.kind,
        shown=not too_coarse and smallest.needed_px * gsd_m <= smallest.size_m + 1e-9,
        visible_from_m=smallest.needed_px * gsd_m,
        wanted=smallest.feature,
        too_coarse_for_detector=limit_cm if too_coarse else None,
    )


@cache
def _shipped_limits_cm() -> Mapping[str, float]:
    return find_model(DEFAULT_MODEL).coarsest_gsd_cm
