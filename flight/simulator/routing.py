"""How the simulated vehicle passes messages on between its links, as ArduPilot's MAVLink_routing does.

Heartbeats go to all other links, except those on which the same system and component is known to be:
so ground stations notice each other, unless they have the same ids. Broadcasts go to all links on
which anybody was heard, messages for others to those on which the target was heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

VEHICLE_SYSTEM, VEHICLE_COMPONENT = 1, 1


class Side(Protocol):
    """A link: `heard` are the (system, component) that spoke on it."""

    heard: set[tuple[int, int]]

    def forward(self, message: Any) -> None:
        """Send a message on as it came."""
        ...


def route(message: Any, came_by: Side, links: Iterable[Side]) -> bool:
    """Learn from a message where its sender is, pass it on, and say whether it is for the vehicle."""
    source = (message.get_srcSystem(), message.get_srcComponent())
    if source == (VEHICLE_SYSTEM, VEHICLE_COMPONENT):
        return False
    came_by.heard.add(source)
    others = [link for link in links if link is not came_by]
    if message.get_type() == "HEARTBEAT":
        _forward(message, [link for link in others if source not in link.heard])
        return True
    system = getattr(message, "target_system", 0)
    component = getattr(message, "target_component", 0)
    for_vehicle = system in (0, VEHICLE_SYSTEM)
    if system == VEHICLE_SYSTEM and component in (0, VEHICLE_COMPONENT):
        return True
    targets = [link for link in others if _is_there(link, system, component)]
    _forward(message, targets)
    return for_vehicle and (system == 0 or component in (0, VEHICLE_COMPONENT) or not targets)


def _is_there(link: Side, system: int, component: int) -> bool:
    if system == 0:
        return bool(link.heard)
    return any(
        other == system and (component == 0 or their == component or system != VEHICLE_SYSTEM)
        for other, their in link.heard
    )


def _forward(message: Any, links: Iterable[Side]) -> None:
    for link in links:
        link.forward(message)
