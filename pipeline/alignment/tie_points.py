"""Points of the ground that several photos show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray

Indices = NDArray[np.intp]

# A photo is divided into so many fields, and a field is satisfied with so many tie points.
_COLUMNS, _ROWS = 6, 4
_ENOUGH_PER_FIELD = 4


@dataclass(frozen=True)
class TiePoints:
    """Sightings of points: `pixels_px[k]` of photo `photo[k]` shows point `point[k]`.

    Points are numbered 0 … `count` − 1, photos by their place in a list. `sigma_px[k]` is the 1-σ error of
    a sighting per axis.
    """

    photo: Indices
    point: Indices
    pixels_px: FloatArray
    sigma_px: FloatArray
    count: int

    def of_points(self, wanted: NDArray[np.bool_]) -> TiePoints:
        """The points that a mask (count,) names, numbered anew."""
        return self.where(wanted[self.point])

    def where(self, kept: NDArray[np.bool_]) -> TiePoints:
        """The sightings that a mask names; points that only one photo shows are left out."""
        sightings = np.bincount(self.point[kept], minlength=self.count)
        kept = kept & (sightings[self.point] >= 2)
        numbers, point = np.unique(self.point[kept], return_inverse=True)
        return TiePoints(
            self.photo[kept], point.reshape(-1), self.pixels_px[kept], self.sigma_px[kept], len(numbers)
        )

    def means(self, values: FloatArray, known: Any) -> tuple[FloatArray, Indices]:
        """Of what sightings say (M, D) the mean for each point (count, D), and of how many it is.

        `known` is a mask (M,) of those that count.
        """
        sums = np.zeros((self.count, values.shape[1]))
        np.add.at(sums, self.point[known], values[known])
        times = np.bincount(self.point[known], minlength=self.count)
        return sums / np.maximum(times, 1)[:, None], times


@dataclass(frozen=True)
class Match:
    """Features (M, 2), by their numbers, that photos `first` and `second` have in common."""

    first: int
    second: int
    features: Indices


def join_matches(
    matches: Iterable[Match], pixels_px: Sequence[FloatArray], sigma_px: Sequence[float]
) -> TiePoints:
    """Matches of pairs joined into points; those that one photo would show at two places are dropped.

    `pixels_px` are every photo's features (N, 2), `sigma_px` every photo's 1-σ error of one.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    starts = np.cumsum([0, *(len(pixels) for pixels in pixels_px)], dtype=np.intp)
    linked = [match.features + starts[[match.first, match.second]] for match in matches]
    links = np.vstack([np.empty((0, 2), np.intp), *linked])
    total = int(starts[-1])
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(total, total))
    _, component = connected_components(graph, directed=False)
    feature = np.unique(links)
    photo = np.searchsorted(starts, feature, side="right") - 1
    point = component[feature]
    pairs = np.column_stack([point, photo])
    _, place, times = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    doubtful = np.unique(point[times[place.reshape(-1)] > 1])
    sigmas = np.asarray(sigma_px, dtype=np.float64)
    pixels = np.vstack([np.empty((0, 2)), *pixels_px])[feature]
    joined = TiePoints(photo, point, pixels, sigmas[photo], int(component.max(initial=-1)) + 1)
    return joined.where(~np.isin(point, doubtful))


def thinned(ties: TiePoints, sizes_px: Sequence[tuple[int, int]]) -> TiePoints:
    """Few points that still tie every part of every photo, those seen most often first.

    `sizes_px` are width and height of every photo.
    """
    width, height = np.array(sizes_px, dtype=np.float64).reshape(-1, 2)[ties.photo].T
    column = np.clip(ties.pixels_px[:, 0] / width * _COLUMNS, 0, _COLUMNS - 1).astype(np.intp)
    row = np.clip(ties.pixels_px[:, 1] / height * _ROWS, 0, _ROWS - 1).astype(np.intp)
    field = (ties.photo * _ROWS + row) * _COLUMNS + column
    taken = np.zeros(len(sizes_px) * _ROWS * _COLUMNS, dtype=np.intp)
    by_point = np.argsort(ties.point, kind="stable")
    bounds = np.searchsorted(ties.point[by_point], np.arange(ties.count + 1))
    wanted = np.zeros(ties.count, dtype=bool)
    for point in np.argsort(-np.diff(bounds), kind="stable"):
        fields = field[by_point[bounds[point] : bounds[point + 1]]]
        if (taken[fields] < _ENOUGH_PER_FIELD).any():
            wanted[point] = True
            taken[fields] += 1
    return ties.of_points(wanted)
