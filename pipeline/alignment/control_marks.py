"""Which marks of control points fit the photos, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.alignment.control_points import ControlPoint, Mark
from pipeline.geotagging.ground_error import ground_covariances, ground_offsets
from pipeline.photo import Photo
from vision.errors import PantauError
from vision.frames import LocalFrame

_FEW = 3
_NAMED_IN_A_NOTE = 3
# Marks that are farther off than this, and the flying height besides, are mistakes of the file: unlevel
# ground alone may put an RTK photo's marks many σ away.
_MOST_SIGMAS = 5.0


def fitting_marks(
    photos: Sequence[Photo], points: Sequence[ControlPoint]
) -> tuple[tuple[ControlPoint, ...], tuple[str, ...]]:
    """The points with those marks that fit a photo, named as its file is, and notes about the others.

    Raises PantauError when no mark at all fits.
    """
    by_name: dict[str, list[Photo]] = {}
    for photo in photos:
        if photo.frame is None:
            by_name.setdefault(photo.path.name.casefold(), []).append(photo)
    wrong: dict[str, list[str]] = {}
    fitting = []
    for point in points:
        marks = []
        for mark in point.marks:
            named = by_name.get(mark.photo_name.casefold(), [])
            reason = _what_is_wrong(named, point, mark)
            if reason:
                wrong.setdefault(reason, []).append(f"{point.name} in {mark.photo_name}")
            else:
                marks.append(replace(mark, photo_name=named[0].path.name))
        fitting.append(replace(point, marks=tuple(marks)))
    notes = [_note(reason, marks) for reason, marks in wrong.items()]
    if points and not any(point.marks for point in fitting):
        raise PantauError(f"no mark of the control points fits the photos: {'; '.join(notes)}; correct --gcp")
    used = sum(bool(point.marks) and not point.is_check for point in fitting)
    if 0 < used < _FEW:
        notes.append(
            f"{used} of the control points can be used; {_FEW} or more also tell how the photos tilt"
        )
    return tuple(fitting), tuple(notes)


def _what_is_wrong(named: Sequence[Photo], point: ControlPoint, mark: Mark) -> str:
    """Why a mark cannot be used with the photos of its name; "" where it can."""
    if not named:
        return "there is no such photo"
    if len(named) > 1:
        return "several photos have that name"
    (photo,) = named
    if not (0 <= mark.x_px < photo.camera.width_px and 0 <= mark.y_px < photo.camera.height_px):
        return "outside the picture"
    pixel_px = np.array([[mark.x_px, mark.y_px]])
    (offset_m,), (covariance,) = ground_offsets(photo, pixel_px), ground_covariances(photo, pixel_px)
    if not np.isfinite(offset_m).all():
        return "above the horizon"
    foot_m = LocalFrame(point.lat, point.lon).to_metres(photo.pose.lat, photo.pose.lon)[0]
    farthest_m = photo.height_above_ground_m + _MOST_SIGMAS * float(np.sqrt(np.trace(covariance)))
    if np.hypot(*(offset_m + foot_m)) > farthest_m:
        return "far from where the photo was taken"
    return ""


def _note(reason: str, marks: Sequence[str]) -> str:
    more = ", …" if len(marks) > _NAMED_IN_A_NOTE else ""
    count = "1 mark" if len(marks) == 1 else f"{len(marks)} marks"
    return f"{count} left out, {reason}: {', '.join(marks[:_NAMED_IN_A_NOTE])}{more}"
