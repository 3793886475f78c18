"""Whatever of a site a photo shows lies in the part of it that is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from pipeline.geotagging.geotag import observe
from pipeline.inspecting.reading_area import site_areas_px
from pipeline.photo import Photo, Pose
from pipeline.sites.siting import SiteShape, may_lie_on_sites
from vision.attitude import camera_to_enu
from vision.camera import Camera
from vision.detector import Detections
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.3, 106.84)
CAMERA = Camera("test", 1200, 800, 900.0, 598.0, 402.0, (-0.1, 0.02, 0.001, -0.001, 0.0))
WIDE = Camera.centred("wide", 1600, 600, 500.0)


def photo(camera: Camera = CAMERA, **pose: float) -> Photo:
    there = {"alt_agl_m": 30.0, "yaw_deg": 20.0, "pitch_deg": -90.0, "roll_deg": 0.0} | pose
    return Photo("p", Path("p.jpg"), None, camera, Pose(FRAME.lat, FRAME.lon, **there))


def road(line_m: LineString, width_m: float = 6.0) -> SiteShape:
    return SiteShape("r", FRAME.shapes_to_lon_lat(line_m), width_m)


def field(shape_m: Polygon) -> SiteShape:
    return SiteShape("f", FRAME.shapes_to_lon_lat(shape_m), None)


def share(areas: list[np.ndarray], camera: Camera = CAMERA) -> float:
    return sum(Polygon(area).area for area in areas) / (camera.width_px * camera.height_px)


def test_without_sites_nothing_is_known():
    assert site_areas_px(photo(), []) is None


def test_a_photo_beside_all_sites_is_not_read():
    assert site_areas_px(photo(), [road(LineString([(500, -300), (500, 300)]))]) == []


def test_a_road_along_the_photo_is_read_with_its_margin_and_no_more():
    areas = site_areas_px(photo(yaw_deg=90.0), [road(LineString([(0, -300), (0, 300)]))])
    # Half the width 3 m, verge 1 m, 1 σ of 1.6 to 2.5 m; one metre is 30 pixels.
    assert 5.6 * 30 < 0.5 * share(areas) * CAMERA.height_px < 6.8 * 30
    assert shapely.union_all([Polygon(area) for area in areas]).area == pytest.approx(
        sum(Polygon(area).area for area in areas)
    )


def test_a_photo_that_knows_its_place_better_is_read_less():
    site = road(LineString([(-300, 0), (300, 0)]))
    rtk = photo(sigma_position_m=0.03, sigma_alt_m=0.05, sigma_tilt_deg=0.2, sigma_yaw_deg=0.5)
    assert share(site_areas_px(rtk, [site])) < 0.7 * share(site_areas_px(photo(), [site]))


def test_a_photo_of_unknown_yaw_is_read_all_round():
    areas = site_areas_px(photo(sigma_yaw_deg=180.0), [road(LineString([(9, -300), (9, 300)]))])
    assert share(areas) > 0.75


angles = st.floats(-30, 30)
unit = st.floats(-1, 1)


@given(
    place=st.tuples(st.floats(-25, 25), st.floats(-25, 25)),
    yaw_deg=st.floats(-180, 180),
    pitch_deg=st.floats(-90, -20),
    roll_deg=angles,
    camera=st.sampled_from([CAMERA, WIDE]),
    errors=st.lists(unit, min_size=6, max_size=6),
)
def test_every_place_of_a_site_in_the_photo_is_read_whatever_the_pose_errors(
    place, yaw_deg, pitch_deg, roll_deg, camera, errors
):
    """Errors of the pose up to 1 σ in all: the true camera shows the place at a pixel that is read."""
    told = photo(camera, yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=roll_deg)
    pixel_px = true_pixel(told, place, np.array(errors) / max(1.0, np.linalg.norm(errors)))
    if pixel_px is None:
        return
    areas = site_areas_px(told, [field(Point(place).buffer(0.05))])
    assert any(Polygon(area).buffer(1e-6).covers(Point(pixel_px)) for area in areas)


@given(
    corner=st.tuples(st.floats(0, 0.95), st.floats(0, 0.95)),
    size=st.tuples(st.floats(0.01, 0.3), st.floats(0.01, 0.3)),
    yaw_deg=st.floats(-180, 180),
    pitch_deg=st.floats(-90, -40),
    beside_m=st.floats(-30, 30),
    sigma_position_m=st.sampled_from([0.02, 1.5, 5.0]),
)
def test_every_detection_that_counts_touches_what_is_read(
    corner, size, yaw_deg, pitch_deg, beside_m, sigma_position_m
):
    told = photo(yaw_deg=yaw_deg, pitch_deg=pitch_deg, sigma_position_m=sigma_position_m)
    site = road(LineString([(beside_m, -300), (beside_m, 300)]))
    sides_px = np.array([CAMERA.width_px, CAMERA.height_px])
    box_px = np.clip([*corner, *np.add(corner, size)], 0, 1) * np.tile(sides_px, 2) - 0.5
    seen = observe(told, Detections.of_boxes(box_px[None], np.array([0.9]), ["pothole"]))
    if all(may_lie_on_sites(seen, [site])) and seen:
        areas = shapely.union_all([Polygon(area) for area in site_areas_px(told, [site])])
        assert areas.intersects(box(*box_px))


def true_pixel(told: Photo, place_m: tuple[float, float], sigmas: np.ndarray) -> np.ndarray | None:
    """Where the photo shows a place if its pose is wrong by this; None where it does not."""
    pose, camera = told.pose, told.camera
    rotation = camera_to_enu(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    for axis, degrees in zip(
        np.eye(3), sigmas[:3] * [pose.sigma_tilt_deg, pose.sigma_tilt_deg, pose.sigma_yaw_deg], strict=True
    ):
        rotation = rotation_about(axis, degrees) @ rotation
    foot_m = sigmas[3:5] * pose.sigma_position_m
    height_m = pose.alt_agl_m + sigmas[5] * pose.sigma_alt_m
    towards = np.array([*(np.array(place_m) - foot_m), -height_m])
    (pixel_px,) = camera.project(towards[None] @ rotation)
    inside = box(-0.5, -0.5, camera.width_px - 0.5, camera.height_px - 0.5)
    # A lens model folds far outside of the picture: a place counts that its own pixel looks at.
    (ray,) = camera.rays(pixel_px[None]) if np.isfinite(pixel_px).all() else (None,)
    seen = ray is not None and np.allclose(
        np.cross(rotation @ ray, towards) / np.linalg.norm(towards), 0, atol=1e-3
    )
    return pixel_px if seen and inside.contains(Point(pixel_px)) else None


def rotation_about(axis: np.ndarray, degrees: float) -> np.ndarray:
    angle, (x, y, z) = np.radians(degrees), axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def test_above_the_horizon_nothing_is_read():
    level = photo(pitch_deg=-15.0, yaw_deg=0.0)
    areas = site_areas_px(level, [road(LineString([(0, 0), (0, 2000)]))])
    top_px = min(area[:, 1].min() for area in areas)
    horizon_px = CAMERA.cy_px - CAMERA.focal_px * np.tan(np.radians(15))
    assert horizon_px - 10 < top_px < horizon_px + 120


def test_overlapping_sites_are_read_once():
    one = road(LineString([(-300, 0), (300, 0)]))
    assert share(site_areas_px(photo(), [one, replace(one, id="again")])) == share(
        site_areas_px(photo(), [one])
    )
