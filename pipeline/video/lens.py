"""The camera behind a video: from the telemetry's focal length, or from what its model is known to have.

Videos carry no calibration. Their pictures are cut from the sensor's in ways that depend on resolution,
frame rate and stabilisation, and no file tells them: the focal length is known to a tenth or so.
"""

from __future__ import annotations

from math import sqrt

from pipeline.metadata.camera_table import find_sensor
from vision.camera import Camera
from vision.video_decoding import VideoFacts

FROM_35MM = "35 mm equivalent"
_MAKE = "DJI"
_SIGMA_REL = 0.08

# Focal lengths in millimetres of cameras that cannot zoom and whose telemetry does not tell them, by the
# maker's specifications: Phantom 3 and 4, Inspire 1, Phantom 4 Pro and RTK, Mavic Pro and Air, Mini, Mini 2.
_FIXED_FOCAL_MM = {
    "FC300S": 3.61, "FC300X": 3.61, "FC300C": 3.61, "FC330": 3.61, "FC350": 3.61, "FC6310": 8.8,
    "FC6310S": 8.8, "FC6310R": 8.8, "FC220": 4.73, "FC2103": 4.5, "FC7203": 4.49, "FC7303": 4.49,
}  # fmt: skip


def find_video_camera(facts: VideoFacts, model: str, equivalent_mm: float | None) -> Camera | None:
    """The camera of a video; None where neither its telemetry nor its model tells the focal length.

    The 35 mm equivalent is counted by the width or by the diagonal (of a 4:3 sensor, of which wider
    pictures are cut); the middle of both is taken.
    """
    if equivalent_mm is not None:
        by_width = equivalent_mm / 36.0 * facts.width_px
        by_diagonal = equivalent_mm / sqrt(36.0**2 + 24.0**2) * facts.width_px * 1.25
        return _camera(facts, model, (by_width + by_diagonal) / 2, FROM_35MM)
    focal_mm, sensor = _FIXED_FOCAL_MM.get(model.upper()), find_sensor(_MAKE, model, facts.width_px)
    if focal_mm is None or sensor is None:
        return None
    return _camera(facts, model, focal_mm / sensor.width_mm * facts.width_px, "camera table")


def _camera(facts: VideoFacts, model: str, focal_px: float, source: str) -> Camera:
    return Camera.centred(
        f"{_MAKE} {model or 'video'}",
        facts.width_px,
        facts.height_px,
        focal_px,
        focal_sigma_rel=_SIGMA_REL,
        source=source,
    )
