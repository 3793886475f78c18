"""Who is in command of a flight: we, the vehicle's own failsafe, or the pilot with the remote control.

A vehicle tells its mode, not who chose it. A mode that we did not ask for is the failsafe's where the
vehicle says so in words (ArduCopter's announce_failsafe: "GCS Failsafe", "Battery Failsafe", "EKF Failsafe:
changed to LAND Mode"; and "Polygon fence breached"), or where it came home while the link was gone, so that
its words were lost. Everything else is the pilot, and from then on hands are off.
"""

from __future__ import annotations

import re
import time
from enum import Enum

from flight.driving.vehicle import AUTO, AUTO_RTL, BRAKE, LAND, RTL, SMART_RTL

_FAILSAFE_WORDS = re.compile(r"failsafe|fence breach|breached|\bcrash|thrust loss", re.IGNORECASE)
_NOT_WORDS = re.compile(r"cleared", re.IGNORECASE)
_WORDS_COUNT_S = 5.0  # before the change of mode, and so long after it they explain it
FAILSAFE_MODES = {RTL, LAND, SMART_RTL, AUTO_RTL, BRAKE}


class Commander(Enum):
    """Who chose the flight mode."""

    WE = "we"
    FAILSAFE = "failsafe"
    PILOT = "pilot"


class Authority:
    """Follows the modes and words of a vehicle in flight. `reason` are the words of a failsafe."""

    def __init__(self, commander: Commander = Commander.WE, mode: int = AUTO) -> None:
        self.commander = commander
        self.reason = ""
        self._mode = mode
        self._left_mode: int | None = None  # ours before, until the vehicle is heard in the new one
        self._words_at_s = self._changed_at_s = -_WORDS_COUNT_S
        self._words = ""

    @property
    def may_command(self) -> bool:
        """Nobody has taken the vehicle from us; its failsafe may have, which we may still help."""
        return self.commander is not Commander.PILOT

    def ordered(self, mode: int) -> None:
        """We are about to ask for a mode: messages from before are no takeover."""
        self._left_mode, self._mode = self._mode, mode
        self.commander = Commander.WE

    def refused(self) -> None:
        """The vehicle did not take the mode that we asked for."""
        if self._left_mode is not None:
            self._mode, self._left_mode = self._left_mode, None

    def heard_words(self, text: str) -> bool:
        """Take a text of the vehicle; True when it makes a takeover a failsafe after all."""
        if not _FAILSAFE_WORDS.search(text) or _NOT_WORDS.search(text):
            return False
        now_s = time.monotonic()
        self._words, self._words_at_s = text, now_s
        late = self.commander is Commander.PILOT and now_s - self._changed_at_s < _WORDS_COUNT_S
        if late and self._mode in FAILSAFE_MODES:
            self.commander, self.reason = Commander.FAILSAFE, text
        elif self.commander is Commander.FAILSAFE and not self.reason:
            self.reason = text
        return late

    def heard_mode(self, mode: int, silence_s: float = 0.0) -> Commander | None:
        """Take the mode of a heartbeat; who changed it if somebody else did, else None.

        `silence_s` is how long the link was silent just before.
        """
        if mode == self._mode:
            self._left_mode = None
            return None
        if mode == self._left_mode:
            return None
        self._mode, self._left_mode = mode, None
        self._changed_at_s = time.monotonic()
        if self.commander is Commander.PILOT:  # a failsafe in the pilot's hands does not give it back to us
            return self.commander
        said = self._changed_at_s - self._words_at_s < _WORDS_COUNT_S
        if mode in FAILSAFE_MODES and (said or silence_s > 0):
            self.commander = Commander.FAILSAFE
            self.reason = self._words if said else f"while the link was lost for {silence_s:.0f} s"
        else:
            self.commander = Commander.PILOT
        return self.commander
