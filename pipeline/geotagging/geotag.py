"""Pixels to the ground: places, outlines and sizes, each with its uncertainty.

Rays meet the photo's ground (see `vision.ground`). Pixels are those stored in the file (see
`pipeline.metadata.photo_reading`).
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike
from shapely import MultiPoint, Polygon

from pipeline.geotagging.ground_error import (
    error_ellipses,
    ground_covariances,
    ground_offsets,
    shared_factors,
)
from pipeline.geotagging.observation import GroundPoint, Observation
from pipeline.photo import Photo
from vision.attitude import camera_to_enu
from vision.camera import FloatArray
from vision.detector import Detections
from vision.frames import LocalFrame

# Beyond so many heights from the camera's foot a picture shows the ground too flatly to count as seen.
FARTHEST_SEEN_HEIGHTS = 10.0
_FOOTPRINT_GRID = 13

_POTHOLE = "pothole"  # the kind whose size is a diameter

# What rounding leaves of an outline without area.
_LEAST_AREA_M2 = 1e-8


def locate_pixels(photo: Photo, pixels_px: ArrayLike) -> list[GroundPoint | None]:
    """Where on the ground pixels (N, 2) lie, in their order; None for those above the horizon."""
    pixels = np.asarray(pixels_px, dtype=np.float64).reshape(-1, 2)
    offsets_m = ground_offsets(photo, pixels)
    covariances = ground_covariances(photo, pixels)
    known = np.isfinite(covariances.sum(axis=(1, 2)).reshape(-1))
    points = iter(_ground_points(_frame(photo), offsets_m[known], covariances[known]))
    return [next(points) if is_known else None for is_known in known]


def observe(photo: Photo, detections: Detections) -> list[Observation]:
    """The detections of a photo on the ground, in their order.

    Dropped are those whose outline reaches above the horizon or covers no area.
    """
    frame = _frame(photo)
    seen: list[tuple[int, Polygon]] = []
    for index, outline_px in enumerate(detections.outline_px):
        shape_m = _shape_on_ground(photo, outline_px)
        if shape_m is not None:
            seen.append((index, shape_m))
    if not seen:
        return []
    centres_m = np.array([[shape.centroid.x, shape.centroid.y] for _, shape in seen])
    centres_px = pixels_of(photo, centres_m)
    positions = _ground_points(frame, centres_m, ground_covariances(photo, centres_px))
    shared = shared_factors(photo, centres_px)
    return [
        replace(_observation(photo, detections, index, shape_m, position, frame), shared_m=shared_m)
        for (index, shape_m), position, shared_m in zip(seen, positions, shared, strict=True)
    ]


def photo_footprint(photo: Photo) -> Polygon | None:
    """The ground that a photo shows (lon, lat), up to ten heights away; None when it shows none."""
    across = np.linspace(0, photo.camera.width_px - 1, _FOOTPRINT_GRID)
    down = np.linspace(0, photo.camera.height_px - 1, _FOOTPRINT_GRID)
    pixels_px = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    offsets_m = ground_offsets(photo, pixels_px)
    with np.errstate(invalid="ignore"):
        near = np.hypot(*offsets_m.T) <= FARTHEST_SEEN_HEIGHTS * photo.height_above_ground_m
    hull = MultiPoint(offsets_m[near]).convex_hull
    return _in_degrees(hull, _frame(photo)) if isinstance(hull, Polygon) and not hull.is_empty else None


def ground_sample_distance_cm(photo: Photo) -> float:
    """Side in cm of the ground square that has the area of the middle pixel; infinite in the sky."""
    middle_px = np.array([(photo.camera.width_px - 1) / 2, (photo.camera.height_px - 1) / 2])
    return 100 * _metres_per_px(photo, middle_px)


def _metres_per_px(photo: Photo, pixel_px: FloatArray) -> float:
    """Side of the ground square that has the area of a pixel (x, y); infinite in the sky."""
    around = pixel_px + np.array([[-0.5, 0], [0.5, 0], [0, -0.5], [0, 0.5]])
    left, right, top, bottom = ground_offsets(photo, around)
    (a, b), (c, d) = right - left, bottom - top
    area_m2 = abs(float(a * d - b * c))
    return area_m2**0.5 if np.isfinite(area_m2) else float("inf")


def _frame(photo: Photo) -> LocalFrame:
    return LocalFrame(photo.pose.lat, photo.pose.lon)


def _ground_points(frame: LocalFrame, offsets_m: FloatArray, covariances: FloatArray) -> list[GroundPoint]:
    if not len(offsets_m):
        return []
    places, ellipses = frame.to_lat_lon(offsets_m), error_ellipses(covariances)
    return [
        GroundPoint(*(float(value) for value in (*place, *ellipse)))
        for place, ellipse in zip(places, ellipses, strict=True)
    ]


def _shape_on_ground(photo: Photo, outline_px: FloatArray) -> Polygon | None:
    """An outline in metres from the camera's foot; one that crosses itself becomes its hull."""
    offsets_m = ground_offsets(photo, outline_px)
    if len(offsets_m) < 3 or not np.isfinite(offsets_m).all():
        return None
    shape = Polygon(offsets_m)
    if not shape.is_valid:
        shape = shape.convex_hull
    return shape if isinstance(shape, Polygon) and shape.area > _LEAST_AREA_M2 else None


def pixels_of(photo: Photo, offsets_m: FloatArray) -> FloatArray:
    """The pixels (N, 2) that show places on the ground, metres from the camera's foot.

    NaN for places that the camera cannot show, or where the height of the ground is unknown. That
    something may stand before a place is left out of account.
    """
    pose = photo.pose
    rotation = camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    ground_m = photo.ground.heights_m(*_frame(photo).to_lat_lon(offsets_m).T)
    return photo.camera.project(np.column_stack([offsets_m, ground_m - pose.alt_agl_m]) @ rotation)


def _observation(
    photo: Photo,
    detections: Detections,
    index: int,
    shape_m: Polygon,
    position: GroundPoint,
    frame: LocalFrame,
) -> Observation:
    length_m, width_m = _sides_m(shape_m)
    outlined = bool(detections.outlined[index])
    metres_per_px = _metres_per_px(photo, detections.xyxy_px[index].reshape(2, 2).mean(axis=0))
    return Observation(
        photo_id=photo.id,
        kind=detections.kind[index],
        score=float(detections.score[index]),
        outline_px=detections.outline_px[index],
        position=position,
        footprint=_in_degrees(shape_m, frame),
        length_m=length_m,
        width_m=width_m,
        area_m2=float(shape_m.area),
        outlined=outlined,
        crack_length_m=_known(detections.length_px[index] * metres_per_px),
        crack_width_m=_known(detections.mean_width_px[index] * metres_per_px),
        diameter_m=2 * sqrt(shape_m.area / pi) if outlined and detections.kind[index] == _POTHOLE else None,
    )


def _known(number: float) -> float | None:
    return float(number) if isfinite(number) else None


def _sides_m(shape_m: Polygon) -> tuple[float, float]:
    """The sides of the smallest rectangle around a shape, the longer one first."""
    corners = np.array(shape_m.minimum_rotated_rectangle.exterior.coords)
    first_m, second_m = np.linalg.norm(np.diff(corners[:3], axis=0), axis=1)
    return float(max(first_m, second_m)), float(min(first_m, second_m))


def _in_degrees(shape_m: Polygon, frame: LocalFrame) -> Polygon:
    """A shape in metres as lon, lat."""
    degrees: Polygon = frame.shapes_to_lon_lat(shape_m)
    return degrees
