"""From what was recorded of a photo to its camera's pose, or to the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.metadata.recorded import Attitude, Recorded
from pipeline.metadata.trust import SIGMA_ALT_M, SIGMA_POSITION_M
from pipeline.photo import Pose

# 1-σ of heights from absolute altitudes: GNSS height, and the datum that nobody tells.
_SIGMA_ABSOLUTE_ALT_M = 10.0
# A camera hung straight down without telling so, and one whose yaw is that of the aircraft.
_SIGMA_TILT_ASSUMED_DEG = 10.0
_SIGMA_YAW_OF_AIRCRAFT_DEG = 10.0
SIGMA_YAW_UNKNOWN_DEG = 180.0

_LOWEST_HEIGHT_M = 1.0
_FLIPPED_ROLL_DEG = 135.0
_CLEARLY_DIFFERENT_SIGMAS = 3.0


@dataclass(frozen=True)
class Refusal:
    """Why a photo cannot be used: a reason code of `pipeline.reasons` and a sentence of detail."""

    reason: str
    detail: str


def find_pose(
    recorded: Recorded, ground_alt_m: float | None = None
) -> tuple[Pose, tuple[str, ...]] | Refusal:
    """The pose with remarks on what was noticed about it.

    `ground_alt_m` is the ground's altitude in the datum of the recorded absolute altitude; given, the
    height above ground is their difference instead of the recorded height above take-off.
    """
    if recorded.position is None:
        return Refusal("no_position", "neither XMP nor EXIF holds a position")
    height = _height(recorded, ground_alt_m)
    if isinstance(height, Refusal):
        return height
    alt_agl_m, sigma_alt_m = height
    attitude, attitude_remarks = _attitude(recorded)
    pose = Pose(
        lat=recorded.position.lat,
        lon=recorded.position.lon,
        alt_agl_m=alt_agl_m,
        yaw_deg=attitude.yaw_deg,
        pitch_deg=attitude.pitch_deg,
        roll_deg=attitude.roll_deg,
        sigma_position_m=recorded.sigma_position_m or SIGMA_POSITION_M,
        sigma_alt_m=sigma_alt_m,
        sigma_tilt_deg=attitude.sigma_tilt_deg,
        sigma_yaw_deg=attitude.sigma_yaw_deg,
    )
    return pose, (*_rtk_remarks(recorded), *_height_remarks(recorded, ground_alt_m), *attitude_remarks)


def _rtk_remarks(recorded: Recorded) -> tuple[str, ...]:
    return ("rtk_not_fixed",) if recorded.rtk in ("floating", "single") else ()


def _height(recorded: Recorded, ground_alt_m: float | None) -> tuple[float, float] | Refusal:
    """Height above ground and its 1-σ error.

    An absolute altitude alone says nothing about the ground below, and its datum may be the ellipsoid,
    a geoid or air pressure; no height is made of it.
    """
    if ground_alt_m is not None:
        if recorded.altitude_m is None:
            return Refusal("no_height", "the photo carries no absolute altitude to compare the ground with")
        height_m, sigma_m = recorded.altitude_m - ground_alt_m, _SIGMA_ABSOLUTE_ALT_M
        source = f"its altitude of {recorded.altitude_m:.1f} m is {height_m:.1f} m above the ground"
    elif recorded.height_m is not None:
        height_m, sigma_m = recorded.height_m, recorded.sigma_alt_m or SIGMA_ALT_M
        source = f"it was {height_m:.1f} m above take-off"
    elif recorded.altitude_m is not None:
        detail = f"only the absolute altitude of {recorded.altitude_m:.1f} m is known, not the ground's"
        return Refusal("no_height", detail)
    else:
        return Refusal("no_height", "the photo carries no height")
    if height_m < _LOWEST_HEIGHT_M:
        return Refusal("no_height", f"{source}: at or below the ground")
    return height_m, sigma_m


def _height_remarks(recorded: Recorded, ground_alt_m: float | None) -> tuple[str, ...]:
    if ground_alt_m is None:
        return ()
    height_m, altitude_m = recorded.height_m, recorded.altitude_m
    if height_m is None or altitude_m is None:
        return ("height_from_absolute",)
    differ = abs(altitude_m - ground_alt_m - height_m) > _CLEARLY_DIFFERENT_SIGMAS * _SIGMA_ABSOLUTE_ALT_M
    return ("height_from_absolute", "heights_differ") if differ else ("height_from_absolute",)


def _attitude(recorded: Recorded) -> tuple[Attitude, tuple[str, ...]]:
    """The recorded attitude where it can be believed, else straight down, less surely."""
    attitude = recorded.attitude
    if attitude is not None and not attitude.is_zero:
        return attitude, ("roll_flipped",) if abs(attitude.roll_deg) > _FLIPPED_ROLL_DEG else ()
    remarks = ("attitude_missing" if attitude is None else "attitude_zero",)
    yaw_deg = recorded.aircraft_yaw_deg
    if not yaw_deg or abs(yaw_deg) > 360:
        return Attitude(0.0, -90.0, 0.0, _SIGMA_TILT_ASSUMED_DEG, SIGMA_YAW_UNKNOWN_DEG), remarks
    return Attitude(yaw_deg, -90.0, 0.0, _SIGMA_TILT_ASSUMED_DEG, _SIGMA_YAW_OF_AIRCRAFT_DEG), remarks
