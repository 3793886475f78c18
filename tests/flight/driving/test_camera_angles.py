"""Where the camera looked, by a gimbal that tells it in one frame or the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from flight.driving.camera_angles import LEANING_DEG, CameraAngles

LEANS = st.tuples(st.floats(-25, 25), st.floats(-25, 25))


def test_without_a_gimbal_there_is_only_the_command():
    assert CameraAngles(-90.0).against_horizon(None, (-9.3, 0.0)) == (-90.0, None)
    assert CameraAngles(-90.0).against_horizon(None, (-9.3, 0.0), at_place=True) == (None, None)
    assert CameraAngles(None).against_horizon(None, (-9.3, 0.0)) == (None, None)


def test_the_recorded_servo_mount_looked_straight_down():
    assert CameraAngles(-90.0).against_horizon((-80.7, 0.0), (-9.3, 0.0)) == approx((-90.0, 0.0))


def test_where_nothing_was_commanded_the_gimbal_is_believed():
    assert CameraAngles(None).against_horizon((-42.0, 1.0), (-9.3, 0.0)) == (-42.0, 1.0)


def test_what_was_found_out_looking_down_holds_for_looks_at_a_place():
    camera = CameraAngles(-90.0)
    camera.against_horizon((-80.7, 0.0), (-9.3, 0.0))
    assert camera.against_horizon((-30.0, 2.0), (-5.0, 1.0), at_place=True) == (-35.0, 3.0)


@given(LEANS)
def test_both_kinds_of_gimbal_are_understood(body):
    servo, level = (-90.0 - body[0], -body[1]), (-90.0, 0.0)
    off = 0.0 if abs(body[0]) >= LEANING_DEG else LEANING_DEG
    for told in (servo, level):
        pitch_deg, _ = CameraAngles(-90.0).against_horizon(told, body)
        assert pitch_deg == approx(-90.0, abs=off + 1e-6)
