"""From several looks at a damage to one size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from pipeline.damage_size import DamageSize
from pipeline.defects.likely_pairs import SMALL_M
from pipeline.sighting import Sighting


def size_of(sightings: Sequence[Sighting]) -> DamageSize:
    """The size of one thing from the sightings of it (at least one).

    Those with an outline of their own outweigh boxes. Small things have the medians of what was seen.
    Large ones have the longest view: the picture's edge can only shorten them; a crack longer than any
    picture of it is longer than stated.
    """
    outlined = [sighting for sighting in sightings if sighting.outlined]
    counted = outlined or list(sightings)
    longest = max(counted, key=lambda sighting: (sighting.length_m, sighting.area_m2))
    large = longest.length_m >= SMALL_M
    sized = [longest] if large else counted
    return DamageSize(
        length_m=median(sighting.length_m for sighting in sized),
        width_m=median(sighting.width_m for sighting in sized),
        area_m2=median(sighting.area_m2 for sighting in sized),
        outlined=bool(outlined),
        crack_length_m=_of_known((sighting.crack_length_m for sighting in counted), max if large else median),
        crack_width_m=_crack_width_m(counted),
        diameter_m=_of_known((sighting.diameter_m for sighting in sized), median),
    )


def _crack_width_m(sightings: Sequence[Sighting]) -> float | None:
    """The median width; None where most views were too coarse for one.

    A view in which the crack is thinner than two pixels says that it is thin. Were such views left out,
    those that took it for wider by mistake would decide.
    """
    known = [sighting.crack_width_m for sighting in sightings if sighting.crack_width_m is not None]
    return median(known) if 2 * len(known) >= len(sightings) and known else None


def _of_known(numbers: Iterable[float | None], combine: Callable[[list[float]], float]) -> float | None:
    known = [number for number in numbers if number is not None]
    return combine(known) if known else None
