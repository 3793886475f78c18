"""Which features of two photos are the same places of the ground.

Compared on the ground, where the recorded poses put them: there two pictures differ by little more than a
shift and a turn. A similarity by RANSAC finds it, a homography refines it, and features near to where it puts
them are compared again.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.alignment.features import Features
from pipeline.alignment.tie_points import Indices
from pipeline.photo import Pose
from vision.camera import FloatArray

# Lowe's ratio: the nearest description against the second nearest.
_RATIO = 0.85
# Of the flying height: how far matches may stray from a similarity (tilt, lens, relief), a homography.
_LOOSE, _TIGHT = 0.03, 0.01
_FEWEST = 12
# Chance pairs scatter; true ones agree in a share of all that look alike.
_LEAST_SHARE = 0.15
_SECOND_LOOKS = 6
# Cosine of descriptions that may be the same place, where the geometry says so already.
_ALIKE = 0.85
_SIGMAS = 5.0


@dataclass(frozen=True)
class View:
    """A photo's features with the ground (N, 2) where its recorded pose puts them, in metres of one frame.

    NaN for features that show no ground.
    """

    features: Features
    ground_m: FloatArray
    foot_m: FloatArray
    pose: Pose


def match_views(first: View, second: View) -> Indices:
    """Pairs (M, 2) of feature numbers that show the same places; none where the photos share too little."""
    nothing = np.empty((0, 2), dtype=np.intp)
    candidates = _alike(first.features.descriptors, second.features.descriptors)
    candidates = candidates[_on_ground(first, second, candidates)]
    if len(candidates) < _FEWEST:
        return nothing
    height_m = min(first.pose.alt_agl_m, second.pose.alt_agl_m)
    homography = _motion(first, second, candidates, height_m)
    if homography is None:
        return nothing
    matches = _guided(first, second, homography, _TIGHT * height_m)
    return matches if len(matches) >= _FEWEST else nothing


def _alike(first: NDArray[np.float32], second: NDArray[np.float32]) -> Indices:
    """Pairs that are each other's most alike, and clearly more so than the second most alike."""
    if len(first) < 2 or len(second) < 2:
        return np.empty((0, 2), dtype=np.intp)
    cosines = first @ second.T
    best = cosines.argmax(axis=1)
    rows = np.arange(len(first))
    mutual = cosines.argmax(axis=0)[best] == rows
    nearest = 1 - cosines[rows, best]
    cosines[rows, best] = -1
    clear = nearest < _RATIO**2 * (1 - cosines.max(axis=1))
    pairs: Indices = np.column_stack([rows, best])[mutual & clear].astype(np.intp)
    return pairs


def _on_ground(first: View, second: View, pairs: Indices) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = np.isfinite(
        first.ground_m[pairs[:, 0]].sum(axis=1) + second.ground_m[pairs[:, 1]].sum(axis=1)
    )
    return known


def _motion(first: View, second: View, pairs: Indices, height_m: float) -> FloatArray | None:
    """The homography from where the first photo puts the ground to where the second does, if any."""
    here, there = first.ground_m[pairs[:, 0]], second.ground_m[pairs[:, 1]]
    centre = here.mean(axis=0)
    cv2.setRNGSeed(0)
    similarity, found = cv2.estimateAffinePartial2D(
        here - centre, there - centre, ransacReprojThreshold=_LOOSE * height_m, maxIters=4000
    )
    if similarity is None:
        return None
    kept = found.ravel().astype(bool)
    enough = max(_FEWEST, _LEAST_SHARE * len(pairs))
    if kept.sum() < enough or not _is_believable(similarity, first, second, centre):
        return None
    homography, found = cv2.findHomography(
        here[kept] - centre, there[kept] - centre, cv2.RANSAC, _TIGHT * height_m
    )
    if homography is None or found.sum() < _FEWEST:
        return None
    shift = np.array([[1, 0, centre[0]], [0, 1, centre[1]], [0, 0, 1]])
    return np.asarray(shift @ homography @ np.linalg.inv(shift))


def _is_believable(similarity: FloatArray, first: View, second: View, centre: FloatArray) -> bool:
    """Whether the recorded poses may be wrong by so much."""
    scale = np.hypot(similarity[0, 0], similarity[1, 0])
    turn_deg = abs(np.degrees(np.arctan2(similarity[1, 0], similarity[0, 0])))
    one, other = first.pose, second.pose
    height_m = min(one.alt_agl_m, other.alt_agl_m)
    sigma_scale = np.hypot(one.sigma_alt_m, other.sigma_alt_m) / height_m + 0.03
    sigma_turn_deg = np.hypot(one.sigma_yaw_deg, other.sigma_yaw_deg) + 1
    tilt = np.radians(np.hypot(one.sigma_tilt_deg, other.sigma_tilt_deg))
    # A wrong yaw turns either photo about its own foot.
    arm_m = max(np.hypot(*(view.foot_m - centre)) for view in (first, second)) + height_m * 0.3
    swing_m = min(np.radians(sigma_turn_deg), 2 / _SIGMAS) * arm_m
    sigma_shift_m = (
        np.hypot(np.hypot(one.sigma_position_m, other.sigma_position_m), height_m * tilt)
        + swing_m
        + sigma_scale * arm_m
    )
    return bool(
        abs(np.log(scale)) < _SIGMAS * sigma_scale
        and turn_deg < _SIGMAS * sigma_turn_deg
        and np.hypot(similarity[0, 2], similarity[1, 2]) < _SIGMAS * sigma_shift_m
    )


def _guided(first: View, second: View, homography: FloatArray, radius_m: float) -> Indices:
    """All pairs of features, alike and near to where the homography puts them; each feature once."""
    from scipy.spatial import cKDTree

    here = np.flatnonzero(np.isfinite(first.ground_m).all(axis=1))
    there = np.flatnonzero(np.isfinite(second.ground_m).all(axis=1))
    moved = cv2.perspectiveTransform(first.ground_m[here][None], homography)[0]
    distance_m, found = cKDTree(second.ground_m[there]).query(
        moved, k=min(_SECOND_LOOKS, len(there)), distance_upper_bound=radius_m
    )
    distance_m, found = distance_m.reshape(len(here), -1), found.reshape(len(here), -1)
    near = np.isfinite(distance_m)
    candidates = there[np.where(near, found, 0)]
    described = second.features.descriptors[candidates]
    cosines = np.einsum("nd,nkd->nk", first.features.descriptors[here], described)
    cosines[~near] = -1
    best = cosines.argmax(axis=1)
    rows = np.arange(len(here))
    likeness = cosines[rows, best]
    chosen = candidates[rows, best]
    order = np.argsort(-likeness, kind="stable")
    order = order[likeness[order] > _ALIKE]
    _, firsts = np.unique(chosen[order], return_index=True)
    kept = order[firsts]
    return np.column_stack([here[kept], chosen[kept]]).astype(np.intp)
