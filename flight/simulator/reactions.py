"""What the simulated vehicle does when a failsafe asks for it, and what it says then.

As ArduCopter 4.6's `events.cpp`: on the ground it disarms, FS_OPTIONS lets it go on, a return that is
not possible becomes a landing. It has no SmartRTL; TERMINATE is not simulated and does nothing.
"""

from __future__ import annotations

from typing import Protocol

from flight.simulator import failsafes
from flight.simulator.modes import (
    ALT_HOLD,
    AUTO,
    BRAKE,
    CRITICAL,
    FLOWN_BY_PILOT,
    LAND,
    MODE_NAMES,
    NEEDS_POSITION,
    RTL,
    WARNING,
)
from flight.simulator.parameters import Parameters

# Bits of FS_OPTIONS.
GCS_CONTINUE_IN_AUTO, CONTINUE_IF_LANDING, GCS_CONTINUE_IF_PILOT = 2, 8, 16
EKF_REPORT_ONLY, EKF_ALT_HOLD, EKF_EVEN_IN_STABILIZE = 0, 2, 3  # FS_EKF_ACTION; else land
FENCE_GIVE_UP_M = 100.0  # AC_FENCE_GIVE_UP_DISTANCE
# Fence actions are counted otherwise than the others' (FENCE_ACTION).
FENCE_ACTIONS = {
    1: failsafes.DO_RTL,
    2: failsafes.DO_LAND,
    3: failsafes.DO_SMART_RTL,
    4: failsafes.DO_BRAKE,
    5: failsafes.DO_SMART_RTL_OR_LAND,
}


class Craft(Protocol):
    """What is acted upon."""

    mode: int
    armed: bool
    landed: bool

    @property
    def waits_on_ground(self) -> bool:
        """On the ground, and not about to take off."""
        ...

    def set_mode(self, mode: int) -> bool:
        """Change the flight mode."""
        ...

    def land_after_pause(self) -> None:
        """LAND, as a failsafe does it."""
        ...

    def stop_motors(self) -> None:
        """Disarm at once."""
        ...

    def say(self, severity: int, text: str) -> None:
        """Send a text."""
        ...


class Reactions:
    """Acts on a craft."""

    def __init__(self, craft: Craft, parameters: Parameters) -> None:
        self._craft, self._parameters = craft, parameters

    def to_failsafe(self, cause: str, action: int) -> None:
        """React to the failsafe of a cause (`GCS`, `Battery`) that asks for an action."""
        craft = self._craft
        if craft.armed and craft.waits_on_ground:
            self._announce(cause, "Disarming")
            craft.stop_motors()
            return
        going_on = self._goes_on(cause) if craft.armed else None
        self._announce(cause, going_on)
        if craft.armed and going_on is None:
            self._take(action)

    def to_fence(self, beyond_m: float) -> None:
        """React to leaving the fence, by FENCE_ACTION; far outside it lands in any case."""
        action = int(self._parameters["FENCE_ACTION"])
        if not action or not self._craft.armed:
            return
        if self._craft.landed:
            self._craft.stop_motors()
        elif beyond_m > FENCE_GIVE_UP_M:
            self._take(failsafes.DO_LAND)
        else:
            self._take(FENCE_ACTIONS.get(action, failsafes.DO_RTL))

    def to_estimator(self, action: int) -> bool:
        """React to a position that is lost, by FS_EKF_ACTION; False if nothing is to be done."""
        craft = self._craft
        needed = craft.mode in NEEDS_POSITION or action == EKF_EVEN_IN_STABILIZE
        if not craft.armed or craft.mode == LAND or not needed or action == EKF_REPORT_ONLY:
            return False
        if action == EKF_ALT_HOLD:
            craft.set_mode(ALT_HOLD)
        else:
            craft.land_after_pause()
        craft.say(CRITICAL, f"EKF Failsafe: changed to {MODE_NAMES[craft.mode]} Mode")
        return True

    def _goes_on(self, cause: str) -> str | None:
        """What FS_OPTIONS lets it go on with."""
        options, mode = int(self._parameters["FS_OPTIONS"]), self._craft.mode
        if mode == LAND and options & CONTINUE_IF_LANDING:
            return "Continuing Landing"
        if cause != "GCS":
            return None
        if mode == AUTO and options & GCS_CONTINUE_IN_AUTO:
            return "Continuing Auto Mode"
        if mode in FLOWN_BY_PILOT and options & GCS_CONTINUE_IF_PILOT:
            return "Continuing Pilot Control"
        return None

    def _announce(self, cause: str, going_on: str | None) -> None:
        self._craft.say(WARNING, f"{cause} Failsafe" + (f" - {going_on}" if going_on else ""))

    def _take(self, action: int) -> None:
        if action == failsafes.DO_SMART_RTL_OR_LAND:
            self._craft.say(WARNING, "SmartRTL Unavailable, Using Land Mode")
        elif action == failsafes.DO_SMART_RTL:
            self._craft.say(WARNING, "SmartRTL Unavailable, Trying RTL Mode")
        elif action == failsafes.DO_LAND_START:
            self._craft.say(WARNING, "Trying RTL Mode")
        lands = action in (failsafes.DO_LAND, failsafes.DO_SMART_RTL_OR_LAND)
        if lands or (action in _MODES and not self._craft.set_mode(_MODES[action])):
            self._craft.land_after_pause()


_MODES = {
    failsafes.DO_RTL: RTL,
    failsafes.DO_SMART_RTL: RTL,
    failsafes.DO_LAND_START: RTL,
    failsafes.DO_BRAKE: BRAKE,
}
