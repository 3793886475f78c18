"""What a person does with the camera in a sortie, and what the remote shows meanwhile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flight.missions.remote_route import remote_route
from flight.plan_page.plan_ground import way_length_m
from flight.planning.plan import Pass, Plan, Sortie, Waypoint
from flight.planning.settings import LatLon
from flight.routing.flight_time import FAST_TRANSIT_M


@dataclass(frozen=True)
class PassRow:
    """A pass as the operator meets it: where it begins and ends, as distances from the launch point.

    Heights are above take-off. `beside` says that it flies beside a building and looks at it.
    """

    number: int
    site: str
    length_m: float
    lowest_m: float
    highest_m: float
    photos: int
    begins_m_away: float
    ends_m_away: float
    beside: bool


@dataclass(frozen=True)
class CameraRun:
    """Passes that follow each other closely: the timer is started before the first, stopped after the last.

    `start_waypoint` and `stop_waypoint` are numbers from 1, as apps count the file's waypoints.
    """

    first: PassRow
    last: PassRow
    start_waypoint: int
    stop_waypoint: int
    duration_s: float
    photos: int


def pass_rows(plan: Plan, sortie: Sortie) -> list[PassRow]:
    """The passes of a sortie in the order flown."""
    names = {site.id: site.name for site in plan.sites}
    home = (sortie.home.lat, sortie.home.lon)
    return [_row(number, flown, names, home) for number, flown in enumerate(sortie.passes, start=1)]


def camera_runs(plan: Plan, sortie: Sortie) -> list[CameraRun]:
    """When a person starts and stops the interval timer; short transits are photographed as well."""
    rows = pass_rows(plan, sortie)
    route = remote_route(plan, sortie)
    starts = [number for number, point in enumerate(route, start=1) if point.first]
    stops = [number for number, point in enumerate(route, start=1) if point.last]
    runs: list[list[int]] = []
    for index, way in enumerate(sortie.transits[: len(rows)]):
        if runs and way_length_m(way) <= FAST_TRANSIT_M:
            runs[-1].append(index)
        else:
            runs.append([index])
    return [
        CameraRun(rows[first], rows[last], starts[first], stops[last], *_time_and_photos(plan, sortie, run))
        for run in runs
        for first, last in [(run[0], run[-1])]
    ]


def battery_left(plan: Plan, sortie: Sortie) -> float:
    """The share of the battery that the plan leaves at landing."""
    return 1 - sortie.duration_s / (plan.drone.endurance_min * 60)


def _row(number: int, flown: Pass, names: dict[str, str], home: LatLon) -> PassRow:
    heights_m = [place.alt_m for place in flown.waypoints]
    return PassRow(
        number=number,
        site=names.get(flown.site, flown.site),
        length_m=flown.length_m,
        lowest_m=min(heights_m),
        highest_m=max(heights_m),
        photos=len(flown.photos),
        begins_m_away=_away_m(home, flown.waypoints[0]),
        ends_m_away=_away_m(home, flown.waypoints[-1]),
        beside=flown.look_at is not None,
    )


def _away_m(home: LatLon, place: Waypoint) -> float:
    return way_length_m((Waypoint(*home, 0.0), place))


def _time_and_photos(plan: Plan, sortie: Sortie, run: Sequence[int]) -> tuple[float, int]:
    ways = [sortie.passes[index].waypoints for index in run] + [sortie.transits[index] for index in run[1:]]
    duration_s = sum(way_length_m(way) for way in ways) / plan.speed_ms
    return duration_s, math.ceil(duration_s / (plan.drone.timer_interval_s or plan.drone.min_interval_s)) + 1
