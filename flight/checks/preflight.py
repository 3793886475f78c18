"""Before the motors turn: a list of checks, each passed, failed or warned, with what to do about it."""

from __future__ import annotations

import time

from flight.checks.battery import battery_check, voltage_check
from flight.checks.check_list import Check, failed, show
from flight.checks.failsafes import Parameters, failsafe_checks, station_id_check
from flight.checks.fence import fence_checks
from flight.checks.mission_form import camera_checks, mission_checks
from flight.checks.parameters import read_parameters
from flight.checks.return_height import return_height_check
from flight.checks.vehicle_state import (
    home_check,
    home_point_check,
    position_check,
    prearm_check,
    stations_check,
)
from flight.driving.vehicle import Vehicle, text_of
from flight.missions.mission import Mission
from flight.sortie_facts import SortieFacts

__all__ = ["CHECK_NAMES", "Check", "failed", "preflight_checks", "show"]

# All names that a check can have, for those who name checks to fly despite them.
CHECK_NAMES = (
    "position", "pre-arm", "home", "home point", "battery", "voltage", "second station", "station id",
    "take-off", "mission size", "landing", "camera trigger", "camera", "return height",
    "fence", "fence ceiling", "fence circle", "way",
    "lost ground station", "low battery", "lost position", "lost remote control",
)  # fmt: skip

RUN_PREARM_CHECKS, REQUEST_MESSAGE = 401, 512  # MAV_CMD
HOME_POSITION = 242  # message
LISTENING_S = 2.5  # another ground station has been heard by then: it sends a heartbeat each second
TEXTS_S = 1.0
HOME_S = 1.0
_UNKNOWN_SATELLITES, _UNKNOWN_MILLIVOLTS = 255, 65535


def preflight_checks(vehicle: Vehicle, mission: Mission, facts: SortieFacts | None = None) -> list[Check]:
    """All checks of a vehicle on the ground against a mission and what its plan knows.

    Nothing of the vehicle is changed. Takes a few seconds: parameters are asked for, and the link is
    listened to for other ground stations.
    """
    facts = facts or SortieFacts()
    parameters = read_parameters(vehicle.link)
    return [
        *_standing(vehicle, mission),
        *_battery(vehicle, mission, facts, parameters),
        _stations(vehicle, parameters),
        station_id_check(parameters),
        *mission_checks(mission),
        *camera_checks(mission, parameters.get("CAM1_TYPE")),
        return_height_check(parameters, mission, facts),
        *fence_checks(parameters, mission),
        *failsafe_checks(parameters),
    ]


def _standing(vehicle: Vehicle, mission: Mission) -> list[Check]:
    receiver = vehicle.link.latest("GPS_RAW_INT")
    satellites = None if receiver is None else int(receiver.satellites_visible)
    if satellites == _UNKNOWN_SATELLITES:
        satellites = None
    texts = () if vehicle.prearm_ok else _prearm_texts(vehicle)
    return [
        position_check(vehicle.position_ok, vehicle.gnss_fix, satellites),
        prearm_check(vehicle.prearm_ok, texts),
        home_check(vehicle.position, mission),
        home_point_check(vehicle.position, _home_point(vehicle)),
    ]


def _battery(vehicle: Vehicle, mission: Mission, facts: SortieFacts, parameters: Parameters) -> list[Check]:
    status = vehicle.link.latest("SYS_STATUS")
    volts = None
    if status is not None and 0 < status.voltage_battery < _UNKNOWN_MILLIVOLTS:
        volts = status.voltage_battery / 1000
    low_v = parameters.get("BATT_LOW_VOLT", 0.0)
    return [
        battery_check(vehicle.battery_percent, mission, facts),
        voltage_check(volts, vehicle.battery_percent, low_v),
    ]


def _stations(vehicle: Vehicle, parameters: Parameters) -> Check:
    time.sleep(max(0.0, LISTENING_S - vehicle.link.connected_for_s))
    return stations_check(vehicle.link.other_stations(), parameters)


def _prearm_texts(vehicle: Vehicle) -> tuple[str, ...]:
    """Ask for the vehicle's own checks, and give what they say; it repeats them only each 30 s."""
    texts: list[str] = []
    with vehicle.link.listen("STATUSTEXT") as inbox:
        vehicle.command(RUN_PREARM_CHECKS, tries=1)
        until_s = time.monotonic() + TEXTS_S
        while (message := inbox.next(until_s - time.monotonic())) is not None:
            texts.append(text_of(message))
    return tuple(text for text in texts if text.startswith("PreArm:"))


def _home_point(vehicle: Vehicle) -> tuple[float, float] | None:
    """The vehicle's HOME_POSITION; None when it has none yet."""
    with vehicle.link.listen("HOME_POSITION") as inbox:
        if not vehicle.command(REQUEST_MESSAGE, HOME_POSITION, tries=1).accepted:
            return None
        message = inbox.next(HOME_S)
    return None if message is None else (message.latitude / 1e7, message.longitude / 1e7)
