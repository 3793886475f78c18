"""Flights: which photos were taken in one go, and so share most of their errors.

A flight is told by folder, camera and time: a drone that changed its battery took no photo for minutes,
and starts with another error of position, height and compass. Cameras begin a new folder when one is full;
those of one card (`100MEDIA`, `101MEDIA`) count as one. What the photos of a flight share is a part of the
variance of each total:

* of a position that moves with the satellites, and of a height above take-off, nearly all: it is the same
  for minutes, the rest is what drifts and trembles;
* of an RTK position half: the base's place and the antenna's lever arm against noise;
* of the tilt half: the camera's boresight against what the gimbal leaves of the wind;
* of the yaw three quarters: a compass is wrong the same way all along. A yaw that is not known at all is
  each photo's own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from math import sqrt
from pathlib import Path
from types import MappingProxyType

from pipeline.photo import Photo, Pose, SharedErrors

LONGEST_PAUSE = timedelta(minutes=5)
"""Photos with a longer pause between them are taken as those of two flights."""

_RTK_FIXED_M = 0.1  # up to this 1-σ a position is that of a fixed RTK solution
_POSITION_SHARE, _RTK_SHARE = 0.9, 0.5
_HEIGHT_SHARE = 0.9
_TILT_SHARE = 0.5
_YAW_SHARE = 0.75
# Beyond these a total is that of one photo (sources that disagree, an angle that nobody wrote).
_LARGEST_POSITION_M = 1.5
_LARGEST_YAW_DEG = 45.0

# A camera's own folder on its card: a number from 100 on and five characters (JEITA CP-3461, DCF). DJI's
# newer drones write `DJI_001`, and with the time and a name for each mission `DJI_202603010900_001_road`.
_CARD_FOLDER = re.compile(r"[1-9]\d\d[A-Z_][A-Z0-9_]{4}|DJI_(\d{12}_)?\d{3}(_.*)?", re.IGNORECASE)

_NONE_KNOWN: Mapping[str, str] = MappingProxyType({})


def with_flights(photos: Sequence[Photo], known: Mapping[str, str] = _NONE_KNOWN) -> list[Photo]:
    """The photos in their order, each with its flight and the errors it shares with it.

    A flight is named after the id of its first photo; where one of its photos belongs to a `known` flight
    (by the photo's id), it keeps that name, so that what comes in parts stays one flight. Photos without a
    time are one flight for each card and camera. What photos have of flight and shared errors is kept.
    """
    flight_of = {index: flight for flight, members in _flights(photos, known) for index in members}
    return [_of_flight(photo, flight_of[index]) for index, photo in enumerate(photos)]


def shared_errors(pose: Pose) -> SharedErrors:
    """What of a pose's errors is taken to be the flight's."""
    share = _RTK_SHARE if pose.sigma_position_m <= _RTK_FIXED_M else _POSITION_SHARE
    return SharedErrors(
        position_m=sqrt(share) * min(pose.sigma_position_m, _LARGEST_POSITION_M),
        alt_m=sqrt(_RTK_SHARE if pose.sigma_alt_m <= _RTK_FIXED_M else _HEIGHT_SHARE) * pose.sigma_alt_m,
        tilt_deg=sqrt(_TILT_SHARE) * pose.sigma_tilt_deg,
        yaw_deg=sqrt(_YAW_SHARE) * pose.sigma_yaw_deg if pose.sigma_yaw_deg <= _LARGEST_YAW_DEG else 0.0,
    )


def _of_flight(photo: Photo, flight: str) -> Photo:
    known = photo.pose.shared != SharedErrors()
    pose = photo.pose if known else replace(photo.pose, shared=shared_errors(photo.pose))
    return replace(photo, flight=photo.flight or flight, pose=pose)


def _flights(photos: Sequence[Photo], known: Mapping[str, str]) -> Iterator[tuple[str, list[int]]]:
    """The name of each flight and the indices of its photos."""
    of_camera: dict[tuple[Path, str, str, bool], list[int]] = defaultdict(list)
    for index, photo in enumerate(photos):
        camera = photo.camera.name, photo.serial
        of_camera[(_card(photo.path), *camera, photo.taken_at is None)].append(index)
    for members in of_camera.values():
        for flight in _without_pauses(photos, members):
            ids = [photos[index].id for index in flight]
            yield next((known[id] for id in ids if id in known), ids[0]), flight


def _card(path: Path) -> Path:
    """The folder that tells which photos belong together: the file's own, or that of all of a card's."""
    folder = path.parent
    return folder.parent if _CARD_FOLDER.fullmatch(folder.name) else folder


def _without_pauses(photos: Sequence[Photo], members: Sequence[int]) -> Iterator[list[int]]:
    """Indices by time and id, parted where nothing was photographed for long."""
    ordered = sorted(members, key=lambda index: (_seconds(photos[index]), photos[index].id))
    flight = ordered[:1]
    for before, index in pairwise(ordered):
        if _seconds(photos[index]) - _seconds(photos[before]) > LONGEST_PAUSE.total_seconds():
            yield flight
            flight = []
        flight.append(index)
    yield flight


def _seconds(photo: Photo) -> float:
    return photo.taken_at.timestamp() if photo.taken_at else 0.0
