"""Association: which observations, in however many photos and surveys, are one and the same thing.

Two observations can be one thing when

* they come from different photos: what a detector told apart in one photo stays apart;
* their kinds agree, or one is an alligator crack and the other a crack that covers the same
  ground (a network of cracks and one of its cracks are easily taken for each other);
* the distance between them is explained by their combined errors at 99 %, and below 8 m. Small
  things are compared by their centres. Large ones are compared by the gap between their
  footprints, because the picture's edge cuts them elsewhere in every photo.

Photos of one flight share most of their errors (see `pipeline.flights`). What these move two
observations alike is taken out when the two are compared.

Pairs join from the nearest to the farthest; a join that would bring two findings of one photo or
two known defects together is passed over. All of it is independent of the order of the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from pipeline.place_errors import PlaceErrors
from pipeline.sighting import Sighting, frame_around, in_order
from vision.camera import FloatArray

GATE = -2 * log(1 - 0.99)  # 99 % of the χ² distribution with two degrees of freedom
FARTHEST_M = 8.0  # beyond it no two observations are one thing, however uncertain they are
SMALL_M = 1.5  # a picture's edge rarely cuts what is shorter: centres can be compared
SAME_GROUND = 0.3  # intersection over union from which a crack and an alligator crack are one
OUTLINE_SIGMA_M = 0.3  # two photos never outline a thing quite alike, however well they are placed

_CRACKS = ("longitudinal_crack", "transverse_crack")
_NETWORK = "alligator_crack"

Pairs = NDArray[np.intp]


@dataclass(frozen=True)
class Group:
    """Sightings of one thing, the earliest first, and the defect that it is, if that is known."""

    members: tuple[Sighting, ...]
    defect: str | None


def associate(sightings: Sequence[Sighting]) -> list[Group]:
    """Group sightings into things. Those that share a defect already stay together.

    Every sighting is in exactly one group. The groups are the same whatever the order of
    `sightings`; they come in the order of their first members.
    """
    ordered = in_order(sightings)
    if not ordered:
        return []
    scene = _Scene(ordered)
    clusters = _Clusters(scene)
    for pair in scene.candidate_pairs():
        clusters.join(pair)
    return clusters.groups()


@dataclass(frozen=True)
class _Pair:
    """Two sightings that can be one thing; `precision_per_m2` (xx, xy, yy) is of their offset.

    `by_centre` says that both are small: what is compared are their centres.
    """

    i: int
    j: int
    precision_per_m2: tuple[float, float, float]
    by_centre: bool


class _Scene:
    """The ordered sightings as arrays in a local metric frame."""

    def __init__(self, ordered: list[Sighting]) -> None:
        self.sightings = ordered
        frame = frame_around(ordered)
        self.centre_m = frame.to_metres([s.lat for s in ordered], [s.lon for s in ordered])
        self.footprint_m = frame.shapes_to_metres(shapely.make_valid([s.footprint for s in ordered]))
        self.small = np.array([s.length_m < SMALL_M for s in ordered])
        self.kind = np.array([s.kind for s in ordered])
        self.photo = np.unique([s.photo for s in ordered], return_inverse=True)[1]
        self.errors = PlaceErrors.of(ordered)
        self.known = np.array([s.defect is not None for s in ordered])

    def candidate_pairs(self) -> list[_Pair]:
        """Pairs that can be one thing, the likeliest first."""
        pairs = self._near_pairs()
        pairs = pairs[self._may_join(pairs)]
        pairs = pairs[self._kinds_agree(pairs)]
        precision: FloatArray = np.linalg.inv(self._pair_covariance_m2(pairs)).astype(np.float64)
        offset_m = self._offset_m(pairs)
        cost = _mahalanobis2(offset_m, precision)
        centre_cost = _mahalanobis2(self._centre_offset_m(pairs), precision)
        inside = (cost <= GATE) & (np.hypot(offset_m[:, 0], offset_m[:, 1]) <= FARTHEST_M)
        order = np.lexsort((pairs[:, 1], pairs[:, 0], centre_cost, cost))
        order = order[inside[order]]
        both_small = self.small[pairs[:, 0]] & self.small[pairs[:, 1]]
        upper = precision.reshape(-1, 4)[:, [0, 1, 3]]
        return [
            _Pair(i, j, tuple(of_offset), by_centre)
            for (i, j), of_offset, by_centre in zip(
                pairs[order].tolist(), upper[order].tolist(), both_small[order].tolist(), strict=True
            )
        ]

    def _pair_covariance_m2(self, pairs: Pairs) -> FloatArray:
        """Covariances (N, 2, 2) of the offset between the two of each pair."""
        covariances: FloatArray = self.errors.of_offsets(*pairs.T) + 2 * OUTLINE_SIGMA_M**2 * np.eye(2)
        return covariances

    def _near_pairs(self) -> Pairs:
        tree = STRtree(self.footprint_m)
        found = tree.query(self.footprint_m, predicate="dwithin", distance=FARTHEST_M).T
        pairs: Pairs = found[found[:, 0] < found[:, 1]]
        return pairs

    def _may_join(self, pairs: Pairs) -> NDArray[np.bool_]:
        i, j = pairs[:, 0], pairs[:, 1]
        may: NDArray[np.bool_] = (self.photo[i] != self.photo[j]) & ~(self.known[i] & self.known[j])
        return may

    def _kinds_agree(self, pairs: Pairs) -> NDArray[np.bool_]:
        first, second = self.kind[pairs[:, 0]], self.kind[pairs[:, 1]]
        agree: NDArray[np.bool_] = first == second
        akin = (np.isin(first, _CRACKS) & (second == _NETWORK)) | (
            np.isin(second, _CRACKS) & (first == _NETWORK)
        )
        agree[akin] = self._cover_the_same(pairs[akin])
        return agree

    def _cover_the_same(self, pairs: Pairs) -> NDArray[np.bool_]:
        # A crack's outline is as thin as the crack: what it covers is the rectangle around it.
        first, second = (shapely.oriented_envelope(self.footprint_m[of]) for of in pairs.T)
        common = shapely.area(shapely.intersection(first, second))
        either = shapely.area(first) + shapely.area(second) - common
        same: NDArray[np.bool_] = common > SAME_GROUND * either
        return same

    def _centre_offset_m(self, pairs: Pairs) -> FloatArray:
        offset: FloatArray = self.centre_m[pairs[:, 1]] - self.centre_m[pairs[:, 0]]
        return offset

    def _offset_m(self, pairs: Pairs) -> FloatArray:
        i, j = pairs[:, 0], pairs[:, 1]
        bridges = shapely.shortest_line(self.footprint_m[i], self.footprint_m[j])
        ends = shapely.get_coordinates(bridges).reshape(-1, 2, 2)
        both_small = self.small[i] & self.small[j]
        return np.where(both_small[:, None], self._centre_offset_m(pairs), ends[:, 1] - ends[:, 0])


class _Clusters:
    """Sightings joined so far (a union-find that knows what each cluster holds)."""

    def __init__(self, scene: _Scene) -> None:
        self._scene = scene
        self._parent = list(range(len(scene.sightings)))
        self._members = [[i] for i in self._parent]
        self._photos = [{sighting.photo} for sighting in scene.sightings]
        self._defect = [sighting.defect for sighting in scene.sightings]
        self._sum_m: list[tuple[float, float]] = [(east, north) for east, north in scene.centre_m.tolist()]
        self._keep_defects_together()

    def join(self, pair: _Pair) -> None:
        """Join the clusters of two sightings unless something forbids it."""
        a, b = self._root(pair.i), self._root(pair.j)
        if a == b or (self._defect[a] and self._defect[b]):
            return
        if self._photos[a].isdisjoint(self._photos[b]) and self._centres_agree(pair, a, b):
            self._unite(a, b)

    def groups(self) -> list[Group]:
        """The clusters, in the order of their first members."""
        sightings = self._scene.sightings
        roots = [i for i in range(len(sightings)) if self._parent[i] == i]
        return [
            Group(tuple(sightings[i] for i in sorted(self._members[root])), self._defect[root])
            for root in roots
        ]

    def _keep_defects_together(self) -> None:
        of_defect: dict[str, list[int]] = {}
        for i, sighting in enumerate(self._scene.sightings):
            if sighting.defect is not None:
                of_defect.setdefault(sighting.defect, []).append(i)
        for members in of_defect.values():
            for i, j in pairwise(members):
                self._unite(self._root(i), self._root(j))

    def _root(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def _unite(self, a: int, b: int) -> None:
        root, other = min(a, b), max(a, b)
        self._parent[other] = root
        self._members[root].extend(self._members[other])
        self._photos[root] |= self._photos[other]
        self._defect[root] = self._defect[root] or self._defect[other]
        (east, north), (other_east, other_north) = self._sum_m[root], self._sum_m[other]
        self._sum_m[root] = (east + other_east, north + other_north)

    def _centres_agree(self, pair: _Pair, a: int, b: int) -> bool:
        """Small things must agree as clusters, too, or a row of potholes would chain into one."""
        if not pair.by_centre:
            return True
        (east_a, north_a), (east_b, north_b) = self._mean_m(a), self._mean_m(b)
        east, north = east_b - east_a, north_b - north_a
        xx, xy, yy = pair.precision_per_m2
        return east * east * xx + 2 * east * north * xy + north * north * yy <= GATE

    def _mean_m(self, root: int) -> tuple[float, float]:
        east, north = self._sum_m[root]
        count = len(self._members[root])
        return east / count, north / count


def _mahalanobis2(offset_m: FloatArray, precision: FloatArray) -> FloatArray:
    distance2: FloatArray = np.einsum("ni,nij,nj->n", offset_m, precision, offset_m)
    return distance2
