import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vision.attitude import camera_to_enu
from vision.camera import Camera
from vision.ground import FLAT_GROUND, FlatGround, meet_flat_ground

CAMERA = Camera("test", 4000, 3000, 2900.0, 1999.5, 1499.5, (0.02, -0.01, 0.0005, 0.0003, 0.0))


def test_no_rays_meet_nothing() -> None:
    assert meet_flat_ground(np.empty((0, 3)), 30).shape == (0, 2)


@pytest.mark.parametrize("ray", [[0, 1, 0], [0, 1, 0.5], [1, 0, -0.005], [0, 0, 1], [np.nan] * 3])
def test_rays_that_do_not_come_down_meet_nothing(ray: list[float]) -> None:
    assert np.isnan(meet_flat_ground(np.array([ray]), 30)).all()


def test_straight_down_is_the_foot() -> None:
    assert meet_flat_ground(np.array([[0, 0, -1.0]]), 30) == pytest.approx(np.zeros((1, 2)))


@given(st.floats(-180, 180), st.floats(1, 500), st.floats(2, 120))
def test_straight_down_the_right_of_the_picture_lies_clockwise_of_its_top(
    yaw: float, beside_px: float, height_m: float
) -> None:
    """The top towards the yaw, the right a quarter of a circle on, in proportion to the height."""
    pinhole = Camera.centred("test", 4001, 3001, 3000.0)
    rays = pinhole.rays(np.array([[2000.0, 1500 - beside_px], [2000 + beside_px, 1500.0]]))
    top, right = FLAT_GROUND.meet(rays @ camera_to_enu(yaw, -90, 0).T, 50.0, 10.0, height_m)
    distance_m, azimuth = beside_px / 3000 * height_m, np.radians(yaw)
    assert top == pytest.approx([distance_m * np.sin(azimuth), distance_m * np.cos(azimuth)], abs=1e-9)
    assert right == pytest.approx([distance_m * np.cos(azimuth), -distance_m * np.sin(azimuth)], abs=1e-9)


@given(st.floats(-180, 180), st.floats(-89, -1))
def test_the_middle_of_the_picture_lies_ahead_as_far_as_the_pitch_says(yaw: float, pitch: float) -> None:
    rays = (camera_to_enu(yaw, pitch, 0) @ [0, 0, 1.0])[None]
    ahead_m = 30 / np.tan(np.radians(-pitch))
    expected = [ahead_m * np.sin(np.radians(yaw)), ahead_m * np.cos(np.radians(yaw))]
    assert meet_flat_ground(rays, 30)[0] == pytest.approx(expected, abs=1e-6)


def test_flat_ground_is_at_its_zero_everywhere() -> None:
    assert FLAT_GROUND.height_above_m(50.0, 10.0, 30.0) == 30.0
    assert FLAT_GROUND.heights_m([50.0, 51.0], [10.0, 11.0]).tolist() == [0.0, 0.0]
    assert (FLAT_GROUND.sigma_m, FlatGround(0.5).sigma_m) == (0.0, 0.5)


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
