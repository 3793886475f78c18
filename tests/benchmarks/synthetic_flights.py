"""Flights with known truth: photos whose recorded poses are wrong by drawn errors, and their ties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation
from scipy.stats.qmc import MultivariateNormalQMC

from pipeline.alignment.tie_points import TiePoints
from pipeline.geotagging.ground_error import ground_covariances, ground_offsets
from pipeline.photo import Photo, Pose
from pipeline.placing.flights import shared_errors
from vision.attitude import attitude_of, camera_to_enu
from vision.camera import Camera, FloatArray
from vision.frames import LocalFrame

FRAME = LocalFrame(-1.25, 116.85)
# What the pictures of 20 megapixels are at a quarter of their size.
CAMERA = Camera.centred("synthetic", 1368, 912, 1050.0, focal_sigma_rel=0.01)
_START = datetime(2026, 3, 1, 9, tzinfo=UTC)
_FORWARD, _SIDEWARD = 0.3, 0.4  # of the picture, what is new in the next one
_SIGMA_PX = 0.5
CHI2_95 = 5.991
_MOST_SEEDS = 64

Drift = Callable[[np.random.Generator, FloatArray], FloatArray]


@dataclass(frozen=True)
class Truth:
    """Where the cameras truly were (N, 3) and how they were turned (N, 3, 3); ground rises to the east."""

    places_m: FloatArray
    rotations: FloatArray
    camera: Camera
    slope: float = 0.0

    def ground_m(self, number: int, pixels_px: FloatArray) -> FloatArray:
        """East and north (K, 2) of what pixels of a photo show."""
        place_m, rays = self.places_m[number], self.camera.rays(pixels_px) @ self.rotations[number].T
        length = (place_m[2] - self.slope * place_m[0]) / (self.slope * rays[:, 0] - rays[:, 2])
        return np.asarray(place_m[:2] + rays[:, :2] * length[:, None])


def strips(
    count: int, photos: int, height_m: float = 30.0, camera: Camera = CAMERA, slope: float = 0.0
) -> Truth:
    """Strips flown back and forth, straight down, the picture's top to the front."""
    forward_m = _FORWARD * camera.height_px / camera.focal_px * height_m
    sideward_m = _SIDEWARD * camera.width_px / camera.focal_px * height_m
    places, rotations = [], []
    for strip in range(count):
        for step in range(photos):
            along = step if strip % 2 == 0 else photos - 1 - step
            place = np.array([strip * sideward_m, along * forward_m, height_m])
            place[2] += slope * place[0]
            places.append(place)
            rotations.append(camera_to_enu(0.0 if strip % 2 == 0 else 180.0, -90.0, 0.0))
    return Truth(np.array(places), np.array(rotations), camera, slope)


def recorded(
    truth: Truth, seed: int, *, rtk: bool, minutes: float = 0.0, seconds: float = 1.6
) -> list[Photo]:
    """Photos with the reference errors, in the shares that a flight is thought to share.

    With `minutes` the satellites' errors are instead those of a Gauss–Markov process of that memory. The
    shared errors of the first seeds are spread evenly (Sobol), so that few flights stand for many.
    """
    random = np.random.default_rng(seed)
    common = _even_normals()[seed]
    pose = Pose(0, 0, 30.0, 0, -90, 0, *((0.02, 0.03) if rtk else (1.5, 3.0)), 1.0, 2.0)
    pose = replace(pose, shared=shared_errors(pose))
    count, shared = len(truth.places_m), pose.shared
    focal_px = truth.camera.focal_px * float(np.exp(common[6] * truth.camera.focal_sigma_rel))
    camera = replace(truth.camera, focal_px=focal_px)
    total = np.array([pose.sigma_position_m] * 2 + [pose.sigma_alt_m])
    if minutes:
        off_m = total * _gauss_markov(random, count, seconds / (60 * minutes))
    else:
        off_m = _drawn(random, count, total, np.array([shared.position_m] * 2 + [shared.alt_m]), common[:3])
    off_deg = _drawn(
        random,
        count,
        np.array([pose.sigma_tilt_deg] * 2 + [pose.sigma_yaw_deg]),
        np.array([shared.tilt_deg] * 2 + [shared.yaw_deg]),
        common[3:6],
    )
    photos = []
    for number in range(count):
        place_m = truth.places_m[number] + off_m[number]
        lat, lon = FRAME.to_lat_lon(place_m[:2])[0]
        turned = truth.rotations[number] @ Rotation.from_rotvec(np.radians(off_deg[number])).as_matrix()
        yaw_deg, pitch_deg, roll_deg = attitude_of(turned)
        photos.append(
            Photo(
                f"photo {number:04d}",
                Path(f"{number:04d}.jpg"),
                _START + timedelta(seconds=seconds * number),
                camera,
                replace(
                    pose,
                    lat=float(lat),
                    lon=float(lon),
                    alt_agl_m=float(place_m[2]),
                    yaw_deg=yaw_deg,
                    pitch_deg=pitch_deg,
                    roll_deg=roll_deg,
                ),
                flight="flight",
            )
        )
    return photos


