"""What the photos of a pass surely show, wherever exactly the trigger fires and the vehicle strays.

Where along a pass its photos fall depends on the direction of flight, on where a pass was cut, and on
how late the trigger fires. The trigger measures from its last photo in a straight line, so that photos
are farther apart around a sharp bend. A place is surely shown when it lies in every photo that could
be taken along some stretch of the pass that no flight gets through without a photo.

All geometry here is in metres of a local frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from flight.coverage.photo_geometry import TRIGGER_SLACK, Swath, headings_deg
from vision.camera import FloatArray
from vision.planar import intersection, union

_CLOSE_M = 1e-6  # points nearer than this are one
_TURN_PER_TRY_DEG, _MOST_TRIES = 5.0, 12  # stretches tried around a bend, for each photo distance
_MOST_GENTLE_DEG = 50.0
_SHARP_TURN_DEG = 60.0  # sharper, and the stretches without a photo differ by the direction of flight


@dataclass(frozen=True)
class SureFrame:
    """The part of each photo that can be relied on, and how far apart photos are at most.

    It is smaller than the photo by what the vehicle may stray. Along a straight pass straying does not
    matter, because the trigger counts from the last photo: where forward overlap is small, less is
    allowed for it.
    """

    across_m: float
    along_m: float
    spacing_m: float

    @classmethod
    def of(cls, swath: Swath) -> SureFrame:
        """The frame of a swath."""
        spacing_m = swath.photo_spacing_m * TRIGGER_SLACK
        strayed_m = swath.along_m - 2 * swath.tolerance_m
        return cls(swath.usable_m, max(strayed_m, min(swath.along_m, 1.25 * spacing_m)), spacing_m)

    @property
    def ahead_m(self) -> float:
        """How far beyond its end a straight pass surely shows the ground; negative where it falls short."""
        return self.along_m / 2 - self.spacing_m


def surely_shown(track: LineString, swath: Swath) -> BaseGeometry:
    """The ground that the photos of a pass (2-D) show in every case, flown either way.

    Around bends only some stretches are tried: the answer may be a little too small, never too large.
    """
    way = _Way(track)
    frame = SureFrame.of(swath)
    if way.length_m < frame.spacing_m:
        return _of_single_photo(way, frame)
    shown = _shown_forwards(way, frame)
    if way.turns_deg.max(initial=0.0) <= _SHARP_TURN_DEG:
        return shown
    return intersection(shown, _shown_forwards(way.backwards(), frame))


def is_gentle(track: LineString, reach_m: float, swath: Swath) -> bool:
    """Whether a pass surely shows all within a distance of it, up to where a straight one would end.

    A quick test: True is certain, False says only that `surely_shown` must be asked. A photo falls
    within half a gap of every place, and sees it ahead and aside as far as the gap and the turns in
    it put it there; near an end of the pass the photo may be a whole gap away.
    """
    frame, way = SureFrame.of(swath), _Way(track)
    gap_m = frame.spacing_m / math.cos(math.radians(_MOST_GENTLE_DEG / 2))
    turns_deg = np.append(way.turns_deg, 0.0)
    at_m = way.at_m[1:]
    summed_deg = np.append(0.0, np.cumsum(turns_deg))
    in_gap_deg = summed_deg[np.searchsorted(at_m, at_m + gap_m, side="right")] - summed_deg[:-1]
    near_ends = (at_m <= gap_m) | (at_m >= way.length_m - gap_m)
    sine = math.sin(math.radians(min(90.0, float(in_gap_deg.max()))))
    return (
        way.length_m > gap_m
        and in_gap_deg.max() <= _MOST_GENTLE_DEG
        and not turns_deg[near_ends].any()
        and gap_m / 2 + reach_m * sine <= frame.along_m / 2
        and reach_m + gap_m / 2 * sine <= frame.across_m / 2
    )


class _Way:
    """A pass by the metres along it."""

    def __init__(self, track: LineString) -> None:
        points = shapely.get_coordinates(track)
        apart = np.hypot(*np.diff(points, axis=0).T) > _CLOSE_M
        self.points = points[np.append(True, apart)]
        self.steps_m: FloatArray = np.hypot(*np.diff(self.points, axis=0).T)
        self.at_m = np.append(0.0, np.cumsum(self.steps_m))
        self.headings_deg = headings_deg(LineString(self.points))
        self.turns_deg: FloatArray = np.abs((np.diff(self.headings_deg) + 180) % 360 - 180)

    def backwards(self) -> _Way:
        return _Way(LineString(self.points[::-1]))

    @property
    def length_m(self) -> float:
        return float(self.at_m[-1])

    def segment_at(self, at_m: float) -> int:
        return min(int(np.searchsorted(self.at_m, at_m, side="right")) - 1, len(self.steps_m) - 1)

    def point(self, at_m: float, segment: int) -> FloatArray:
        share = (at_m - self.at_m[segment]) / self.steps_m[segment]
        place: FloatArray = self.points[segment] + (self.points[segment + 1] - self.points[segment]) * share
        return place

    def next_photo_m(self, at_m: float, spacing_m: float) -> float:
        """Where the trigger fires after a photo: the first place so far from it; infinite if none is."""
        first = self.segment_at(at_m)
        photo = self.point(at_m, first)
        away_m = np.hypot(*(self.points[first + 1 :] - photo).T)
        far = np.flatnonzero(away_m >= spacing_m - 1e-9)
        if not len(far):
            return math.inf
        segment = first + int(far[0])
        from_m = max(at_m, float(self.at_m[segment]))
        start = self.point(from_m, segment) - photo
        ahead = (self.points[segment + 1] - self.points[segment]) / self.steps_m[segment]
        along = float(start @ ahead)
        return from_m - along + math.sqrt(max(0.0, along**2 - float(start @ start) + spacing_m**2))


def _of_single_photo(way: _Way, frame: SureFrame) -> BaseGeometry:
    """One photo, at either end."""
    ends = _rectangles(way.points[[0, -1]], way.headings_deg[[0, -1]], frame)
    return shapely.intersection(*ends)


def _shown_forwards(way: _Way, frame: SureFrame) -> BaseGeometry:
    pieces: list[BaseGeometry] = []
    bends: list[tuple[float, float]] = []
    until_m = 0.0  # a photo falls surely between here and there
    last_m = way.length_m - way.backwards().next_photo_m(0.0, frame.spacing_m)
    for segment, (start_m, end_m) in enumerate(zip(way.at_m[:-1], way.at_m[1:], strict=True)):
        from_m = max(start_m, until_m - frame.spacing_m)
        if from_m + frame.spacing_m <= end_m:
            pieces.append(_of_straight(way, segment, from_m, frame))
            until_m = end_m
        if segment == len(way.steps_m) - 1:
            break
        for from_m in _tried_m(way, segment, last_m, frame):
            until_m = max(until_m, way.next_photo_m(from_m, frame.spacing_m))
            if until_m <= way.length_m + _CLOSE_M:
                bends.append((from_m, min(until_m, way.length_m)))
    return union([*pieces, *_of_bends(way, bends, frame)])


def _tried_m(way: _Way, segment: int, last_m: float, frame: SureFrame) -> list[float]:
    """Where stretches around a segment's end begin: some before the bend, and the last of the pass."""
    start_m, end_m = float(way.at_m[segment]), float(way.at_m[segment + 1])
    # What two neighbouring stretches show must meet, however small the bend.
    overlapping = math.ceil(1.25 * frame.spacing_m / max(frame.along_m - frame.spacing_m, 0.01))
    tries = min(_MOST_TRIES, max(overlapping, 2 + int(way.turns_deg[segment] / _TURN_PER_TRY_DEG)))
    tried_m = np.linspace(max(start_m, end_m - frame.spacing_m), end_m - _CLOSE_M, tries + 1)
    return sorted([*map(float, tried_m), *([last_m] if start_m < last_m < end_m else [])])


