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


@given(angles)
def test_yaw_turns_everything_clockwise(yaw: float) -> None:
    """Seen from above: as far as the yaw, whatever pitch and roll are."""
    sine, cosine = np.sin(np.radians(yaw)), np.cos(np.radians(yaw))
    clockwise = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
    assert camera_to_enu(yaw, -50, 20) == pytest.approx(clockwise @ camera_to_enu(0, -50, 20), abs=1e-12)


@given(angles, pitches, angles)
def test_pitch_is_the_height_of_the_axis_over_the_horizon(yaw: float, pitch: float, roll: float) -> None:
    assert (camera_to_enu(yaw, pitch, roll) @ FORWARD)[2] == pytest.approx(
        np.sin(np.radians(pitch)), abs=1e-12
    )


@given(angles, st.floats(-89, 89))
def test_without_roll_the_right_of_the_picture_is_level_and_its_top_up(yaw: float, pitch: float) -> None:
    rotation = camera_to_enu(yaw, pitch, 0)
    assert (rotation @ RIGHT)[2] == pytest.approx(0, abs=1e-12)
    assert (rotation @ -DOWN)[2] > 0
    assert np.cross(rotation @ FORWARD, [0, 0, 1.0]) @ (rotation @ RIGHT) > 0  # right, not left


@given(angles, pitches, angles, st.floats(-360, 360))
def test_roll_turns_about_the_axis_from_right_to_down(
    yaw: float, pitch: float, roll: float, more: float
) -> None:
    sine, cosine = np.sin(np.radians(more)), np.cos(np.radians(more))
    expected = camera_to_enu(yaw, pitch, roll) @ [cosine, sine, 0]
    assert camera_to_enu(yaw, pitch, roll + more) @ RIGHT == pytest.approx(expected, abs=1e-9)


@given(angles, angles)
def test_straight_down_roll_turns_clockwise_like_yaw(yaw: float, roll: float) -> None:
    assert camera_to_enu(yaw, -90, roll) == pytest.approx(camera_to_enu(yaw + roll, -90, 0), abs=1e-9)


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


@given(angles, st.floats(1, 80))
def test_nose_up_looks_ahead_and_right_wing_down_looks_left(heading: float, angle: float) -> None:
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    east, north = np.sin(np.radians(heading)), np.cos(np.radians(heading))
    ahead = camera_to_enu(*looking_down_from(heading, angle, 0)) @ FORWARD
    left = camera_to_enu(*looking_down_from(heading, 0, angle)) @ FORWARD
    assert ahead == pytest.approx([sine * east, sine * north, -cosine], abs=1e-9)
    assert left == pytest.approx([-sine * north, sine * east, -cosine], abs=1e-9)


@given(angles, st.floats(-60, 60), st.floats(-60, 60))
def test_the_top_of_a_fixed_cameras_picture_points_to_the_nose(
    heading: float, nose_up: float, wing_down: float
) -> None:
    nose = camera_to_enu(heading, nose_up, wing_down) @ FORWARD
    assert camera_to_enu(*looking_down_from(heading, nose_up, wing_down)) @ -DOWN == pytest.approx(
        nose, abs=1e-6
    )
