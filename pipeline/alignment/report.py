"""What an alignment has done, for people and for the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.alignment.consistency import Consistency
from pipeline.alignment.control_points import ControlPoint
from pipeline.geotagging.ground_error import ground_offsets
from pipeline.photo import Photo
from vision.frames import LocalFrame


@dataclass(frozen=True)
class ControlResidual:
    """How far the photos put a surveyed point from where it is, by the mean of its marks, and mark by mark.

    `marks` counts those in photos that were given; the distances are NaN where none shows ground.
    """

    name: str
    is_check: bool
    marks: int
    east_m: float
    north_m: float
    single_photo_m: float

    @property
    def distance_m(self) -> float:
        """The horizontal distance of the mean."""
        return float(np.hypot(self.east_m, self.north_m))


@dataclass(frozen=True)
class AlignmentReport:
    """How well photos agree before and after, on tie points that the adjustment has not used.

    `aligned` photos have a better pose, `kept` stay as recorded. Surveyed points are compared before and
    after, those to be checked with and those used; `notes` tell which of their marks were left out, and why.
    """

    aligned: int
    kept: int
    pairs_tried: int
    pairs_matched: int
    tie_points: int
    before: Consistency
    after: Consistency
    control_before: tuple[ControlResidual, ...] = ()
    control_after: tuple[ControlResidual, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The report as a few lines for people."""
        lines = [
            f"aligned  {self.aligned} photos, {self.kept} left as recorded; {self.tie_points} tie points of "
            f"{self.pairs_matched} pairs"
        ]
        if self.before.sightings:
            lines.append(
                f"         one point by several photos: {self.before.median_m:.2f} m apart before, "
                f"{self.after.median_m:.2f} m after (90 %: {self.before.percentile_90_m:.2f}, "
                f"{self.after.percentile_90_m:.2f} m)"
            )
        for before, after in zip(self.control_before, self.control_after, strict=True):
            lines.append(f"         {_control_text(before, after)}")
        return lines + [f"         {note}" for note in self.notes]


def _control_text(before: ControlResidual, after: ControlResidual) -> str:
    use = "check point" if after.is_check else "control point"
    if not after.marks:
        return f"{use} {after.name}: none of the photos shows it"
    change = f"{before.distance_m:.2f} m off before, {after.distance_m:.2f} m after"
    return f"{use} {after.name}: {change} ({after.marks} marks)"


def control_residuals(
    photos: Sequence[Photo], control_points: Sequence[ControlPoint]
) -> tuple[ControlResidual, ...]:
    """Compare where photos put surveyed points with where they are."""
    by_name = {photo.path.name: photo for photo in photos if photo.frame is None}
    return tuple(_residual(by_name, point) for point in control_points)


def _residual(by_name: dict[str, Photo], point: ControlPoint) -> ControlResidual:
    frame = LocalFrame(point.lat, point.lon)
    away = []
    for mark in point.marks:
        photo = by_name.get(mark.photo_name)
        if photo is not None:
            foot_m = frame.to_metres(photo.pose.lat, photo.pose.lon)
            away.append((ground_offsets(photo, np.array([[mark.x_px, mark.y_px]])) + foot_m)[0])
    known = np.array([place for place in away if np.isfinite(place).all()]).reshape(-1, 2)
    if not len(known):
        return ControlResidual(point.name, point.is_check, 0, np.nan, np.nan, np.nan)
    east_m, north_m = (float(value) for value in known.mean(axis=0))
    single_m = float(np.median(np.hypot(*known.T)))
    return ControlResidual(point.name, point.is_check, len(known), east_m, north_m, single_m)
