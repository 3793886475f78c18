"""From a file to a photo with camera and pose, or to the reason why there is none.

Pixel coordinates everywhere are those of the **stored** pixels, as
`cv2.imread(path, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)` decodes them: EXIF's Orientation
is a wish for display, and position and attitude belong to the sensor's picture.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from pipeline.metadata.exif import Exif, read_exif
from pipeline.metadata.intrinsics import FROM_35MM, find_camera, passes_calibration_over
from pipeline.metadata.jpeg import Jpeg, is_complete, read_structure
from pipeline.metadata.makers import read_sources, serial_number
from pipeline.metadata.orientation import Turn, find_turn
from pipeline.metadata.photo_time import taken_at
from pipeline.metadata.pose import SIGMA_YAW_UNKNOWN_DEG, Refusal, find_pose
from pipeline.metadata.recorded import Recorded
from pipeline.metadata.trust import believe, believe_time
from pipeline.metadata.xmp import Xmp, read_xmp
from pipeline.photo import Photo, Pose, RejectedPhoto
from vision.attitude import camera_to_enu
from vision.camera import Camera
from vision.decoding import MOST_BYTES, too_large
from vision.ground import Ground, meet_flat_ground

# Beyond this, Python's own work, which is done one by one, leaves nothing to gain.
_MOST_WORKERS = 4

# A camera that looks further down than this sees ground in the middle of its picture, whatever its lens.
_CLEARLY_DOWNWARD_DEG = -10.0

# Pictures that cameras write, too: where in the file their marks are, and what they are.
_OTHER_KINDS = (
    (0, b"II*\0", "a TIFF or DNG"),
    (0, b"MM\0*", "a TIFF or DNG"),
    (0, b"\x89PNG", "a PNG"),
    (4, b"ftyphe", "a HEIC"),
    (4, b"ftypmif1", "a HEIC"),
    (8, b"WEBP", "a WebP"),
)


def read_photo(
    path: Path,
    ground_alt_m: float | None = None,
    outside: Sequence[Recorded] = (),
    dem: Ground | None = None,
) -> Photo | RejectedPhoto:
    """Read a photo's metadata; its pixels are decoded only where a viewer saved it again.

    `ground_alt_m` and `dem` tell the height of the ground, as in `pipeline.metadata.pose.find_pose`.
    `outside` is what logs and tracks beside the file tell of it (see `pipeline.metadata.trust`).
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
    found = interpret(data, ground_alt_m, outside, dem)
    if isinstance(found, Refusal):
        return RejectedPhoto(photo_id, path, found.reason, found.detail)
    photo, cut = found
    photo = replace(photo, id=photo_id, path=path)
    return RejectedPhoto(photo_id, path, cut.reason, cut.detail, photo) if cut else photo


