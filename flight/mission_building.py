"""A sortie of a plan as a mission: the commands that a vehicle is told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import shapely
from shapely import MultiPoint

from flight.mission import Mission, MissionItem
from flight.planning.flight_time import FAST_TRANSIT_M
from flight.planning.plan import Pass, Plan, Sortie, Transit, Waypoint
from flight.planning.settings import LatLon
from vision.frames import LocalFrame

NAV_WAYPOINT = 16  # MAV_CMD numbers
NAV_RETURN_TO_LAUNCH = 20
NAV_TAKEOFF = 22
DO_CHANGE_SPEED = 178
DO_MOUNT_CONTROL = 205
DO_SET_CAM_TRIGG_DIST = 206

_RELATIVE_ALT = 3  # MAV_FRAME_GLOBAL_RELATIVE_ALT: metres above the take-off point
_NO_PLACE = 2  # MAV_FRAME_MISSION: the command has no position
_GROUND_SPEED = 1.0  # DO_CHANGE_SPEED param1: SPEED_TYPE_GROUNDSPEED
_KEEP_THROTTLE = -1.0  # DO_CHANGE_SPEED param3
_GIMBAL_BY_ANGLES = 2.0  # DO_MOUNT_CONTROL param7: MAV_MOUNT_MODE_MAVLINK_TARGETING
_STRAIGHT_DOWN_DEG = -90.0

ITEMS_PER_SORTIE = 6  # home, take-off, gimbal, speed, return, and one to spare
ITEMS_PER_PASS = 4  # besides its waypoints: trigger on and off, and fast and slow again around it

_SAME_PLACE_M = 0.5
_FENCE_MARGIN_M = 30.0  # wind, braking and corners stay well inside
_FENCE_DETAIL_M = 3.0


def build_mission(plan: Plan, sortie: Sortie) -> Mission:
    """The mission of one sortie.

    Take-off, gimbal down, then each pass: to its start, camera on by distance with one photo at once,
    its waypoints, camera off. The last camera command is off, the last item returns to launch. Heights
    are above the take-off point.
    """
    items = [
        _item(NAV_TAKEOFF, alt_m=sortie.transits[0][0].alt_m, frame=_RELATIVE_ALT),
        _item(DO_MOUNT_CONTROL, _STRAIGHT_DOWN_DEG, alt_m=_GIMBAL_BY_ANGLES),
    ]
    frame = LocalFrame(sortie.home.lat, sortie.home.lon)
    speed_ms = 0.0
    for way, flown in zip(sortie.transits, sortie.passes, strict=False):
        fast = _length_m(frame, way) > FAST_TRANSIT_M
        places = _moves(frame, way)
        if places:
            transit_ms = plan.drone.cruise_ms if fast else plan.speed_ms
            items += [*_speed(speed_ms, transit_ms), *(_waypoint(place) for place in places)]
            speed_ms = transit_ms
        items += _speed(speed_ms, plan.speed_ms)
        speed_ms = plan.speed_ms
        items += _camera_on_over(flown)
    items += [_waypoint(place) for place in _moves(frame, sortie.transits[-1][:-1])]
    items.append(_item(NAV_RETURN_TO_LAUNCH))
    return Mission(sortie.home, tuple(items), _fence(frame, sortie), plan.speed_ms)


def _moves(frame: LocalFrame, way: Transit) -> list[Waypoint]:
    """The places of a way, without its start, that the vehicle has to move to."""
    return [
        there
        for here, there in pairwise(way)
        if _length_m(frame, (here, there)) > _SAME_PLACE_M or abs(here.alt_m - there.alt_m) > _SAME_PLACE_M
    ]


def _camera_on_over(flown: Pass) -> list[MissionItem]:
    return [
        _item(DO_SET_CAM_TRIGG_DIST, round(flown.trigger_distance_m, 2), 0.0, 1.0),
        *(_waypoint(place) for place in flown.waypoints[1:]),
        _item(DO_SET_CAM_TRIGG_DIST, 0.0, 0.0, 0.0),
    ]


def _speed(now_ms: float, wanted_ms: float) -> list[MissionItem]:
    if now_ms == wanted_ms:
        return []
    return [_item(DO_CHANGE_SPEED, _GROUND_SPEED, round(wanted_ms, 2), _KEEP_THROTTLE)]


def _waypoint(place: Waypoint) -> MissionItem:
    return MissionItem(NAV_WAYPOINT, _RELATIVE_ALT, (0.0, 0.0, 0.0, 0.0), place.lat, place.lon, place.alt_m)


def _item(
    command: int,
    p1: float = 0.0,
    p2: float = 0.0,
    p3: float = 0.0,
    alt_m: float = 0.0,
    frame: int = _NO_PLACE,
) -> MissionItem:
    return MissionItem(command, frame, (p1, p2, p3, 0.0), 0.0, 0.0, alt_m)


def _length_m(frame: LocalFrame, way: Sequence[Waypoint]) -> float:
    places = frame.to_metres([place.lat for place in way], [place.lon for place in way])
    return float(shapely.length(shapely.linestrings(places)))


def _fence(frame: LocalFrame, sortie: Sortie) -> tuple[LatLon, ...]:
    """The corners of a polygon around home and all legs, with a margin."""
    places = [place for leg in sortie.legs() for place in leg.waypoints]
    hull = MultiPoint(
        frame.to_metres([place.lat for place in places], [place.lon for place in places])
    ).convex_hull
    ring = hull.buffer(_FENCE_MARGIN_M, quad_segs=2).simplify(_FENCE_DETAIL_M).exterior
    corners = frame.to_lat_lon(shapely.get_coordinates(ring)[:-1])
    return tuple((float(lat), float(lon)) for lat, lon in corners)
