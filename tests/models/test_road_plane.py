"""The road's plane is found in lane masks of cameras whose place is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.road_plane import ForwardCamera, Ground, estimate_road_plane, view_from_above

CAMERA = ForwardCamera()
WIDTH_PX, HEIGHT_PX = 1024, 512


def projection(height_m: float, pitch_deg: float, yaw_deg: float) -> np.ndarray:
    """The matrix (3, 3) from metres on the road (x right, y ahead) to homogeneous pixels."""
    pitch, yaw = np.radians([pitch_deg, yaw_deg])
    turn = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
    # In the camera's frame (right, down, forward) of a point (across, ahead) with its horizon level.
    across_ahead = np.array([[1, 0], [0, -np.sin(pitch)], [0, np.cos(pitch)]])
    down = np.array([0, height_m * np.cos(pitch), height_m * np.sin(pitch)])
    return np.linalg.inv(CAMERA.rays(WIDTH_PX)) @ np.column_stack([across_ahead @ turn, down])


def lane_mask(to_px: np.ndarray, left_m: float) -> np.ndarray:
    right_m = left_m + CAMERA.lane_width_m
    corners_m = np.array([[[left_m, 3.0], [right_m, 3.0], [right_m, 60.0], [left_m, 60.0]]])
    corners_px = cv2.perspectiveTransform(corners_m, to_px).round().astype(np.int32)
    mask = np.zeros((HEIGHT_PX, WIDTH_PX), dtype=np.uint8)
    cv2.fillPoly(mask, [corners_px[0]], 255)
    return mask


def test_a_photo_without_lane_has_no_road_plane():
    assert estimate_road_plane(np.zeros((HEIGHT_PX, WIDTH_PX), dtype=bool), CAMERA) is None


def test_a_lane_that_does_not_narrow_is_no_flat_road():
    lane = np.zeros((HEIGHT_PX, WIDTH_PX), dtype=bool)
    lane[:, 300:700] = True
    assert estimate_road_plane(lane, CAMERA) is None


@given(st.floats(2.2, 2.8), st.floats(16, 19), st.floats(-3, 3), st.floats(-2.1, -1.4))
def test_the_camera_is_found_again(height_m, pitch_deg, yaw_deg, left_m):
    to_px = projection(height_m, pitch_deg, yaw_deg)
    plane = estimate_road_plane(lane_mask(to_px, left_m) > 0, CAMERA)
    assert plane is not None and plane.height_m == pytest.approx(height_m, rel=0.03)
    spots_m = np.array([[[-1.0, 6.0], [0.5, 8.0], [1.0, 11.0]]])
    found_m = plane.on_road(cv2.perspectiveTransform(spots_m, to_px)[0])
    assert np.allclose(found_m, spots_m[0], rtol=0.05, atol=0.15)


def test_a_square_on_the_road_is_a_square_from_above():
    to_px = projection(2.5, 17.5, 2.0)
    plane = estimate_road_plane(lane_mask(to_px, -1.8) > 0, CAMERA)
    assert plane is not None
    square_m = np.array([[[-0.5, 7.0], [0.5, 7.0], [0.5, 8.0], [-0.5, 8.0]]])
    photo = np.zeros((HEIGHT_PX, WIDTH_PX), dtype=np.uint8)
    cv2.fillPoly(photo, [cv2.perspectiveTransform(square_m, to_px)[0].round().astype(np.int32)], 255)
    above = view_from_above(photo, plane, Ground(-1.5, 1.5, 5.0, 10.0), gsd_cm=1.0)
    rows, columns = np.nonzero(above > 127)
    assert above.shape == (500, 300)
    assert np.ptp(rows) == pytest.approx(100, abs=5) and np.ptp(columns) == pytest.approx(100, abs=5)
    assert rows.mean() == pytest.approx(250, abs=5) and columns.mean() == pytest.approx(150, abs=5)


def test_finer_views_reach_less_far():
    plane = estimate_road_plane(lane_mask(projection(2.5, 17.5, 0.0), -1.75) > 0, CAMERA)
    assert plane is not None
    near, middle, far = (plane.farthest_m(HEIGHT_PX, WIDTH_PX, gsd_cm) for gsd_cm in (1.5, 3.0, 6.0))
    assert plane.nearest_m(HEIGHT_PX, WIDTH_PX) < near < middle < far
    assert plane.farthest_m(HEIGHT_PX, WIDTH_PX, 0.01) == 0
