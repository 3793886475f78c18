"""Fusion: one defect's figures from all the sightings of it.

Its place is the generalised least squares mean of its sightings' places, under what each has of errors
alone and what its flight shares (`pipeline.place_errors`). Ten photos of one flight do not divide the error
of the GNSS by √10: what they share stays. Flights are independent, so they do improve on one another.

The mean is weighted as if outlines were placed less surely than they are: two photos never outline a thing
quite alike, and the picture's edge cuts large things. Without that, such a difference would be taken for
an error of height or attitude, and the mean be led out of the middle of the places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from pipeline.association import OUTLINE_SIGMA_M
from pipeline.damage_size import DamageSize, size_of
from pipeline.ground_error import error_ellipses
from pipeline.observation import GroundPoint
from pipeline.place_errors import PlaceErrors
from pipeline.sighting import Sighting, in_order
from vision.frames import LocalFrame

# Where the picture's edge cuts a thing, its middle moves by up to half its length.
_CUT_SHARE = 0.25


@dataclass(frozen=True)
class Figures:
    """What several sightings together say of one thing."""

    kind: str
    score: float
    position: GroundPoint
    size: DamageSize
    observation_count: int
    first_seen: datetime | None
    last_seen: datetime | None


def fuse(sightings: Sequence[Sighting], frame: LocalFrame) -> Figures:
    """Fuse the sightings (at least one) of one thing; `frame` is a local frame nearby."""
    ordered = in_order(sightings)
    times = [sighting.taken_at for sighting in ordered if sighting.taken_at is not None]
    return Figures(
        kind=_kind(ordered),
        score=max(sighting.score for sighting in ordered),
        position=_position(ordered, frame),
        size=size_of(ordered),
        observation_count=len(ordered),
        first_seen=min(times, default=None),
        last_seen=max(times, default=None),
    )


def _position(ordered: list[Sighting], frame: LocalFrame) -> GroundPoint:
    places_m = frame.to_metres([s.lat for s in ordered], [s.lon for s in ordered])
    covariance_m2 = PlaceErrors.of(ordered).together()
    outline_m = [max(OUTLINE_SIGMA_M, _CUT_SHARE * sighting.length_m) for sighting in ordered]
    precision = np.linalg.inv(covariance_m2 + np.diag(np.repeat(outline_m, 2) ** 2))
    each = np.tile(np.eye(2), (len(ordered), 1))
    weights = np.linalg.solve(each.T @ precision @ each, each.T @ precision)
    mean_m = weights @ places_m.ravel()
    major_m, minor_m, azimuth_deg = error_ellipses((weights @ covariance_m2 @ weights.T)[None])[0].tolist()
    lat, lon = frame.to_lat_lon(mean_m)[0].tolist()
    return GroundPoint(lat, lon, major_m, minor_m, azimuth_deg)


def _kind(ordered: list[Sighting]) -> str:
    """The kind with the largest sum of scores; the alphabet breaks a tie."""
    votes: dict[str, float] = defaultdict(float)
    for sighting in ordered:
        votes[sighting.kind] += sighting.score
    return min(votes, key=lambda kind: (-votes[kind], kind))
