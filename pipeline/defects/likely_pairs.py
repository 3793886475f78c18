"""Likely pairs: which two sightings may be one and the same thing, the likeliest first.

Two sightings may be one thing when they come from different photos, their kinds agree, and their errors
explain the distance between them at 99 %, up to 8 m (see `pipeline.defects.association`).

Which of them is likelier is another question. A photo that is off is off as a whole: all that it shows is
moved alike. So where several pairs of the same two photos agree on an offset, that counts once among them.
Of two potholes 0.8 m apart, in two photos that are 0.8 m off each other, one wrong pair fits perfectly, but
two right ones agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import log

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from pipeline.defects.crack_direction import LONGITUDINAL, TRANSVERSE, ground_directions, has_direction
from pipeline.defects.place_errors import PlaceErrors
from pipeline.sighting import Sighting, frame_around
from vision.camera import FloatArray

GATE = -2 * log(1 - 0.99)  # 99 % of the χ² distribution with two degrees of freedom
FARTHEST_M = 8.0  # beyond it no two sightings are one thing, however uncertain they are
SMALL_M = 1.5  # a picture's edge rarely cuts what is shorter: centres can be compared
SAME_GROUND = 0.3  # intersection over union from which a crack and an alligator crack are one
RUN_ALIKE_DEG = 30.0  # up to which two cracks run alike: their boxes follow the pictures' sides
OUTLINE_SIGMA_M = 0.3  # two photos never outline a thing quite alike, however well they are placed

_NETWORK = "alligator_crack"

_ALIKE = np.cos(np.radians(RUN_ALIKE_DEG))
_ALONE_M2 = 2 * OUTLINE_SIGMA_M**2  # of the offset of two outlines, beside what their photos are off
_CELL_M = 0.4  # offsets agree that lie in one cell of a grid or in neighbouring ones
_CELLS = 1 << 10  # of the grid along an axis; farther offsets count as on its edge
_REFINEMENTS = 3
_NEWEST = 20  # sightings of a known defect that new ones are compared with: surveys add to them for years
_SIGHTINGS_AT_A_TIME, _PAIRS_AT_A_TIME = 256, 65536  # bound the memory it takes

Indices = NDArray[np.int32]
BoolArray = NDArray[np.bool_]
Precision = tuple[float, float, float]  # xx, xy, yy


class Scene:
    """Sightings (at least one, in the order of `pipeline.sighting.in_order`) in a local metric frame.

    `centre_m` (N, 2) are their places, east and north.
    """

    def __init__(self, ordered: list[Sighting]) -> None:
        frame = frame_around(ordered)
        self.centre_m = frame.to_metres([s.lat for s in ordered], [s.lon for s in ordered])
        self._footprint_m = frame.shapes_to_metres(shapely.make_valid([s.footprint for s in ordered]))
        shapely.prepare(self._footprint_m)
        self._small = np.array([s.length_m < SMALL_M for s in ordered])
        kinds = [s.kind for s in ordered]
        self._kind = np.unique(kinds, return_inverse=True)[1]
        self._crack, self._network = np.isin(kinds, (LONGITUDINAL, TRANSVERSE)), np.isin(kinds, _NETWORK)
        # A crack's outline is as thin as the crack: what it covers is the rectangle around it.
        self._covered_m = self._footprint_m.copy()
        cracked = self._crack | self._network
        self._covered_m[cracked] = shapely.oriented_envelope(self._footprint_m[cracked])
        shapely.prepare(self._covered_m)
        # Of cracks that run somewhere a unit vector; 0 of all else.
        directed = np.array([has_direction(s) for s in ordered])
        self._direction = np.zeros((len(ordered), 2))
        self._direction[directed] = ground_directions(self._covered_m[directed])
        self._photo = np.unique([s.photo for s in ordered], return_inverse=True)[1]
        self._errors = PlaceErrors.of(ordered)
        self._known = np.array([s.defect is not None for s in ordered])
        self._compared = _compared(ordered)

    def likely_pairs(self) -> Iterator[tuple[int, int, Precision | None]]:
        """The numbers of two sightings that may be one thing, the likeliest first, each pair once.

        With them comes the precision of the offset between them where both are small, so that their centres
        are compared; None where their footprints are.
        """
        parts = [self._likely_of(near) for near in self._near_pairs()]
        i, j, cost = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        order = np.lexsort((j, i, cost))
        for start in range(0, len(order), _PAIRS_AT_A_TIME):
            first, second = (numbers[order[start : start + _PAIRS_AT_A_TIME]] for numbers in (i, j))
            by_centre = self._small[first] & self._small[second]
            precisions = np.linalg.inv(self._covariances_m2(first, second)).reshape(-1, 4)[:, [0, 1, 3]]
            for one, other, (xx, xy, yy), small in zip(
                first.tolist(), second.tolist(), precisions.tolist(), by_centre.tolist(), strict=True
            ):
                yield one, other, (xx, xy, yy) if small else None

    def _near_pairs(self) -> Iterator[tuple[Indices, Indices]]:
        """Pairs nearer than 8 m that may be one thing by photo and kind; all of two photos at a time."""
        numbers = np.flatnonzero(self._compared).astype(np.int32)
        footprint_m, photo = self._footprint_m[numbers], self._photo[numbers]
        tree = STRtree(footprint_m)
        around_m = shapely.bounds(footprint_m) + FARTHEST_M * np.array([-1, -1, 1, 1])
        photo_starts = np.flatnonzero(np.diff(photo, prepend=-1))
        wanted = np.arange(0, len(photo), _SIGHTINGS_AT_A_TIME)
        starts = np.unique(photo_starts[np.searchsorted(photo_starts, wanted, side="right") - 1])
        for start, end in zip(starts, [*starts[1:], len(photo)], strict=True):
            found = tree.query(shapely.box(*around_m[start:end].T))
            i, j = numbers[found[0] + start], numbers[found[1]]
            may = (i < j) & (self._photo[i] != self._photo[j]) & ~(self._known[i] & self._known[j])
            i, j = i[may], j[may]
            agree = self._kinds_agree(i, j)
            yield i[agree], j[agree]

    def _kinds_agree(self, i: Indices, j: Indices) -> BoolArray:
        alike = np.abs((self._direction[i] * self._direction[j]).sum(axis=1)) >= _ALIKE
        agree: BoolArray = (self._kind[i] == self._kind[j]) | alike
        akin = (self._crack[i] & self._network[j]) | (self._network[i] & self._crack[j])
        akin[akin] = shapely.intersects(self._covered_m[i[akin]], self._covered_m[j[akin]])
        first, second = self._covered_m[i[akin]], self._covered_m[j[akin]]
        common_m2 = shapely.area(shapely.intersection(first, second))
        either_m2 = shapely.area(first) + shapely.area(second) - common_m2
        agree[akin] = common_m2 > SAME_GROUND * either_m2
        return agree

    def _likely_of(self, near: tuple[Indices, Indices]) -> tuple[Indices, Indices, FloatArray]:
        """Those of near pairs that their errors explain, and what each costs."""
        i, j = near
        by_centre = self._small[i] & self._small[j]
        centre_offset_m, covariance_m2 = self.centre_m[j] - self.centre_m[i], self._covariances_m2(i, j)
        gap_m = self._gap_m(i, j, covariance_m2, ~by_centre)
        offset_m = np.where(by_centre[:, None], centre_offset_m, gap_m)
        cost = np.einsum("ni,nij,nj->n", offset_m, np.linalg.inv(covariance_m2), offset_m)
        likely = (cost <= GATE) & (np.hypot(*offset_m.T) <= FARTHEST_M)
        photos = self._photo[i] * (self._photo.max() + 1) + self._photo[j]
        return i[likely], j[likely], _agreed_cost(photos, centre_offset_m, covariance_m2)[likely]

    def _covariances_m2(self, i: Indices, j: Indices) -> FloatArray:
        """Covariances (P, 2, 2) of the offsets between pairs."""
        covariances: FloatArray = self._errors.of_offsets(i, j) + _ALONE_M2 * np.eye(2)
        return covariances

    def _gap_m(self, i: Indices, j: Indices, covariance_m2: FloatArray, wanted: BoolArray) -> FloatArray:
        """The shortest ways (P, 2) between footprints where `wanted`; too long a one where none is likely."""
        low_m, high_m = np.hsplit(shapely.bounds(self._footprint_m), 2)
        between_boxes_m = np.maximum(np.maximum(low_m[j] - high_m[i], low_m[i] - high_m[j]), 0.0)
        variance_m2 = np.trace(covariance_m2, axis1=1, axis2=2)  # more than that along any direction
        near = wanted & ((between_boxes_m**2).sum(axis=1) <= GATE * variance_m2)
        bridges = shapely.shortest_line(self._footprint_m[i[near]], self._footprint_m[j[near]])
        ends_m = shapely.get_coordinates(bridges).reshape(-1, 2, 2)
        gap_m = np.full((len(i), 2), 2 * FARTHEST_M)
        gap_m[near] = ends_m[:, 1] - ends_m[:, 0]
        return gap_m


def _compared(ordered: list[Sighting]) -> BoolArray:
    """Which sightings are compared with others: all new ones, and the newest of each known defect."""
    compared = np.ones(len(ordered), dtype=np.bool_)
    newer: Counter[str] = Counter()
    for number, sighting in reversed(list(enumerate(ordered))):
        if sighting.defect is not None:
            compared[number] = newer[sighting.defect] < _NEWEST
            newer[sighting.defect] += 1
    return compared


def _agreed_cost(photos: NDArray[np.intp], offset_m: FloatArray, covariance_m2: FloatArray) -> FloatArray:
    """How unlikely offsets (P, 2) are, where those of the same two `photos` (P,) may agree.

    Two photos are off each other by the offset on which most of their pairs agree. How far that is, and how
    unsure, counts once among those; what a pair has beside it counts by how alike two photos outline things.
    The cost is -2 ln of a normal density: how unsure an offset is belongs to it, or pairs of two flights,
    whose errors explain everything, would come before those of one. Of a pair alone it is the square of its
    Mahalanobis distance and ln of the determinant, for round errors and but for a constant.
    """
    pair_of = np.unique(photos, return_inverse=True)[1]
    variance_m2 = np.bincount(pair_of, np.trace(covariance_m2, axis1=1, axis2=2) / 2) / np.bincount(pair_of)
    common_m2: FloatArray = np.maximum(variance_m2 - _ALONE_M2, _ALONE_M2 / 100)
    off_m = _most_agreed(pair_of, offset_m, common_m2)
    for _ in range(_REFINEMENTS):
        agrees = np.exp(-((offset_m - off_m[pair_of]) ** 2).sum(axis=1) / (2 * _ALONE_M2))
        agreeing = np.maximum(np.bincount(pair_of, agrees), 1.0)
        sums_m = np.column_stack([np.bincount(pair_of, agrees * along_m) for along_m in offset_m.T])
        off_m = sums_m / (agreeing + _ALONE_M2 / common_m2)[:, None]
    beside_m2 = ((offset_m - off_m[pair_of]) ** 2).sum(axis=1)
    shared_cost = ((off_m**2).sum(axis=1) / common_m2 + 2 * np.log1p(common_m2 / _ALONE_M2)) / agreeing
    cost: FloatArray = beside_m2 / _ALONE_M2 + shared_cost[pair_of]
    return cost


def _most_agreed(pair_of: NDArray[np.intp], offset_m: FloatArray, common_m2: FloatArray) -> FloatArray:
    """For each two photos the offset (M, 2) near which most of theirs lie; a large one needs more of them."""
    cell = np.clip(np.floor(offset_m / _CELL_M) + _CELLS // 2, 1, _CELLS - 2).astype(np.int64)
    row = (pair_of * _CELLS + cell[:, 0]) * _CELLS + cell[:, 1]
    rows, counts = np.unique(row, return_counts=True)
    votes = np.zeros(len(row))
    for shift in (-_CELLS - 1, -_CELLS, -_CELLS + 1, -1, 0, 1, _CELLS - 1, _CELLS, _CELLS + 1):
        at = np.minimum(np.searchsorted(rows, row + shift), len(rows) - 1)
        votes += np.where(rows[at] == row + shift, counts[at], 0)
    gain = GATE * votes - (offset_m**2).sum(axis=1) / common_m2[pair_of]
    best_last = np.lexsort((gain, pair_of))
    return offset_m[best_last[np.cumsum(np.bincount(pair_of)) - 1]]
