"""A sortie as the remotes of DJI and others fly it: waypoints, each with all that happens from it on.

These remotes take off, fly to the first waypoint, along the route, and home again by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flight.missions.mission_building import build_mission
from flight.missions.sortie_way import (
    Stop,
    between,
    heading_deg,
    in_metres,
    is_fast,
    moves,
    pitch_deg,
    stops,
)
from flight.planning.plan import Pass, Plan, Sortie, Waypoint
from vision.camera import FloatArray
from vision.frames import LocalFrame

STRAIGHT_DOWN_DEG = -90.0
FASTEST_MS = 15.0  # the most that WPML and Litchi take for a waypoint


@dataclass(frozen=True)
class RoutePoint:
    """A waypoint; speed, heading and photos hold from here to the next one.

    `photo_spacing_m` is the distance between photos taken by the remote, None where it takes none;
    `takes_photo` is one photo here. `look_at` is what the camera points at, None for straight down.
    `bends` says that the vehicle flies through without a stop. `first` and `last` are the ends of a pass.
    """

    lat: float
    lon: float
    alt_m: float
    speed_ms: float
    heading_deg: float
    pitch_deg: float = STRAIGHT_DOWN_DEG
    photo_spacing_m: float | None = None
    takes_photo: bool = False
    look_at: Waypoint | None = None
    bends: bool = False
    first: bool = False
    last: bool = False


def remote_route(plan: Plan, sortie: Sortie) -> tuple[RoutePoint, ...]:
    """The waypoints of one sortie: above home, transits and passes, and the bends of the way back.

    The return itself is the remote's own.
    """
    frame = LocalFrame(sortie.home.lat, sortie.home.lon)
    fast_ms, slow_ms = min(plan.drone.cruise_ms, FASTEST_MS), min(plan.speed_ms, FASTEST_MS)
    points = [_passing(sortie.transits[0][0], slow_ms)]
    for way, flown in zip(sortie.transits, sortie.passes, strict=False):
        speed_ms = fast_ms if is_fast(frame, way) else slow_ms
        points[-1] = replace(points[-1], speed_ms=speed_ms)
        points += [_passing(place, speed_ms) for place in moves(frame, way)[:-1]]
        start, *others = _pass_points(plan, frame, flown, slow_ms)
        if not moves(frame, way):
            here = points.pop()
            start = replace(start, takes_photo=start.takes_photo or here.takes_photo, last=here.last)
        points += [start, *others]
    speed_ms = fast_ms if is_fast(frame, sortie.transits[-1]) else slow_ms
    points[-1] = replace(points[-1], speed_ms=speed_ms)
    points += [_passing(place, speed_ms) for place in between(frame, sortie.transits[-1])]
    return tuple(_with_headings(frame, sortie, points))


def count_items(plan: Plan, sortie: Sortie) -> int:
    """How much of `Drone.item_limit` a sortie takes: mission items with home, or waypoints."""
    if plan.drone.limit_counts_commands:
        return len(build_mission(plan, sortie).items) + 1
    return len(remote_route(plan, sortie))


def _passing(place: Waypoint, speed_ms: float) -> RoutePoint:
    return RoutePoint(place.lat, place.lon, place.alt_m, speed_ms, 0.0)


def _pass_points(plan: Plan, frame: LocalFrame, flown: Pass, speed_ms: float) -> list[RoutePoint]:
    by_action = plan.drone.trigger == "action"
    places = stops(frame, flown) if by_action else [Stop(place) for place in flown.waypoints]
    spacing_m = flown.trigger_distance_m if plan.drone.trigger == "distance" else None
    last = len(places) - 1
    return [
        replace(
            _passing(stop.place, speed_ms),
            pitch_deg=_pitch_at(frame, flown, stop.place),
            photo_spacing_m=spacing_m if number < last else None,
            takes_photo=stop.photo is not None,
            look_at=flown.look_at,
            bends=not by_action and 0 < number < last,
            first=number == 0,
            last=number == last,
        )
        for number, stop in enumerate(places)
    ]


def _pitch_at(frame: LocalFrame, flown: Pass, place: Waypoint) -> float:
    if flown.look_at is None:
        return STRAIGHT_DOWN_DEG
    here, there = in_metres(frame, (place, flown.look_at))
    return pitch_deg(here, there)


def _with_headings(frame: LocalFrame, sortie: Sortie, points: list[RoutePoint]) -> Iterator[RoutePoint]:
    """Each point turned to what it looks at, or along the way to the next; the last one towards home."""
    here = in_metres(frame, [Waypoint(point.lat, point.lon, point.alt_m) for point in points])
    home = in_metres(frame, [Waypoint(sortie.home.lat, sortie.home.lon, 0.0)])[0]
    for number, point in enumerate(points):
        target: FloatArray = here[number + 1] if number + 1 < len(points) else home
        if point.look_at is not None:
            target = in_metres(frame, [point.look_at])[0]
        yield replace(point, heading_deg=heading_deg(here[number], target))
