"""Arming and leaving the ground: GUIDED, arm, AUTO, MISSION_START, and proof that it climbs."""

from __future__ import annotations

import time
from collections.abc import Callable

from flight.driving.interruption import Interrupts
from flight.driving.vehicle import AUTO, GUIDED, RTL, Answer, Vehicle, mode_name
from vision.errors import PantauError

TRIES = 3
RETRY_S = 2.0
CLIMBING_M = 1.0
CLIMB_LIMIT_S = 20.0
SILENT_S = 1.5
LOOK_EVERY_S = 0.25
LATE_BEATS = 2  # so many heartbeats may still say "disarmed" after arming (recorded: up to 1 s)


class _LinkSilentError(Exception):
    """A command got no answer because nothing comes at all: the vehicle may have obeyed."""


def take_off(
    vehicle: Vehicle, say: Callable[[str], None], interrupts: Interrupts, time_factor: float = 1.0
) -> None:
    """Start the uploaded mission. Raises PantauError with the vehicle's reasons when it refuses.

    Whatever goes wrong, the vehicle is disarmed again; if it is in the air already, it returns. Only when
    the link falls silent in the middle this ends normally: the vehicle may be flying, and watching it goes
    on from what it tells when it is heard again. Raises KeyboardInterrupt when interrupted.
    """
    try:
        for _ in range(TRIES):
            _arm(vehicle, say, interrupts, time_factor)
            _accepted(vehicle, _change_mode(vehicle, AUTO), "to change to AUTO")
            _accepted(vehicle, vehicle.start_mission(), "to start the mission")
            if _climbs(vehicle, interrupts, time_factor):
                return
            say("The vehicle did not leave the ground; trying again.")
    except _LinkSilentError:
        return
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


def _arm(vehicle: Vehicle, say: Callable[[str], None], interrupts: Interrupts, time_factor: float) -> None:
    """GUIDED and armed; a refusal is tried again, because some reasons pass."""
    for attempt in range(TRIES):
        interrupts.check()
        _accepted(vehicle, _change_mode(vehicle, GUIDED), "to change to GUIDED")
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
    return answer if vehicle.mode == mode else Answer(None, (f"it stays out of {mode_name(mode)}",))


def _climbs(vehicle: Vehicle, interrupts: Interrupts, time_factor: float) -> bool:
    """Wait until it is in the air; False when it disarms or stays on the ground."""
    until_s = time.monotonic() + max(4.0, CLIMB_LIMIT_S / time_factor)
    with vehicle.link.listen("GLOBAL_POSITION_INT", "HEARTBEAT") as inbox:
        disarmed_beats = 0
        while (left_s := until_s - time.monotonic()) > 0:
            if interrupts.waiting:
                if vehicle.disarm().accepted:
                    raise KeyboardInterrupt
                return True  # in the air: whoever watches the flight takes care of it
            message = inbox.next(min(LOOK_EVERY_S, left_s))
            position = vehicle.position
            if position is not None and position.alt_rel_m > CLIMBING_M:
                return True
            if message is not None and message.get_type() == "HEARTBEAT":
                disarmed_beats = 0 if vehicle.armed else disarmed_beats + 1
            if disarmed_beats > LATE_BEATS:
                return False
    if _silent(vehicle):
        raise _LinkSilentError
    return False


def _accepted(vehicle: Vehicle, answer: Answer, what: str) -> None:
    if answer.accepted:
        return
    if answer.result is None and _silent(vehicle):
        raise _LinkSilentError
    raise PantauError(f"The vehicle refused {what}: {answer.reason}. Remove the reason, then fly again.")


def _silent(vehicle: Vehicle) -> bool:
    return not vehicle.link.open or vehicle.link.silence_s > SILENT_S
