"""Photos as values: an image with its camera and pose, or the reason why it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vision.camera import Camera


@dataclass(frozen=True)
class Pose:
    """Where a camera was and where it looked, with 1-σ errors.

    `alt_agl_m` is the height above the ground below the photo (above the take-off point where
    nothing better is known). Angles as in `vision.attitude`. `sigma_position_m` holds for east and
    for north.
    """

    lat: float
    lon: float
    alt_agl_m: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    sigma_position_m: float = 1.5
    sigma_alt_m: float = 3.0
    sigma_tilt_deg: float = 1.0
    sigma_yaw_deg: float = 2.0


@dataclass(frozen=True)
class Photo:
    """A usable photo. `id` is the SHA-256 of the file's bytes; `taken_at` is UTC.

    `remarks` are reason codes of what was noticed and dealt with (say `pixels_turned`).
    """

    id: str
    path: Path
    taken_at: datetime | None
    camera: Camera
    pose: Pose
    remarks: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class RejectedPhoto:
    """A file that cannot be used: a reason code from `pipeline.reasons` and a sentence of detail.

    `photo` is what its metadata tell all the same, so that one knows which place it would have shown.
    """

    id: str
    path: Path
    reason: str
    detail: str
    photo: Photo | None = None
