import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.camera import Camera

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


@given(pixels, st.integers(0, 3))
def test_a_turned_camera_sees_the_same_at_the_turned_pixel(pixel: tuple[float, float], turns: int) -> None:
    x, y = pixel
    width, height = CAMERA.width_px, CAMERA.height_px
    ray = CAMERA.rays(np.array([[x, y]]))[0]
    for _ in range(turns):  # turning a picture clockwise: its top goes to the right
        x, y, width, height = height - 1 - y, x, height, width
        ray = np.array([-ray[1], ray[0], ray[2]])
    turned = CAMERA.turned(turns)
    assert (turned.width_px, turned.height_px) == (width, height)
    assert turned.rays(np.array([[x, y]]))[0] == pytest.approx(ray, abs=1e-9)


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
