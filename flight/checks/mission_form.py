"""Whether a mission is one that a vehicle can begin and end by itself."""

from __future__ import annotations

from flight.checks.check_list import Check
from flight.missions.mission import Mission, MissionItem
from flight.missions.mission_extent import extent_of, is_flown_to, lands_by_itself, takes_off_first
from flight.missions.mission_meaning import LAND, RTL, TAKEOFF, TRIGGER_DISTANCE

MOST_ITEMS = 650  # ArduCopter's limit, home included


def mission_checks(mission: Mission) -> list[Check]:
    """The checks that need the mission alone."""
    return [_takeoff_first(mission), _item_count(mission), _landing(mission), *_trigger_off(mission)]


def camera_checks(mission: Mission, camera_type: float | None) -> list[Check]:
    """Whether the vehicle has a camera, for a mission that takes photos; CAM1_TYPE is None if unknown."""
    if camera_type is None or not extent_of(mission).photo_runs:
        return []
    found = f"CAM1_TYPE {camera_type:g}" + ("" if camera_type else ": the vehicle has none, it fires nothing")
    remedy = "Set CAM1_TYPE to how your camera is triggered, and start the vehicle again."
    return [Check("camera", bool(camera_type), found, remedy, serious=False)]


def flown_items(mission: Mission) -> list[MissionItem]:
    """The items with a place to fly to, in order. A take-off climbs where the vehicle stands."""
    return [item for item in mission.items if is_flown_to(item) and item.command != TAKEOFF]


def lowest_flown_m(mission: Mission) -> float | None:
    """The least height flown to, landing aside; None for a mission without a waypoint."""
    return min((item.alt_m for item in flown_items(mission) if item.command != LAND), default=None)


def _takeoff_first(mission: Mission) -> Check:
    first = takes_off_first(mission)
    found = "is the first item" if first else "is not the first item"
    return Check("take-off", first, found, "Begin the mission with a take-off: AUTO does not start without.")


def _item_count(mission: Mission) -> Check:
    count = len(mission.items) + 1
    found = f"{count} of {MOST_ITEMS} items"
    return Check("mission size", count <= MOST_ITEMS, found, "Split the plan into more sorties.")


def _landing(mission: Mission) -> Check:
    lands = lands_by_itself(mission)
    found = "returns and lands" if lands else "hovers at the end, armed"
    return Check("landing", lands, found, "End the mission with a return or a landing.", serious=False)


def _trigger_off(mission: Mission) -> list[Check]:
    """The trigger goes on firing after AUTO: it must be switched off before the return."""
    spacing_m, used = 0.0, False
    for item in mission.items:
        if item.command in (RTL, LAND):
            break
        if item.command == TRIGGER_DISTANCE:
            spacing_m, used = item.params[0], True
    if not used:
        return []
    found = "off before the return" if spacing_m <= 0 else "still on at the return: photos of the way home"
    remedy = "Put DO_SET_CAM_TRIGG_DIST 0 before the return."
    return [Check("camera trigger", spacing_m <= 0, found, remedy, serious=False)]
