"""What a mission will be like: photos, length, height, time — counted from its items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from flight.missions.mission import Mission, MissionItem
from flight.missions.mission_meaning import (
    CHANGE_SPEED,
    LAND,
    LOOKED_AT,
    RTL,
    TAKEOFF,
    TRIGGER_DISTANCE,
    WITH_PLACE,
)
from vision.frames import LocalFrame

CLIMB_MS, LANDING_MS, DESCENT_MS, LANDING_HEIGHT_M = 2.5, 0.5, 1.5, 10.0  # ArduCopter's defaults
ABSOLUTE_FRAMES = (0, 5)  # MAV_FRAME_GLOBAL(_INT): heights above mean sea level
TURN_S = 3.0  # slowing down and speeding up at a waypoint
RETURN_WAIT_S = 5.0
# The autopilot looks some times a second whether the distance is passed: recorded, 10 m became 10.05 to 10.1.
LATE_BY_M = 0.07


@dataclass(frozen=True)
class MissionExtent:
    """`photos` taken by distance triggers in `photo_runs` runs; `duration_s` from arming to landing."""

    photos: int
    photo_runs: int
    distance_m: float
    highest_m: float
    duration_s: float
    farthest_m: float


@dataclass(frozen=True)
class MissionLeg:
    """The way to the place of item `index` of a mission's items, over ground."""

    index: int
    length_m: float
    duration_s: float


def legs_of(mission: Mission) -> list[MissionLeg]:
    """The legs between the places of a mission, from home on; the way back is the last one, if it is flown.

    Its index is that of the item that returns.
    """
    frame = LocalFrame(mission.home.lat, mission.home.lon)
    here = np.zeros(2)
    speed_ms = mission.cruise_speed_ms
    legs = []
    for index, item in enumerate(mission.items):
        if item.command == CHANGE_SPEED and item.params[1] > 0:
            speed_ms = item.params[1]
        elif is_flown_to(item):
            there = frame.to_metres(item.lat, item.lon)[0]
            length_m = float(np.linalg.norm(there - here))
            legs.append(MissionLeg(index, length_m, length_m / speed_ms + TURN_S))
            here = there
    if mission.items and mission.items[-1].command == RTL:
        back_m = float(np.linalg.norm(here))
        legs.append(MissionLeg(len(mission.items) - 1, back_m, back_m / speed_ms + RETURN_WAIT_S))
    return legs


def extent_of(mission: Mission) -> MissionExtent:
    """Count through a mission, from home and back."""
    legs = legs_of(mission)
    runs_m = {leg.index: leg.length_m for leg in legs}
    spacing_m, run_m, at_once = 0.0, 0.0, False
    photos = runs = 0
    for index, item in enumerate(mission.items):
        if item.command == TRIGGER_DISTANCE:
            photos += _photos(run_m, spacing_m, at_once)
            spacing_m, run_m, at_once = max(0.0, item.params[0]), 0.0, item.params[2] == 1
            runs += spacing_m > 0
        elif is_flown_to(item):
            run_m += runs_m[index]
    photos += _photos(run_m, spacing_m, at_once)
    places = [item for item in mission.items if is_flown_to(item)]
    climbed_to = [
        height_m(mission, item) for item in mission.items if item.command == TAKEOFF or is_flown_to(item)
    ]
    highest_m = max([0.0, *climbed_to])
    return MissionExtent(
        photos,
        runs,
        sum(leg.length_m for leg in legs),
        highest_m,
        sum(leg.duration_s for leg in legs) + highest_m / CLIMB_MS + landing_s(highest_m),
        _farthest_m(mission, places),
    )


def height_m(mission: Mission, item: MissionItem) -> float:
    """The height of an item above home; what counts from the terrain below is taken as if it were level."""
    return item.alt_m - mission.home.alt_m if item.frame in ABSOLUTE_FRAMES else item.alt_m


def landing_s(height_m: float) -> float:
    """How long it takes to come down from a height and land."""
    low_m = min(height_m, LANDING_HEIGHT_M)
    return (height_m - low_m) / DESCENT_MS + low_m / LANDING_MS


def _farthest_m(mission: Mission, places: Sequence[MissionItem]) -> float:
    if not places:
        return 0.0
    frame = LocalFrame(mission.home.lat, mission.home.lon)
    from_home = frame.to_metres([place.lat for place in places], [place.lon for place in places])
    return float(np.hypot(*from_home.T).max())


def lands_by_itself(mission: Mission) -> bool:
    """Whether the last item brings the vehicle to the ground; else it hovers at the end."""
    return bool(mission.items) and mission.items[-1].command in (RTL, LAND)


def takes_off_first(mission: Mission) -> bool:
    """Whether the first item that navigates is a take-off."""
    first = next((item for item in mission.items if item.command < 100), None)
    return first is not None and first.command == TAKEOFF


def is_flown_to(item: MissionItem) -> bool:
    """Whether an item has a place that the vehicle flies to; one that only looks there has not."""
    return item.command in WITH_PLACE - LOOKED_AT and (item.lat != 0 or item.lon != 0)


def _photos(run_m: float, spacing_m: float, at_once: bool) -> int:
    return 0 if spacing_m <= 0 else floor(run_m / (spacing_m + LATE_BY_M)) + int(at_once)
