"""The yaw of photos that record none, from where their neighbours show the same ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.alignment.matching import View
from pipeline.alignment.tie_points import Match
from pipeline.photo import Photo, Pose
from vision.attitude import attitude_of, camera_to_enu

# A yaw less sure than this was not measured: that of the track, say, which drones also fly backwards.
_UNKNOWN_DEG = 15.0
_FOUND_SIGMA_DEG = 10.0
# The turn also scales; where that is far from 1 the turn means nothing.
_MOST_SCALE = 1.5
_MATCHES_PER_PAIR = 30


def with_found_headings(
    photos: Sequence[Photo], views: Sequence[View], matches: Sequence[Match]
) -> list[Photo]:
    """The photos, those of unknown yaw turned about the vertical to where their matches fit.

    With z = exp(−iδ), the turn of a photo, and u a place that it shows, seen from its foot f as if δ were 0,
    f₁ + z₁ u₁ = f₂ + z₂ u₂ holds for every match: linear in the unknown z.
    """
    unknown = [number for number, photo in enumerate(photos) if photo.pose.sigma_yaw_deg > _UNKNOWN_DEG]
    turns = _turns(unknown, views, matches)
    turned = list(photos)
    for number, turn in zip(unknown, turns, strict=True):
        if 1 / _MOST_SCALE < abs(turn) < _MOST_SCALE:
            pose = _turned(photos[number].pose, turn)
            turned[number] = replace(photos[number], pose=pose)
    return turned


def _turns(
    unknown: Sequence[int], views: Sequence[View], matches: Sequence[Match]
) -> np.ndarray[tuple[int], np.dtype[np.complex128]]:
    """The complex turns of the unknown photos; 0 where nothing tells them."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import lsqr

    column_of = {number: column for column, number in enumerate(unknown)}
    rows: list[tuple[int, int, complex]] = []
    right: list[complex] = []
    for match in matches:
        if match.first not in column_of and match.second not in column_of:
            continue
        few = match.features[:: max(1, len(match.features) // _MATCHES_PER_PAIR)]
        for first, second in few:
            rest = 0j
            for sign, number, feature in ((1, match.first, first), (-1, match.second, second)):
                view = views[number]
                foot, place = (complex(*xy) for xy in (view.foot_m, view.ground_m[feature]))
                rest -= sign * foot
                if number in column_of:
                    rows.append((len(right), column_of[number], sign * (place - foot)))
                else:
                    rest -= sign * (place - foot)
            right.append(rest)
    if not rows:
        return np.zeros(len(unknown), dtype=np.complex128)
    row, column, value = (np.array(part) for part in zip(*rows, strict=True))
    matrix = coo_array((value, (row, column)), shape=(len(right), len(unknown))).tocsr()
    return np.asarray(lsqr(matrix, np.array(right))[0], dtype=np.complex128)


def _turned(pose: Pose, turn: complex) -> Pose:
    """A pose turned about the vertical, counter-clockwise by a complex number's angle."""
    angle = np.angle(turn)
    cosine, sine = np.cos(angle), np.sin(angle)
    about_up = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    rotation = about_up @ camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    yaw_deg, pitch_deg, roll_deg = attitude_of(rotation)
    shared = replace(pose.shared, yaw_deg=0.0)
    return replace(
        pose,
        yaw_deg=yaw_deg,
        pitch_deg=pitch_deg,
        roll_deg=roll_deg,
        sigma_yaw_deg=_FOUND_SIGMA_DEG,
        shared=shared,
    )
