"""From what was recorded of a photo to its camera's pose, or to the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from pipeline.metadata.recorded import Attitude, Position, Recorded
from pipeline.metadata.trust import SIGMA_ALT_M, SIGMA_POSITION_M
from pipeline.photo import Pose
from vision.ground import Ground

# 1-σ of heights from absolute altitudes: GNSS height, and the datum that nobody tells.
_SIGMA_ABSOLUTE_ALT_M = 10.0
# Over an elevation model the datums of both: where one is the ellipsoid and the other the sea level, they are
# 30 m apart (root mean square over the Earth, EGM2008).
_SIGMA_OVER_DEM_M = 20.0
# A camera hung straight down without telling so, and one whose yaw is that of the aircraft.
_SIGMA_TILT_ASSUMED_DEG = 10.0
_SIGMA_YAW_OF_AIRCRAFT_DEG = 10.0
SIGMA_YAW_UNKNOWN_DEG = 180.0

HEIGHT_OVER_DEM = "height_over_dem"
"""The remark on a photo whose height is that over an elevation model, without any of its take-off."""

_LOWEST_HEIGHT_M, _HIGHEST_HEIGHT_M = 1.0, 10_000.0
_FLIPPED_ROLL_DEG = 135.0
_CLEARLY_DIFFERENT_SIGMAS = 3.0


@dataclass(frozen=True)
class Refusal:
    """Why a photo cannot be used: a reason code of `pipeline.reasons` and a sentence of detail."""

    reason: str
    detail: str


@dataclass(frozen=True)
class _Height:
    """A height above ground with its 1-σ error, where it comes from in words, and remarks on that."""

    above_ground_m: float
    sigma_m: float
    source: str
    remarks: tuple[str, ...] = ()


def find_pose(
    recorded: Recorded, ground_alt_m: float | None = None, dem: Ground | None = None
) -> tuple[Pose, tuple[str, ...]] | Refusal:
    """The pose with remarks on what was noticed about it.

    `ground_alt_m` is the ground's altitude in the datum of the recorded absolute altitude; given, the
    height above ground is their difference instead of the recorded height above take-off. `dem` is an
    elevation model in its own heights: where neither is known, the height is that above it.
    """
    if recorded.position is None:
        return Refusal("no_position", "neither XMP nor EXIF holds a position")
    height = _height(recorded, recorded.position, ground_alt_m, dem)
    if isinstance(height, Refusal):
        return height
    if height.above_ground_m < _LOWEST_HEIGHT_M:
        return Refusal("no_height", f"{height.source}: at or below the ground")
    if height.above_ground_m > _HIGHEST_HEIGHT_M:
        return Refusal("no_height", f"{height.source}: nothing that photographs damage flies so high")
    attitude, attitude_remarks = _attitude(recorded)
    pose = Pose(
        lat=recorded.position.lat,
        lon=recorded.position.lon,
        alt_agl_m=height.above_ground_m,
        yaw_deg=attitude.yaw_deg,
        pitch_deg=attitude.pitch_deg,
        roll_deg=attitude.roll_deg,
        sigma_position_m=recorded.sigma_position_m or SIGMA_POSITION_M,
        sigma_alt_m=height.sigma_m,
        sigma_tilt_deg=attitude.sigma_tilt_deg,
        sigma_yaw_deg=attitude.sigma_yaw_deg,
    )
    return pose, (*_rtk_remarks(recorded), *height.remarks, *attitude_remarks)


def _rtk_remarks(recorded: Recorded) -> tuple[str, ...]:
    return ("rtk_not_fixed",) if recorded.rtk in ("floating", "single") else ()


def _height(
    recorded: Recorded, position: Position, ground_alt_m: float | None, dem: Ground | None
) -> _Height | Refusal:
    """The height above ground.

    An absolute altitude alone says nothing about the ground below, and its datum may be the ellipsoid,
    a geoid or air pressure.
    """
    height_m, altitude_m = recorded.height_m, recorded.altitude_m
    if ground_alt_m is not None:
        return _above_given_ground(recorded, ground_alt_m)
    if height_m is not None:
        source = f"it was {height_m:.1f} m above take-off"
        return _Height(height_m, recorded.sigma_alt_m or SIGMA_ALT_M, source)
    if altitude_m is None:
        return Refusal("no_height", "the photo carries no height")
    if dem is not None:
        return _above_dem(altitude_m, position, dem)
    detail = f"only the absolute altitude of {altitude_m:.1f} m is known"
    return Refusal("no_height", f"{detail}, not the ground's (--ground-alt or --dem tells that)")


def _above_given_ground(recorded: Recorded, ground_alt_m: float) -> _Height | Refusal:
    if recorded.altitude_m is None:
        return Refusal("no_height", "the photo carries no absolute altitude to compare the ground with")
    above_m = recorded.altitude_m - ground_alt_m
    remarks: tuple[str, ...] = ("height_from_absolute",)
    if (
        recorded.height_m is not None
        and abs(above_m - recorded.height_m) > _CLEARLY_DIFFERENT_SIGMAS * _SIGMA_ABSOLUTE_ALT_M
    ):
        remarks = (*remarks, "heights_differ")
    source = f"its altitude of {recorded.altitude_m:.1f} m is {above_m:.1f} m above the ground"
    return _Height(above_m, _SIGMA_ABSOLUTE_ALT_M, source, remarks)


def _above_dem(altitude_m: float, position: Position, dem: Ground) -> _Height | Refusal:
    ground_m = float(dem.heights_m(position.lat, position.lon)[0])
    if isnan(ground_m):
        detail = f"only the absolute altitude of {altitude_m:.1f} m is known"
        return Refusal("no_height", f"{detail}, and the elevation model does not cover the place")
    source = f"its altitude of {altitude_m:.1f} m is {altitude_m - ground_m:.1f} m above the elevation model"
    return _Height(altitude_m - ground_m, _SIGMA_OVER_DEM_M, source, (HEIGHT_OVER_DEM,))


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
