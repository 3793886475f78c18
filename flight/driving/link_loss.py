"""A lost link: the operator is warned, and the connection is opened again until the vehicle is heard."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flight.driving.dronekit_link import Inbox, Link
from flight.driving.interruption import Interrupts

# A link that is only silent may come back by itself; one that is broken never does.
REOPEN_AFTER_S = 8.0
RECONNECT_LIMIT_S = 5.0
# Beyond the time that the flight should still take: returning against the wind, landing.
GIVE_UP_AFTER_S = 20.0
STILL_EVERY_S = 30.0


def wait_for_link(
    link: Link, inbox: Inbox, flight_left_s: float, say: Callable[[str], None], interrupts: Interrupts
) -> Any | None:
    """Warn, and wait for the vehicle; the first message that comes, or None when it is given up.

    It is given up when the flight must be over (`flight_left_s` and some more), or on Ctrl-C.
    """
    say(
        f"No word from the vehicle for {link.silence_s:.1f} s. It goes on by itself, and its own failsafes "
        "watch over it. Keep the remote control ready. Ctrl-C leaves it alone."
    )
    start_s = told_s = time.monotonic()
    while (waited_s := time.monotonic() - start_s) < flight_left_s + GIVE_UP_AFTER_S:
        if interrupts.take():
            return None
        if not link.open or waited_s > REOPEN_AFTER_S:
            link.reconnect(RECONNECT_LIMIT_S)
        message = inbox.next(1.0 if link.open else 0.2)
        if message is not None:
            return message
        if time.monotonic() - told_s > STILL_EVERY_S:
            told_s = time.monotonic()
            say(f"Still no word after {waited_s:.0f} s; trying to connect again.")
    return None
