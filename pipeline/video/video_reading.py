"""From a video to photos: frames chosen by the distance flown, each with camera and pose, or why not.

Frames that follow each other and cannot be used for the same reason become one rejected photo that tells
from when to when.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import isfinite
from pathlib import Path

import numpy as np

from pipeline.geotagging.geotag import photo_footprint
from pipeline.metadata.pose import Refusal, find_pose
from pipeline.metadata.recorded import Recorded
from pipeline.photo import Photo, RejectedPhoto
from pipeline.video.frame_choice import choose_frames, default_spacing_m
from pipeline.video.lens import FROM_35MM
from pipeline.video.recording import Recording, describe_recording
from vision.camera import FloatArray
from vision.decoding import Undecodable
from vision.errors import PantauError
from vision.ground import Ground
from vision.video_decoding import NOT_A_VIDEO, read_video_facts

# Lower than this above take-off a drone has not taken off, or has landed.
_LOWEST_FLIGHT_M = 1.0
# A gap in the telemetry shorter than this hides no ground worth telling of.
_SHORTEST_GAP_S = 2.0
# Where no height is known; such frames are refused in the end, and told as one.
_USUAL_HEIGHT_M = 30.0


@dataclass(frozen=True)
class _Video:
    """A video file: its content's hash, and how it was taken."""

    path: Path
    digest: str
    recording: Recording


@dataclass(frozen=True)
class _Refused:
    """Frames in succession, from the first to the last, that cannot be used for one reason."""

    first: int
    last: int
    refusal: Refusal


def read_video(
    path: Path,
    spacing_m: float | None = None,
    outside: Sequence[Recorded] = (),
    ground_alt_m: float | None = None,
    dem: Ground | None = None,
    equivalent_mm: float | None = None,
) -> list[Photo | RejectedPhoto]:
    """Frames of a video as photos, and why others are none.

    `spacing_m` is how far to fly between two frames; without it frames overlap by 70 % looking straight
    down. `outside` are records of the flight by other logs, each with its time: they fill what the video's
    own telemetry lacks, and those of RTK grade replace its positions. `ground_alt_m` and `dem` as in
    `pipeline.metadata.pose.find_pose`; `equivalent_mm` is the lens's focal length, as that of
    35 mm film, where nothing in the video tells it. Never raises because of what a file holds.

    Raises PantauError for a spacing that is not positive.
    """
    if spacing_m is not None and not (isfinite(spacing_m) and spacing_m > 0):
        raise PantauError(f"{path}: frames cannot be {spacing_m:g} m apart; give a distance above 0 m.")
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        unread = hashlib.sha256(str(path).encode("utf-8", "surrogatepass")).hexdigest()
        return [RejectedPhoto(unread, path, NOT_A_VIDEO, f"cannot be opened: {error.strerror or error}")]
    facts = read_video_facts(path)
    if isinstance(facts, Undecodable):
        return [RejectedPhoto(digest, path, facts.reason, facts.detail)]
    recording = describe_recording(path, facts, outside)
    recording = replace(recording, ground_alt_m=ground_alt_m, dem=dem, equivalent_mm=equivalent_mm)
    found = _refusal(recording) or _frames(_Video(path, digest, recording), spacing_m)
    return [RejectedPhoto(digest, path, found.reason, found.detail)] if isinstance(found, Refusal) else found


def _refusal(recording: Recording) -> Refusal | None:
    """Why no frame can be used, as far as that is seen without looking at each."""
    if recording.way.is_empty:
        return Refusal("no_position", recording.missing)
    begin_s, length_s = recording.way.begin_s, recording.facts.length_s
    if begin_s >= length_s:
        times = f"begins at {_clock_text(begin_s)}, after the video's end at {_clock_text(length_s)}"
        return Refusal("no_position", f"its telemetry {times}")
    if recording.camera_at(max(begin_s, 0.0)) is None:
        model = f", and that of {recording.header.model} is not known" if recording.header.model else ""
        detail = f"neither telemetry nor file tells the focal length{model}; give it with --video-focal"
        return Refusal("no_camera", detail)
    return None


