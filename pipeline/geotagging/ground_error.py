"""How surely a pixel's place on the ground is known: first-order propagation of a photo's errors.

The errors are taken as independent: position (east, north), height, tilt about two level axes, yaw,
focal length, the ground's own height, and the pixel itself. Tilt and yaw turn the camera about axes of
the world, so that nothing degenerates when it looks straight down. A part of them all photos of a flight
have in common (`Pose.shared`; the errors of focal length and ground wholly): `shared_factors` gives it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pipeline.geotagging.ground_planes import GroundPlanes
from pipeline.photo import Photo
from vision.attitude import camera_to_enu
from vision.camera import FloatArray

# Finding the same point again in a picture, per axis.
SIGMA_PIXEL_PX = 1.0

SHARED_CAUSES = ("east", "north", "height", "tilt_across", "tilt_along", "yaw", "focal_length", "ground")
"""What the columns of `shared_factors` are caused by."""

# Steps of central differences.
_STEP_M = 0.1
_STEP_RAD = 1e-4
_STEP_REL = 1e-4
_STEP_PX = 0.5


def ground_offsets(photo: Photo, pixels_px: FloatArray) -> FloatArray:
    """East and north (N, 2) in metres from the camera's foot; NaN for pixels that show no ground."""
    pose, rays_enu = photo.pose, photo.camera.rays(pixels_px) @ _rotation(photo).T
    return photo.ground.meet(rays_enu, pose.lat, pose.lon, pose.alt_agl_m)


def ground_covariances(photo: Photo, pixels_px: FloatArray) -> FloatArray:
    """Covariances (N, 2, 2) in m², east and north, of the places that `ground_offsets` gives."""
    pose, slopes = photo.pose, _slopes(photo, pixels_px)
    tilt_rad, yaw_rad = np.radians([pose.sigma_tilt_deg, pose.sigma_yaw_deg])
    along, across = _turned_moments(yaw_rad)
    deviations_m = np.stack(
        [
            slopes.east * pose.sigma_position_m,
            slopes.north * pose.sigma_position_m,
            slopes.height * np.hypot(pose.sigma_alt_m, photo.ground.sigma_m),
            slopes.tilt_across * tilt_rad,
            slopes.tilt_along * tilt_rad,
            slopes.offsets_m * np.sqrt(along),
            slopes.yaw * np.sqrt(across),
            slopes.focal_length * photo.camera.focal_sigma_rel,
            slopes.pixel_x * SIGMA_PIXEL_PX,
            slopes.pixel_y * SIGMA_PIXEL_PX,
        ]
    )
    covariances: FloatArray = np.einsum("kni,knj->nij", deviations_m, deviations_m)
    return covariances


def shared_factors(photo: Photo, pixels_px: FloatArray) -> FloatArray:
    """What 1 σ of each cause that a flight shares moves the places (N, 2, 8), metres east and north.

    F_i F_jᵀ is the covariance that two places of one flight share; F_i F_iᵀ is a part of
    `ground_covariances`. The columns are those of `SHARED_CAUSES`.
    """
    shared, slopes = photo.pose.shared, _slopes(photo, pixels_px)
    tilt_rad, yaw_rad = np.radians([shared.tilt_deg, shared.yaw_deg])
    _, across = _turned_moments(yaw_rad)
    factors: FloatArray = np.stack(
        [
            slopes.east * shared.position_m,
            slopes.north * shared.position_m,
            slopes.height * shared.alt_m,
            slopes.tilt_across * tilt_rad,
            slopes.tilt_along * tilt_rad,
            slopes.yaw * np.sqrt(across),
            slopes.focal_length * photo.camera.focal_sigma_rel,
            slopes.height * photo.ground.sigma_m,
        ],
        axis=-1,
    )
    return factors


def error_ellipses(covariances: FloatArray) -> FloatArray:
    """1-σ ellipses (N, 3): major and minor half axis in metres, azimuth of the major one, 0…180°."""
    variances, axes = np.linalg.eigh(covariances)
    major = axes[:, :, 1]
    azimuth_deg = np.degrees(np.arctan2(major[:, 0], major[:, 1])) % 180
    half_axes_m = np.sqrt(np.maximum(variances, 0.0))
    return np.column_stack([half_axes_m[:, 1], half_axes_m[:, 0], azimuth_deg])


