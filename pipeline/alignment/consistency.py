"""How far apart photos put one and the same point of the ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.alignment.adjustment import sighted_ground
from pipeline.alignment.tie_points import TiePoints
from pipeline.photo import Photo
from vision.camera import FloatArray
from vision.frames import LocalFrame


@dataclass(frozen=True)
class Consistency:
    """Distances in metres of a point's places, one from each photo that shows it, from their mean."""

    sightings: int
    median_m: float
    percentile_90_m: float


def scatter_m(photos: Sequence[Photo], ties: TiePoints, frame: LocalFrame) -> FloatArray:
    """How far each sighting (M,) puts its point from the mean place of all; NaN where it shows no ground."""
    places_m = sighted_ground(photos, ties, frame)[:, :2]
    means_m, times = ties.means(places_m, np.isfinite(places_m).all(axis=1))
    away_m = np.hypot(*(places_m - means_m[ties.point]).T)
    return np.asarray(np.where(times[ties.point] >= 2, away_m, np.nan))


def consistency(photos: Sequence[Photo], ties: TiePoints, frame: LocalFrame) -> Consistency:
    """How well photos agree on the points that they show; NaN where they show none together."""
    distances_m = scatter_m(photos, ties, frame)
    distances_m = distances_m[np.isfinite(distances_m)]
    if not len(distances_m):
        return Consistency(0, float("nan"), float("nan"))
    return Consistency(len(distances_m), float(np.median(distances_m)), float(np.percentile(distances_m, 90)))