def tie_points(truth: Truth, seed: int, per_photo: int = 60, gross: float = 0.0) -> TiePoints:
    """Sightings of points strewn over the ground; a share of them is grossly wrong."""
    random = np.random.default_rng([seed, 1])
    low, high = truth.places_m[:, :2].min(axis=0) - 12, truth.places_m[:, :2].max(axis=0) + 12
    count = int(per_photo * len(truth.places_m) / 3)
    points_m = np.column_stack([random.uniform(low, high, (count, 2)), np.zeros(count)])
    points_m[:, 2] = truth.slope * points_m[:, 0]
    photo, point, pixels = [], [], []
    size = (truth.camera.width_px - 1, truth.camera.height_px - 1)
    for number, (place_m, rotation) in enumerate(zip(truth.places_m, truth.rotations, strict=True)):
        seen_px = truth.camera.project((points_m - place_m) @ rotation)
        inside = np.flatnonzero(((seen_px > 0) & (seen_px < size)).all(axis=1))
        wrong = random.random((len(inside), 1)) < gross
        noise_px = np.where(wrong, 40.0, _SIGMA_PX) * random.standard_normal((len(inside), 2))
        photo.append(np.full(len(inside), number))
        point.append(inside)
        pixels.append(seen_px[inside] + noise_px)
    sightings = sum(map(len, photo))
    ties = TiePoints(
        np.concatenate(photo).astype(np.intp),
        np.concatenate(point).astype(np.intp),
        np.concatenate(pixels),
        np.full(sightings, _SIGMA_PX),
        count,
    )
    return ties.where(np.ones(sightings, dtype=bool))


def errors_m(photos: list[Photo], truth: Truth) -> tuple[FloatArray, FloatArray]:
    """Horizontal errors of places all over the photos, and their squares in units of the covariance."""
    size = truth.camera.width_px - 1, truth.camera.height_px - 1
    random = np.random.default_rng(2)
    away, squares = [], []
    for number, photo in enumerate(photos):
        pixels_px = random.uniform((0, 0), size, (10, 2))
        foot_m = FRAME.to_metres(photo.pose.lat, photo.pose.lon)
        error_m = ground_offsets(photo, pixels_px) + foot_m - truth.ground_m(number, pixels_px)
        inverse = np.linalg.inv(ground_covariances(photo, pixels_px))
        away.append(np.hypot(*error_m.T))
        squares.append(np.einsum("ni,nij,nj->n", error_m, inverse, error_m))
    return np.concatenate(away), np.concatenate(squares)


def _drawn(
    random: np.random.Generator, count: int, total: FloatArray, shared: FloatArray, common: FloatArray
) -> FloatArray:
    own = np.sqrt(np.maximum(total**2 - shared**2, 0))
    return np.asarray(shared * common + own * random.standard_normal((count, 3)))


@cache
def _even_normals() -> FloatArray:
    return np.asarray(MultivariateNormalQMC(np.zeros(7), rng=1).random(_MOST_SEEDS))


def _gauss_markov(random: np.random.Generator, count: int, step: float) -> FloatArray:
    """Unit variance, correlated by exp(−steps · step)."""
    keep = np.exp(-step)
    values = [random.standard_normal(3)]
    for _ in range(count - 1):
        values.append(keep * values[-1] + np.sqrt(1 - keep**2) * random.standard_normal(3))
    return np.array(values)
