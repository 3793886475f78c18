"""A sortie of a plan as a mission: the commands that a MAVLink vehicle is told."""

from __future__ import annotations

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.missions.mission import Mission, MissionItem
from flight.missions.sortie_fence import exclusions_of, fence_of
from flight.missions.sortie_way import between, is_fast, moves, stops
from flight.planning.plan import Pass, Plan, Sortie, Waypoint
from vision.frames import LocalFrame

_RELATIVE_ALT = mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT  # metres above the take-off point
_NO_PLACE = mavlink.MAV_FRAME_MISSION  # the command has no position
_KEEP_THROTTLE = -1.0  # DO_CHANGE_SPEED param3
_STRAIGHT_DOWN_DEG = -90.0

ITEMS_PER_SORTIE = 6  # home, take-off, gimbal, speed, speed of the way back, return
ITEMS_PER_PASS = 4  # besides its waypoints: trigger on and off, and fast and slow again around it
ITEMS_PER_LOOK = 3  # more for a pass that looks at something: look there, look away, gimbal down


def build_mission(plan: Plan, sortie: Sortie) -> Mission:
    """The mission of one sortie.

    Take-off, gimbal down, then each pass: to its start, camera on by distance with one photo at once,
    its waypoints, camera off. Where a pass looks at something, the vehicle turns there on the way to its
    start, and looks down again after it. The last camera command is off, the last item returns to
    launch. Heights are above the take-off point.
    """
    items = [
        _item(mavlink.MAV_CMD_NAV_TAKEOFF, alt_m=sortie.transits[0][0].alt_m, frame=_RELATIVE_ALT),
        _gimbal_down(),
    ]
    frame = LocalFrame(sortie.home.lat, sortie.home.lon)
    speed_ms = 0.0
    for way, flown in zip(sortie.transits, sortie.passes, strict=False):
        places = moves(frame, way)
        if places:
            transit_ms = plan.drone.cruise_ms if is_fast(frame, way) else plan.speed_ms
            items += [*_speed(speed_ms, transit_ms), *(_waypoint(place) for place in places[:-1])]
            speed_ms = transit_ms
        items += [*_look_at(flown), *(_waypoint(place) for place in places[-1:])]
        items += _speed(speed_ms, plan.speed_ms)
        speed_ms = plan.speed_ms
        items += [*_with_photos(plan, frame, flown), *_look_away(flown)]
    way_back = sortie.transits[-1]
    if places := between(frame, way_back):
        items += _speed(speed_ms, plan.drone.cruise_ms if is_fast(frame, way_back) else plan.speed_ms)
        items += [_waypoint(place) for place in places]
    items.append(_item(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH))
    return Mission(
        home=sortie.home,
        items=tuple(items),
        fence=fence_of(sortie),
        cruise_speed_ms=plan.speed_ms,
        exclusions=exclusions_of(plan, sortie),
    )


def _with_photos(plan: Plan, frame: LocalFrame, flown: Pass) -> list[MissionItem]:
    """A pass from its start on, with whatever makes the camera fire."""
    waypoints = [_waypoint(place) for place in flown.waypoints[1:]]
    if plan.drone.trigger == "distance":
        return [_trigger(round(flown.trigger_distance_m, 2)), *waypoints, _trigger(0.0)]
    if plan.drone.trigger == "action":
        return _photo_at_each_stop(frame, flown)
    return waypoints


def _trigger(distance_m: float) -> MissionItem:
    """The camera on, with one photo at once and then one every so many metres; off at 0."""
    at_once = 1.0 if distance_m > 0 else 0.0
    return _item(mavlink.MAV_CMD_DO_SET_CAM_TRIGG_DIST, distance_m, 0.0, at_once)


def _photo_at_each_stop(frame: LocalFrame, flown: Pass) -> list[MissionItem]:
    items: list[MissionItem] = []
    for number, stop in enumerate(stops(frame, flown)):
        if number > 0:
            items.append(_waypoint(stop.place))
        if stop.photo is not None:
            items.append(_item(mavlink.MAV_CMD_IMAGE_START_CAPTURE, 0.0, 0.0, 1.0))
    return items


def _look_at(flown: Pass) -> list[MissionItem]:
    if flown.look_at is None:
        return []
    target = flown.look_at
    return [_at(mavlink.MAV_CMD_DO_SET_ROI_LOCATION, target)]


def _look_away(flown: Pass) -> list[MissionItem]:
    if flown.look_at is None:
        return []
    return [_item(mavlink.MAV_CMD_DO_SET_ROI_NONE), _gimbal_down()]


def _gimbal_down() -> MissionItem:
    # DO_MOUNT_CONTROL takes its mode as param7, where other items have their height.
    mode = float(mavlink.MAV_MOUNT_MODE_MAVLINK_TARGETING)
    return _item(mavlink.MAV_CMD_DO_MOUNT_CONTROL, _STRAIGHT_DOWN_DEG, alt_m=mode)


def _speed(now_ms: float, wanted_ms: float) -> list[MissionItem]:
    if now_ms == wanted_ms:
        return []
    over_ground = float(mavlink.SPEED_TYPE_GROUNDSPEED)
    return [_item(mavlink.MAV_CMD_DO_CHANGE_SPEED, over_ground, round(wanted_ms, 2), _KEEP_THROTTLE)]


def _waypoint(place: Waypoint) -> MissionItem:
    return _at(mavlink.MAV_CMD_NAV_WAYPOINT, place)


def _at(command: int, place: Waypoint) -> MissionItem:
    return MissionItem(command, _RELATIVE_ALT, (0.0, 0.0, 0.0, 0.0), place.lat, place.lon, place.alt_m)


def _item(
    command: int,
    p1: float = 0.0,
    p2: float = 0.0,
    p3: float = 0.0,
    alt_m: float = 0.0,
    frame: int = _NO_PLACE,
) -> MissionItem:
    return MissionItem(command, frame, (p1, p2, p3, 0.0), 0.0, 0.0, alt_m)
