"""Attitude of a camera: yaw, pitch and roll to directions on the ground.

Yaw is clockwise from north, pitch is up from the horizon (−90 looks straight down), roll is
positive when the right side of the picture goes down. With pitch −90 the top of the picture
points to the yaw. World axes are ENU: east, north, up.
"""

from __future__ import annotations

import numpy as np

from vision.camera import FloatArray


def camera_to_enu(yaw_deg: float, pitch_deg: float, roll_deg: float) -> FloatArray:
    """The rotation (3, 3) that turns directions in camera axes into directions in ENU."""
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    forward = np.array([np.cos(pitch) * np.sin(yaw), np.cos(pitch) * np.cos(yaw), np.sin(pitch)])
    level_right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
    level_down = np.cross(forward, level_right)
    right = level_right * np.cos(roll) + level_down * np.sin(roll)
    down = level_down * np.cos(roll) - level_right * np.sin(roll)
    return np.column_stack([right, down, forward])


def attitude_of(rotation: FloatArray) -> tuple[float, float, float]:
    """Yaw (−180…180), pitch (−90…90) and roll (−180…180) in degrees of a camera-to-ENU rotation.

    The inverse of `camera_to_enu`. Straight down or up, where yaw and roll turn about one axis,
    the roll is 0.
    """
    right, down, forward = rotation.T
    pitch = np.arcsin(np.clip(forward[2], -1.0, 1.0))
    if np.hypot(forward[0], forward[1]) < 1e-9:
        yaw, roll = np.arctan2(-right[1], right[0]), 0.0
    else:
        yaw, roll = np.arctan2(forward[0], forward[1]), np.arctan2(-right[2], -down[2])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def looking_down_from(
    body_yaw_deg: float, body_pitch_deg: float, body_roll_deg: float
) -> tuple[float, float, float]:
    """The attitude of a camera fixed in an aircraft, straight down when the aircraft is level.

    The top of its picture points to the nose. Body angles are heading, nose up and right wing down.
    """
    right, down, forward = camera_to_enu(body_yaw_deg, body_pitch_deg, body_roll_deg).T
    return attitude_of(np.column_stack([right, -forward, down]))
