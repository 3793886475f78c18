"""How surely an adjusted photo puts its pixels on the ground.

Samples are drawn of what the adjustment may be wrong by: with J the weighted Jacobian and ε standard normal,
(JᵀJ)⁻¹ Jᵀε has the covariance of the unknowns. Height and focal length, position and tilt are each known
together far better than alone; so the samples are carried to the ground, and the errors that a pose states
are those that make the same errors there, so large that 95 % of the samples lie inside what they state as
95 %: a pose states errors that are the same to all sides, also where one strip leaves only its roll unsure.
The focal length's error is part of the height's, that of the tilt part of the position's: no photo tells them
apart, and what photos share could not be told from what each has alone if they were parted at will.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from pipeline.alignment.adjustment import Adjusted, relief_m
from pipeline.alignment.tie_points import Indices
from pipeline.geotagging.ground_error import ground_covariances, shared_factors
from pipeline.photo import Photo, Pose, SharedErrors
from vision.attitude import camera_to_enu
from vision.camera import FloatArray
from vision.frames import LocalFrame

_SAMPLES = 192
_AT_ONCE = 32
_SIGHTINGS_PER_PHOTO = 20
_LEAST_M = 0.005
_LEAST = np.array([_LEAST_M, _LEAST_M, 0.0])
_CHI2_95 = 5.991  # of two degrees of freedom
# Errors whose covariances are added up: metres of position and height, degrees of yaw.
_UNITS = np.array([1.0, 1.0, 0.1])
# Which columns of `shared_factors` each of them causes.
_CAUSES = ((0, 1), (2,), (5,))
_STEP = 1e-5


@dataclass(frozen=True)
class _Samples:
    """Errors, S of each: of shifts and turns (N, 3, S), of lenses (C, 3, S), of the photos' ground (N, S)."""

    shift_m: FloatArray
    turn_rad: FloatArray
    lens: FloatArray
    ground_m: FloatArray


def with_posterior_errors(adjusted: Adjusted, photos: Sequence[Photo], frame: LocalFrame) -> list[Photo]:
    """The adjusted photos with the errors of their poses, and which part of them neighbours share."""
    samples = _draw(adjusted)
    sightings = _spread_sightings(adjusted)
    errors_m = _ground_errors(adjusted, photos, samples, sightings)
    stating, stretches = [], []
    for number, photo in enumerate(photos):
        mine = np.flatnonzero(adjusted.ties.photo[sightings] == number)
        if len(mine):
            pixels_px = adjusted.ties.pixels_px[sightings[mine]]
            sigmas, stretch = _total_sigmas(photo, pixels_px, errors_m[mine])
            sigmas[1] = np.hypot(sigmas[1], relief_m(adjusted, number, photo, frame))
            photo = _stating(photo, np.maximum(sigmas, _LEAST))
            stretches.append(stretch)
        stating.append(photo)
    return _with_shared(adjusted, stating, sightings, errors_m * np.median(stretches or [1.0]))


def _draw(adjusted: Adjusted) -> _Samples:
    solution, equations = adjusted.solution, adjusted.equations
    random = np.random.default_rng(0)
    averaging = _averaging(adjusted)
    cameras, heights = [], []
    for _ in range(0, _SAMPLES, _AT_ONCE):
        noise = random.standard_normal((solution.weighted_jacobian.shape[0], _AT_ONCE))
        errors = solution.normal.solve(solution.weighted_jacobian.T @ noise)
        cameras.append(errors[: equations.camera_unknowns])
        heights.append(averaging @ errors[equations.camera_unknowns + 2 :: 3])
    of_cameras = np.concatenate(cameras, axis=1)
    photos, flights = len(adjusted.photos), len(equations.priors.shared_position_m)
    own = of_cameras[: 6 * photos].reshape(photos, 6, -1)
    lens = of_cameras[6 * (photos + flights) : -1].reshape(len(equations.priors.cameras), 3, -1)
    return _Samples(own[:, :3], own[:, 3:], lens, np.concatenate(heights, axis=1))


