"""How surely a pixel's place on the ground is known: first-order propagation of a photo's errors.

The errors are taken as independent: position (east, north), height, tilt about two level axes, yaw,
focal length, and the pixel itself. Tilt and yaw turn the camera about the axes of the world, so that
nothing degenerates when it looks straight down.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.photo import Photo, Pose
from vision.attitude import camera_to_enu
from vision.camera import Camera, FloatArray
from vision.ground import meet_flat_ground

# Finding the same point again in a picture, per axis.
SIGMA_PIXEL_PX = 1.0

_STEP_RAD = 1e-4
_STEP_REL = 1e-4
_STEP_PX = 0.5


def ground_offsets(camera: Camera, pose: Pose, pixels_px: FloatArray) -> FloatArray:
    """East and north (N, 2) in metres from the camera's foot; NaN for pixels that show no ground."""
    return _meet(camera.rays(pixels_px), _rotation(pose), pose.alt_agl_m)


def ground_covariances(photo: Photo, pixels_px: FloatArray) -> FloatArray:
    """Covariances (N, 2, 2) in m², east and north, of the places that `ground_offsets` gives."""
    camera, pose = photo.camera, photo.pose
    rotation = _rotation(pose)
    rays = camera.rays(pixels_px)
    offsets_m = _meet(rays, rotation, pose.alt_agl_m)
    tilt_rad = np.radians(pose.sigma_tilt_deg)

    deviations_m = [offsets_m / pose.alt_agl_m * pose.sigma_alt_m]
    for axis in (0, 1):
        higher, lower = (
            _meet(rays, _turn_about(axis, sign * _STEP_RAD) @ rotation, pose.alt_agl_m) for sign in (1, -1)
        )
        deviations_m.append((higher - lower) / (2 * _STEP_RAD) * tilt_rad)
    higher, lower = (
        ground_offsets(replace(camera, focal_px=camera.focal_px * (1 + sign * _STEP_REL)), pose, pixels_px)
        for sign in (1, -1)
    )
    deviations_m.append((higher - lower) / (2 * _STEP_REL) * camera.focal_sigma_rel)
    for step_px in ((_STEP_PX, 0.0), (0.0, _STEP_PX)):
        higher = ground_offsets(camera, pose, pixels_px + step_px)
        lower = ground_offsets(camera, pose, pixels_px - step_px)
        deviations_m.append((higher - lower) / (2 * _STEP_PX) * SIGMA_PIXEL_PX)

    stacked = np.stack(deviations_m)
    covariances: FloatArray = np.einsum("kni,knj->nij", stacked, stacked)
    covariances += _yaw_covariances(offsets_m, np.radians(pose.sigma_yaw_deg))
    covariances += np.eye(2) * pose.sigma_position_m**2
    return covariances


def error_ellipses(covariances: FloatArray) -> FloatArray:
    """1-σ ellipses (N, 3): major and minor half axis in metres, azimuth of the major one, 0…180°."""
    variances, axes = np.linalg.eigh(covariances)
    major = axes[:, :, 1]
    azimuth_deg = np.degrees(np.arctan2(major[:, 0], major[:, 1])) % 180
    half_axes_m = np.sqrt(np.maximum(variances, 0.0))
    return np.column_stack([half_axes_m[:, 1], half_axes_m[:, 0], azimuth_deg])


def _yaw_covariances(offsets_m: FloatArray, sigma_rad: float) -> FloatArray:
    """Second moments of a turn by N(0, σ²) about the camera's foot, exact for any σ.

    E cos δ = exp(−σ²/2) and E cos 2δ = exp(−2σ²). For small σ this is the first order; for an unknown
    yaw the ellipse covers the whole ring of possible places.
    """
    once, twice = np.exp(-(sigma_rad**2) / 2), np.exp(-2 * sigma_rad**2)
    along = (1 + twice) / 2 - 2 * once + 1
    across = (1 - twice) / 2
    sideways_m = np.column_stack([-offsets_m[:, 1], offsets_m[:, 0]])
    radial: FloatArray = np.einsum("ni,nj->nij", offsets_m, offsets_m)
    tangential: FloatArray = np.einsum("ni,nj->nij", sideways_m, sideways_m)
    covariances: FloatArray = along * radial + across * tangential
    return covariances


def _rotation(pose: Pose) -> FloatArray:
    return camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)


def _meet(rays: FloatArray, rotation: FloatArray, height_m: float) -> FloatArray:
    return meet_flat_ground(rays @ rotation.T, height_m)


def _turn_about(axis: int, angle_rad: float) -> FloatArray:
    """A rotation about east (0) or north (1)."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    if axis == 0:
        return np.array([[1.0, 0.0, 0.0], [0.0, cosine, -sine], [0.0, sine, cosine]])
    return np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
