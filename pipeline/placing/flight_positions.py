"""Positions that the other photos of a flight contradict: jumps, and coordinates of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.photo import Photo, RejectedPhoto
from pipeline.placing.flight_path import FlightPath

# Faster no drone of the survey flies over ground, or up and down; times may be whole seconds, positions some
# sigmas off.
_FASTEST_M_S = np.array([30.0, 15.0])
_CLOCK_STEP_S = 1.0
_POSITION_SIGMAS = 3.0
_LOOK_BACK = 30
# What fewer photos than this agree on is no evidence against the others.
_CLEAR_SHARE = 2 / 3
# So many that jump to and fro, and fly on by themselves meanwhile, are those of another aircraft.
_FEWEST_OF_ANOTHER = 5
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
    """The photos, those that nothing could have flown to put between their neighbours, or rejected.

    Where it is not clear which ones jump, they stay, with a remark.
    """
    followed = _longest_flyable(flight)
    known = set(followed)
    jumped = [index for index in range(len(flight.photos)) if index not in known]
    if not jumped:
        return list(flight.photos)
    unclear = len(followed) < max(2, _CLEAR_SHARE * len(flight.photos))
    if unclear or _are_of_another_aircraft(flight, jumped):
        return [replace(photo, remarks=(*photo.remarks, "positions_jump")) for photo in flight.photos]
    return [
        photo if index in known else _put_back(flight, index, followed)
        for index, photo in enumerate(flight.photos)
    ]


def _are_of_another_aircraft(flight: FlightPath, jumped: Sequence[int]) -> bool:
    """Whether photos were taken in turns with the others, on a way of their own."""
    if len(jumped) < _FEWEST_OF_ANOTHER or np.median(np.diff(jumped)) == 1:
        return False
    way = FlightPath.of([flight.photos[index] for index in jumped])
    steps_m = np.hypot(*np.diff(way.places_m, axis=0).T)
    return bool(np.median(steps_m) >= _LEAST_STEP_M) and len(_longest_flyable(way)) == len(jumped)


def _longest_flyable(flight: FlightPath) -> list[int]:
    """The longest sequence of photos each of which can be flown to from the one before it."""
    count = len(flight.photos)
    if np.isnan(flight.seconds).any():
        return list(range(count))
    sigmas_m = np.array([(photo.pose.sigma_position_m, photo.pose.sigma_alt_m) for photo in flight.photos])
    length, before = np.ones(count, int), np.full(count, -1)
    for index in range(1, count):
        first = max(0, index - _LOOK_BACK)
        earlier = slice(first, index)
        passed_s = flight.seconds[index] - flight.seconds[earlier] + _CLOCK_STEP_S
        over_ground_m = np.hypot(*(flight.places_m[earlier] - flight.places_m[index]).T)
        up_m = np.abs(flight.heights_m[earlier] - flight.heights_m[index])
        allowed_m = _FASTEST_M_S * passed_s[:, None]
        allowed_m += _POSITION_SIGMAS * np.hypot(sigmas_m[earlier], sigmas_m[index])
        flyable = (np.column_stack([over_ground_m, up_m]) <= allowed_m).all(axis=1)
        lengths = np.where(flyable, length[earlier], 0)
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
    start_m, way_m = flight.places_m[earlier], flight.places_m[later] - flight.places_m[earlier]
    climb_m = float(flight.heights_m[later] - flight.heights_m[earlier])
    lat, lon = flight.frame.to_lat_lon([start_m + share * way_m])[0]
    neighbour, shared = flight.photos[earlier].pose, photo.pose.shared
    sigma_position_m = max(float(np.hypot(*way_m)) / 2, neighbour.sigma_position_m)
    sigma_alt_m = max(abs(climb_m) / 2, neighbour.sigma_alt_m)
    pose = replace(
        photo.pose,
        lat=float(lat),
        lon=float(lon),
        alt_agl_m=neighbour.alt_agl_m + share * climb_m,
        sigma_position_m=sigma_position_m,
        sigma_alt_m=sigma_alt_m,
        shared=replace(
            shared,
            position_m=min(shared.position_m, sigma_position_m),
            alt_m=min(shared.alt_m, sigma_alt_m),
        ),
    )
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