def _frames(video: _Video, spacing_m: float | None) -> list[Photo | RejectedPhoto] | Refusal:
    recording = video.recording
    times_s = np.arange(recording.facts.frame_count) / recording.facts.frames_per_s
    places_m, heights_m = recording.way.places_m(times_s), recording.heights_m(times_s)
    gaps = _gaps(places_m, recording.facts.frames_per_s)
    known = np.isfinite(places_m[:, 0])
    places_m[heights_m < _LOWEST_FLIGHT_M] = np.nan
    if known.any() and not np.isfinite(places_m[:, 0]).any():
        highest_m = np.nanmax(heights_m[known])
        return Refusal("no_height", f"it was never higher than {highest_m:.1f} m above the ground")
    spacings_m = np.full(len(times_s), spacing_m or 0.0)
    if spacing_m is None:
        spacings_m = _default_spacings_m(recording, times_s, heights_m)
    read = [_read_frame(video, frame) for frame in choose_frames(places_m, spacings_m)]
    photos = [frame for frame in read if isinstance(frame, Photo)]
    refused = [*gaps, *_joined(read)]
    if not photos:
        return refused[-1].refusal
    return [*photos, *(_rejected(video, frames) for frames in refused)]


def _default_spacings_m(recording: Recording, times_s: FloatArray, heights_m: FloatArray) -> FloatArray:
    """The spacing (N,) at each frame, by its height and, second by second, by its zoom."""
    heights_m = np.where(np.isfinite(heights_m), heights_m, _USUAL_HEIGHT_M)
    spacings_m = np.full(len(times_s), np.inf)
    for second, frames in groupby(range(len(times_s)), key=lambda frame: int(times_s[frame])):
        within, camera = list(frames), recording.camera_at(float(second))
        if camera is not None:
            spacings_m[within] = default_spacing_m(camera, heights_m[within])
    return spacings_m


def _gaps(places_m: FloatArray, frames_per_s: float) -> list[_Refused]:
    """The parts of a video without a position that are long enough to hide ground."""
    known = np.isfinite(places_m[:, 0])
    gaps = []
    for is_known, frames in groupby(range(len(known)), key=lambda frame: bool(known[frame])):
        within = list(frames)
        if not is_known and len(within) > _SHORTEST_GAP_S * frames_per_s:
            gaps.append(_Refused(within[0], within[-1], Refusal("no_position", "no position is known")))
    return gaps


def _read_frame(video: _Video, frame: int) -> Photo | _Refused:
    recording = video.recording
    at_s = frame / recording.facts.frames_per_s
    recorded, remarks = recording.recorded_at(at_s)
    camera = recording.camera_at(at_s)
    found = find_pose(recorded, recording.ground_alt_m, recording.dem)
    if isinstance(found, Refusal):
        return _Refused(frame, frame, found)
    if camera is None:
        return _Refused(frame, frame, Refusal("no_camera", "the focal length is not known"))
    pose, pose_remarks = found
    taken_at, time_remarks = recording.taken_at(at_s)
    lens_remarks = ["focal_length_from_35mm"] if camera.source == FROM_35MM else []
    remarks += [*lens_remarks, *pose_remarks, *time_remarks]
    photo = Photo(
        _frame_id(video, frame),
        video.path,
        taken_at,
        camera,
        pose,
        tuple(remarks),
        flight="" if taken_at else video.digest,  # without times nobody else can tell flights apart
        frame=frame,
    )
    if photo_footprint(photo) is None:
        detail = f"the camera looked {pose.pitch_deg:+.0f}° from the horizon"
        return _Refused(frame, frame, Refusal("not_downward", detail))
    return photo


def _joined(read: Sequence[Photo | _Refused]) -> Iterator[_Refused]:
    """The refused ones among the chosen frames; those in succession with the same reason as one."""
    for reason, group in groupby(
        read, key=lambda one: one.refusal.reason if isinstance(one, _Refused) else ""
    ):
        frames = [frame for frame in group if isinstance(frame, _Refused)]
        if reason and frames:
            yield replace(frames[0], last=frames[-1].last)


def _rejected(video: _Video, frames: _Refused) -> RejectedPhoto:
    frames_per_s = video.recording.facts.frames_per_s
    begin, end = (_clock_text(frame / frames_per_s) for frame in (frames.first, frames.last))
    where = f"at {begin}" if begin == end else f"from {begin} to {end}"
    detail = f"{where}: {frames.refusal.detail}"
    return RejectedPhoto(_frame_id(video, frames.first), video.path, frames.refusal.reason, detail)


def _frame_id(video: _Video, frame: int) -> str:
    return hashlib.sha256(f"{video.digest} {frame}".encode()).hexdigest()


def _clock_text(seconds: float) -> str:
    """A time of the video as players show it: 1:02:03."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
