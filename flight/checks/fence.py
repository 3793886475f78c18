"""The vehicle's fence against the mission: does it keep the plan's fence, and would it end the flight.

Meanings: ArduPilot's AC_Fence. By factory the ceiling (100 m) and a circle (300 m) around home are
switched on together with the polygons.
"""

from __future__ import annotations

from dataclasses import dataclass

from shapely import LineString, Polygon, make_valid
from shapely.geometry.base import BaseGeometry

from flight.checks.check_list import Check
from flight.checks.failsafes import Parameters
from flight.checks.mission_form import flown_items
from flight.missions.mission import Mission
from flight.missions.mission_extent import extent_of

ALTITUDE, CIRCLE, POLYGON = 1, 2, 4  # bits of FENCE_TYPE
REPORT_ONLY = 0  # of FENCE_ACTION


@dataclass(frozen=True)
class VehicleFence:
    """How a vehicle's fence is set up; `corners` are stored in it, of this plan or another."""

    on: bool
    types: int
    action: int
    ceiling_m: float
    radius_m: float
    margin_m: float
    corners: int

    def watches(self, kind: int) -> bool:
        """Whether a kind of fence is switched on."""
        return self.on and bool(self.types & kind)


def fence_of(parameters: Parameters) -> VehicleFence:
    """The fence as the parameters say; the factory's value for one that is not told."""
    return VehicleFence(
        on=bool(parameters.get("FENCE_ENABLE", 0) or parameters.get("FENCE_AUTOENABLE", 0)),
        types=int(parameters.get("FENCE_TYPE", ALTITUDE | CIRCLE | POLYGON)),
        action=int(parameters.get("FENCE_ACTION", 1)),
        ceiling_m=parameters.get("FENCE_ALT_MAX", 100.0),
        radius_m=parameters.get("FENCE_RADIUS", 300.0),
        margin_m=parameters.get("FENCE_MARGIN", 2.0),
        corners=int(parameters.get("FENCE_TOTAL", 0)),
    )


def fits_below(fence: VehicleFence, mission: Mission) -> bool:
    """Whether the mission stays below the fence's ceiling."""
    return extent_of(mission).highest_m <= fence.ceiling_m - fence.margin_m


def fits_within(fence: VehicleFence, mission: Mission) -> bool:
    """Whether the mission stays in the fence's circle around home."""
    return extent_of(mission).farthest_m <= fence.radius_m - fence.margin_m


def fence_checks(parameters: Parameters, mission: Mission) -> list[Check]:
    """The checks of the fence; none for a vehicle and a mission without one."""
    fence = fence_of(parameters)
    checks = [_kept(fence, "FENCE_ENABLE" in parameters)] if mission.has_fence else _of_another_plan(fence)
    if fence.watches(ALTITUDE):
        checks.append(_ceiling(fence, mission))
    if fence.watches(CIRCLE):
        checks.append(_circle(fence, mission))
    if mission.has_fence:
        checks.append(_way(fence, mission))
    return checks


def _kept(fence: VehicleFence, told: bool) -> Check:
    lacks = []
    if not fence.on:
        lacks.append("FENCE_ENABLE is 0" if told else "FENCE_ENABLE not told")
    if not fence.types & POLYGON:
        lacks.append(f"FENCE_TYPE {fence.types} is without polygons (4)")
    if fence.action == REPORT_ONLY:
        lacks.append("FENCE_ACTION 0 only reports")
    found = f"not kept: {', '.join(lacks)}" if lacks else "is kept"
    remedy = "Set FENCE_ENABLE to 1, so that the plan's fence is kept (--set-failsafes does)."
    return Check("fence", not lacks, found, remedy, serious=False)


def _of_another_plan(fence: VehicleFence) -> list[Check]:
    if not fence.watches(POLYGON) or not fence.corners:
        return []
    found = f"the vehicle keeps one of {fence.corners} corners, which is not this mission's"
    return [Check("fence", False, found, "Clear the vehicle's fence, or set FENCE_ENABLE to 0.", False)]


def _ceiling(fence: VehicleFence, mission: Mission) -> Check:
    highest_m = extent_of(mission).highest_m
    found = f"{fence.ceiling_m:g} m, mission up to {highest_m:.0f} m"
    remedy = (
        f"Set FENCE_ALT_MAX above {highest_m + fence.margin_m:.0f}, "
        "or FENCE_TYPE without 1: the fence would end the flight."
    )
    ends = highest_m >= fence.ceiling_m and fence.action != REPORT_ONLY
    return Check("fence ceiling", fits_below(fence, mission), found, remedy, serious=ends)


def _circle(fence: VehicleFence, mission: Mission) -> Check:
    farthest_m = extent_of(mission).farthest_m
    found = f"{fence.radius_m:g} m, mission up to {farthest_m:.0f} m from home"
    remedy = (
        f"Set FENCE_RADIUS above {farthest_m + fence.margin_m:.0f}, "
        "or FENCE_TYPE without 2: the fence would end the flight."
    )
    ends = farthest_m >= fence.radius_m and fence.action != REPORT_ONLY
    return Check("fence circle", fits_within(fence, mission), found, remedy, serious=ends)


def _way(fence: VehicleFence, mission: Mission) -> Check:
    """Whether the mission's own way stays in the mission's own fence."""
    inside = _stays_inside(mission)
    ends = fence.watches(POLYGON) and fence.action != REPORT_ONLY
    found = "inside the mission's fence" if inside else "leaves the mission's own fence"
    remedy = "Draw the fence around the way: at its edge the vehicle would turn back."
    return Check("way", inside, found, remedy, serious=ends)


def _stays_inside(mission: Mission) -> bool:
    home = (mission.home.lon, mission.home.lat)
    way = LineString([home, *((item.lon, item.lat) for item in flown_items(mission)), home])
    if mission.fence and not _area(mission.fence).covers(way):
        return False
    return not any(_area(corners).intersects(way) for corners in mission.exclusions)


def _area(corners: tuple[tuple[float, float], ...]) -> BaseGeometry:
    """The area of a polygon that somebody may have drawn badly; empty for less than a triangle."""
    return make_valid(Polygon([(lon, lat) for lat, lon in corners])) if len(corners) > 2 else Polygon()
