"""From a file to a photo with camera and pose, or to the reason why there is none.

Pixel coordinates everywhere are those of the **stored** pixels, as
`cv2.imread(path, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)` decodes them: EXIF's Orientation
is a wish for display, and position and attitude belong to the sensor's picture.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.metadata.exif import Exif, read_exif
from pipeline.metadata.intrinsics import find_camera
from pipeline.metadata.jpeg import Jpeg, is_complete, read_structure
from pipeline.metadata.makers import read_sources
from pipeline.metadata.orientation import Turn, find_turn
from pipeline.metadata.photo_time import taken_at
from pipeline.metadata.recorded import Attitude, Recorded, merge, position_disagreement_m
from pipeline.metadata.xmp import Xmp, read_xmp
from pipeline.photo import Photo, Pose, RejectedPhoto
from vision.attitude import camera_to_enu
from vision.camera import Camera
from vision.decoding import MOST_BYTES, too_large
from vision.ground import meet_flat_ground

# 1-σ errors without RTK, where the drone states none: the reference errors of the survey.
_SIGMA_POSITION_M = 1.5
_SIGMA_ALT_M = 3.0
# Absolute altitudes: GNSS height, and the datum that nobody tells.
_SIGMA_ABSOLUTE_ALT_M = 10.0
# A camera hung straight down without telling so, and one whose yaw is that of the aircraft.
_SIGMA_TILT_ASSUMED_DEG = 10.0
_SIGMA_YAW_OF_AIRCRAFT_DEG = 10.0
_SIGMA_YAW_UNKNOWN_DEG = 180.0

_LOWEST_HEIGHT_M = 1.0


@dataclass(frozen=True)
class _Refusal:
    """Why a photo cannot be used: reason code and detail."""

    reason: str
    detail: str


def read_photo(path: Path, ground_alt_m: float | None = None) -> Photo | RejectedPhoto:
    """Read a photo's metadata; its pixels are decoded only where a viewer saved it again.

    `ground_alt_m` is the ground's altitude in the datum of the photo's own absolute altitude; given,
    the height above ground is their difference instead of the recorded height above take-off.
    Never raises because of what a file holds; a file that cannot be opened is rejected too, under an
    id made from its path.
    """
    try:
        size_bytes = path.stat().st_size
        data = path.read_bytes() if size_bytes <= MOST_BYTES else None
    except OSError as error:
        return _unread(path, "not_an_image", f"cannot be opened: {error.strerror or error}")
    if data is None:
        return _unread(path, "too_large", f"the file has {size_bytes / 1e6:.0f} MB")
    photo_id = hashlib.sha256(data).hexdigest()
    found = _interpret(data, ground_alt_m)
    if isinstance(found, _Refusal):
        return RejectedPhoto(photo_id, path, found.reason, found.detail)
    photo, cut = found
    photo = replace(photo, id=photo_id, path=path)
    return RejectedPhoto(photo_id, path, cut.reason, cut.detail, photo) if cut else photo


def _unread(path: Path, reason: str, detail: str) -> RejectedPhoto:
    photo_id = hashlib.sha256(str(path).encode("utf-8", "surrogatepass")).hexdigest()
    return RejectedPhoto(photo_id, path, reason, detail)


def _interpret(data: bytes, ground_alt_m: float | None) -> tuple[Photo, _Refusal | None] | _Refusal:
    """A photo still without id and path, refused all the same where its picture is cut; or why none."""
    jpeg = read_structure(data)
    if jpeg is None:
        return _no_picture(data)
    oversized = too_large(jpeg.width_px, jpeg.height_px)
    if oversized is not None:
        return _Refusal(oversized.reason, oversized.detail)
    cut: _Refusal | None = None
    remarks: list[str] = []
    if not jpeg.has_end:
        if is_complete(data, jpeg):
            remarks.append("end_marker_missing")
        else:
            cut = _Refusal("truncated", f"the file ends after {len(data)} bytes, within the picture")
    found = _described(data, jpeg, ground_alt_m, remarks)
    if isinstance(found, _Refusal):
        return cut or found
    return found, cut


def _described(data: bytes, jpeg: Jpeg, ground_alt_m: float | None, remarks: list[str]) -> Photo | _Refusal:
    """The photo as its metadata describe it, with these remarks and more."""
    xmp, exif = read_xmp(data, jpeg), read_exif(data[: jpeg.header_bytes])
    sources = read_sources(xmp, exif)
    recorded = merge(sources)
    turn = find_turn(data, jpeg, exif, xmp)
    remarks += _turn_remarks(turn, exif)
    camera = _camera(xmp, exif, jpeg, turn)
    if camera is None:
        return _Refusal(
            "no_camera", "neither calibration nor focal length with a known sensor, nor a 35 mm equivalent"
        )
    pose = _pose(recorded, position_disagreement_m(sources), ground_alt_m, remarks)
    if isinstance(pose, _Refusal):
        return pose
    pose = _turned(pose, turn)
    if not _sees_ground(camera, pose):
        return _Refusal("not_downward", f"the camera looked {pose.pitch_deg:+.0f}° from the horizon")
    if camera.source == "35 mm equivalent":
        remarks.append("focal_length_from_35mm")
    moment, time_remark = (recorded.taken_at, None) if recorded.taken_at else taken_at(exif)
    remarks += [time_remark] if time_remark else []
    return Photo("", Path(), moment, camera, pose, tuple(remarks))


def _no_picture(data: bytes) -> _Refusal:
    if not data:
        return _Refusal("not_an_image", "the file is empty")
    if data.startswith(b"\xff\xd8\xff"):
        return _Refusal("truncated", f"the file ends after {len(data)} bytes, before the picture begins")
    return _Refusal("not_an_image", "no JPEG, whatever its name says")


def _turn_remarks(turn: Turn, exif: Exif) -> list[str]:
    remarks = []
    if turn.quarter_turns:
        remarks.append("pixels_turned" if turn.certain else "pixels_turned_possible")
    if exif.number("Image Orientation") not in (None, 0, 1):
        remarks.append("orientation_tag")
    return remarks


def _camera(xmp: Xmp, exif: Exif, jpeg: Jpeg, turn: Turn) -> Camera | None:
    """The camera whose pictures are stored, found for the sensor's picture and turned along."""
    size_px = jpeg.width_px, jpeg.height_px
    if turn.quarter_turns % 2:
        size_px = size_px[::-1]
    camera = find_camera(xmp, exif, *size_px)
    return camera.turned(turn.quarter_turns) if camera is not None else None


