"""The recorded traffic of a real ArduCopter: reading it, and building its messages again.

A recording is a file of lines `[seconds, direction, message]`, ">" from the ground station, "<" from the
vehicle. Most were recorded faster than real time: `boot_s` is the vehicle's own clock, by the times since
boot that its messages carry.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from pymavlink.dialects.v20 import ardupilotmega as mavlink

NAMES = (
    "arming-and-mission-protocol",
    "auto-mission",
    "auto-without-mission-start",
    "failsafes",
    "fence-and-guided",
)
STANDS_AT = {"lat": -6.3073, "lon": 106.8403999, "alt_msl_m": 30.1}  # where the recorded vehicle stood


@dataclass(frozen=True)
class Recorded:
    """One message. `at_s` is the recorder's clock, `boot_s` the vehicle's."""

    at_s: float
    boot_s: float
    from_vehicle: bool
    name: str
    fields: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        """A field of the message."""
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True, eq=False)
class Recording:
    """All messages of a recording, in order."""

    name: str
    messages: tuple[Recorded, ...]

    def told(self, *names: str, from_s: float = 0.0, to_s: float = np.inf) -> list[Recorded]:
        """What the vehicle sent of some kinds (of all without names) in a time of the recorder."""
        return self._between(True, names, from_s, to_s)

    def asked(self, *names: str, from_s: float = 0.0, to_s: float = np.inf) -> list[Recorded]:
        """What the ground station sent."""
        return self._between(False, names, from_s, to_s)

    @property
    def time_factor(self) -> float:
        """Seconds of the vehicle in one of the recorder."""
        first, last = self.told("ATTITUDE")[:: len(self.told("ATTITUDE")) - 1]
        return (last.time_boot_ms - first.time_boot_ms) / 1000 / (last.at_s - first.at_s)

    def since(self, first: Recorded) -> Recording:
        """What was recorded from a message on."""
        return Recording(self.name, self.messages[self.messages.index(first) :])

    def until_boot(self, boot_s: float) -> Recording:
        """What was recorded up to a time since boot."""
        return Recording(self.name, tuple(m for m in self.messages if m.boot_s <= boot_s))

    def answer(self, request: Recorded) -> Recorded:
        """The COMMAND_ACK of a COMMAND_LONG."""
        after = islice(self.messages, self.messages.index(request) + 1, None)
        return next(m for m in after if m.name == "COMMAND_ACK" and m.command == request.command)

    def boot_s_at(self, at_s: float) -> float:
        """The vehicle's clock at a time of the recorder's."""
        return next(message.boot_s for message in self.messages if message.at_s >= at_s)

    def _between(
        self, from_vehicle: bool, names: tuple[str, ...], from_s: float, to_s: float
    ) -> list[Recorded]:
        return [
            message
            for message in self.messages
            if message.from_vehicle == from_vehicle
            and from_s <= message.at_s <= to_s
            and (not names or message.name in names)
        ]


@cache
def read_recording(shared: Path, name: str) -> Recording:
    """A recording by its name."""
    with gzip.open(shared / "data" / "mavlink" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    at_s, boot_s = _clock(rows)
    messages = []
    for seconds, direction, fields in rows:
        kind = fields.pop("mavpackettype")
        messages.append(Recorded(seconds, _at(seconds, at_s, boot_s), direction == "<", kind, fields))
    return Recording(name, tuple(messages))


def _clock(rows: list[Any]) -> tuple[Any, Any]:
    """When the recorder heard of which time since boot; both rise."""
    heard = [
        (seconds, fields["time_boot_ms"] / 1e3 if "time_boot_ms" in fields else fields["ts1"] / 1e9)
        for seconds, direction, fields in rows
        if direction == "<" and fields["mavpackettype"] in ("ATTITUDE", "TIMESYNC", "SYSTEM_TIME")
    ]
    at_s, boot_s = np.array(heard).T
    return at_s, np.maximum.accumulate(boot_s)


def _at(seconds: float, at_s: Any, boot_s: Any) -> float:
    """Time since boot; before the first and after the last that is known, at the usual rate."""
    rate = (boot_s[-1] - boot_s[0]) / (at_s[-1] - at_s[0])
    beyond_s = min(0.0, seconds - at_s[0]) + max(0.0, seconds - at_s[-1])
    return float(np.interp(seconds, at_s, boot_s) + rate * beyond_s)


def changes(messages: Iterable[Recorded], *fields: str) -> list[tuple[float, tuple[Any, ...]]]:
    """When the values of some fields changed (since boot), and to what; the first values too."""
    found: list[tuple[float, tuple[Any, ...]]] = []
    for message in messages:
        values = tuple(message.fields[field] for field in fields)
        if not found or found[-1][1] != values:
            found.append((message.boot_s, values))
    return found


def rebuilt(message: Recorded) -> Any:
    """The MAVLink message (BAD_DATA: its bytes) that was recorded."""
    if message.name == "BAD_DATA":
        return bytes.fromhex(message.data)
    build = getattr(mavlink, f"MAVLink_{message.name.lower()}_message")
    return build(**{name: _value(value) for name, value in message.fields.items()})


def _value(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def plain(message: Any) -> dict[str, Any]:
    """The fields of a MAVLink message, as in a recording."""
    fields: dict[str, Any] = message.to_dict()
    del fields["mavpackettype"]
    return fields