@dataclass(frozen=True)
class _Slopes:
    """Places (N, 2), and how they move (N, 2) with a metre, a radian, the whole, or a pixel.

    Both tilts are about level axes that turn with the picture: `tilt_across` lifts its top, `tilt_along` its
    side. Straight down they are the camera's own axes, and so what a flight shares is a boresight.
    """

    offsets_m: FloatArray
    east: FloatArray
    north: FloatArray
    height: FloatArray
    tilt_across: FloatArray
    tilt_along: FloatArray
    yaw: FloatArray
    focal_length: FloatArray
    pixel_x: FloatArray
    pixel_y: FloatArray


def _slopes(photo: Photo, pixels_px: FloatArray) -> _Slopes:
    camera, rotation = photo.camera, _rotation(photo)
    rays = camera.rays(pixels_px)
    offsets_m = ground_offsets(photo, pixels_px)
    planes = GroundPlanes.about(photo, offsets_m, rays @ rotation.T)
    right, top = _heading(rotation)
    east, north, up = np.eye(3)

    def moved(axis: FloatArray) -> FloatArray:
        return _slope(lambda metres: planes.meet(rays @ rotation.T, axis * metres), _STEP_M)

    def turned(axis: FloatArray) -> FloatArray:
        return _slope(lambda angle: planes.meet(rays @ (_turn_about(axis, angle) @ rotation).T), _STEP_RAD)

    def zoomed(share: float) -> FloatArray:
        longer = replace(camera, focal_px=camera.focal_px * (1 + share))
        return planes.meet(longer.rays(pixels_px) @ rotation.T)

    def seen_beside(axis: FloatArray) -> FloatArray:
        return _slope(lambda px: planes.meet(camera.rays(pixels_px + axis * px) @ rotation.T), _STEP_PX)

    return _Slopes(
        offsets_m=offsets_m,
        east=moved(east),
        north=moved(north),
        height=moved(up),
        tilt_across=turned(right),
        tilt_along=turned(top),
        yaw=turned(-up),
        focal_length=_slope(zoomed, _STEP_REL),
        pixel_x=seen_beside(np.array([1.0, 0.0])),
        pixel_y=seen_beside(np.array([0.0, 1.0])),
    )


def _slope(place: Callable[[float], FloatArray], step: float) -> FloatArray:
    return (place(step) - place(-step)) / (2 * step)


def _turned_moments(sigma_rad: float) -> tuple[float, float]:
    """Second moments of a turn by N(0, σ²) about the camera's foot, along and across the offset; exact.

    E cos δ = exp(−σ²/2) and E cos 2δ = exp(−2σ²). For small σ this is the first order; for an unknown
    yaw the ellipse covers the whole ring of possible places.
    """
    once, twice = np.exp(-(sigma_rad**2) / 2), np.exp(-2 * sigma_rad**2)
    return max((1 + twice) / 2 - 2 * once + 1, 0.0), (1 - twice) / 2


def _rotation(photo: Photo) -> FloatArray:
    pose = photo.pose
    return camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)


def _heading(rotation: FloatArray) -> FloatArray:
    """Two level unit vectors: to the right of the picture, and to its top.

    They are the right and the top of a camera that looks straight down, tilted into this attitude about a
    level axis: defined for all attitudes but straight up.
    """
    (east_x, east_y, _), (north_x, north_y, _), _ = rotation
    azimuth = np.arctan2(-(east_y + north_x), east_x - north_y)
    return np.array([[np.cos(azimuth), -np.sin(azimuth), 0.0], [np.sin(azimuth), np.cos(azimuth), 0.0]])


def _turn_about(axis: FloatArray, angle_rad: float) -> FloatArray:
    """A rotation about a unit vector (Rodrigues' formula)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn: FloatArray = np.eye(3) + np.sin(angle_rad) * cross + (1 - np.cos(angle_rad)) * cross @ cross
    return turn
