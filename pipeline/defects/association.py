"""Association: which observations, in however many photos and surveys, are one and the same thing.

Two observations can be one thing when

* they come from different photos: what a detector told apart in one photo stays apart;
* their kinds agree; or both are single cracks that run alike on the ground (longitudinal or transverse is
  a matter of how the picture was turned, and of the road where roads meet); or one is an alligator crack
  and the other a crack that covers the same ground (a network of cracks and one of its cracks are easily
  taken for each other);
* the distance between them is explained by their combined errors at 99 %, and below 8 m. Small
  things are compared by their centres. Large ones are compared by the gap between their
  footprints, because the picture's edge cuts them elsewhere in every photo.

Photos of one flight share most of their errors (see `pipeline.placing.flights`). What these move two
observations alike is taken out when the two are compared.

Pairs join from the likeliest on (see `pipeline.defects.likely_pairs`); a join that would bring two findings
of one photo or two known defects together is passed over. All of it is independent of the order of
the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.defects.likely_pairs import GATE, Precision, Scene
from pipeline.sighting import Sighting, in_order
from vision.camera import FloatArray


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
    scene = Scene(ordered)
    clusters = _Clusters(ordered, scene.centre_m)
    for i, j, precision in scene.likely_pairs():
        clusters.join(i, j, precision)
    return clusters.groups()


class _Clusters:
    """Sightings joined so far (a union-find that knows what each cluster holds)."""

    def __init__(self, sightings: list[Sighting], centre_m: FloatArray) -> None:
        self._sightings = sightings
        self._parent = list(range(len(sightings)))
        self._members = [[i] for i in self._parent]
        self._photos = [{sighting.photo} for sighting in sightings]
        self._defect = [sighting.defect for sighting in sightings]
        self._sum_m: list[tuple[float, float]] = [(east, north) for east, north in centre_m.tolist()]
        self._keep_defects_together()

    def join(self, i: int, j: int, precision: Precision | None) -> None:
        """Join the clusters of two sightings unless something forbids it."""
        a, b = self._root(i), self._root(j)
        if a == b or (self._defect[a] and self._defect[b]):
            return
        if self._photos[a].isdisjoint(self._photos[b]) and self._centres_agree(precision, a, b):
            self._unite(a, b)

    def groups(self) -> list[Group]:
        """The clusters, in the order of their first members."""
        sightings = self._sightings
        roots = [i for i in range(len(sightings)) if self._parent[i] == i]
        return [
            Group(tuple(sightings[i] for i in sorted(self._members[root])), self._defect[root])
            for root in roots
        ]

    def _keep_defects_together(self) -> None:
        of_defect: dict[str, list[int]] = {}
        for i, sighting in enumerate(self._sightings):
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

    def _centres_agree(self, precision: Precision | None, a: int, b: int) -> bool:
        """Small things must agree as clusters, too, or a row of potholes would chain into one."""
        if precision is None:
            return True
        (east_a, north_a), (east_b, north_b) = self._mean_m(a), self._mean_m(b)
        east, north = east_b - east_a, north_b - north_a
        xx, xy, yy = precision
        return east * east * xx + 2 * east * north * xy + north * north * yy <= GATE

    def _mean_m(self, root: int) -> tuple[float, float]:
        east, north = self._sum_m[root]
        count = len(self._members[root])
        return east / count, north / count
