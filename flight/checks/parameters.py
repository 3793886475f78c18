"""The vehicle's parameters that decide what happens when something goes wrong, read in a few seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence

from flight.driving.dronekit_link import Inbox, Link

# What the checks look at, of ArduCopter 4.x.
NAMES = (
    "BATT_FS_LOW_ACT",
    "BATT_LOW_MAH",
    "BATT_LOW_VOLT",
    "CAM1_TYPE",
    "FENCE_ACTION",
    "FENCE_ALT_MAX",
    "FENCE_AUTOENABLE",
    "FENCE_ENABLE",
    "FENCE_MARGIN",
    "FENCE_RADIUS",
    "FENCE_TOTAL",
    "FENCE_TYPE",
    "FS_EKF_ACTION",
    "FS_GCS_ENABLE",
    "FS_GCS_TIMEOUT",
    "FS_OPTIONS",
    "FS_THR_ENABLE",
    "RTL_ALT",
    "SYSID_MYGCS",
)
# ArduCopter 4.7 renamed these; asked only when the old name is not known.
RENAMED = {"RTL_ALT": ("RTL_ALT_M",), "SYSID_MYGCS": ("MAV_GCS_SYSID", "MAV_GCS_SYSID_HI")}
# Every ArduCopter knows it: it answers in order, so that what has not come before this will not come.
_LAST_OF_ROUND = "FS_GCS_ENABLE"
_AT_ONCE = 12  # ArduPilot queues 20 requests and drops what is more
_ROUNDS = 4  # a request or its answer may be lost
_ROUND_S = 1.5
LIMIT_S = 5.0


def read_parameters(link: Link, limit_s: float = LIMIT_S) -> dict[str, float]:
    """The values of the parameters that the checks need; without those that the vehicle does not know.

    A vehicle says nothing to an unknown name: it is asked again a few times, within the limit.
    """
    until_s = time.monotonic() + limit_s
    values = _read(link, NAMES, until_s)
    newer = [name for old, names in RENAMED.items() if old not in values for name in names]
    return values | _read(link, newer, until_s)


def _read(link: Link, names: Sequence[str], until_s: float) -> dict[str, float]:
    values: dict[str, float] = {}
    with link.listen("PARAM_VALUE") as inbox:
        for start in range(0, len(names), _AT_ONCE):
            _read_some(link, inbox, names[start : start + _AT_ONCE], values, until_s)
    return {name: values[name] for name in names if name in values}


def _read_some(
    link: Link, inbox: Inbox, names: Sequence[str], values: dict[str, float], until_s: float
) -> None:
    for _ in range(_ROUNDS):
        missing = [name for name in names if name not in values]
        if not missing or time.monotonic() >= until_s:
            return
        for name in (*missing, _LAST_OF_ROUND):
            link.send("PARAM_REQUEST_READ", param_id=name.encode(), param_index=-1)
        _collect(inbox, values, min(until_s, time.monotonic() + _ROUND_S))


def _collect(inbox: Inbox, values: dict[str, float], until_s: float) -> None:
    """Note the values that come, until the one that was asked for last has come."""
    while (message := inbox.next(until_s - time.monotonic())) is not None:
        values[message.param_id] = float(message.param_value)
        if message.param_id == _LAST_OF_ROUND:
            return
