"""What the recorded poses say, and how surely: the errors of each photo, and those that a flight shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment.overlap import feet_m
from pipeline.alignment.tie_points import Indices
from pipeline.photo import Photo
from vision.attitude import camera_to_enu
from vision.camera import Camera, FloatArray
from vision.frames import LocalFrame

# No error is smaller than these: shutter lag and rounding.
_LEAST_M, _LEAST_RAD = 0.01, np.radians(0.02)
# The ground below a flight lies only about at its zero.
_SIGMA_ZERO_M = 1.0
# Errors of k1 and k2: of a lens that nobody has calibrated, and of one that somebody has.
_SIGMA_UNKNOWN_LENS, _SIGMA_KNOWN_LENS = (0.03, 0.02), (0.003, 0.003)
_MOST_YAW_RAD = np.radians(40.0)


@dataclass(frozen=True)
class Priors:
    """The recorded state of a block of N photos in metres east, north, up of a frame, and its 1-σ errors.

    Up counts from the zero of the ground. Attitudes are errors about three axes in camera axes,
    `axes[n]` (3, 3) by rows: two level ones that turn with the picture, and the vertical. `own_…` (N, 3) are
    the errors of each photo, `shared_…` (F, 3) those of flights.
    `lens_sigma` (C, 3) are those of ln f, k1, k2.
    """

    position_m: FloatArray
    rotation: FloatArray
    axes: FloatArray
    flight: Indices
    lens: Indices
    cameras: tuple[Camera, ...]
    own_position_m: FloatArray
    own_attitude_rad: FloatArray
    shared_position_m: FloatArray
    shared_attitude_rad: FloatArray
    lens_sigma: FloatArray


def priors_of(photos: Sequence[Photo], frame: LocalFrame) -> Priors:
    """The priors of photos; a photo of no named flight shares its errors with no other."""
    flights = _flights(photos)
    flight_names, flight_of = np.unique(np.array(flights), return_inverse=True)
    keys = [(flight, photo.camera) for flight, photo in zip(flights, photos, strict=True)]
    distinct = list(dict.fromkeys(keys))
    lens_of = np.array([distinct.index(key) for key in keys], dtype=np.intp)
    cameras = tuple(camera for _, camera in distinct)
    poses = [photo.pose for photo in photos]
    rotation = np.array([camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg) for pose in poses])
    total_m = np.array([[p.sigma_position_m, p.sigma_position_m, p.sigma_alt_m] for p in poses])
    common_m = np.array([[p.shared.position_m, p.shared.position_m, p.shared.alt_m] for p in poses])
    total_rad = np.radians([[p.sigma_tilt_deg, p.sigma_tilt_deg, p.sigma_yaw_deg] for p in poses])
    common_rad = np.radians([[p.shared.tilt_deg, p.shared.tilt_deg, p.shared.yaw_deg] for p in poses])
    total_rad[:, 2] = np.minimum(total_rad[:, 2], _MOST_YAW_RAD)
    common_rad = np.minimum(common_rad, total_rad)
    heights_m = np.array([pose.alt_agl_m for pose in poses])
    ground_m = max(photo.ground.sigma_m for photo in photos)
    shared_m = _of_flights(common_m, flight_of, len(flight_names))
    shared_m[:, 2] = np.hypot(shared_m[:, 2], np.hypot(ground_m, _SIGMA_ZERO_M))
    return Priors(
        position_m=np.column_stack([feet_m(photos, frame), heights_m]),
        rotation=rotation,
        axes=np.array([_axes(turn) for turn in rotation]),
        flight=flight_of.reshape(-1).astype(np.intp),
        lens=lens_of,
        cameras=cameras,
        own_position_m=_rest(total_m, common_m, _LEAST_M),
        own_attitude_rad=_rest(total_rad, common_rad, float(_LEAST_RAD)),
        shared_position_m=np.maximum(shared_m, _LEAST_M),
        shared_attitude_rad=np.maximum(
            _of_flights(common_rad, flight_of, len(flight_names)), float(_LEAST_RAD)
        ),
        lens_sigma=np.array([_lens_sigma(camera) for camera in cameras]).reshape(-1, 3),
    )


def _flights(photos: Sequence[Photo]) -> list[str]:
    """The flight of each photo; flights that recorded the same at the same time are copies, and so one."""
    original_of: dict[str, str] = {}
    first_of: dict[object, str] = {}
    flights = [photo.flight or photo.id for photo in photos]
    for photo, flight in zip(photos, flights, strict=True):
        if photo.taken_at is not None:
            recorded = (photo.taken_at, photo.pose.lat, photo.pose.lon, photo.pose.alt_agl_m)
            first = first_of.setdefault(recorded, flight)
            if first != flight:
                original_of.setdefault(flight, original_of.get(first, first))
    return [original_of.get(flight, flight) for flight in flights]


def _of_flights(values: FloatArray, flight: NDArray[np.intp], count: int) -> FloatArray:
    """The means of the photos' values (N, 3) for each flight (F, 3)."""
    sums = np.zeros((count, 3))
    np.add.at(sums, flight.reshape(-1), values)
    return np.asarray(sums / np.bincount(flight.reshape(-1), minlength=count)[:, None])


def _rest(total: FloatArray, shared: FloatArray, least: float) -> FloatArray:
    return np.asarray(np.sqrt(np.maximum(total**2 - shared**2, least**2)))


def _lens_sigma(camera: Camera) -> tuple[float, float, float]:
    k1, k2 = _SIGMA_KNOWN_LENS if any(camera.distortion) else _SIGMA_UNKNOWN_LENS
    return max(camera.focal_sigma_rel, 1e-5), k1, k2


def _axes(rotation: FloatArray) -> FloatArray:
    """Rows, in camera axes: the level axis nearest to the picture's right, the one across it, and up."""
    up = rotation[2]
    right = np.array([1.0, 0.0, 0.0]) - up[0] * up
    if np.linalg.norm(right) < 1e-6:
        right = np.array([0.0, 1.0, 0.0]) - up[1] * up
    right /= np.linalg.norm(right)
    return np.array([right, np.cross(up, right), up])
