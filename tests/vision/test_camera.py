from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.attitude import camera_to_enu
from vision.camera import Camera
from vision.ground import FLAT_GROUND
from vision.lens import FisheyeLens

FISHEYE_LENS = FisheyeLens((-0.04, 0.01), (1.0, 0.01, -0.02, 0.99))
FISHEYE = Camera("fisheye", 4000, 3000, 2000.0, 2040.0, 1460.0, fisheye=FISHEYE_LENS)
CAMERA = Camera("test", 4000, 3000, 2900.0, 2010.5, 1490.25, (0.05, -0.08, 0.001, -0.0007, 0.03))
pixels = st.tuples(st.floats(0, 3999), st.floats(0, 2999))


def test_no_pixels_give_no_rays() -> None:
    assert CAMERA.rays(np.empty((0, 2))).shape == (0, 3)


def test_the_centre_looks_ahead() -> None:
    camera = Camera.centred("test", 640, 480, 500.0)
    assert camera.rays(np.array([[319.5, 239.5]])) == pytest.approx(np.array([[0, 0, 1]]))


def test_right_of_the_picture_is_x_and_its_bottom_y() -> None:
    camera = Camera.centred("test", 640, 480, 500.0)
    right, bottom = camera.rays(np.array([[639.0, 239.5], [319.5, 479.0]]))
    assert right[0] > 0 == right[1]
    assert bottom[1] > 0 == bottom[0]


@given(pixels)
def test_project_inverts_rays(pixel: tuple[float, float]) -> None:
    rays = CAMERA.rays(np.array([pixel]))
    assert CAMERA.project(rays * 17.0) == pytest.approx(np.array([pixel]), abs=1e-6)


def test_points_behind_the_camera_have_no_pixel() -> None:
    assert np.isnan(CAMERA.project(np.array([[0.1, 0.1, -1.0], [0.0, 0.0, 0.0]]))).all()


@pytest.mark.parametrize("camera", [CAMERA, FISHEYE])
@given(pixel=pixels, turns=st.integers(0, 3))
def test_a_turned_camera_sees_the_same_at_the_turned_pixel(
    camera: Camera, pixel: tuple[float, float], turns: int
) -> None:
    x, y = pixel
    width, height = camera.width_px, camera.height_px
    ray = camera.rays(np.array([[x, y]]))[0]
    for _ in range(turns):  # turning a picture clockwise: its top goes to the right
        x, y, width, height = height - 1 - y, x, height, width
        ray = np.array([-ray[1], ray[0], ray[2]])
    turned = camera.turned(turns)
    assert (turned.width_px, turned.height_px) == (width, height)
    assert turned.rays(np.array([[x, y]]))[0] == pytest.approx(ray, abs=1e-9)


@given(pixels, st.floats(0.5, 2))
def test_a_longer_focal_length_sees_less(pixel: tuple[float, float], longer: float) -> None:
    ray = CAMERA.rays(np.array([pixel]))[0]
    centre = np.array([CAMERA.cx_px, CAMERA.cy_px])
    zoomed = replace(CAMERA, focal_px=CAMERA.focal_px * longer)
    assert zoomed.project(ray[None])[0] - centre == pytest.approx((pixel - centre) * longer, abs=1e-6)


strong = st.tuples(
    st.floats(-0.4, 0.4), st.floats(-0.4, 0.4), st.floats(-0.03, 0.03), st.floats(-0.03, 0.03),
    st.floats(-0.3, 0.3),
)  # fmt: skip


@given(
    strong, st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(2, 120),
    st.floats(-100, 100), st.floats(-100, 100),
)  # fmt: skip
def test_a_place_on_the_ground_that_is_shown_is_found_to_a_millimetre(
    distortion: tuple[float, float, float, float, float],
    yaw: float, pitch: float, roll: float, height_m: float, east_m: float, north_m: float,
) -> None:  # fmt: skip
    """Whatever the attitude and however strong the lens: its pixel leads back to it."""
    camera = replace(CAMERA, distortion=distortion)
    rotation = camera_to_enu(yaw, pitch, roll)
    pixel = camera.project(np.array([[east_m, north_m, -height_m]]) @ rotation)
    if np.isfinite(pixel).all():
        found = FLAT_GROUND.meet(camera.rays(pixel) @ rotation.T, 0.0, 0.0, height_m)
        if np.hypot(east_m, north_m) < 99 * height_m:
            assert found == pytest.approx(np.array([[east_m, north_m]]), abs=1e-3)


@given(strong, pixels)
def test_a_pixel_has_its_ray_or_none(
    distortion: tuple[float, float, float, float, float], pixel: tuple[float, float]
) -> None:
    camera = replace(CAMERA, distortion=distortion)
    ray = camera.rays(np.array([pixel]))
    if np.isfinite(ray).all():
        assert camera.project(ray) == pytest.approx(np.array([pixel]), abs=1e-6)
    else:
        assert np.isnan(ray).all()


def test_turning_pixels_agrees_with_numpy() -> None:
    picture = np.zeros((3000, 4000), np.uint8)
    picture[100, 700] = 1
    row, column = np.argwhere(np.rot90(picture, -1))[0]  # once clockwise
    original, turned = CAMERA.rays(np.array([[700.0, 100.0]]))[0], CAMERA.turned(1)
    seen = turned.rays(np.array([[column, row]], dtype=float))[0]
    assert seen == pytest.approx([-original[1], original[0], 1], abs=1e-9)


def test_four_quarter_turns_are_none() -> None:
    assert CAMERA.turned(4) == CAMERA
    assert CAMERA.turned(-1).turned(1) == CAMERA