def read_photos(
    paths: Iterable[Path],
    ground_alt_m: float | None = None,
    outside: Mapping[Path, Sequence[Recorded]] = MappingProxyType({}),
    dem: Ground | None = None,
) -> Generator[Photo | RejectedPhoto, None, None]:
    """`read_photo` of each path in their order, a few at a time: disk and hash work beside the parsing.

    `outside` holds by path what logs and tracks tell. When the caller leaves off, no more are begun.
    """
    workers = min(_MOST_WORKERS, os.cpu_count() or 1)
    begun: deque[Future[Photo | RejectedPhoto]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for path in paths:
            begun.append(pool.submit(read_photo, path, ground_alt_m, outside.get(path, ()), dem))
            if len(begun) > 2 * workers:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _unread(path: Path, reason: str, detail: str) -> RejectedPhoto:
    photo_id = hashlib.sha256(str(path).encode("utf-8", "surrogatepass")).hexdigest()
    return RejectedPhoto(photo_id, path, reason, detail)


def interpret(
    data: bytes,
    ground_alt_m: float | None = None,
    outside: Sequence[Recorded] = (),
    dem: Ground | None = None,
) -> tuple[Photo, Refusal | None] | Refusal:
    """A photo's bytes as a photo still without id and path, or why there is none.

    One whose picture is cut is described and refused all the same.
    """
    jpeg = read_structure(data)
    if jpeg is None:
        return _no_picture(data)
    oversized = too_large(jpeg.width_px, jpeg.height_px)
    if oversized is not None:
        return Refusal(oversized.reason, oversized.detail)
    complete = jpeg.has_end or is_complete(data, jpeg)
    cut = (
        None
        if complete
        else Refusal("truncated", f"the file ends after {len(data)} bytes, within the picture")
    )
    found = _described(data, jpeg, ground_alt_m, outside, dem)
    if isinstance(found, Refusal):
        return cut or found
    if complete and not jpeg.has_end:
        found = replace(found, remarks=("end_marker_missing", *found.remarks))
    return found, cut


def _described(
    data: bytes, jpeg: Jpeg, ground_alt_m: float | None, outside: Sequence[Recorded], dem: Ground | None
) -> Photo | Refusal:
    """The photo as its metadata describe it."""
    xmp, exif = read_xmp(data, jpeg), read_exif(data[: jpeg.header_bytes])
    sources = read_sources(xmp, exif)
    turn = find_turn(data, jpeg, exif, xmp)
    found_camera = _camera(xmp, exif, jpeg, turn)
    if isinstance(found_camera, Refusal):
        return found_camera
    recorded, source_remarks = believe(sources, outside)
    found_pose = find_pose(recorded, ground_alt_m, dem)
    if isinstance(found_pose, Refusal):
        return found_pose
    camera, camera_remarks = found_camera
    pose, pose_remarks = found_pose
    pose = _turned(pose, turn)
    if not _sees_ground(camera, pose):
        return Refusal("not_downward", f"the camera looked {pose.pitch_deg:+.0f}° from the horizon")
    stated = next((source.taken_at for source in sources if source.taken_at is not None), None)
    moment, time_remark = believe_time((stated, None) if stated else taken_at(exif), outside)
    remarks = (
        *_turn_remarks(turn, exif), *source_remarks, *camera_remarks, *pose_remarks,
        *([time_remark] if time_remark else []),
    )  # fmt: skip
    return Photo("", Path(), moment, camera, pose, remarks, serial=serial_number(xmp, exif))


def _no_picture(data: bytes) -> Refusal:
    if not data:
        return Refusal("not_an_image", "the file is empty")
    if data.startswith(b"\xff\xd8\xff"):
        return Refusal("truncated", f"the file ends after {len(data)} bytes, before the picture begins")
    kind = next((kind for at, mark, kind in _OTHER_KINDS if data.startswith(mark, at)), None)
    if kind is None:
        return Refusal("not_an_image", "no JPEG, whatever its name says")
    return Refusal("not_an_image", f"{kind}; make a JPEG of it that keeps its metadata")


def _turn_remarks(turn: Turn, exif: Exif) -> list[str]:
    remarks = []
    if turn.quarter_turns:
        remarks.append("pixels_turned" if turn.certain else "pixels_turned_possible")
    if exif.number("Image Orientation") not in (None, 0, 1):
        remarks.append("orientation_tag")
    return remarks


def _camera(xmp: Xmp, exif: Exif, jpeg: Jpeg, turn: Turn) -> tuple[Camera, list[str]] | Refusal:
    """The camera whose pictures are stored, found for the sensor's picture and turned along; with remarks."""
    size_px = jpeg.width_px, jpeg.height_px
    if turn.quarter_turns % 2:
        size_px = size_px[::-1]
    camera = find_camera(xmp, exif, *size_px)
    if camera is None:
        return Refusal(
            "no_camera", "neither calibration nor focal length with a known sensor, nor a 35 mm equivalent"
        )
    remarks = ["focal_length_from_35mm"] if camera.source == FROM_35MM else []
    if passes_calibration_over(xmp, exif, camera):
        remarks.append("calibration_differs")
    return camera.turned(turn.quarter_turns), remarks


def _turned(pose: Pose, turn: Turn) -> Pose:
    """The pose of a camera that took the stored picture, turned clockwise against the sensor's."""
    if not turn.quarter_turns:
        return pose
    roll_deg = (pose.roll_deg - 90 * turn.quarter_turns + 180) % 360 - 180
    sigma_yaw_deg = pose.sigma_yaw_deg if turn.certain else SIGMA_YAW_UNKNOWN_DEG
    return replace(pose, roll_deg=roll_deg, sigma_yaw_deg=sigma_yaw_deg)


def _sees_ground(camera: Camera, pose: Pose) -> bool:
    """Whether any part of the picture shows ground."""
    if -90.0 <= pose.pitch_deg < _CLEARLY_DOWNWARD_DEG:
        return True
    across = np.linspace(0, camera.width_px - 1, 5)
    down = np.linspace(0, camera.height_px - 1, 5)
    pixels_px = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    rotation = camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    ground = meet_flat_ground(camera.rays(pixels_px) @ rotation.T, pose.alt_agl_m)
    return bool(np.isfinite(ground).any())
