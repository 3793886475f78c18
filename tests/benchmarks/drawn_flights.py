"""Simulated flights whose errors are drawn: where their photos put points of the ground, and how surely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation
from shapely import box

from pipeline.defects.fusion import fuse
from pipeline.geotagging.ground_error import (
    SHARED_CAUSES,
    SIGMA_PIXEL_PX,
    error_ellipses,
    ground_covariances,
    ground_offsets,
    shared_factors,
)
from pipeline.geotagging.observation import GroundPoint
from pipeline.photo import Photo, Pose
from pipeline.sighting import Sighting
from vision.attitude import attitude_of, camera_to_enu
from vision.camera import Camera, FloatArray
from vision.frames import LocalFrame
from vision.ground import FLAT_GROUND, Ground

CHI2_95 = 5.991  # two degrees of freedom

_FRAME = LocalFrame(-6.88, 107.54)
_START = datetime(2025, 3, 1, 2, 0, tzinfo=UTC)
_CAMERA = Camera.centred("drawn", 4000, 3000, 3000.0)
_EVERY_S, _BETWEEN_PASSES_S = 2.0, 180.0
_POINTS = 6
_FOOTPRINT = box(107.54, -6.88, 107.540005, -6.879995)

Draw = Callable[[np.random.Generator, int], FloatArray]


def normal(rng: np.random.Generator, count: int) -> FloatArray:
    """Errors as the ellipses assume them."""
    return rng.standard_normal(count)


def heavy_tailed(rng: np.random.Generator, count: int) -> FloatArray:
    """Student's t with three degrees of freedom, of unit variance."""
    return rng.standard_t(3, count) / np.sqrt(3)


@dataclass(frozen=True)
class Errors:
    """How a flight's errors come about; the defaults are as assumed.

    `boresight_sigmas` puts constants, so many σ, in the place of the shared tilts and yaw.
    `walk_m_per_root_s` lets the shared position wander.
    """

    draw: Draw = normal
    boresight_sigmas: float | None = None
    walk_m_per_root_s: float = 0.0


@dataclass(frozen=True)
class Setup:
    """What is flown: two passes to and fro over a road, `flights` times; `pose` states its errors."""

    pose: Pose
    errors: Errors = field(default_factory=Errors)
    flights: int = 1
    ground: Ground = FLAT_GROUND


@dataclass(frozen=True)
class Share:
    """The share of places in their stated 95 % ellipse, and the median of how far they are off."""

    observations: float
    defects: float
    median_observation_m: float
    median_defect_m: float


def share_inside(setup: Setup, surveys: int, seed: int) -> Share:
    """Fly many surveys and compare what they say of points of the ground with where these are."""
    of_observations: list[FloatArray] = []
    of_defects: list[FloatArray] = []
    for survey in range(surveys):
        rng = np.random.default_rng([seed, survey])
        points_m = rng.uniform((-8.0, 5.0), (20.0, 35.0), (_POINTS, 2))
        seen = [_seen_by_flight(setup, number, points_m, rng) for number in range(setup.flights)]
        for index, point_m in enumerate(points_m):
            sightings = [sighting for flight in seen for sighting in flight[index]]
            of_observations += [judged(sighting, _FRAME, point_m) for sighting in sightings]
            of_defects.append(judged(fuse(sightings, _FRAME).position, _FRAME, point_m))
    return share_of(of_observations, of_defects)


def share_of(of_observations: Sequence[FloatArray], of_defects: Sequence[FloatArray]) -> Share:
    """The share and the median error of what was `judged`."""
    observations, defects = np.array(of_observations), np.array(of_defects)
    return Share(
        *(float(np.mean(places[:, 0] < CHI2_95)) for places in (observations, defects)),
        *(float(np.median(places[:, 1])) for places in (observations, defects)),
    )


def judged(place: GroundPoint | Sighting, frame: LocalFrame, truth_m: FloatArray) -> FloatArray:
    """How far a place is off: the squared distance in σ of its ellipse, and the distance in metres."""
    error_m = frame.to_metres(place.lat, place.lon)[0] - truth_m
    azimuth = np.radians(place.sigma_azimuth_deg)
    along = error_m @ (np.sin(azimuth), np.cos(azimuth)) / place.sigma_major_m
    across = error_m @ (np.cos(azimuth), -np.sin(azimuth)) / place.sigma_minor_m
    return np.array([along**2 + across**2, np.hypot(*error_m)])


