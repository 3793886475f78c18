"""Fusion: one defect's figures from all the sightings of it.

Its place is the generalised least squares mean of its sightings' places, under what each has of errors
alone and what its flight shares (`pipeline.defects.place_errors`). Ten photos of one flight do not divide the
error of the GNSS by √10: what they share stays. Flights are independent, so they do improve on one another.

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

from pipeline.damage_size import DamageSize
from pipeline.defects.likely_pairs import OUTLINE_SIGMA_M
from pipeline.defects.place_errors import PlaceErrors
from pipeline.defects.sizing import size_of
from pipeline.geotagging.ground_error import error_ellipses
from pipeline.geotagging.observation import GroundPoint
from pipeline.sighting import Sighting, in_order
from vision.frames import LocalFrame

# Where the picture's edge cuts a thing, its middle moves by up to half its length.
_CUT_SHARE = 0.25
_THINGS_AT_A_TIME = 4096  # bounds the memory it takes


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
    return fuse_each([sightings], frame)[0]


def fuse_each(things: Sequence[Sequence[Sighting]], frame: LocalFrame) -> list[Figures]:
    """Fuse the sightings (at least one) of each of several things; `frame` is a local frame nearby."""
    figures: list[Figures] = []
    for start in range(0, len(things), _THINGS_AT_A_TIME):
        ordered = [in_order(sightings) for sightings in things[start : start + _THINGS_AT_A_TIME]]
        figures += map(_figures, ordered, _positions(ordered, frame))
    return figures


def _figures(ordered: list[Sighting], position: GroundPoint) -> Figures:
    times = [sighting.taken_at for sighting in ordered if sighting.taken_at is not None]
    return Figures(
        kind=_kind(ordered),
        score=max(sighting.score for sighting in ordered),
        position=position,
        size=size_of(ordered),
        observation_count=len(ordered),
        first_seen=min(times, default=None),
        last_seen=max(times, default=None),
    )


def _positions(things: list[list[Sighting]], frame: LocalFrame) -> list[GroundPoint]:
    seen = [sighting for ordered in things for sighting in ordered]
    thing = np.repeat(np.arange(len(things)), [len(ordered) for ordered in things])
    places_m = frame.to_metres([s.lat for s in seen], [s.lon for s in seen])
    outline_m = np.maximum(OUTLINE_SIGMA_M, _CUT_SHARE * np.array([s.length_m for s in seen]))
    means_m, covariances_m2 = PlaceErrors.of(seen).means(thing, places_m, outline_m**2)
    lat_lon, ellipses = frame.to_lat_lon(means_m).tolist(), error_ellipses(covariances_m2).tolist()
    return [GroundPoint(*place, *ellipse) for place, ellipse in zip(lat_lon, ellipses, strict=True)]


def _kind(ordered: list[Sighting]) -> str:
    """The kind with the largest sum of scores; the alphabet breaks a tie."""
    votes: dict[str, float] = defaultdict(float)
    for sighting in ordered:
        votes[sighting.kind] += sighting.score
    return min(votes, key=lambda kind: (-votes[kind], kind))
