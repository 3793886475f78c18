"""Whether the battery lasts for a sortie."""

from __future__ import annotations

from math import ceil

from flight.checks.check_list import Check
from flight.missions.mission import Mission
from flight.missions.mission_extent import extent_of
from flight.sortie_facts import SortieFacts

# Without a figure of the drone's own: a battery that lasts 20 min is assumed.
ASSUMED_ENDURANCE_S = 1200.0
WANTED_RESERVE_PERCENT = 25.0
LEAST_RESERVE_PERCENT = 15.0  # for wind, and an ageing battery
# Of lithium-polymer cells: the highest that any is charged to (LiHV), and a rested one that is half full.
FULLEST_CELL_V, TIRED_CELL_V = 4.36, 3.85
SURE_OF_FULL_PERCENT = 80.0


def battery_check(left_percent: float | None, mission: Mission, facts: SortieFacts) -> Check:
    """The charge against what the sortie uses: serious only when the plan knows what it uses."""
    known = facts.duration_s is not None and facts.endurance_s is not None
    duration_s = facts.duration_s if facts.duration_s is not None else extent_of(mission).duration_s
    endurance_s = facts.endurance_s if facts.endurance_s is not None else ASSUMED_ENDURANCE_S
    used = 100 * duration_s / endurance_s
    sortie = f"the sortie uses {used:.0f} %"
    if not known:
        sortie = f"the sortie uses about {used:.0f} %, if a full battery lasts {endurance_s / 60:.0f} min"
    if left_percent is None:
        remedy = "Take a full battery, and watch its voltage yourself."
        return Check("battery", False, f"charge not measured; {sortie}", remedy, serious=False)
    reserve = left_percent - used
    too_little = reserve < LEAST_RESERVE_PERCENT
    remedy = (
        f"Change the battery: {LEAST_RESERVE_PERCENT:.0f} % must be left at the end, "
        f"{WANTED_RESERVE_PERCENT:.0f} % should."
    )
    found = f"{left_percent:.0f} %, {sortie}"
    return Check("battery", reserve >= WANTED_RESERVE_PERCENT, found, remedy, serious=known and too_little)


def voltage_check(volts: float | None, left_percent: float | None, low_v: float) -> Check:
    """The measured voltage against the low battery's, and against the charge that is claimed.

    An autopilot counts the charge from its start and takes every battery for full then.
    """
    if volts is None:
        remedy = "Set BATT_MONITOR: without it the vehicle cannot notice a low battery."
        return Check("voltage", False, "not measured", remedy, serious=False)
    found = f"{volts:.1f} V"
    if 0 < volts <= low_v:
        found += f", which is a low battery (BATT_LOW_VOLT {low_v:g})"
        return Check("voltage", False, found, "Charge or change the battery.", serious=False)
    cell_v = volts / ceil(volts / FULLEST_CELL_V)
    if left_percent is not None and left_percent >= SURE_OF_FULL_PERCENT and cell_v < TIRED_CELL_V:
        found += f", at most {cell_v:.2f} V a cell; {left_percent:.0f} % left is counted from the start only"
        remedy = "Measure it: a full lithium-polymer battery has 4.2 V a cell."
        return Check("voltage", False, found, remedy, serious=False)
    return Check("voltage", True, found, serious=False)
