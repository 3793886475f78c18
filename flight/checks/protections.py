"""Setting what protects a flight: failsafes, fence and return height, for `pantau fly --set-failsafes`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flight.checks.failsafes import (
    CONTINUE_IN_AUTO,
    TERMINATE,
    Parameters,
    listens_to_us,
    told_of_our_death,
)
from flight.checks.fence import (
    ALTITUDE,
    CIRCLE,
    POLYGON,
    REPORT_ONLY,
    fence_of,
    fits_below,
    fits_within,
)
from flight.checks.parameters import read_parameters
from flight.checks.return_height import (
    return_height_check,
    return_parameter,
    wanted_return_m,
)
from flight.driving.dronekit_link import GROUND_STATION_SYSTEM
from flight.driving.vehicle import Vehicle
from flight.missions.mission import Mission
from flight.sortie_facts import SortieFacts
from vision.errors import PantauError

_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Setting:
    """A parameter to set, and what for."""

    name: str
    value: float
    purpose: str


def set_protections(
    vehicle: Vehicle, mission: Mission, facts: SortieFacts, say: Callable[[str], None]
) -> list[str]:
    """Set what protects this flight, and tell each change: `FS_GCS_ENABLE 0 → 1: …`.

    What already protects it is left as somebody has set it. Call it with the mission's fence in the
    vehicle and the vehicle disarmed. Raises PantauError when the vehicle does not take a value; then
    the earlier ones of the list are set.
    """
    parameters = read_parameters(vehicle.link)
    changes = []
    for setting in wanted_settings(parameters, mission, facts):
        before = parameters.get(setting.name)
        if not vehicle.set_parameter(setting.name, setting.value):
            raise PantauError(
                f"The vehicle does not take {setting.name} = {setting.value:g} ({setting.purpose}); "
                "set it with a ground station, or fly without --set-failsafes."
            )
        was = "not told" if before is None else f"{before:g}"
        changes.append(f"{setting.name} {was} → {setting.value:g}: {setting.purpose}.")
        say(changes[-1])
    return changes


def what_if_we_die(vehicle: Vehicle, mission: Mission) -> str:
    """What to tell the operator before take-off: what the vehicle does if this program or the link dies."""
    return told_of_our_death(read_parameters(vehicle.link), mission)


def wanted_settings(parameters: Parameters, mission: Mission, facts: SortieFacts) -> list[Setting]:
    """What is to be set, in order; empty when everything protects the flight already."""
    return [
        *_lost_station(parameters),
        *_low_battery(parameters),
        *(_fence(parameters, mission, wanted_return_m(mission, facts)) if mission.has_fence else ()),
        *_return_height(parameters, mission, facts),
    ]


def _lost_station(parameters: Parameters) -> Iterator[Setting]:
    if not listens_to_us(parameters):
        name = "MAV_GCS_SYSID" if "MAV_GCS_SYSID" in parameters else "SYSID_MYGCS"
        yield Setting(name, GROUND_STATION_SYSTEM, "it listens to this program")
    options = int(parameters.get("FS_OPTIONS", 0))
    if options & CONTINUE_IN_AUTO:
        yield Setting("FS_OPTIONS", options & ~CONTINUE_IN_AUTO, "a lost ground station ends the mission")
    if not parameters.get("FS_GCS_ENABLE"):
        yield Setting("FS_GCS_ENABLE", 1, "it returns when this program or the link dies")


def _low_battery(parameters: Parameters) -> Iterator[Setting]:
    if parameters.get("BATT_FS_LOW_ACT", 0) in (0, TERMINATE):
        yield Setting("BATT_FS_LOW_ACT", 2, "it returns when its battery is low")


def _fence(parameters: Parameters, mission: Mission, return_m: float) -> Iterator[Setting]:
    """Polygons, and of the ceiling and the circle what is set already and is not in this flight's way."""
    fence = fence_of(parameters)
    types = fence.types | POLYGON
    if not fits_below(fence, mission) or return_m > fence.ceiling_m - fence.margin_m:
        types &= ~ALTITUDE
    if not fits_within(fence, mission):
        types &= ~CIRCLE
    if fence.action == REPORT_ONLY:
        yield Setting("FENCE_ACTION", 1, "it returns at the fence")
    if types != fence.types:
        yield Setting("FENCE_TYPE", types, "which fences are watched")
    added = types & ~fence.types
    if fence.on and added:
        # ArduPilot looks at added types only when the fence is switched on.
        yield Setting("FENCE_ENABLE", 0, "off and on again, for the added type")
    if not parameters.get("FENCE_ENABLE") or (fence.on and added):
        yield Setting("FENCE_ENABLE", 1, "the plan's fence is kept")


def _return_height(parameters: Parameters, mission: Mission, facts: SortieFacts) -> Iterator[Setting]:
    if return_height_check(parameters, mission, facts).passed:
        return
    parameter, height_m = return_parameter(parameters), wanted_return_m(mission, facts)
    value = parameter.value_for(height_m)
    if abs(parameters.get(parameter.name, -1.0) - value) > _TOLERANCE:
        yield Setting(parameter.name, value, f"it returns at {height_m:g} m")
