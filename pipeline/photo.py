"""Photos as values: an image with its camera and pose, or the reason why it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vision.camera import Camera
from vision.ground import FLAT_GROUND, Ground


@dataclass(frozen=True)
class SharedErrors:
    """The 1-σ part of a pose's errors that all photos of one flight have in common.

    The part that a photo has alone is what is left of the total: own² = total² − shared². Position,
    height and yaw are shared in the world's axes; tilt in those that turn with the picture, as a
    boresight does.
    """

    position_m: float = 0.0
    alt_m: float = 0.0
    tilt_deg: float = 0.0
    yaw_deg: float = 0.0


@dataclass(frozen=True)
class Pose:
    """Where a camera was and where it looked, with 1-σ errors.

    `alt_agl_m` is the height above the zero of the photo's ground (the take-off point where nothing
    better is known; see `vision.ground`). Angles as in `vision.attitude`. `sigma_position_m` holds for
    east and for north. The `sigma_…` are totals; `shared` is the part of them that the flight shares.
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
    shared: SharedErrors = SharedErrors()


@dataclass(frozen=True)
class Photo:
    """A usable photo. `id` is the SHA-256 of the file's bytes; `taken_at` is UTC.

    `remarks` are reason codes of what was noticed and dealt with (say `pixels_turned`). `flight` names
    the flight whose shared errors it has; photos without a name share theirs with no other. `ground` is
    what its rays meet; the pose's height counts from its zero. A photo that is one frame of a video has
    the video as `path` and the frame's number (from 0) as `frame`; its `id` is made of both. `serial` is
    the number of the drone's or the camera's body, "" where the file tells none.
    """

    id: str
    path: Path
    taken_at: datetime | None
    camera: Camera
    pose: Pose
    remarks: tuple[str, ...] = field(default=())
    flight: str = ""
    ground: Ground = FLAT_GROUND
    frame: int | None = None
    serial: str = ""

    @property
    def height_above_ground_m(self) -> float:
        """How far the camera was above the ground right below it; NaN where that is unknown."""
        return self.ground.height_above_m(self.pose.lat, self.pose.lon, self.pose.alt_agl_m)


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

    @property
    def frame(self) -> int | None:
        """The number of the video's frame that it is; None for files, and for parts of videos."""
        return self.photo.frame if self.photo is not None else None
