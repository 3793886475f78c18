"""The way of a sortie as vehicles must be told it, whatever file or link tells them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from flight.planning.plan import Pass, PhotoPoint, Transit, Waypoint
from flight.routing.flight_time import FAST_TRANSIT_M
from vision.camera import FloatArray
from vision.frames import LocalFrame

_SAME_PLACE_M = 0.5


@dataclass(frozen=True)
class Stop:
    """A place of a pass: a bend of its line, a photo, or both."""

    place: Waypoint
    photo: PhotoPoint | None = None


def moves(frame: LocalFrame, way: Transit) -> list[Waypoint]:
    """The places of a transit, without its start, that the vehicle has to move to."""
    inside = between(frame, way)
    if inside or apart(frame, way[0], way[-1]):
        return [*inside, way[-1]]
    return []


def between(frame: LocalFrame, way: Transit) -> list[Waypoint]:
    """The places of a transit that are neither its start nor its end."""
    kept: list[Waypoint] = []
    for place in way[1:-1]:
        before = kept[-1] if kept else way[0]
        if apart(frame, before, place) and apart(frame, place, way[-1]):
            kept.append(place)
    return kept


def apart(frame: LocalFrame, here: Waypoint, there: Waypoint) -> bool:
    """Whether two places are so far apart that it takes a move."""
    east_m, north_m, up_m = np.diff(in_metres(frame, (here, there)), axis=0)[0]
    return math.hypot(east_m, north_m) > _SAME_PLACE_M or abs(up_m) > _SAME_PLACE_M


def is_fast(frame: LocalFrame, way: Sequence[Waypoint]) -> bool:
    """Whether a transit is long enough to be flown at cruise speed."""
    return float(shapely.length(shapely.linestrings(in_metres(frame, way)[:, :2]))) > FAST_TRANSIT_M


def in_metres(frame: LocalFrame, way: Sequence[Waypoint]) -> FloatArray:
    """Places as (N, 3): east, north, height above take-off."""
    places = frame.to_metres([place.lat for place in way], [place.lon for place in way])
    return np.column_stack([places, [place.alt_m for place in way]])


def heading_deg(start: FloatArray, end: FloatArray) -> float:
    """The direction from one place (east, north, …) to another, clockwise from north, 0 to 360."""
    return math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])) % 360


def pitch_deg(camera: FloatArray, target: FloatArray) -> float:
    """The camera's pitch from one place (east, north, height) at another; −90 is straight down."""
    away_m = math.hypot(target[0] - camera[0], target[1] - camera[1])
    return math.degrees(math.atan2(target[2] - camera[2], away_m))


def stops(frame: LocalFrame, flown: Pass) -> list[Stop]:
    """The bends of a pass and its photos in the order in which they are flown.

    A bend where a photo is taken is one stop.
    """
    points = in_metres(frame, flown.waypoints)[:, :2]
    photos = frame.to_metres([photo.lat for photo in flown.photos], [photo.lon for photo in flown.photos])
    at_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T)))
    placed = _along(points, at_m, photos)
    found = [
        (at, Stop(Waypoint(p.lat, p.lon, p.alt_m), p)) for at, p in zip(placed, flown.photos, strict=True)
    ]
    bends = [
        (float(at), Stop(place))
        for at, place in zip(at_m, flown.waypoints, strict=True)
        if not any(abs(at - photo_at) <= _SAME_PLACE_M for photo_at in placed)
    ]
    return [stop for _, stop in sorted([*found, *bends], key=lambda entry: entry[0])]


def _along(points: FloatArray, at_m: FloatArray, photos: FloatArray) -> list[float]:
    """How far along a line (points at `at_m`) its photos lie, one after the other.

    Each is looked for from where the last one was: a line may cross itself.
    """
    found: list[float] = []
    segment, least_m = 0, 0.0
    for photo in photos:
        best: tuple[float, float, int] = (math.inf, least_m, segment)
        for number in range(segment, len(points) - 1):
            step = points[number + 1] - points[number]
            length_m = float(at_m[number + 1] - at_m[number])
            share = float(np.clip((photo - points[number]) @ step / max(length_m, 1e-9) ** 2, 0.0, 1.0))
            off_m = float(np.hypot(*(points[number] + share * step - photo)))
            here_m = float(at_m[number]) + share * length_m
            if here_m >= least_m - 1e-6 and off_m < best[0] - 1e-3:
                best = (off_m, here_m, number)
            if best[0] <= _SAME_PLACE_M:
                break
        _, least_m, segment = best
        found.append(least_m)
    return found
