"""The surveyed points of Helenenschacht: photos with RTK positions, no attitude, and without pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import atan2, degrees
from pathlib import Path

import numpy as np

from pipeline.alignment.adjustment import adjust, adjusted_photo
from pipeline.alignment.control_points import ControlPoint, read_control_points
from pipeline.alignment.tie_points import TiePoints
from pipeline.geotagging.ground_error import ground_offsets
from pipeline.photo import Photo, Pose
from pipeline.placing.flights import with_flights
from vision.camera import Camera, FloatArray
from vision.frames import LocalFrame

# An Autel XT705: 10.57 mm before a sensor 13.2 mm wide.
_CAMERA = Camera.centred("Autel XT705", 5472, 3648, 10.57 / 13.2 * 5472, focal_sigma_rel=0.015)
# A camera that hangs about straight down and tells no attitude, its yaw from the track.
_SIGMA_TILT_DEG, _SIGMA_YAW_DEG = 10.0, 10.0
_EVENT = re.compile(r"(\d+)\t([\d.]+)\t.*\t([\d.]+),Lat\t([\d.]+),Lon\t([\d.]+),Ellh")


class Helenenschacht:
    """Its photos, by the numbers in their names, and its surveyed points, 1 … 5."""

    def __init__(self, folder: Path) -> None:
        text = (folder / "101FTASK_Timestamp.mrk").read_text(encoding="utf-8")
        found = [_EVENT.match(line) for line in text.splitlines()]
        self._events = {
            int(event[1]): (float(event[3]), float(event[4]), float(event[5]), float(event[2]))
            for event in found
            if event
        }
        self.points = read_control_points(folder / "gcp_list.txt")
        numbers = sorted({int(mark.photo_name[4:8]) for point in self.points for mark in point.marks})
        self._numbers = [number for number in numbers if number in self._events]

    def photos(self, ground_m: float) -> list[Photo]:
        """The photos that show points, looking straight down, over ground at an ellipsoidal height."""
        return with_flights([self._photo(number, ground_m) for number in self._numbers])

    def errors_m(self, *, aligned: bool) -> FloatArray:
        """Horizontal errors of all marks, photo by photo, each point scored without having been used.

        The ground lies at the mean height of the other points.
        """
        errors: list[float] = []
        for scored in self.points:
            others = [point for point in self.points if point is not scored]
            photos = self.photos(float(np.mean([point.height_m or 0.0 for point in others])))
            placed = _aligned(photos, others) if aligned else photos
            errors += _errors_m(placed, scored)
        return np.array(errors)

    def _photo(self, number: int, ground_m: float) -> Photo:
        lat, lon, height_m, seconds = self._events[number]
        pose = Pose(
            lat, lon, height_m - ground_m, self._heading_deg(number), -90.0, 0.0, 0.02, 0.03,
            _SIGMA_TILT_DEG, _SIGMA_YAW_DEG,
        )  # fmt: skip
        at = datetime(2022, 5, 25, tzinfo=UTC) + timedelta(seconds=seconds)
        return Photo(f"{number:04d}", Path(f"MAX_{number:04d}.JPG"), at, _CAMERA, pose)

    def _heading_deg(self, number: int) -> float:
        """The way from the event before to the event after; at turns from the nearer one in time."""
        here = self._events[number]
        near = sorted(
            (event for step in (-1, 1) if (event := self._events.get(number + step))),
            key=lambda event: abs(event[3] - here[3]),
        )[:1]
        frame = LocalFrame(here[0], here[1])
        east_m, north_m = frame.to_metres(near[0][0], near[0][1])[0] * np.sign(near[0][3] - here[3])
        return degrees(atan2(east_m, north_m))


def _aligned(photos: Sequence[Photo], control_points: Sequence[ControlPoint]) -> list[Photo]:
    frame = LocalFrame(photos[0].pose.lat, photos[0].pose.lon)
    nothing = np.empty(0, dtype=np.intp)
    none = TiePoints(nothing, nothing, np.empty((0, 2)), np.empty(0), 0)
    adjusted = adjust(photos, none, frame, control_points)
    return [
        replace(adjusted_photo(adjusted, number, frame), ground=photo.ground)
        for number, photo in enumerate(photos)
    ]


def _errors_m(photos: Sequence[Photo], point: ControlPoint) -> list[float]:
    by_name = {photo.path.name: photo for photo in photos}
    frame = LocalFrame(point.lat, point.lon)
    errors = []
    for mark in point.marks:
        photo = by_name.get(mark.photo_name)
        if photo is not None:
            foot_m = frame.to_metres(photo.pose.lat, photo.pose.lon)
            away_m = ground_offsets(photo, np.array([[mark.x_px, mark.y_px]])) + foot_m
            errors.append(float(np.hypot(*away_m[0])))
    return errors
