"""Attitudes that a photo lacks and its neighbours tell: theirs, or at least the direction of flight."""

from __future__ import annotations

from dataclasses import replace
from math import acos, atan2, degrees, hypot

import numpy as np

from pipeline.photo import Photo, Pose
from pipeline.placing.flight_path import FlightPath
from pipeline.placing.flights import shared_errors
from vision.attitude import camera_to_enu
from vision.camera import FloatArray

# The aircraft points along its track but for wind. A drone's gimbal has the top of the picture ahead; how a
# camera of another maker hangs in its frame nobody knows.
_SIGMA_YAW_OF_TRACK_DEG = 20.0
_SIGMA_YAW_OF_MOUNT_DEG = 90.0
_UNKNOWN_YAW_DEG = 90.0
_SHORTEST_TRACK_M = 3.0
_DRONE_MAKERS = ("dji", "hasselblad", "autel", "parrot", "skydio", "teal", "yuneec")

_ATTITUDE_ABSENT = ("attitude_missing", "attitude_zero")
_TURNED = "pixels_turned"
_SAME_ATTITUDE_DEG = 10.0
_ATTITUDE_NEIGHBOUR_S = 10.0
_SIGMA_TILT_OF_NEIGHBOURS_DEG = 3.0
_SIGMA_YAW_OF_NEIGHBOURS_DEG = 10.0


def with_attitudes_of_neighbours(flight: FlightPath) -> FlightPath:
    """A photo without attitude takes that of its neighbours where they agree."""
    photos = list(flight.photos)
    for index in range(1, len(photos) - 1):
        around = flight.photos[index - 1], flight.photos[index + 1]
        pause_s = flight.seconds[index + 1] - flight.seconds[index - 1]
        lacks = _lacks_attitude(photos[index]) and _TURNED not in photos[index].remarks
        if lacks and pause_s <= 2 * _ATTITUDE_NEIGHBOUR_S and _agree(*around):
            photos[index] = _looking_as(photos[index], around[0].pose)
    return flight.with_photos(photos)


def _lacks_attitude(photo: Photo) -> bool:
    absent = any(remark in _ATTITUDE_ABSENT for remark in photo.remarks)
    return absent and "attitude_of_neighbours" not in photo.remarks


def _agree(one: Photo, other: Photo) -> bool:
    if any(_lacks_attitude(photo) or _TURNED in photo.remarks for photo in (one, other)):
        return False
    between = _rotation(one.pose).T @ _rotation(other.pose)
    cosine = (float(np.trace(between)) - 1) / 2
    return degrees(acos(min(1.0, max(-1.0, cosine)))) <= _SAME_ATTITUDE_DEG


def _rotation(pose: Pose) -> FloatArray:
    return camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)


def _looking_as(photo: Photo, neighbour: Pose) -> Photo:
    pose = replace(
        photo.pose,
        yaw_deg=neighbour.yaw_deg,
        pitch_deg=neighbour.pitch_deg,
        roll_deg=neighbour.roll_deg,
        sigma_tilt_deg=max(_SIGMA_TILT_OF_NEIGHBOURS_DEG, neighbour.sigma_tilt_deg),
        sigma_yaw_deg=max(_SIGMA_YAW_OF_NEIGHBOURS_DEG, neighbour.sigma_yaw_deg),
    )
    return replace(photo, pose=_sharing_anew(pose), remarks=(*photo.remarks, "attitude_of_neighbours"))


def with_yaw_of_track(flight: FlightPath) -> FlightPath:
    """Photos whose yaw nobody knows point along the track."""
    return flight.with_photos([_along_track(flight, index) for index in range(len(flight.photos))])


def _along_track(flight: FlightPath, index: int) -> Photo:
    photo = flight.photos[index]
    step_m = _step_m(flight, index)
    if photo.pose.sigma_yaw_deg <= _UNKNOWN_YAW_DEG or not _lacks_attitude(photo) or step_m is None:
        return photo
    made_by_drone_maker = photo.camera.name.casefold().startswith(_DRONE_MAKERS)
    sigma_deg = _SIGMA_YAW_OF_TRACK_DEG if made_by_drone_maker else _SIGMA_YAW_OF_MOUNT_DEG
    pose = replace(photo.pose, yaw_deg=degrees(atan2(*step_m)), sigma_yaw_deg=sigma_deg)
    return replace(photo, pose=_sharing_anew(pose), remarks=(*photo.remarks, "yaw_from_track"))


def _step_m(flight: FlightPath, index: int) -> tuple[float, float] | None:
    """East and north of the shorter way to a neighbour: at the end of a line the other one is a turn."""
    places_m = flight.places_m[max(index - 1, 0) : index + 2]
    ways_m = [(float(east), float(north)) for east, north in np.diff(places_m, axis=0)]
    ways_m = [way for way in ways_m if hypot(*way) >= _SHORTEST_TRACK_M]
    return min(ways_m, key=lambda way: hypot(*way), default=None)


def _sharing_anew(pose: Pose) -> Pose:
    """The pose, with the share of its new attitude's errors that a flight has in common."""
    usual = shared_errors(pose)
    return replace(pose, shared=replace(pose.shared, tilt_deg=usual.tilt_deg, yaw_deg=usual.yaw_deg))
