"""Fusion: one defect's figures from all the sightings of it.

Sightings of one survey share the errors of its positions. Averaging ten of them does not divide
the error of the GNSS by √10: their mean is taken as no better than the best single one. Surveys are
independent of each other, so their means do improve on one another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import hypot, sqrt

import numpy as np

from pipeline.damage_size import DamageSize, size_of
from pipeline.sighting import Sighting, covariances_m2, in_order
from vision.camera import FloatArray
from vision.frames import LocalFrame


@dataclass(frozen=True)
class Figures:
    """What several sightings together say of one thing; `sigma_m` as of `GroundPoint`."""

    kind: str
    score: float
    lat: float
    lon: float
    sigma_m: float
    size: DamageSize
    observation_count: int
    first_seen: datetime | None
    last_seen: datetime | None


def fuse(sightings: Sequence[Sighting], frame: LocalFrame) -> Figures:
    """Fuse the sightings (at least one) of one thing; `frame` is a local frame nearby."""
    ordered = in_order(sightings)
    position_m, sigma_m = _position(ordered, frame)
    lat, lon = frame.to_lat_lon(position_m)[0].tolist()
    times = [sighting.taken_at for sighting in ordered if sighting.taken_at is not None]
    return Figures(
        kind=_kind(ordered),
        score=max(sighting.score for sighting in ordered),
        lat=lat,
        lon=lon,
        sigma_m=sigma_m,
        size=size_of(ordered),
        observation_count=len(ordered),
        first_seen=min(times, default=None),
        last_seen=max(times, default=None),
    )


def _position(ordered: list[Sighting], frame: LocalFrame) -> tuple[FloatArray, float]:
    """East and north in `frame` with the 1-σ error: surveys weighted by their best sightings."""
    of_survey: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in ordered:
        of_survey[sighting.survey].append(sighting)
    means_m = np.array([_weighted_mean_m(seen, frame) for seen in of_survey.values()])
    floors_m = np.array([min(map(_sigma_m, seen)) for seen in of_survey.values()])
    weights = 1 / floors_m**2
    mean_m: FloatArray = weights @ means_m / weights.sum()
    return mean_m, 1 / sqrt(weights.sum())


def _weighted_mean_m(sightings: list[Sighting], frame: LocalFrame) -> FloatArray:
    """The mean of positions, each weighted by the inverse of its covariance."""
    position_m = frame.to_metres([s.lat for s in sightings], [s.lon for s in sightings])
    precision = np.linalg.inv(covariances_m2(sightings))
    mean_m: FloatArray = np.linalg.solve(precision.sum(axis=0), np.einsum("nij,nj->i", precision, position_m))
    return mean_m


def _sigma_m(sighting: Sighting) -> float:
    return hypot(sighting.sigma_major_m, sighting.sigma_minor_m) / sqrt(2)


def _kind(ordered: list[Sighting]) -> str:
    """The kind with the largest sum of scores; the alphabet breaks a tie."""
    votes: dict[str, float] = defaultdict(float)
    for sighting in ordered:
        votes[sighting.kind] += sighting.score
    return min(votes, key=lambda kind: (-votes[kind], kind))
