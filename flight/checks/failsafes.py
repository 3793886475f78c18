"""What a vehicle does by itself when its ground station, its battery or its position is lost.

Meanings: ArduCopter 4.6, parameters FS_GCS_ENABLE, FS_OPTIONS, BATT_FS_LOW_ACT, FS_EKF_ACTION,
FS_THR_ENABLE, and `failsafe_gcs_on_event` in ArduCopter/events.cpp.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flight.checks.check_list import Check
from flight.driving.dronekit_link import GROUND_STATION_SYSTEM
from flight.missions.mission import Mission
from flight.missions.mission_extent import lands_by_itself

Parameters = Mapping[str, float]

CONTINUE_IN_AUTO = 2  # bit 1 of FS_OPTIONS: GCS failsafe does nothing in AUTO
GCS_TIMEOUT_S = 5.0  # factory value of FS_GCS_TIMEOUT
TERMINATE = 5  # of BATT_FS_LOW_ACT: the motors stop in the air
_RETURNS = "returns and lands"
# FS_GCS_ENABLE: what the vehicle does, and whether it comes home. 2 is read as 1 since 4.0, and so is
# a number that means nothing.
_GCS_ACTIONS = {
    1: (_RETURNS, True),
    3: ("goes back the way it came (or straight) and lands", True),
    4: ("goes back the way it came and lands; if it cannot, it lands where it is", True),
    5: ("lands where it is", False),
    6: ("flies the mission's landing sequence, or returns, and lands", True),
    7: ("stops where it is, and hovers", False),
}
_BATTERY_ACTIONS = {
    1: "lands where it is",
    2: _RETURNS,
    3: "goes back the way it came, or straight",
    4: "goes back the way it came, or lands where it is",
    5: "STOPS ITS MOTORS IN THE AIR",
    6: "flies the mission's landing sequence, or returns",
    7: "stops and hovers, or lands where it is",
}
_EKF_ACTIONS = {1: "lands where it is", 2: "holds its height and drifts", 3: "lands where it is"}


@dataclass(frozen=True)
class StationLoss:
    """What happens when this program dies. `why` is empty unless nothing happens."""

    comes_home: bool
    action: str
    after_s: float
    why: str = ""


def when_station_is_lost(parameters: Parameters) -> StationLoss:
    """What the vehicle does in AUTO when the heartbeats of its ground station stop."""
    after_s = parameters.get("FS_GCS_TIMEOUT", GCS_TIMEOUT_S)
    enabled = parameters.get("FS_GCS_ENABLE")
    why = ""
    if enabled is None:
        why = "FS_GCS_ENABLE not told"
    elif enabled == 0:
        why = "FS_GCS_ENABLE is 0"
    elif int(parameters.get("FS_OPTIONS", 0)) & CONTINUE_IN_AUTO:
        why = "FS_OPTIONS has bit 1: continue in AUTO"
    elif not listens_to_us(parameters):
        why = f"it listens to system {_stations_text(parameters)}, this program is {GROUND_STATION_SYSTEM}"
    if why:
        return StationLoss(False, "flies on", after_s, why)
    action, comes_home = _GCS_ACTIONS.get(int(enabled or 0), _GCS_ACTIONS[1])
    return StationLoss(comes_home, action, after_s)


def told_of_our_death(parameters: Parameters, mission: Mission) -> str:
    """What an operator must know before take-off: what happens if this program or the link dies."""
    loss = when_station_is_lost(parameters)
    if not loss.why:
        return (
            "This program is the vehicle's ground station: if it or the link dies, the vehicle "
            f"{loss.action}, by itself, after {loss.after_s:g} s."
        )
    end = "returns" if lands_by_itself(mission) else "hovers there until its battery is low"
    return (
        "If this program or the link dies, the vehicle flies the mission on to its end and then "
        f"{end}; nothing brings it home earlier ({loss.why}; --set-failsafes sets it)."
    )


def is_station(parameters: Parameters, system: int) -> bool:
    """Whether the vehicle takes a system for its ground station; True when it does not tell."""
    lowest = parameters.get("SYSID_MYGCS", parameters.get("MAV_GCS_SYSID"))
    if lowest is None:
        return True
    return lowest <= system <= max(lowest, parameters.get("MAV_GCS_SYSID_HI", 0))


def listens_to_us(parameters: Parameters) -> bool:
    """Whether the vehicle takes this program for its ground station; True when it does not tell."""
    return is_station(parameters, GROUND_STATION_SYSTEM)


def station_id_check(parameters: Parameters) -> Check:
    """Our heartbeats mean nothing to a vehicle that listens to another system."""
    name = "MAV_GCS_SYSID" if "MAV_GCS_SYSID" in parameters else "SYSID_MYGCS"
    told = name in parameters
    found = f"{name} {_stations_text(parameters)}" if told else f"{name} not told"
    remedy = (
        f"Set {name} to {GROUND_STATION_SYSTEM}: else the vehicle does not notice when this program dies."
    )
    return Check("station id", told and listens_to_us(parameters), found, remedy, serious=False)


def failsafe_checks(parameters: Parameters) -> list[Check]:
    """Each failsafe: what it does, with a warning for one that does not bring the vehicle down safely."""
    return [
        _lost_station(parameters),
        _low_battery(parameters),
        _lost_position(parameters),
        _lost_remote(parameters),
    ]


def _lost_station(parameters: Parameters) -> Check:
    loss = when_station_is_lost(parameters)
    found = f"flies on: {loss.why}" if loss.why else f"{loss.action}, after {loss.after_s:g} s"
    remedy = "Set FS_GCS_ENABLE to 1, and FS_OPTIONS without 2 (--set-failsafes does)."
    return Check("lost ground station", loss.comes_home, found, remedy, serious=False)


def _low_battery(parameters: Parameters) -> Check:
    name, action = "low battery", parameters.get("BATT_FS_LOW_ACT")
    volts, mah = (parameters.get(key, 0.0) for key in ("BATT_LOW_VOLT", "BATT_LOW_MAH"))
    if not action or action == TERMINATE:
        found = "BATT_FS_LOW_ACT " + ("not told" if action is None else f"{action:g}: {_battery(action)}")
        return Check(name, False, found, "Set BATT_FS_LOW_ACT to 2 (--set-failsafes does).", False)
    if volts <= 0 and mah <= 0:
        remedy = "Set BATT_LOW_VOLT to where your battery has enough left for the way home."
        return Check(name, False, "never noticed: BATT_LOW_VOLT and BATT_LOW_MAH are 0", remedy, False)
    limits = ([f"{volts:g} V"] if volts > 0 else []) + ([f"{mah:g} mAh"] if mah > 0 else [])
    return Check(name, True, f"{_battery(action)}, at {' or '.join(limits)}", serious=False)


def _lost_position(parameters: Parameters) -> Check:
    action = parameters.get("FS_EKF_ACTION")
    if not action:
        found = "FS_EKF_ACTION not told" if action is None else "FS_EKF_ACTION 0: only reported"
        return Check("lost position", False, found, "Set FS_EKF_ACTION to 1 (land).", False)
    return Check("lost position", True, _EKF_ACTIONS.get(int(action), f"action {action:g}"), serious=False)


def _lost_remote(parameters: Parameters) -> Check:
    action = parameters.get("FS_THR_ENABLE")
    found = "FS_THR_ENABLE " + ("not told" if action is None else f"{action:g}")
    remedy = "Set FS_THR_ENABLE to 1, unless it flies without a remote control."
    return Check("lost remote control", bool(action), found, remedy, serious=False)


def _battery(action: float) -> str:
    return _BATTERY_ACTIONS.get(int(action), "nothing happens" if not action else f"action {action:g}")


def _stations_text(parameters: Parameters) -> str:
    lowest = parameters.get("SYSID_MYGCS", parameters.get("MAV_GCS_SYSID", 0.0))
    highest = parameters.get("MAV_GCS_SYSID_HI", 0.0)
    return f"{lowest:g}" if highest <= lowest else f"{lowest:g} to {highest:g}"
