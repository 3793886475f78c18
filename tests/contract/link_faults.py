"""How messages fare on a bad link: rules for the proxy.

A rule is asked about each message and gives what goes on, as (delay in seconds, bytes) each; an empty list
is a lost message, None one that the rule does not concern. Rules that draw lots do so by their own seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

TO_VEHICLE, TO_CLIENT = ">", "<"
Parcels = list[tuple[float, bytes]]
Rule = Callable[[str, Any], Parcels | None]
Concerns = Callable[[str, Any], bool]
MISSION_PREFIX = "MISSION_"


def named(*names: str, direction: str | None = None) -> Concerns:
    """Messages of these kinds, all if none is named, that go a way (or either)."""
    return lambda way, message: (
        (not names or message.get_type() in names) and (direction is None or way == direction)
    )


def mission_protocol(direction: str, message: Any) -> bool:
    """Messages of the mission protocol, but not those that tell of progress."""
    name = message.get_type()
    return name.startswith(MISSION_PREFIX) and name not in ("MISSION_CURRENT", "MISSION_ITEM_REACHED")


def dropped(concerns: Concerns, share: float = 1.0, first: int | None = None, seed: int = 1) -> Rule:
    """A share of the messages is lost; with `first` only so many at all."""
    chance, lost = random.Random(seed), 0

    def rule(direction: str, message: Any) -> Parcels | None:
        nonlocal lost
        if not concerns(direction, message) or (first is not None and lost >= first):
            return None
        if chance.random() >= share:
            return None
        lost += 1
        return []

    return rule


def delayed(concerns: Concerns, seconds: float) -> Rule:
    """Messages come later."""
    return lambda direction, message: [(seconds, _raw(message))] if concerns(direction, message) else None


def duplicated(concerns: Concerns) -> Rule:
    """Each message comes twice."""
    return lambda direction, message: [(0.0, _raw(message))] * 2 if concerns(direction, message) else None


def reordered(concerns: Concerns, every: int = 3) -> Rule:
    """Every so many-th message comes after the one that was sent after it."""
    held: dict[str, bytes] = {}
    counted = 0

    def rule(direction: str, message: Any) -> Parcels | None:
        nonlocal counted
        if not concerns(direction, message):
            return None
        if direction in held:
            return [(0.0, _raw(message)), (0.0, held.pop(direction))]
        counted += 1
        if counted % every:
            return None
        held[direction] = _raw(message)
        return []

    return rule


def overtaken(concerns: Concerns) -> Rule:
    """Each message is followed by a late copy of the one before it, as over a network with two ways."""
    before: dict[str, bytes] = {}

    def rule(direction: str, message: Any) -> Parcels | None:
        if not concerns(direction, message):
            return None
        late = [(0.0, before[direction])] if direction in before else []
        before[direction] = _raw(message)
        return [(0.0, _raw(message)), *late]

    return rule


def tampered(concerns: Concerns, change: Callable[[Any], None]) -> Rule:
    """The fields of messages are changed on their way, with a checksum that fits."""

    def rule(direction: str, message: Any) -> Parcels | None:
        if not concerns(direction, message):
            return None
        voice = mavlink.MAVLink(
            None, srcSystem=message.get_srcSystem(), srcComponent=message.get_srcComponent()
        )
        voice.seq = message.get_seq()
        copy = mavlink.MAVLink(None).decode(bytearray(_raw(message)))
        change(copy)
        return [(0.0, bytes(copy.pack(voice)))]

    return rule


def with_garbage(concerns: Concerns, seed: int = 1) -> Rule:
    """Bytes that mean nothing come before each message, some of which look like the start of one."""
    chance = random.Random(seed)

    def rule(direction: str, message: Any) -> Parcels | None:
        if not concerns(direction, message):
            return None
        noise = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 12)))
        text = b"\n\nInit ArduCopter V4.6.2\n\nFree RAM: 52428\n"
        return [(0.0, chance.choice((noise, text)) + _raw(message))]

    return rule


def _raw(message: Any) -> bytes:
    return bytes(message.get_msgbuf())
