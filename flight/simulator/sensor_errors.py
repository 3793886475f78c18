"""What the drone believes: true poses with the errors of its satellite receiver and its gimbal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from flight.simulator.exposure import Exposure
from flight.simulator.photo_writing import PhotoMetadata
from vision.camera import FloatArray
from vision.frames import LocalFrame

# 1-σ errors of a drone without RTK: shared by a whole flight, and of each photo for itself.
_SHARED_POSITION_M, _OWN_POSITION_M = 1.0, 0.15
_SHARED_HEIGHT_M, _OWN_HEIGHT_M = 0.3, 0.05
_SHARED_YAW_DEG, _OWN_YAW_DEG = 1.5, 0.3
_SHARED_TILT_DEG, _OWN_TILT_DEG = 0.35, 0.35
_DRIFT_S = 900.0  # the time in which a shared error changes into another one
_GROUND_MSL_M = 34.0  # of the fictitious take-off point


def measure(
    exposures: Sequence[Exposure],
    ids: Sequence[str],
    seed: int,
    positions: Mapping[int, tuple[float, float, float]] | None = None,
) -> list[PhotoMetadata]:
    """The metadata of each exposure, errors included; the same for the same exposures and seed.

    `positions` are measured (lat, lon, height above take-off) by photo number, where the flight log
    has them; they are taken as they are.
    """
    return [
        _measured(exposure, photo_id, exposures[0], seed, (positions or {}).get(exposure.number))
        for exposure, photo_id in zip(exposures, ids, strict=True)
    ]


def _measured(
    exposure: Exposure,
    photo_id: str,
    first: Exposure,
    seed: int,
    position: tuple[float, float, float] | None,
) -> PhotoMetadata:
    shared = _drifting(seed, (exposure.at - first.at).total_seconds())
    own = np.random.default_rng([seed, exposure.number, 5]).standard_normal(6)
    if position is None:
        east_north = shared[:2] * _SHARED_POSITION_M + own[:2] * _OWN_POSITION_M
        lat, lon = LocalFrame(exposure.lat, exposure.lon).to_lat_lon(east_north)[0]
        height = exposure.alt_rel_m + shared[2] * _SHARED_HEIGHT_M + own[2] * _OWN_HEIGHT_M
        position = float(lat), float(lon), float(height)
    yaw, pitch, roll = (
        shared[3] * _SHARED_YAW_DEG + own[3] * _OWN_YAW_DEG,
        shared[4] * _SHARED_TILT_DEG + own[4] * _OWN_TILT_DEG,
        shared[5] * _SHARED_TILT_DEG + own[5] * _OWN_TILT_DEG,
    )
    return PhotoMetadata(
        id=photo_id,
        at=exposure.at,
        lat=position[0],
        lon=position[1],
        alt_rel_m=position[2],
        alt_msl_m=position[2] + _GROUND_MSL_M,
        yaw_deg=float(exposure.yaw_deg + yaw) % 360,
        pitch_deg=float(exposure.pitch_deg + pitch),
        roll_deg=float(exposure.roll_deg + roll),
    )


def _drifting(seed: int, elapsed_s: float) -> FloatArray:
    """Six errors of unit variance that turn slowly into six others."""
    before, after = np.random.default_rng([seed, 6]).standard_normal((2, 6))
    turn = np.pi / 2 * elapsed_s / _DRIFT_S
    return np.asarray(np.cos(turn) * before + np.sin(turn) * after)
