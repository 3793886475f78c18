import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.attitude import attitude_of, camera_to_enu, looking_down_from

angles = st.floats(-180, 180)
pitches = st.floats(-90, 90)
RIGHT, DOWN, FORWARD = np.eye(3)


@given(angles, pitches, angles)
def test_it_is_a_rotation(yaw: float, pitch: float, roll: float) -> None:
    rotation = camera_to_enu(yaw, pitch, roll)
    assert rotation @ rotation.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)


@pytest.mark.parametrize(("yaw", "east", "north"), [(0, 0, 1), (90, 1, 0), (180, 0, -1), (-90, -1, 0)])
def test_yaw_is_clockwise_from_north(yaw: float, east: float, north: float) -> None:
    assert camera_to_enu(yaw, 0, 0) @ FORWARD == pytest.approx([east, north, 0], abs=1e-12)


def test_pitch_is_up_from_the_horizon() -> None:
    assert camera_to_enu(30, -90, 0) @ FORWARD == pytest.approx([0, 0, -1], abs=1e-12)
    assert (camera_to_enu(30, 10, 0) @ FORWARD)[2] > 0


@given(angles)
def test_straight_down_the_top_of_the_picture_points_to_the_yaw(yaw: float) -> None:
    up_in_picture = camera_to_enu(yaw, -90, 0) @ -DOWN
    assert up_in_picture == pytest.approx([np.sin(np.radians(yaw)), np.cos(np.radians(yaw)), 0], abs=1e-12)


@given(angles, st.floats(-80, 80), st.floats(1, 89))
def test_positive_roll_lowers_the_right_side(yaw: float, pitch: float, roll: float) -> None:
    assert (camera_to_enu(yaw, pitch, roll) @ RIGHT)[2] < 0


@given(angles, pitches, angles)
def test_attitude_of_inverts(yaw: float, pitch: float, roll: float) -> None:
    rotation = camera_to_enu(yaw, pitch, roll)
    assert camera_to_enu(*attitude_of(rotation)) == pytest.approx(rotation, abs=1e-6)


@given(angles, st.floats(-89, -45))
def test_past_straight_down_is_a_roll_of_180(yaw: float, pitch: float) -> None:
    """Mavic 3E writes a camera tilted backwards as yaw turned by 180° and a roll of 180°."""
    beyond = camera_to_enu(yaw, -180 - pitch, 0)
    assert camera_to_enu(yaw + 180, pitch, 180) == pytest.approx(beyond, abs=1e-9)


def test_a_level_aircraft_looks_straight_down() -> None:
    assert camera_to_enu(*looking_down_from(59, 0, 0)) == pytest.approx(camera_to_enu(59, -90, 0), abs=1e-9)


def test_nose_up_looks_ahead_and_right_wing_down_looks_left() -> None:
    ahead = camera_to_enu(*looking_down_from(0, 10, 0)) @ FORWARD  # flying north
    left = camera_to_enu(*looking_down_from(0, 0, 10)) @ FORWARD
    assert ahead == pytest.approx([0, np.sin(np.radians(10)), -np.cos(np.radians(10))], abs=1e-9)
    assert left == pytest.approx([-np.sin(np.radians(10)), 0, -np.cos(np.radians(10))], abs=1e-9)
