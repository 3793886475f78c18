"""What a mission item means to a vehicle: which of its fields count, and when two items are the same.

An ArduCopter does not give back what it was sent: items without a place come back with frame 0,
GLOBAL_RELATIVE_ALT_INT (6) as 3, heights in centimetres, and parameters that it has no use for as 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from flight.missions.mission import MissionItem

WAYPOINT, LOITER_UNLIMITED, LOITER_TURNS, LOITER_TIME, RTL, LAND, TAKEOFF = 16, 17, 18, 19, 20, 21, 22
SPLINE_WAYPOINT, CHANGE_SPEED, MOUNT_CONTROL, TRIGGER_DISTANCE = 82, 178, 205, 206
GIMBAL_PITCH_YAW = 1000
SET_ROI_LOCATION, SET_ROI_NONE, SET_ROI = 195, 197, 201
FENCE_INCLUSION_CORNER, FENCE_EXCLUSION_CORNER = 5001, 5002

WITH_PLACE = {
    WAYPOINT, LOITER_UNLIMITED, LOITER_TURNS, LOITER_TIME, LAND, TAKEOFF, SPLINE_WAYPOINT,
    SET_ROI_LOCATION, SET_ROI, FENCE_INCLUSION_CORNER, FENCE_EXCLUSION_CORNER,
}  # fmt: skip
LOOKED_AT = {SET_ROI_LOCATION, SET_ROI}  # places that are looked at, not flown to
# The parameters (0 for param1) that change what the vehicle does; all four where a command is not named.
MEANT_PARAMS = {
    WAYPOINT: (0,),
    SPLINE_WAYPOINT: (0,),
    LOITER_UNLIMITED: (),
    LOITER_TIME: (0,),
    RTL: (),
    LAND: (),
    TAKEOFF: (),
    CHANGE_SPEED: (0, 1),
    MOUNT_CONTROL: (0, 1, 2),
    TRIGGER_DISTANCE: (0, 2),
    SET_ROI_LOCATION: (),
    SET_ROI_NONE: (),
    SET_ROI: (),
    FENCE_INCLUSION_CORNER: (0,),
    FENCE_EXCLUSION_CORNER: (0,),
}
_FENCE_CORNERS = {FENCE_INCLUSION_CORNER, FENCE_EXCLUSION_CORNER}  # whose frame is not kept
SAME_FRAMES = {5: 0, 6: 3, 11: 10}
PLACE_TOLERANCE_E7 = 1  # 1e-7°, 0.011 m
HEIGHT_TOLERANCE_M = 0.011
PARAM_TOLERANCE = 1e-3


def place_e7(item: MissionItem) -> tuple[int, int]:
    """x and y as they go over the link: 1e-7 degrees of a place, else the plain numbers."""
    scale = 1e7 if item.command in WITH_PLACE else 1
    return round(item.lat * scale), round(item.lon * scale)


def same_items(ours: Sequence[MissionItem], stored: Sequence[MissionItem]) -> bool:
    """Whether two lists of items mean the same."""
    return len(ours) == len(stored) and not any(map(difference, ours, stored))


def difference(sent: MissionItem, stored: MissionItem) -> str | None:
    """How a stored item differs in meaning from the one that was sent; None if it does not."""
    if sent.command != stored.command:
        return f"command {stored.command} instead of {sent.command}"
    if sent.command in WITH_PLACE:
        frames = [SAME_FRAMES.get(item.frame, item.frame) for item in (sent, stored)]
        if frames[0] != frames[1] and sent.command not in _FENCE_CORNERS:
            return f"frame {stored.frame} instead of {sent.frame}"
    if max(abs(a - b) for a, b in zip(place_e7(sent), place_e7(stored), strict=True)) > PLACE_TOLERANCE_E7:
        return f"position {stored.lat:.7f}, {stored.lon:.7f} instead of {sent.lat:.7f}, {sent.lon:.7f}"
    if sent.command != RTL and abs(sent.alt_m - stored.alt_m) > HEIGHT_TOLERANCE_M:
        return f"height {stored.alt_m:.2f} m instead of {sent.alt_m:.2f} m"
    for index in MEANT_PARAMS.get(sent.command, (0, 1, 2, 3)):
        ours, theirs = sent.params[index], stored.params[index]
        if not isnan(ours) and abs(ours - theirs) > PARAM_TOLERANCE * max(1.0, abs(ours)):
            return f"param{index + 1} {theirs:g} instead of {ours:g}"
    return None
