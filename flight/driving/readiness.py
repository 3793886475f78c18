"""Waiting until a vehicle is ready to arm: its position estimate, and its own pre-arm checks."""

from __future__ import annotations

import time
from collections.abc import Callable

from flight.driving.vehicle import Vehicle

ASK_AGAIN_S = 3.0


def wait_until_ready(
    vehicle: Vehicle, limit_s: float, waiting: Callable[[float, str], None] = lambda seconds, missing: None
) -> bool:
    """Wait for the position estimate and the pre-arm checks; whether they came within `limit_s`.

    `waiting(seconds, what)` is called about each second.
    """
    start_s = asked_s = time.monotonic()
    with vehicle.link.listen("SYS_STATUS", "EKF_STATUS_REPORT") as inbox:
        while (passed_s := time.monotonic() - start_s) < limit_s:
            message = inbox.next(min(1.0, limit_s - passed_s))
            if vehicle.prearm_ok and vehicle.position_ok and vehicle.position is not None:
                return True
            if message is None and time.monotonic() - asked_s > ASK_AGAIN_S:
                vehicle.link.ask_for_streams()  # the first request may have been lost
                asked_s = time.monotonic()
            waiting(passed_s, _missing(vehicle))
    return False


def _missing(vehicle: Vehicle) -> str:
    if not vehicle.position_ok or vehicle.position is None:
        return "no position estimate yet"
    return "its pre-arm checks fail" if not vehicle.prearm_ok else "nothing is missing"
