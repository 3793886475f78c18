"""Where the camera looked, by a gimbal that tells it in one frame or the other."""

from __future__ import annotations

from math import cos, radians, sin

from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as mavlink
from pytest import approx

from flight.driving.camera_angles import LEANING_DEG, CameraAngles


def hear(camera, told_pitch_deg, body_pitch_deg, at_ms=1000, body_at_ms=None):
    """Let a gimbal and its vehicle tell their angles."""
    half = radians(told_pitch_deg) / 2
    quaternion = [cos(half), 0.0, sin(half), 0.0]
    body = (0.0, radians(body_pitch_deg), 0.0)
    camera.heard_attitude(mavlink.MAVLink_attitude_message(body_at_ms or at_ms, *body, 0, 0, 0))
    told = (0, 0, at_ms, 44, quaternion, 0, 0, 0, 0)
    camera.heard_gimbal(mavlink.MAVLink_gimbal_device_attitude_status_message(*told))
    return camera


def test_without_a_gimbal_there_is_only_the_command():
    assert CameraAngles(-90.0).now() == (-90.0, None)
    assert CameraAngles(-90.0).now(at_place=True) == (None, None)
    assert CameraAngles(None).now() == (None, None)


def test_the_recorded_servo_mount_looked_straight_down():
    assert hear(CameraAngles(-90.0), -80.7, -9.3).now() == approx((-90.0, 0.0), abs=1e-3)


def test_where_nothing_was_commanded_the_gimbal_is_believed():
    assert hear(CameraAngles(None), -42.0, -9.3).now()[0] == approx(-42.0, abs=1e-3)


def test_what_was_found_out_looking_down_holds_for_looks_at_a_place():
    camera = hear(CameraAngles(-90.0), -80.7, -9.3)
    camera.now()
    assert hear(camera, -30.0, -5.0, at_ms=2000).now(at_place=True)[0] == approx(-35.0, abs=1e-3)


def test_the_vehicle_is_asked_how_it_leant_when_the_gimbal_was_heard():
    camera = hear(CameraAngles(-90.0), -80.7, -9.3, at_ms=1000)
    camera.heard_attitude(mavlink.MAVLink_attitude_message(1250, 0.0, radians(4.0), 0.0, 0, 0, 0))
    assert camera.now()[0] == approx(-90.0, abs=1e-3)


def test_a_servo_at_its_stop_says_nothing_about_its_frame():
    camera = hear(CameraAngles(-90.0), -80.7, -9.3)
    camera.now()
    assert hear(camera, -90.0, 5.0, at_ms=2000).now()[0] == approx(-85.0, abs=1e-3)


@given(st.floats(-25, -LEANING_DEG))
def test_both_kinds_of_gimbal_are_understood_in_forward_flight(lean_deg):
    for told_deg in (-90.0 - lean_deg, -90.0):
        assert hear(CameraAngles(-90.0), told_deg, lean_deg).now()[0] == approx(-90.0, abs=1e-3)
