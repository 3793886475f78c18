"""Which photos may show the same ground, by their recorded poses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.geotagging.ground_error import ground_offsets
from pipeline.photo import Photo
from vision.camera import FloatArray
from vision.frames import LocalFrame

# Neighbours of each photo, the nearest in every direction: along its own strip and in those beside it.
_DIRECTIONS = 6
_PER_DIRECTION = 2
# Seen ground is taken as a circle of the picture's area; touching circles share nothing.
_FARTHEST = 0.9
_FARTHEST_HEIGHTS = 3.0


def feet_m(photos: Sequence[Photo], frame: LocalFrame) -> FloatArray:
    """East and north (N, 2) in a frame of the places right below the cameras."""
    return frame.to_metres([photo.pose.lat for photo in photos], [photo.pose.lon for photo in photos])


def overlapping_pairs(photos: Sequence[Photo], frame: LocalFrame) -> list[tuple[int, int]]:
    """Pairs (i < j) of photos, by their places in the list, that look at neighbouring ground."""
    from scipy.spatial import cKDTree

    centres_m, radii_m = _seen_circles(photos, frame)
    usable = np.flatnonzero(np.isfinite(radii_m))
    if len(usable) < 2:
        return []
    tree = cKDTree(centres_m[usable])
    pairs: set[tuple[int, int]] = set()
    for here in usable:
        near = usable[tree.query_ball_point(centres_m[here], 2 * float(radii_m[usable].max()))]
        away_m = centres_m[near] - centres_m[here]
        distance_m = np.hypot(*away_m.T)
        within = (near != here) & (distance_m < _FARTHEST * (radii_m[here] + radii_m[near]))
        for there in _nearest_in_every_direction(near[within], away_m[within], distance_m[within]):
            pairs.add((min(int(here), there), max(int(here), there)))
    return sorted(pairs)


def _nearest_in_every_direction(near: FloatArray, away_m: FloatArray, distance_m: FloatArray) -> list[int]:
    azimuth = np.arctan2(away_m[:, 0], away_m[:, 1])
    sector = np.floor(azimuth / (2 * np.pi) * _DIRECTIONS).astype(int) % _DIRECTIONS
    chosen: list[int] = []
    for number in range(_DIRECTIONS):
        here = np.flatnonzero(sector == number)
        nearest = here[np.argsort(distance_m[here], kind="stable")[:_PER_DIRECTION]]
        chosen += [int(photo) for photo in near[nearest]]
    return chosen


def _seen_circles(photos: Sequence[Photo], frame: LocalFrame) -> tuple[FloatArray, FloatArray]:
    """Middles (N, 2) and radii (N,) of the seen ground; NaN for photos whose middle shows none."""
    centres_m, radii_m = feet_m(photos, frame), np.full(len(photos), np.nan)
    for number, photo in enumerate(photos):
        camera = photo.camera
        middle_px = np.array([[camera.width_px - 1, camera.height_px - 1]]) / 2
        offset_m = ground_offsets(photo, middle_px)[0]
        height_m = photo.ground.height_above_m(photo.pose.lat, photo.pose.lon, photo.pose.alt_agl_m)
        distance_m = float(np.linalg.norm([height_m, *offset_m]))
        if distance_m < _FARTHEST_HEIGHTS * height_m:
            centres_m[number] += offset_m
            side_px = np.sqrt(camera.width_px * camera.height_px)
            radii_m[number] = distance_m * side_px / camera.focal_px / np.sqrt(np.pi)
    return centres_m, radii_m
