"""Whether the way home is flown high enough."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from flight.checks.check_list import Check
from flight.checks.failsafes import Parameters
from flight.checks.fence import ALTITUDE, fence_of
from flight.checks.mission_form import lowest_flown_m
from flight.missions.mission import Mission
from flight.missions.mission_extent import extent_of
from flight.sortie_facts import SortieFacts

_ROUNDING_M = 0.05  # of heights in files, and of parameters
HIGH_M = 120.0  # 400 ft, the ceiling of open airspace in most countries (and in all built-in profiles)


@dataclass(frozen=True)
class ReturnParameter:
    """The parameter that sets the return height: its name, and the vehicle's unit in metres."""

    name: str
    unit_m: float

    def value_for(self, height_m: float) -> float:
        """The value that makes the vehicle return at this height or a little higher."""
        return float(ceil(height_m / self.unit_m - 1e-6)) if self.unit_m < 1 else height_m


def return_parameter(parameters: Parameters) -> ReturnParameter:
    """RTL_ALT in centimetres, or RTL_ALT_M in metres of ArduCopter 4.7."""
    return (
        ReturnParameter("RTL_ALT_M", 1.0) if "RTL_ALT_M" in parameters else ReturnParameter("RTL_ALT", 0.01)
    )


def wanted_return_m(mission: Mission, facts: SortieFacts) -> float:
    """The height of the way home above home: the plan's, or else the highest of the mission."""
    return extent_of(mission).highest_m if facts.return_height_m is None else facts.return_height_m


def returns_at_m(parameters: Parameters, mission: Mission) -> float | None:
    """The least height above home at which the vehicle returns; None when it does not tell.

    ArduCopter climbs to RTL_ALT and never descends for it (0: it stays at its height), but not above
    the fence's ceiling less its margin.
    """
    parameter = return_parameter(parameters)
    if parameter.name not in parameters:
        return None
    height_m = max(parameters[parameter.name] * parameter.unit_m, lowest_flown_m(mission) or 0.0)
    fence = fence_of(parameters)
    return min(height_m, fence.ceiling_m - fence.margin_m) if fence.watches(ALTITUDE) else height_m


def return_height_check(parameters: Parameters, mission: Mission, facts: SortieFacts) -> Check:
    """Serious where the plan knew of obstacles: then it knows how high the way home must be."""
    name, parameter = "return height", return_parameter(parameters)
    height_m, wanted_m = returns_at_m(parameters, mission), wanted_return_m(mission, facts)
    if height_m is None:
        return Check(name, False, f"{parameter.name} not told", "Check the return height yourself.", False)
    planned = facts.return_height_m is not None
    of = "the plan wants" if planned else "the mission goes up to"
    found = f"comes home at {height_m:.0f} m, {of} {wanted_m:.0f} m"
    remedy = f"Set {parameter.name} to {parameter.value_for(wanted_m):g} (--set-failsafes does)."
    if height_m < wanted_m - _ROUNDING_M:
        if fence_of(parameters).watches(ALTITUDE):
            remedy += " The way home stays below the fence's FENCE_ALT_MAX."
        return Check(name, False, found, remedy, serious=planned and facts.obstacles_known)
    if parameters[parameter.name] * parameter.unit_m > max(HIGH_M, wanted_m) + _ROUNDING_M:
        return Check(name, False, f"{found}; higher than {HIGH_M:.0f} m", remedy, serious=False)
    return Check(name, True, found)
