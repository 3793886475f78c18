"""What a photo's file tells about where it was taken, merged from all its sources.

Every source is a strategy: a function from XMP and EXIF to what it found (`pipeline.metadata.makers`). XMP
comes before EXIF, since drones write it more carefully; the two positions are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Literal

from vision.frames import geodesic_m

RtkSolution = Literal["fixed", "floating", "single"]
"""How a receiver with corrections knows its position; "single" is without a base station."""


@dataclass(frozen=True)
class Position:
    """A position in WGS 84, degrees."""

    lat: float
    lon: float


@dataclass(frozen=True)
class Attitude:
    """The camera's recorded attitude, as in `vision.attitude`, with the 1-σ errors of its source.

    The defaults are those of a stabilised gimbal.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    sigma_tilt_deg: float = 1.0
    sigma_yaw_deg: float = 2.0

    @property
    def is_zero(self) -> bool:
        """Whether all angles are exactly zero: what is written where nothing was measured."""
        return (self.yaw_deg, self.pitch_deg, self.roll_deg) == (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Recorded:
    """What one source, or all together, tell of a photo; None where nothing is told.

    `height_m` is above take-off (or above ground, where a maker tells that), `altitude_m` above
    the zero of whatever datum the maker uses. Sigmas are those the drone itself states.
    """

    position: Position | None = None
    attitude: Attitude | None = None
    aircraft_yaw_deg: float | None = None
    height_m: float | None = None
    altitude_m: float | None = None
    sigma_position_m: float | None = None
    sigma_alt_m: float | None = None
    taken_at: datetime | None = None
    rtk: RtkSolution | None = None


# Rounding of coordinates and the time between GNSS fix and shutter stay below this.
_SAME_PLACE_M = 5.0


def merge(sources: Sequence[Recorded]) -> Recorded:
    """What all sources tell together: of each thing, what the first source that knows it says."""
    merged = Recorded()
    for source in sources:
        absent = {
            entry.name: getattr(source, entry.name)
            for entry in fields(Recorded)
            if getattr(merged, entry.name) is None
        }
        merged = replace(merged, **absent)
    return merged


def position_disagreement_m(sources: Sequence[Recorded]) -> float | None:
    """How far the sources' positions lie from the first one; None when they agree."""
    positions = [source.position for source in sources if source.position is not None]
    if len(positions) < 2 or len(set(positions)) == 1:
        return None
    farthest_m = max(distance_m(positions[0], other) for other in positions)
    return farthest_m if farthest_m > _SAME_PLACE_M else None


def distance_m(one: Position, other: Position) -> float:
    """How far two positions lie apart on the ellipsoid."""
    return geodesic_m((one.lat, one.lon), (other.lat, other.lon))
