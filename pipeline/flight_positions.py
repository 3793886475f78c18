"""Positions that the other photos of a flight contradict: jumps, and coordinates of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.flight_path import FlightPath
from pipeline.photo import Photo, RejectedPhoto

# Faster no drone of the survey flies; times may be whole seconds, positions a few sigmas off.
_FASTEST_M_S = 30.0
_CLOCK_STEP_S = 1.0
_POSITION_SIGMAS = 3.0
_LOOK_BACK = 30
# What fewer photos than this agree on is no evidence against the others.
_CLEAR_SHARE = 2 / 3
# Neighbours that are farther apart in time tell nothing about a photo between them.
_NEIGHBOUR_S = 60.0

# Aircraft never fly so evenly: positions at equal steps on a straight line, to centimetres.
_EVENNESS_M = 0.03
_FEWEST_EVEN = 8
_EVEN_SHARE = 0.9
_STRAIGHT_DEG = 30.0
_LEAST_STEP_M = 1.0
_RTK_M = 0.1
# Planned and flown positions differed by 24 to 48 m.
_SIGMA_PLANNED_M = 25.0


def without_jumps(flight: FlightPath) -> list[Photo | RejectedPhoto]:
    """The photos, those that nothing could have flown to put between their neighbours, or rejected."""
    followed = _longest_flyable(flight)
    if len(followed) == len(flight.photos):
        return list(flight.photos)
    if len(followed) < max(2, _CLEAR_SHARE * len(flight.photos)):
        return [replace(photo, remarks=(*photo.remarks, "positions_jump")) for photo in flight.photos]
    known = set(followed)
    return [
        photo if index in known else _put_back(flight, index, followed)
        for index, photo in enumerate(flight.photos)
    ]


def _longest_flyable(flight: FlightPath) -> list[int]:
    """The longest sequence of photos each of which can be flown to from the one before it."""
    count = len(flight.photos)
    if np.isnan(flight.seconds).any():
        return list(range(count))
    sigma_m = np.array([photo.pose.sigma_position_m for photo in flight.photos])
    length, before = np.ones(count, int), np.full(count, -1)
    for index in range(1, count):
        first = max(0, index - _LOOK_BACK)
        apart_m = np.hypot(*(flight.places_m[first:index] - flight.places_m[index]).T)
        allowed_m = _FASTEST_M_S * (flight.seconds[index] - flight.seconds[first:index] + _CLOCK_STEP_S)
        allowed_m += _POSITION_SIGMAS * np.hypot(sigma_m[first:index], sigma_m[index])
        lengths = np.where(apart_m <= allowed_m, length[first:index], 0)
        if lengths.max() > 0:
            # The nearest of the longest: later photos tell more about where this one was.
            before[index] = first + len(lengths) - 1 - int(np.argmax(lengths[::-1]))
            length[index] = lengths.max() + 1
    followed = [int(np.argmax(length))]
    while before[followed[-1]] >= 0:
        followed.append(int(before[followed[-1]]))
    return followed[::-1]


def _put_back(flight: FlightPath, index: int, followed: Sequence[int]) -> Photo | RejectedPhoto:
    """A photo that jumped, where the aircraft must have been by the time."""
    photo = flight.photos[index]
    earlier = max((other for other in followed if other < index), default=None)
    later = min((other for other in followed if other > index), default=None)
    if earlier is not None and later is not None:
        pause_s = flight.seconds[later] - flight.seconds[earlier]
        if 0 < pause_s <= _NEIGHBOUR_S:
            return _between(flight, photo, flight.seconds[index], earlier, later)
    detail = "nothing flies as fast as from the photos beside it to the position it tells"
    return RejectedPhoto(photo.id, photo.path, "position_contradicted", detail)


def _between(flight: FlightPath, photo: Photo, seconds: float, earlier: int, later: int) -> Photo:
    share = (seconds - flight.seconds[earlier]) / (flight.seconds[later] - flight.seconds[earlier])
    start_m, end_m = flight.places_m[earlier], flight.places_m[later]
    lat, lon = flight.frame.to_lat_lon([start_m + share * (end_m - start_m)])[0]
    sigma_m = max(float(np.hypot(*(end_m - start_m))) / 2, flight.photos[earlier].pose.sigma_position_m)
    shared = replace(photo.pose.shared, position_m=min(photo.pose.shared.position_m, sigma_m))
    pose = replace(photo.pose, lat=float(lat), lon=float(lon), sigma_position_m=sigma_m, shared=shared)
    return replace(photo, pose=pose, remarks=(*photo.remarks, "position_jumped"))


def planned_less_sure(flight: FlightPath) -> FlightPath:
    """Positions that are too even to be flown are the plan's, and unsure for the whole flight alike."""
    if not _is_planned(flight):
        return flight
    return flight.with_photos([_as_planned(photo) for photo in flight.photos])


def _as_planned(photo: Photo) -> Photo:
    pose = replace(photo.pose, sigma_position_m=max(photo.pose.sigma_position_m, _SIGMA_PLANNED_M))
    pose = replace(pose, shared=replace(pose.shared, position_m=pose.sigma_position_m))
    return replace(photo, pose=pose, remarks=(*photo.remarks, "positions_planned"))


def _is_planned(flight: FlightPath) -> bool:
    if any(_is_interpolated(photo) or photo.pose.sigma_position_m <= _RTK_M for photo in flight.photos):
        return False
    steps_m = np.diff(flight.places_m, axis=0)
    turns_deg = np.abs((np.diff(np.degrees(np.arctan2(*steps_m.T))) + 180) % 360 - 180)
    shorter_m = np.minimum(np.hypot(*steps_m[1:].T), np.hypot(*steps_m[:-1].T))
    straight = (turns_deg < _STRAIGHT_DEG) & (shorter_m > _LEAST_STEP_M)
    even = np.hypot(*np.diff(steps_m, axis=0).T) < _EVENNESS_M
    enough = int(straight.sum()) >= _FEWEST_EVEN
    return enough and float(even[straight].mean()) >= _EVEN_SHARE


def _is_interpolated(photo: Photo) -> bool:
    """Whether its position may come from between the points of a track, where all is even."""
    return photo.frame is not None or "position_of_log" in photo.remarks