def _averaging(adjusted: Adjusted) -> Any:
    """The matrix (N, P) that takes the mean of the points that each photo shows."""
    from scipy.sparse import csr_array

    ties = adjusted.ties
    times = np.maximum(np.bincount(ties.photo, minlength=len(adjusted.photos)), 1)
    return csr_array(
        (1 / times[ties.photo], (ties.photo, ties.point)), shape=(len(adjusted.photos), ties.count)
    )


def _spread_sightings(adjusted: Adjusted) -> Indices:
    """A few sightings of each photo, spread over it by the numbers of the points, which are in no order."""
    ties = adjusted.ties
    order = np.lexsort((ties.point, ties.photo))
    starts = np.searchsorted(ties.photo[order], np.arange(len(adjusted.photos) + 1))
    chosen = [
        order[np.unique(np.linspace(start, end - 1, min(_SIGHTINGS_PER_PHOTO, end - start)).astype(int))]
        for start, end in pairwise(starts)
        if end > start
    ]
    wanted = np.unique(ties.point[np.concatenate(chosen)]) if chosen else np.empty(0, np.intp)
    return np.flatnonzero(np.isin(ties.point, wanted)).astype(np.intp)


def _ground_errors(
    adjusted: Adjusted, photos: Sequence[Photo], samples: _Samples, sightings: Indices
) -> FloatArray:
    """How far the places of sightings are wrong (K, 2, S), in metres."""
    ties, lens_of = adjusted.ties, adjusted.equations.priors.lens
    errors_m = np.empty((len(sightings), 2, _SAMPLES))
    for number, photo in enumerate(photos):
        mine = np.flatnonzero(ties.photo[sightings] == number)
        if not len(mine):
            continue
        pose, pixels_px = photo.pose, ties.pixels_px[sightings[mine]]
        rotation = camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
        rays = photo.camera.rays(pixels_px)
        turned = np.cross(samples.turn_rad[number].T[None], rays[:, None])
        bent = np.einsum("kcl,ls->ksc", _rays_by_lens(photo, pixels_px), samples.lens[lens_of[number]])
        ray = rays @ rotation.T
        ray_error = (turned + bent) @ rotation.T
        length = pose.alt_agl_m / -ray[:, 2]
        height_error = samples.shift_m[number, 2] - samples.ground_m[number]
        slope = ray[:, :2] / -ray[:, 2:]
        along = height_error[None, :, None] * slope[:, None]
        swung = length[:, None, None] * (ray_error[..., :2] + slope[:, None] * ray_error[..., 2:])
        moved = samples.shift_m[number, :2].T[None] + along + swung
        errors_m[mine] = moved.transpose(0, 2, 1)
    return errors_m


def _rays_by_lens(photo: Photo, pixels_px: FloatArray) -> FloatArray:
    """How rays (K, 3) move with ln f, k1 and k2: (K, 3, 3)."""
    from pipeline.alignment.equations import changed

    slopes = []
    for parameter in range(3):
        step = np.zeros(3)
        step[parameter] = _STEP
        higher, lower = (changed(photo.camera, sign * step).rays(pixels_px) for sign in (1, -1))
        slopes.append((higher - lower) / (2 * _STEP))
    return np.nan_to_num(np.stack(slopes, axis=2))


def _total_sigmas(photo: Photo, pixels_px: FloatArray, errors_m: FloatArray) -> tuple[FloatArray, float]:
    """Errors (3,) as in `_UNITS` that hold 95 % of errors (K, 2, S), and how far they were stretched to."""
    wanted = np.einsum("kis,kjs->kij", errors_m, errors_m) / errors_m.shape[2]
    nothing = ground_covariances(_stating(photo, np.zeros(3)), pixels_px)
    columns = [ground_covariances(_stating(photo, unit), pixels_px) - nothing for unit in np.diag(_UNITS)]
    amounts = _variances(columns, wanted)
    fitted = np.einsum("c,ckij->kij", amounts, np.array(columns)) + _LEAST_M**2 * np.eye(2)
    squares = np.einsum("kis,kij,kjs->ks", errors_m, np.linalg.inv(fitted), errors_m)
    stretch = float(np.sqrt(np.percentile(squares, 95) / _CHI2_95))
    return np.sqrt(amounts) * _UNITS * stretch, stretch