def _turned(pose: Pose, turn: Turn) -> Pose:
    """The pose of a camera that took the stored picture, turned clockwise against the sensor's."""
    if not turn.quarter_turns:
        return pose
    roll_deg = (pose.roll_deg - 90 * turn.quarter_turns + 180) % 360 - 180
    sigma_yaw_deg = pose.sigma_yaw_deg if turn.certain else _SIGMA_YAW_UNKNOWN_DEG
    return replace(pose, roll_deg=roll_deg, sigma_yaw_deg=sigma_yaw_deg)


def _pose(
    recorded: Recorded, disagreement_m: float | None, ground_alt_m: float | None, remarks: list[str]
) -> Pose | _Refusal:
    """The pose, adding to the remarks what was noticed about it."""
    if recorded.position is None:
        return _Refusal("no_position", "neither XMP nor EXIF holds a position")
    height = _height(recorded, ground_alt_m)
    if isinstance(height, _Refusal):
        return height
    alt_agl_m, sigma_alt_m = height
    if ground_alt_m is not None:
        remarks.append("height_from_absolute")
    sigma_position_m = recorded.sigma_position_m or _SIGMA_POSITION_M
    if disagreement_m is not None:
        remarks.append("positions_differ")
        sigma_position_m = max(sigma_position_m, disagreement_m)
    attitude = _attitude(recorded, remarks)
    return Pose(
        lat=recorded.position.lat,
        lon=recorded.position.lon,
        alt_agl_m=alt_agl_m,
        yaw_deg=attitude.yaw_deg,
        pitch_deg=attitude.pitch_deg,
        roll_deg=attitude.roll_deg,
        sigma_position_m=sigma_position_m,
        sigma_alt_m=sigma_alt_m,
        sigma_tilt_deg=attitude.sigma_tilt_deg,
        sigma_yaw_deg=attitude.sigma_yaw_deg,
    )


def _height(recorded: Recorded, ground_alt_m: float | None) -> tuple[float, float] | _Refusal:
    """Height above ground and its 1-σ error.

    An absolute altitude alone says nothing about the ground below; no height is made of it.
    """
    if ground_alt_m is not None:
        if recorded.altitude_m is None:
            return _Refusal("no_height", "the photo carries no absolute altitude to compare the ground with")
        height_m, sigma_m = recorded.altitude_m - ground_alt_m, _SIGMA_ABSOLUTE_ALT_M
        source = f"its altitude of {recorded.altitude_m:.1f} m is {height_m:.1f} m above the ground"
    elif recorded.height_m is not None:
        height_m, sigma_m = recorded.height_m, recorded.sigma_alt_m or _SIGMA_ALT_M
        source = f"it was {height_m:.1f} m above take-off"
    elif recorded.altitude_m is not None:
        detail = f"only the absolute altitude of {recorded.altitude_m:.1f} m is known, not the ground's"
        return _Refusal("no_height", detail)
    else:
        return _Refusal("no_height", "the photo carries no height")
    if height_m < _LOWEST_HEIGHT_M:
        return _Refusal("no_height", f"{source}: at or below the ground")
    return height_m, sigma_m


def _attitude(recorded: Recorded, remarks: list[str]) -> Attitude:
    """The recorded attitude where it can be believed, else straight down, less surely."""
    attitude = recorded.attitude
    if attitude is not None and (attitude.yaw_deg, attitude.pitch_deg, attitude.roll_deg) != (0.0, 0.0, 0.0):
        if abs(attitude.roll_deg) > 135:
            remarks.append("roll_flipped")
        return attitude
    remarks.append("attitude_missing" if attitude is None else "attitude_zero")
    yaw_deg = recorded.aircraft_yaw_deg
    if not yaw_deg or abs(yaw_deg) > 360:
        return Attitude(0.0, -90.0, 0.0, _SIGMA_TILT_ASSUMED_DEG, _SIGMA_YAW_UNKNOWN_DEG)
    return Attitude(yaw_deg, -90.0, 0.0, _SIGMA_TILT_ASSUMED_DEG, _SIGMA_YAW_OF_AIRCRAFT_DEG)


def _sees_ground(camera: Camera, pose: Pose) -> bool:
    """Whether any part of the picture shows ground."""
    across = np.linspace(0, camera.width_px - 1, 5)
    down = np.linspace(0, camera.height_px - 1, 5)
    pixels_px = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    rotation = camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    ground = meet_flat_ground(camera.rays(pixels_px) @ rotation.T, pose.alt_agl_m)
    return bool(np.isfinite(ground).any())
