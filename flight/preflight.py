"""Before the motors turn: a list of checks, each passed or failed, with what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyproj import Geod

from flight.mission import Mission
from flight.mission_extent import extent_of, lands_by_itself, takes_off_first
from flight.vehicle import Vehicle

MOST_ITEMS = 650  # ArduCopter's limit, home included
NEAR_HOME_M = 100.0
_ROUNDING_M = 0.05  # of heights in files, and of parameters
BATTERY_RESERVE_PERCENT = 25.0
# Without a figure of the vehicle's own: a battery that lasts 20 min is assumed.
ASSUMED_ENDURANCE_S = 1200.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `serious`: no flight while it fails; else only a warning."""

    name: str
    passed: bool
    found: str
    remedy: str = ""
    serious: bool = True


def preflight_checks(vehicle: Vehicle, mission: Mission) -> list[Check]:
    """All checks of a ready vehicle against a mission."""
    return [
        _takeoff_first(mission),
        _item_count(mission),
        _landing(mission),
        _at_home(vehicle, mission),
        _battery(vehicle, mission),
        _return_height(vehicle, mission),
        *_protections(vehicle, mission),
    ]


def _takeoff_first(mission: Mission) -> Check:
    first = takes_off_first(mission)
    return Check(
        "take-off",
        first,
        "first item" if first else "not the first item",
        "Begin the mission with a take-off.",
    )


def _item_count(mission: Mission) -> Check:
    count = len(mission.items) + 1
    found = f"{count} of {MOST_ITEMS} items"
    return Check("mission size", count <= MOST_ITEMS, found, "Split the plan into more sorties.")


def _landing(mission: Mission) -> Check:
    lands = lands_by_itself(mission)
    found = "returns and lands" if lands else "hovers at the end, armed"
    return Check("landing", lands, found, "End the mission with a return or a landing.", serious=False)


def _at_home(vehicle: Vehicle, mission: Mission) -> Check:
    position = vehicle.position
    if position is None:
        return Check("home", False, "the vehicle tells no position", "Wait for its GNSS.")
    apart_m = _distance_m(position.lat, position.lon, mission.home.lat, mission.home.lon)
    found = f"{apart_m:.0f} m from the planned launch point"
    return Check(
        "home",
        apart_m <= NEAR_HOME_M,
        found,
        f"Carry the vehicle to {mission.home.lat:.6f}, {mission.home.lon:.6f}, or plan from here.",
    )


def _battery(vehicle: Vehicle, mission: Mission) -> Check:
    left = vehicle.battery_percent
    need = 100 * extent_of(mission).duration_s / ASSUMED_ENDURANCE_S + BATTERY_RESERVE_PERCENT
    if left is None:
        return Check("battery", False, "not measured", "Watch it yourself.", serious=False)
    found = f"{left:.0f} %, about {need:.0f} % needed with the reserve"
    return Check(
        "battery", left >= need, found, "Change the battery, or fly a shorter sortie.", serious=False
    )


def _return_height(vehicle: Vehicle, mission: Mission) -> Check:
    centimetres = vehicle.parameter("RTL_ALT")
    if centimetres is None:
        return Check("return height", False, "RTL_ALT not told", "Check the return height yourself.", False)
    height_m, flown_m = centimetres / 100, extent_of(mission).highest_m
    found = f"{height_m:.0f} m, mission up to {flown_m:.0f} m"
    return Check(
        "return height",
        height_m >= flown_m - _ROUNDING_M or height_m == 0,
        found,
        f"Set RTL_ALT to {flown_m * 100:.0f} or more, above all obstacles on the way back.",
        serious=False,
    )


def _protections(vehicle: Vehicle, mission: Mission) -> list[Check]:
    checks = [
        _parameter_set(vehicle, "FS_GCS_ENABLE", "lost ground station", "Set FS_GCS_ENABLE to 1 (return)."),
        _parameter_set(vehicle, "BATT_FS_LOW_ACT", "low battery", "Set BATT_FS_LOW_ACT to 2 (return)."),
    ]
    if mission.fence or mission.exclusions:
        remedy = "Set FENCE_ENABLE to 1, so that the fence of the plan is kept."
        checks.append(_parameter_set(vehicle, "FENCE_ENABLE", "fence", remedy))
    return checks


def _parameter_set(vehicle: Vehicle, parameter: str, name: str, remedy: str) -> Check:
    value = vehicle.parameter(parameter)
    found = f"{parameter} {'not told' if value is None else f'{value:g}'}"
    return Check(name, bool(value), found, remedy, serious=False)


def failed(checks: list[Check], serious: bool) -> list[Check]:
    """The failed checks of one weight."""
    return [check for check in checks if not check.passed and check.serious == serious]


def show(checks: list[Check], say: Callable[[str], None]) -> None:
    """Tell the list, with the remedy of each that failed."""
    for check in checks:
        mark = "ok  " if check.passed else ("FAIL" if check.serious else "warn")
        remedy = "" if check.passed else f" — {check.remedy}"
        say(f"  {mark}  {check.name}: {check.found}{remedy}")


def _distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    return float(Geod(ellps="WGS84").inv(lon, lat, other_lon, other_lat)[2])