def _of_straight(way: _Way, segment: int, from_m: float, frame: SureFrame) -> BaseGeometry:
    length_m = float(way.at_m[segment + 1]) - from_m
    middle = way.point(from_m + length_m / 2, segment)
    sure = SureFrame(frame.across_m, length_m + 2 * frame.ahead_m, frame.spacing_m)
    return _rectangles(middle[None], way.headings_deg[segment : segment + 1], sure)[0]


def _of_bends(way: _Way, bends: list[tuple[float, float]], frame: SureFrame) -> Iterator[BaseGeometry]:
    """For each stretch (from, to in metres) what all photos along it show."""
    if not bends:
        return
    rows = [_poses_along(way, *bend) for bend in bends]
    counts = [len(row) for row in rows]
    poses = np.array([pose for row in rows for pose in row])
    grid = np.full((len(rows), max(counts)), None, dtype=object)
    grid[np.arange(max(counts)) < np.array(counts)[:, None]] = _rectangles(poses[:, :2], poses[:, 2], frame)
    yield from shapely.intersection_all(grid, axis=1)


def _poses_along(way: _Way, from_m: float, to_m: float) -> list[tuple[float, float, float]]:
    """The poses (east, north, yaw) between which all others of a stretch lie on straight lines."""
    first, last = way.segment_at(from_m), way.segment_at(to_m - _CLOSE_M)
    places = [(way.point(from_m, first), first)]
    for corner in range(first + 1, last + 1):
        places += [(way.points[corner], corner - 1), (way.points[corner], corner)]
    places.append((way.point(to_m, last), last))
    return [(float(east), float(north), float(way.headings_deg[on])) for (east, north), on in places]


def _rectangles(places: FloatArray, yaw_deg: FloatArray, frame: SureFrame) -> FloatArray:
    """Rectangles (an array of polygons) of the frame's size around places, turned by yaw."""
    yaw = np.radians(yaw_deg)
    ahead = np.column_stack([np.sin(yaw), np.cos(yaw)]) * frame.along_m / 2
    right = np.column_stack([np.cos(yaw), -np.sin(yaw)]) * frame.across_m / 2
    corners = [
        places + ahead - right,
        places + ahead + right,
        places - ahead + right,
        places - ahead - right,
    ]
    rectangles: FloatArray = shapely.polygons(np.stack(corners, axis=1))
    return rectangles
