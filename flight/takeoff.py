"""Arming and leaving the ground: GUIDED, arm, AUTO, MISSION_START, and proof that it climbs."""

from __future__ import annotations

import time
from collections.abc import Callable

from flight.vehicle import AUTO, GUIDED, MODE_NAMES, RTL, Answer, Vehicle
from vision.errors import PantauError

TRIES = 3
RETRY_S = 2.0
CLIMBING_M = 1.0
CLIMB_LIMIT_S = 20.0


def take_off(vehicle: Vehicle, say: Callable[[str], None], time_factor: float = 1.0) -> None:
    """Start the uploaded mission. Raises PantauError with the vehicle's reasons when it refuses.

    Whatever goes wrong, the vehicle is disarmed again; if it is in the air already, it returns.
    """
    try:
        for _ in range(TRIES):
            _arm(vehicle, say, time_factor)
            _accepted(_change_mode(vehicle, AUTO), "to change to AUTO")
            _accepted(vehicle.start_mission(), "to start the mission")
            if _climbs(vehicle, time_factor):
                return
            say("The vehicle did not leave the ground; trying again.")
    except BaseException:
        _make_safe(vehicle)
        raise
    _make_safe(vehicle)
    raise PantauError(
        f"The vehicle did not leave the ground after {TRIES} tries; look at it before the next."
    )


def _make_safe(vehicle: Vehicle) -> None:
    if not vehicle.disarm().accepted:
        vehicle.camera_trigger_off()
        vehicle.set_mode(RTL)


def _arm(vehicle: Vehicle, say: Callable[[str], None], time_factor: float) -> None:
    """GUIDED and armed; a refusal is tried again, because some reasons pass."""
    for attempt in range(TRIES):
        _accepted(_change_mode(vehicle, GUIDED), "to change to GUIDED")
        answer = vehicle.arm()
        if answer.accepted:
            return
        if attempt + 1 < TRIES:
            say(f"Arming refused: {answer.reason}; trying again.")
            time.sleep(RETRY_S / time_factor)
    raise PantauError(f"The vehicle refused to arm: {answer.reason}. Remove the reason, then fly again.")


def _change_mode(vehicle: Vehicle, mode: int) -> Answer:
    answer = vehicle.set_mode(mode)
    if not answer.accepted:
        return answer
    with vehicle.link.listen("HEARTBEAT") as inbox:
        until_s = time.monotonic() + 3.0
        while vehicle.mode != mode and (left_s := until_s - time.monotonic()) > 0:
            inbox.next(left_s)
    return answer if vehicle.mode == mode else Answer(None, (f"it stays out of {MODE_NAMES[mode]}",))


def _climbs(vehicle: Vehicle, time_factor: float) -> bool:
    """Wait until it is in the air; False when it disarms or stays on the ground."""
    until_s = time.monotonic() + max(4.0, CLIMB_LIMIT_S / time_factor)
    with vehicle.link.listen("GLOBAL_POSITION_INT", "HEARTBEAT") as inbox:
        armed_seen = False
        while (left_s := until_s - time.monotonic()) > 0:
            inbox.next(left_s)
            position = vehicle.position
            if position is not None and position.alt_rel_m > CLIMBING_M:
                return True
            armed_seen = armed_seen or vehicle.armed
            if armed_seen and not vehicle.armed:
                return False
    return False


def _accepted(answer: Answer, what: str) -> None:
    if not answer.accepted:
        raise PantauError(f"The vehicle refused {what}: {answer.reason}. Remove the reason, then fly again.")
