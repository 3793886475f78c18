"""A line that is flown with the camera on: which photos were taken on it, and where along it.

The autopilot steers by the same estimate of its position that it logs with each photo. An error of its
satellite positioning therefore moves neither off the other, and photos lie as near to the line as the
vehicle was steered: within `NEAR_M` sideways and `HEIGHT_M` up or down.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from flight.flight_log import FlightEvent
from vision.camera import FloatArray
from vision.frames import LocalFrame

NEAR_M = 4.0  # corners are cut by up to WPNAV_RADIUS (2 m by default); as much again for gusts
HEIGHT_M = 3.0  # ArduCopter holds its height to about 1 m; sloping legs lag behind
YAW_DEG = 45.0
# A vehicle that turns round at 60°/s needs 3 s for it, and comes 11.25 m far at 2.5 m/s²: so long its
# nose does not yet point along the line.
TURNING_M = 12.0
_SHARP_DEG = 90.0  # in a sharper bend the nose points along neither leg for a while
_NO_LEG_M = 0.01


@dataclass(frozen=True)
class Place:
    """A place on a line: WGS 84, and metres above the take-off point; None where these are not told."""

    lat: float
    lon: float
    alt_m: float | None


@dataclass(frozen=True)
class Match:
    """Photo `photo` (an index) was taken `at_m` along the line; `off_m` says how badly it fits."""

    photo: int
    at_m: float
    off_m: float


class PhotoLine:
    """A line of straight legs in metres.

    `yaws_deg` says for each leg where the vehicle is told to look: None along the leg, NaN for not known.
    `looks_at` is what the vehicle and its camera look at instead.
    """

    def __init__(
        self, line: Sequence[Place], yaws_deg: Sequence[float | None], looks_at: Place | None = None
    ) -> None:
        self._frame = LocalFrame(line[0].lat, line[0].lon)
        places = [*line, line[-1]] if len(line) == 1 else line
        self._points = self.metres(places)
        self._heights_m = np.array([math.nan if p.alt_m is None else p.alt_m for p in places])
        self._steps = np.diff(self._points, axis=0)
        self._lengths_m = np.hypot(*self._steps.T)
        self._at_m = np.append(0.0, np.cumsum(self._lengths_m))
        along_deg = np.degrees(np.arctan2(self._steps[:, 0], self._steps[:, 1]))
        told_deg = [None] if len(line) == 1 else yaws_deg
        self._yaws_deg = [
            float(along) if told is None else told for along, told in zip(along_deg, told_deg, strict=True)
        ]
        self._looks_at = looks_at

    @property
    def length_m(self) -> float:
        """Over ground."""
        return float(self._at_m[-1])

    def metres(self, places: Sequence[Place | FlightEvent]) -> FloatArray:
        """Places as (N, 2) metres east and north of the line's start; NaN where a photo has none."""
        lats = [math.nan if place.lat is None else place.lat for place in places]
        lons = [math.nan if place.lon is None else place.lon for place in places]
        metres = self._frame.to_metres(lats, lons)
        return np.where(np.isfinite(metres), metres, math.nan)

    def reach_m(self, at_m: float, radius_m: float) -> float:
        """How far along the line one comes from a place on it before being so far away from that place.

        Infinite if one never is. Over bends this is farther than the radius: distances between photos
        are straight ones to an autopilot.
        """
        leg = min(int(np.searchsorted(self._at_m, at_m, side="right")) - 1, len(self._steps) - 1)
        here = self._point(leg, at_m)
        begin, begin_m = here, at_m
        for end, end_m in zip(self._points[leg + 1 :], self._at_m[leg + 1 :], strict=True):
            if float(np.hypot(*(end - here))) >= radius_m:
                ahead = (end - begin) / (end_m - begin_m)
                gone_m = float((begin - here) @ ahead)
                beside_m2 = float((begin - here) @ (begin - here)) - gone_m**2
                return float(begin_m - gone_m + math.sqrt(max(0.0, radius_m**2 - beside_m2)))
            begin, begin_m = end, end_m
        return math.inf

    def matches(self, photos: Sequence[FlightEvent]) -> list[Match]:
        """The photos that were taken on the line; one at each pass by it, where it comes by several times."""
        if not photos:
            return []
        metres = self.metres(photos)
        beside_m, share = self._beside(metres)
        heights_m = self._heights_m[:-1] + share * np.diff(self._heights_m)
        alts_m = np.array([math.nan if photo.alt_rel_m is None else photo.alt_rel_m for photo in photos])
        above_m = np.nan_to_num(np.abs(alts_m[:, None] - heights_m))
        at_m = self._at_m[:-1] + share * self._lengths_m
        near = (beside_m <= NEAR_M) & (above_m <= HEIGHT_M)
        found = []
        for index in np.flatnonzero(near.any(axis=1)).tolist():
            photo = photos[index]
            legs = [
                leg for leg in np.flatnonzero(near[index]).tolist() if self._may_look(photo, at_m[index, leg])
            ]
            aside_m = self._aside_m(photo, metres[index])
            for group in _neighbours(legs):
                leg = min(group, key=lambda one: beside_m[index, one])
                off_m = math.hypot(beside_m[index, leg], above_m[index, leg], aside_m)
                found.append(Match(int(index), float(at_m[index, leg]), off_m))
        return found

    def _point(self, leg: int, at_m: float) -> FloatArray:
        share = (at_m - self._at_m[leg]) / max(float(self._lengths_m[leg]), _NO_LEG_M)
        point: FloatArray = self._points[leg] + min(1.0, share) * self._steps[leg]
        return point

    def _beside(self, metres: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Of places (N, 2) and each leg (N, L): the distance, and where on the leg (0–1) it is least."""
        from_start = metres[:, None] - self._points[:-1]
        along = (from_start * self._steps).sum(axis=2)
        share = np.clip(along / np.maximum(self._lengths_m**2, _NO_LEG_M**2), 0.0, 1.0)
        off = from_start - share[..., None] * self._steps
        return np.hypot(off[..., 0], off[..., 1]), share

    def _may_look(self, photo: FlightEvent, at_m: float) -> bool:
        """Whether the vehicle may look where it looks in a photo so far along the line."""
        if photo.yaw_deg is None or self._looks_at is not None or at_m < TURNING_M:
            return True
        legs = np.flatnonzero(
            (self._at_m[1:] > at_m - TURNING_M)
            & (self._at_m[:-1] < at_m + NEAR_M)
            & (self._lengths_m > _NO_LEG_M)
        )
        yaws_deg = np.array([self._yaws_deg[leg] for leg in legs])
        if np.isnan(yaws_deg).any() or (_turned_deg(yaws_deg[1:], yaws_deg[:-1]) > _SHARP_DEG).any():
            return True
        return bool((_turned_deg(yaws_deg, photo.yaw_deg) <= YAW_DEG).any())

    def _aside_m(self, photo: FlightEvent, here: FloatArray) -> float:
        """How far above or below what the line looks at the camera looked; 0 where that is not known.

        Only the gimbal tells apart what is flown at one height past a face and looks at two.
        """
        target = self._looks_at
        if target is None or target.alt_m is None or photo.pitch_deg is None or photo.alt_rel_m is None:
            return 0.0
        away_m = float(np.hypot(*(self.metres([target])[0] - here)))
        return abs(photo.alt_rel_m + away_m * math.tan(math.radians(photo.pitch_deg)) - target.alt_m)


def _turned_deg(yaws_deg: FloatArray, other_deg: FloatArray | float) -> FloatArray:
    turned: FloatArray = np.abs((yaws_deg - other_deg + 180.0) % 360.0 - 180.0)
    return turned


def _neighbours(legs: Sequence[int]) -> Iterator[list[int]]:
    """Legs in order, those that follow each other together."""
    group: list[int] = []
    for leg in legs:
        if group and leg != group[-1] + 1:
            yield group
            group = []
        group.append(leg)
    if group:
        yield group