def _seen_by_flight(
    setup: Setup, number: int, points_m: FloatArray, rng: np.random.Generator
) -> list[list[Sighting]]:
    """The sightings of each point by one flight."""
    seen: list[list[Sighting]] = [[] for _ in points_m]
    shared = setup.errors.draw(rng, len(SHARED_CAUSES))
    if setup.errors.boresight_sigmas is not None:
        shared[3:6] = setup.errors.boresight_sigmas
    wander_m, before_s = np.zeros(2), 0.0
    for index, (foot_m, yaw_deg, at_s) in enumerate(_exposures()):
        walked_m = setup.errors.walk_m_per_root_s * np.sqrt(at_s - before_s)
        wander_m, before_s = wander_m + walked_m * rng.standard_normal(2), at_s
        true = replace(setup.pose, yaw_deg=yaw_deg)
        recorded, moved_m = _recorded(true, shared, setup.errors.draw(rng, 6))
        camera = replace(_CAMERA, focal_px=_CAMERA.focal_px * (1 + shared[6] * _CAMERA.focal_sigma_rel))
        height_m = true.alt_agl_m + shared[7] * setup.ground.sigma_m
        towards = np.column_stack([points_m - foot_m, np.full(len(points_m), -height_m)])
        pixels_px = camera.project(towards @ camera_to_enu(true.yaw_deg, true.pitch_deg, true.roll_deg))
        shown = np.flatnonzero(
            ((pixels_px >= 0) & (pixels_px <= (camera.width_px - 1, camera.height_px - 1))).all(axis=1)
        )
        pixels_px = pixels_px[shown] + SIGMA_PIXEL_PX * setup.errors.draw(rng, 2 * len(shown)).reshape(-1, 2)
        taken_at, flight = _START + timedelta(seconds=at_s), f"flight-{number}"
        photo = Photo(
            f"{number}-{index}", Path(), taken_at, _CAMERA, recorded, flight=flight, ground=setup.ground
        )
        sightings = sightings_of(photo, pixels_px, _FRAME, foot_m + moved_m + wander_m)
        for point, sighting in zip(shown, sightings, strict=True):
            seen[point].append(sighting)
    return seen


def _exposures() -> list[tuple[FloatArray, float, float]]:
    """Foot, yaw and time of each photo: north along the road, and back 12 m beside it."""
    there = [(np.array([0.0, north_m]), 0.0) for north_m in np.arange(2.0, 40.0, 12.0)]
    back = [(np.array([12.0, north_m]), 180.0) for north_m in np.arange(38.0, 0.0, -12.0)]
    starts_s = [0.0] * len(there) + [_BETWEEN_PASSES_S] * len(back)
    return [
        (foot_m, yaw_deg, start_s + _EVERY_S * number)
        for number, ((foot_m, yaw_deg), start_s) in enumerate(zip([*there, *back], starts_s, strict=True))
    ]


def _recorded(true: Pose, shared: FloatArray, own: FloatArray) -> tuple[Pose, FloatArray]:
    """What a drone records of a true pose, and how far it is off, east and north.

    `shared` and `own` are errors in units of σ: east, north, height, two tilts, yaw.
    """
    part = true.shared
    position_m, height_m, tilt_deg, yaw_deg = (
        (common, np.sqrt(total**2 - common**2))
        for total, common in (
            (true.sigma_position_m, part.position_m),
            (true.sigma_alt_m, part.alt_m),
            (true.sigma_tilt_deg, part.tilt_deg),
            (true.sigma_yaw_deg, part.yaw_deg),
        )
    )
    yaw = np.radians(true.yaw_deg)
    right, top = np.array([[np.cos(yaw), -np.sin(yaw), 0.0], [np.sin(yaw), np.cos(yaw), 0.0]])
    turned_deg = tilt_deg[0] * (shared[3] * right + shared[4] * top) + tilt_deg[1] * np.array(
        [own[3], own[4], 0.0]
    )
    turned_deg[2] -= yaw_deg[0] * shared[5] + yaw_deg[1] * own[5]
    rotation = Rotation.from_rotvec(turned_deg, degrees=True).as_matrix() @ camera_to_enu(
        true.yaw_deg, true.pitch_deg, true.roll_deg
    )
    yaw_deg_read, pitch_deg_read, roll_deg_read = attitude_of(rotation)
    recorded = replace(
        true,
        alt_agl_m=true.alt_agl_m + height_m[0] * shared[2] + height_m[1] * own[2],
        yaw_deg=yaw_deg_read,
        pitch_deg=pitch_deg_read,
        roll_deg=roll_deg_read,
    )
    return recorded, position_m[0] * shared[:2] + position_m[1] * own[:2]


def sightings_of(
    photo: Photo, pixels_px: FloatArray, frame: LocalFrame, foot_m: FloatArray
) -> list[Sighting]:
    """Sightings of a photo's pixels (N, 2), with the camera's foot at a place of the frame."""
    if not len(pixels_px):
        return []
    places = frame.to_lat_lon(ground_offsets(photo, pixels_px) + foot_m)
    ellipses = error_ellipses(ground_covariances(photo, pixels_px))
    return [
        Sighting(
            photo.id, photo.id, "drawn", photo.taken_at, photo.flight, "pothole", 0.5, *place, *ellipse,
            0.5, 0.5, 0.2, _FOOTPRINT, shared_m=(tuple(shared_m[0]), tuple(shared_m[1])),
        )
        for place, ellipse, shared_m in zip(
            places.tolist(), ellipses.tolist(), shared_factors(photo, pixels_px).tolist(), strict=True
        )
    ]  # fmt: skip
