"""What is known of how a video was taken: the way, the camera and the time, from all that tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import atan2, degrees, hypot
from pathlib import Path

import numpy as np

from pipeline.metadata.recorded import Attitude, Recorded
from pipeline.metadata.trust import SIGMA_POSITION_M, believe
from pipeline.video.lens import find_video_camera
from pipeline.video.movie_boxes import MovieHeader, read_movie_header
from pipeline.video.other_logs import LoggedFlight, find_logged_flight
from pipeline.video.telemetry import find_telemetry
from pipeline.video.track import Track
from pipeline.video.video_clock import Beginning, find_beginning
from vision.camera import Camera, FloatArray
from vision.ground import Ground
from vision.video_decoding import VideoFacts

# The gimbal as recording began; it may have been turned since, but not by much on a survey.
_SIGMA_TILT_AT_BEGINNING_DEG = 5.0
# A gimbal follows its aircraft, which flies ahead unless it is flown sideways.
_SIGMA_YAW_OF_AIRCRAFT_DEG = 10.0
_SIGMA_YAW_OF_WAY_DEG = 20.0
_SIGMA_YAW_UNKNOWN_DEG = 180.0
_COURSE_OVER_S = 4.0
_SHORTEST_COURSE_M = 3.0


@dataclass(frozen=True)
class Recording:
    """A video with all that tells how it was taken; times are those of the video, in seconds.

    `own` is the video's own telemetry, `missing` says why there is no position in it. `equivalent_mm`,
    `ground_alt_m` and `dem` are what a person gave, see `pipeline.video.video_reading.read_video`.
    """

    facts: VideoFacts
    header: MovieHeader
    own: Track
    missing: str
    beginning: Beginning | None
    logged: LoggedFlight | None
    equivalent_mm: float | None = None
    ground_alt_m: float | None = None
    dem: Ground | None = None

    @property
    def way(self) -> Track:
        """The track that tells where the camera was: the video's own where it has one."""
        return self.logged.track if self.own.is_empty and self.logged is not None else self.own

    def heights_m(self, times_s: FloatArray) -> FloatArray:
        """Heights above the ground (N,), about as the poses will have them; NaN where they are not known."""
        if self.ground_alt_m is not None:
            return self.way.altitudes_m(times_s) - self.ground_alt_m
        heights_m = self.own.heights_m(times_s)
        if self.logged is not None:
            heights_m = np.where(np.isfinite(heights_m), heights_m, self.logged.track.heights_m(times_s))
        begin = self.way.recorded_at(self.way.begin_s).position
        if self.dem is not None and begin is not None and not np.isfinite(heights_m).any():
            return self.way.altitudes_m(times_s) - self.dem.heights_m(begin.lat, begin.lon)
        return heights_m

    def recorded_at(self, at_s: float) -> tuple[Recorded, list[str]]:
        """What telemetry, file and logs tell together of a time, with remarks on it."""
        logged = [self.logged.track.recorded_at(at_s)] if self.logged is not None else []
        recorded, remarks = believe([self.own.recorded_at(at_s)], logged)
        if recorded.attitude is None and self.header.gimbal_pitch_deg is not None:
            attitude = self._attitude_of_beginning(at_s, recorded.aircraft_yaw_deg)
            return replace(recorded, attitude=attitude), [*remarks, "attitude_of_beginning"]
        return recorded, remarks

    def camera_at(self, at_s: float) -> Camera | None:
        """The camera, with the zoom of a time; None where the focal length is not known."""
        equivalent_mm = self.own.equivalent_mm(at_s) or self.equivalent_mm
        return find_video_camera(self.facts, self.header.model, equivalent_mm)

    def taken_at(self, at_s: float) -> tuple[datetime | None, list[str]]:
        """A time in UTC, with a remark where its zone is not known."""
        since = timedelta(seconds=at_s)
        if self.logged is not None:
            return self.logged.begun_at + since, []
        if self.beginning is None:
            return None, []
        return self.beginning.at + since, [] if self.beginning.is_utc else ["time_zone_unknown"]

    def _attitude_of_beginning(self, at_s: float, aircraft_yaw_deg: float | None) -> Attitude:
        yaw_deg, sigma_yaw_deg = aircraft_yaw_deg, _SIGMA_YAW_OF_AIRCRAFT_DEG
        if yaw_deg is None:
            yaw_deg, sigma_yaw_deg = self._course_deg(at_s), _SIGMA_YAW_OF_WAY_DEG
        if yaw_deg is None:
            yaw_deg, sigma_yaw_deg = 0.0, _SIGMA_YAW_UNKNOWN_DEG
        return Attitude(
            yaw_deg,
            self.header.gimbal_pitch_deg or 0.0,
            self.header.gimbal_roll_deg or 0.0,
            _SIGMA_TILT_AT_BEGINNING_DEG,
            sigma_yaw_deg,
        )

    def _course_deg(self, at_s: float) -> float | None:
        """The direction of flight around a time; None for a drone that stood."""
        around_s = at_s + np.linspace(-_COURSE_OVER_S / 2, _COURSE_OVER_S / 2, 9)
        places_m = self.way.places_m(around_s)
        places_m = places_m[np.isfinite(places_m).all(axis=1)]
        if not len(places_m):
            return None
        east_m, north_m = places_m[-1] - places_m[0]
        return degrees(atan2(east_m, north_m)) if hypot(east_m, north_m) >= _SHORTEST_COURSE_M else None


def describe_recording(path: Path, facts: VideoFacts, outside: Sequence[Recorded] = ()) -> Recording:
    """All that tells of a video: in its file, beside it, and in the logs whose records are `outside`."""
    header = read_movie_header(path)
    telemetry = find_telemetry(path, header.subtitles)
    beginning = find_beginning(telemetry.clock, header.created_at)
    own = Track(telemetry.moments, SIGMA_POSITION_M)
    logged = find_logged_flight(outside, beginning, own, facts.length_s)
    return Recording(facts, header, own, telemetry.missing, beginning, logged)
