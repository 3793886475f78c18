"""What a mission will be like: photos, length, height, time — counted from its items."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np

from flight.mission import Mission, MissionItem
from flight.mission_meaning import (
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


def extent_of(mission: Mission) -> MissionExtent:
    """Count through a mission, from home and back."""
    frame = LocalFrame(mission.home.lat, mission.home.lon)
    here = np.zeros(2)
    speed_ms = mission.cruise_speed_ms
    spacing_m, run_m, at_once = 0.0, 0.0, False
    photos = runs = 0
    distance_m = duration_s = highest_m = farthest_m = 0.0
    for item in mission.items:
        if item.command == CHANGE_SPEED and item.params[1] > 0:
            speed_ms = item.params[1]
        elif item.command == TRIGGER_DISTANCE:
            photos += _photos(run_m, spacing_m, at_once)
            spacing_m, run_m, at_once = max(0.0, item.params[0]), 0.0, item.params[2] == 1
            runs += spacing_m > 0
        elif item.command == TAKEOFF or _is_flown_to(item):
            highest_m = max(highest_m, item.alt_m)
            if _is_flown_to(item):
                there = frame.to_metres(item.lat, item.lon)[0]
                leg_m = float(np.linalg.norm(there - here))
                here, run_m, distance_m = there, run_m + leg_m, distance_m + leg_m
                duration_s += leg_m / speed_ms + TURN_S
                farthest_m = max(farthest_m, float(np.linalg.norm(here)))
    photos += _photos(run_m, spacing_m, at_once)
    if mission.items and mission.items[-1].command == RTL:
        back_m = float(np.linalg.norm(here))
        distance_m, duration_s = distance_m + back_m, duration_s + back_m / speed_ms + RETURN_WAIT_S
    low_m = min(highest_m, LANDING_HEIGHT_M)
    duration_s += highest_m / CLIMB_MS + (highest_m - low_m) / DESCENT_MS + low_m / LANDING_MS
    return MissionExtent(photos, runs, distance_m, highest_m, duration_s, farthest_m)


def lands_by_itself(mission: Mission) -> bool:
    """Whether the last item brings the vehicle to the ground; else it hovers at the end."""
    return bool(mission.items) and mission.items[-1].command in (RTL, LAND)


def takes_off_first(mission: Mission) -> bool:
    """Whether the first item that navigates is a take-off."""
    first = next((item for item in mission.items if item.command < 100), None)
    return first is not None and first.command == TAKEOFF


def _is_flown_to(item: MissionItem) -> bool:
    return item.command in WITH_PLACE - LOOKED_AT and (item.lat != 0 or item.lon != 0)


def _photos(run_m: float, spacing_m: float, at_once: bool) -> int:
    return 0 if spacing_m <= 0 else floor(run_m / (spacing_m + LATE_BY_M)) + int(at_once)
