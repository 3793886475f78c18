import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vision.attitude import camera_to_enu
from vision.camera import Camera
from vision.ground import meet_flat_ground

CAMERA = Camera("test", 4000, 3000, 2900.0, 1999.5, 1499.5, (0.02, -0.01, 0.0005, 0.0003, 0.0))


def test_no_rays_meet_nothing() -> None:
    assert meet_flat_ground(np.empty((0, 3)), 30).shape == (0, 2)


@pytest.mark.parametrize("ray", [[0, 1, 0], [0, 1, 0.5], [1, 0, -0.005], [0, 0, 1]])
def test_rays_that_do_not_come_down_meet_nothing(ray: list[float]) -> None:
    assert np.isnan(meet_flat_ground(np.array([ray]), 30)).all()


def test_straight_down_is_the_foot() -> None:
    assert meet_flat_ground(np.array([[0, 0, -1.0]]), 30) == pytest.approx(np.zeros((1, 2)))


@given(
    st.floats(-180, 180), st.floats(-90, 0), st.floats(-180, 180),
    st.floats(0, 3999), st.floats(0, 2999), st.floats(2, 120),
)  # fmt: skip
def test_the_point_on_the_ground_projects_back_into_its_pixel(
    yaw: float, pitch: float, roll: float, x: float, y: float, height: float
) -> None:
    rotation = camera_to_enu(yaw, pitch, roll)
    ground = meet_flat_ground(CAMERA.rays(np.array([[x, y]])) @ rotation.T, height)
    assume(np.isfinite(ground).all())
    towards = np.array([[*ground[0], -height]]) @ rotation
    assert CAMERA.project(towards) == pytest.approx(np.array([[x, y]]), abs=1e-4)


@given(st.floats(-180, 180), st.floats(-89, -20), st.floats(-40, 40), st.floats(-1, 1), st.floats(-1, 1))
def test_a_known_point_is_found_to_a_millimetre(
    yaw: float, pitch: float, roll: float, east: float, north: float
) -> None:
    rotation = camera_to_enu(yaw, pitch, roll)
    centre = meet_flat_ground((rotation @ [0, 0, 1.0])[None], 30)
    assume(np.isfinite(centre).all())
    truth = centre + np.array([[east, north]])
    pixel = CAMERA.project(np.array([[*truth[0], -30.0]]) @ rotation)
    found = meet_flat_ground(CAMERA.rays(pixel) @ rotation.T, 30)
    assert found == pytest.approx(truth, abs=1e-3)
