"""What a photo's quality and resolution mean for its use: rejected, used with remarks, or plainly used.

A photo in which damage would be missed proves nothing about the ground that it shows. It is rejected, and
the coverage proof counts that ground as a gap with this cause (`pipeline.coverage.shown_ground`). So is one
too coarse for every kind of damage. A weak photo is used and keeps a remark.

A camera tilted farther than 30° off straight down is a remark as well. The coverage proof does not need
more: it counts ground up to 60° off the vertical only, so that of a photo tilted by 45° the far half of
the picture counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np

from pipeline.geotagging.geotag import ground_sample_distance_cm
from pipeline.photo import Photo, Pose
from pipeline.reasons import REJECTED
from vision.attitude import camera_to_enu
from vision.detector import Picture
from vision.photo_quality import BLURRED_FROM, PhotoQuality, judge_quality
from vision.reading_resolution import kinds_shown, too_coarse_remarks

TILTED_DEG = 30.0
"""Farther off straight down than this a camera counts as tilted."""


@dataclass(frozen=True)
class Verdict:
    """`rejected` is a reason code of `pipeline.reasons.REJECTED` or None; `detail` the sentence to it.

    `remarks` are reason codes of `pipeline.reasons.REMARKS`, to be added to the photo's own.
    """

    rejected: str | None
    detail: str
    remarks: tuple[str, ...]


def quality_verdict(photo: Photo, picture: Picture) -> Verdict:
    """Judge a photo by its decoded picture and by where the camera looked."""
    gsd_cm = ground_sample_distance_cm(photo)
    quality = judge_quality(picture, gsd_cm if isfinite(gsd_cm) else None)
    rejected = next((fault for fault in quality.faults if fault in REJECTED), None)
    remarks = [fault for fault in quality.faults if fault not in REJECTED]
    if off_nadir_deg(photo.pose) > TILTED_DEG:
        remarks.append("tilted")
    return Verdict(rejected, _detail(rejected, quality) if rejected else "", tuple(remarks))


def resolution_verdict(gsd_cm: float | None, coarsest_gsd_cm: Mapping[str, float | None]) -> Verdict:
    """Judge a photo by its ground sample distance; `coarsest_gsd_cm` as of `kinds_shown`."""
    shown, too_coarse = kinds_shown(gsd_cm, coarsest_gsd_cm)
    if shown or not too_coarse:
        return Verdict(None, "", too_coarse_remarks(too_coarse))
    limit_cm = max(limit for limit in coarsest_gsd_cm.values() if limit is not None)
    detail = f"a pixel is {gsd_cm:.2f} cm wide; from {limit_cm:.2f} cm on no damage is found"
    return Verdict("too_coarse", detail, ())


def off_nadir_deg(pose: Pose) -> float:
    """How far from straight down the camera looked, 0…180."""
    axis_enu = camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)[:, 2]
    return float(np.degrees(np.arccos(np.clip(-axis_enu[2], -1.0, 1.0))))


def _detail(reason: str, quality: PhotoQuality) -> str:
    if reason == "overexposed":
        return f"{quality.bright_share:.0%} of the picture is white"
    if reason == "underexposed":
        return f"{quality.dark_share:.0%} of the picture is black"
    return f"its fine detail is lost (blur {quality.blur:.1f}; limit {BLURRED_FROM:g})"