def _stating(photo: Photo, sigmas: FloatArray) -> Photo:
    """The photo with these errors of position, height and yaw and no others."""
    position_m, alt_m, yaw_deg = (float(sigma) for sigma in sigmas)
    pose = replace(
        photo.pose,
        sigma_position_m=position_m,
        sigma_alt_m=alt_m,
        sigma_tilt_deg=0.0,
        sigma_yaw_deg=yaw_deg,
        shared=SharedErrors(),
    )
    return replace(photo, pose=pose, camera=replace(photo.camera, focal_sigma_rel=0.0))


def _variances(columns: Sequence[FloatArray], wanted: FloatArray) -> FloatArray:
    """Non-negative amounts of covariances (K, 2, 2) that sum up to those wanted, on average not to less."""
    from scipy.optimize import nnls

    upper = (slice(None), (0, 0, 1), (0, 1, 1))
    matrix = np.stack([column[upper].ravel() for column in columns], axis=1)
    amounts, _ = nnls(matrix, wanted[upper].ravel())
    fitted = sum(
        amount * np.trace(column, axis1=1, axis2=2).sum()
        for amount, column in zip(amounts, columns, strict=True)
    )
    stated = np.trace(wanted, axis1=1, axis2=2).sum()
    return np.asarray(amounts * max(1.0, stated / fitted) if fitted > 0 else amounts)


def _with_shared(
    adjusted: Adjusted, photos: list[Photo], sightings: Indices, errors_m: FloatArray
) -> list[Photo]:
    """The photos with the part of their errors that photos of the same points have in common."""
    ones, others = _sighting_pairs(adjusted, sightings)
    if not len(ones):
        return photos
    unit = SharedErrors(position_m=_UNITS[0], alt_m=_UNITS[1], yaw_deg=_UNITS[2])
    factors = np.zeros((len(sightings), 2, 8))
    for number, photo in enumerate(photos):
        mine = np.flatnonzero(adjusted.ties.photo[sightings] == number)
        if len(mine):
            pixels_px = adjusted.ties.pixels_px[sightings[mine]]
            factors[mine] = shared_factors(replace(photo, pose=replace(photo.pose, shared=unit)), pixels_px)
    wanted = _symmetric(np.einsum("kis,kjs->kij", errors_m[ones], errors_m[others]) / errors_m.shape[2])
    products = np.einsum("kic,kjc->kijc", factors[ones], factors[others])
    columns = [_symmetric(products[..., list(causes)].sum(axis=-1)) for causes in _CAUSES]
    position_m, alt_m, yaw_deg = (float(sigma) for sigma in np.sqrt(_variances(columns, wanted)) * _UNITS)
    shared = SharedErrors(position_m=position_m, alt_m=alt_m, yaw_deg=yaw_deg)
    return [replace(photo, pose=_sharing(photo.pose, shared)) for photo in photos]


def _sharing(pose: Pose, shared: SharedErrors) -> Pose:
    """A pose that shares these errors, and has none that is smaller."""
    return replace(
        pose,
        sigma_position_m=max(pose.sigma_position_m, shared.position_m),
        sigma_alt_m=max(pose.sigma_alt_m, shared.alt_m),
        sigma_yaw_deg=max(pose.sigma_yaw_deg, shared.yaw_deg),
        shared=shared,
    )


def _sighting_pairs(adjusted: Adjusted, sightings: Indices) -> tuple[Indices, Indices]:
    """Pairs of sightings of one point in two photos, by their places in the list: each with the next."""
    point = adjusted.ties.point[sightings]
    order = np.lexsort((adjusted.ties.photo[sightings], point))
    follows = point[order][1:] == point[order][:-1]
    return order[:-1][follows], order[1:][follows]


def _symmetric(matrices: FloatArray) -> FloatArray:
    return np.asarray((matrices + matrices.transpose(0, 2, 1)) / 2)
