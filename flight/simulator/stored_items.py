"""What an ArduCopter keeps of a mission item, what it refuses, and how it gives it back.

The codes are MAV_MISSION_RESULT. Recorded from ArduCopter 4.6.2 and checked against that recording.
A real copter knows more commands, DO_JUMP and LOITER_TURNS among them; here they are refused as unknown.
Heights above the terrain are taken as heights above home: the ground is flat, and never missing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import isnan
from typing import Any

ACCEPTED, ERROR, UNSUPPORTED_FRAME, UNSUPPORTED, NO_SPACE = 0, 1, 2, 3, 4
INVALID_PARAM1, INVALID_X, INVALID_Y, INVALID_SEQUENCE, TIMED_OUT = 6, 10, 11, 13, 15

WAYPOINT, LOITER_UNLIMITED, LOITER_TIME, RTL, LAND, TAKEOFF, DELAY = 16, 17, 19, 20, 21, 22, 93
SPLINE_WAYPOINT = 82  # flown as a waypoint: straight
CONDITION_DELAY, CONDITION_DISTANCE, CONDITION_YAW = 112, 114, 115
CHANGE_SPEED, DIGICAM_CONTROL, MOUNT_CONTROL, TRIGGER_DISTANCE = 178, 203, 205, 206
SET_ROI_LOCATION, SET_ROI_NONE, SET_ROI = 195, 197, 201
GIMBAL_PITCH_YAW, START_CAPTURE, STOP_CAPTURE = 1000, 2000, 2001

SETS_ROI = {SET_ROI_LOCATION, SET_ROI_NONE, SET_ROI}
NAVIGATION = {WAYPOINT, SPLINE_WAYPOINT, LOITER_UNLIMITED, LOITER_TIME, RTL, LAND, TAKEOFF, DELAY}
CONDITIONS = {CONDITION_DELAY, CONDITION_DISTANCE, CONDITION_YAW}
# ArduPilot runs these without Copter's mode, which is what tells of an item as reached.
NOT_TOLD = {DIGICAM_CONTROL, TRIGGER_DISTANCE, GIMBAL_PITCH_YAW, START_CAPTURE, STOP_CAPTURE}
WITH_PLACE = {
    WAYPOINT, SPLINE_WAYPOINT, LOITER_UNLIMITED, LOITER_TIME, LAND, TAKEOFF, SET_ROI_LOCATION, SET_ROI,
}  # fmt: skip
# The parameters that are kept (of param1 to param4); the others come back as 0.
KEPT_PARAMS = {
    WAYPOINT: (0,), SPLINE_WAYPOINT: (0,), LOITER_UNLIMITED: (), LOITER_TIME: (0,), RTL: (), LAND: (),
    TAKEOFF: (0,), DELAY: (0, 1, 2, 3), CONDITION_DELAY: (0,), CONDITION_DISTANCE: (0,),
    CONDITION_YAW: (0, 1, 2, 3),
    CHANGE_SPEED: (0, 1, 2), DIGICAM_CONTROL: (0, 1, 2, 3), MOUNT_CONTROL: (0, 1, 2),
    SET_ROI_LOCATION: (), SET_ROI_NONE: (), SET_ROI: (0,), TRIGGER_DISTANCE: (0, 2),
    GIMBAL_PITCH_YAW: (0, 1, 2, 3), START_CAPTURE: (0, 1, 2, 3), STOP_CAPTURE: (0,),
}  # fmt: skip
# Frames by what they come back as: absolute, relative to home, relative to the terrain.
KEPT_FRAMES = {0: 0, 5: 0, 2: 0, 3: 3, 6: 3, 10: 10, 11: 10}
FENCE_INCLUSION_CORNER, FENCE_EXCLUSION_CORNER, FENCE_INCLUSION_CIRCLE, FENCE_EXCLUSION_CIRCLE = (
    5001, 5002, 5003, 5004,
)  # fmt: skip
FENCE_COMMANDS = {
    FENCE_INCLUSION_CORNER,
    FENCE_EXCLUSION_CORNER,
    FENCE_INCLUSION_CIRCLE,
    FENCE_EXCLUSION_CIRCLE,
}


@dataclass(frozen=True)
class StoredItem:
    """An item in the vehicle's memory: x and y as on the wire (1e-7 degrees for places)."""

    command: int
    frame: int
    params: tuple[float, float, float, float]
    x: int
    y: int
    z: float

    @property
    def lat(self) -> float:
        """Latitude of a place."""
        return self.x / 1e7

    @property
    def lon(self) -> float:
        """Longitude of a place."""
        return self.y / 1e7


def store_mission_item(message: Any) -> StoredItem | int:
    """What is kept of a MISSION_ITEM_INT or MISSION_ITEM message, or why it is refused."""
    params = (message.param1, message.param2, message.param3, message.param4)
    command = message.command
    if command not in KEPT_PARAMS:
        return UNSUPPORTED
    nan_at = [index for index, value in enumerate(params) if isnan(value)]
    if command in (WAYPOINT, LAND, TAKEOFF) and 3 in nan_at:
        nan_at.remove(3)  # NaN yaw means: no change
    if nan_at:
        return INVALID_PARAM1 + nan_at[0]
    if command not in WITH_PLACE:
        return StoredItem(command, 0, _kept(params, command), int(message.x), int(message.y), message.z)
    if message.frame not in KEPT_FRAMES:
        return UNSUPPORTED_FRAME
    x, y = _scaled(message)
    if abs(x) > 90e7:
        return INVALID_X
    if abs(y) > 180e7:
        return INVALID_Y
    height_m = _float32(round(message.z * 100) / 100)  # kept in centimetres
    return StoredItem(command, KEPT_FRAMES[message.frame], _kept(params, command), x, y, height_m)


def store_fence_item(message: Any) -> StoredItem | int:
    """What is kept of a fence item, or why it is refused."""
    if message.command not in FENCE_COMMANDS:
        return UNSUPPORTED
    x, y = _scaled(message)
    return StoredItem(message.command, 0, (message.param1, 0.0, 0.0, 0.0), x, y, 0.0)


def valid_fence(items: list[StoredItem]) -> bool:
    """Whether each polygon has as many corners as each of its corners says, at least three."""
    index = 0
    while index < len(items):
        if items[index].command in (FENCE_INCLUSION_CIRCLE, FENCE_EXCLUSION_CIRCLE):
            index += 1
            continue
        count = int(items[index].params[0])
        polygon = items[index : index + count]
        alike = all(item.command == items[index].command and int(item.params[0]) == count for item in polygon)
        if count < 3 or len(polygon) < count or not alike:
            return False
        index += count
    return True


def _scaled(message: Any) -> tuple[int, int]:
    """x and y in 1e-7 degrees of either kind of message; MISSION_ITEM's degrees stay float32 throughout."""
    if message.get_type() == "MISSION_ITEM":
        return int(_float32(message.x * 1e7)), int(_float32(message.y * 1e7))
    return message.x, message.y


def _kept(params: tuple[float, float, float, float], command: int) -> tuple[float, float, float, float]:
    kept = KEPT_PARAMS[command]
    p1, p2, p3, p4 = (value if index in kept else 0.0 for index, value in enumerate(params))
    return (float(int(p1)) if command == WAYPOINT else p1), p2, p3, p4


def _float32(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])
