"""The items of a resumed mission: the way to the first pass that is left, the passes, the way home."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from flight.missions.mission import Mission, MissionItem
from flight.missions.mission_extent import lands_by_itself
from flight.missions.mission_meaning import (
    CHANGE_SPEED,
    GIMBAL_PITCH_YAW,
    LOOKED_AT,
    MOUNT_CONTROL,
    RTL,
    SET_ROI_NONE,
    TAKEOFF,
    TRIGGER_DISTANCE,
    WAYPOINT,
)
from flight.resuming.camera_runs import CameraRun
from flight.resuming.run_reading import START_CAPTURE, STOP_CAPTURE, is_camera_item

_LAST_NAVIGATING = 95  # MAV_CMD_NAV_LAST
_RELATIVE_ALT, _NO_PLACE = 3, 2  # MAV_FRAME
_SAME_HEIGHT_M = 0.5
# Commands that set something for all that follows: of those with the same key the last one holds.
_SET_RELAY, _SET_SERVO, _CONFIGURE_CAMERA, _ENABLE_FENCE = 181, 183, 202, 207
_CAMERA_MODE, _ZOOM, _FOCUS = 530, 531, 532
_FOR_ALL = {SET_ROI_NONE, *LOOKED_AT, MOUNT_CONTROL, GIMBAL_PITCH_YAW, _CONFIGURE_CAMERA, _ENABLE_FENCE,
            _CAMERA_MODE, _ZOOM, _FOCUS}  # fmt: skip
_FOR_ONE = {CHANGE_SPEED, _SET_RELAY, _SET_SERVO}  # param1 says of what


def rest_items(
    mission: Mission, first: CameraRun, last: CameraRun, there_m: float | None, back_m: float | None
) -> tuple[MissionItem, ...]:
    """The mission from take-off over the passes `first` to `last` to the return.

    `there_m` and `back_m` are the heights above take-off of the straight ways to the first pass and home;
    None where the mission's own way is flown.
    """
    if there_m is None or first.start_item is None:
        there = _without_camera(mission.items[: first.first_item])
    else:
        there = _straight_to(mission, first, first.start_item, there_m)
    passes = mission.items[first.first_item : last.last_item + 1]
    own_back = _without_camera(mission.items[last.last_item + 1 :])
    back = own_back if back_m is None else _straight_home(mission, last, back_m)
    items = (*there, *passes, *_camera_off(passes), *back)
    return items if lands_by_itself(replace(mission, items=items)) else (*items, _item(RTL))


def _straight_to(mission: Mission, first: CameraRun, start_item: int, height_m: float) -> list[MissionItem]:
    """Up, straight, and down to the start of a pass; the start's waypoint only if it is of another pass.

    What the mission sets, or waits for, on the leg to the start belongs to the last leg here too.
    """
    items, start = mission.items, mission.items[start_item]
    leg = 1 + max(index for index in range(start_item) if items[index].command < _LAST_NAVIGATING)
    takeoff = next(item for item in items if item.command == TAKEOFF)
    height_m = max(height_m, start.alt_m)
    there = [replace(takeoff, frame=_RELATIVE_ALT, lat=0.0, lon=0.0, alt_m=height_m), *_settings(items[:leg])]
    if height_m - start.alt_m > _SAME_HEIGHT_M:
        there.append(_waypoint(start.lat, start.lon, height_m))
    there += _without_camera(items[leg:start_item])
    if start_item < first.first_item:
        there.append(_waypoint(start.lat, start.lon, start.alt_m))
        there += _without_camera(items[start_item + 1 : first.first_item])
    return there


def _straight_home(mission: Mission, last: CameraRun, height_m: float) -> list[MissionItem]:
    """Up and straight above home, whatever the vehicle's own return height is; then the return."""
    end = last.line[-1]
    over_end = _waypoint(end.lat, end.lon, height_m)
    return [over_end, _waypoint(mission.home.lat, mission.home.lon, height_m), _item(RTL)]


def _settings(items: Sequence[MissionItem]) -> list[MissionItem]:
    """What has been set by these items and still holds, in the order in which it was set."""
    last: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        if item.command in LOOKED_AT or item.command == SET_ROI_NONE:
            last["view"] = index
        elif item.command in (MOUNT_CONTROL, GIMBAL_PITCH_YAW):
            last["gimbal"] = index
        elif item.command in _FOR_ALL:
            last[item.command] = index
        elif item.command in _FOR_ONE:
            last[item.command, item.params[0]] = index
    return [items[index] for index in sorted(last.values())]


def _without_camera(items: Sequence[MissionItem]) -> list[MissionItem]:
    return [item for item in items if not is_camera_item(item)]


def _camera_off(items: Sequence[MissionItem]) -> list[MissionItem]:
    """What switches off a camera that these items leave on."""
    switches = [item for item in items if item.command in (TRIGGER_DISTANCE, START_CAPTURE, STOP_CAPTURE)]
    if not switches:
        return []
    left = switches[-1]
    if left.command == TRIGGER_DISTANCE and left.params[0] > 0:
        return [_item(TRIGGER_DISTANCE)]
    by_time = left.command == START_CAPTURE and left.params[1] > 0
    return [_item(STOP_CAPTURE)] if by_time else []


def _waypoint(lat: float, lon: float, height_m: float) -> MissionItem:
    return MissionItem(WAYPOINT, _RELATIVE_ALT, (0.0, 0.0, 0.0, 0.0), lat, lon, height_m)


def _item(command: int) -> MissionItem:
    return MissionItem(command, _NO_PLACE, (0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 0.0)
