"""A mission as values: what a vehicle is told, independent of any file format or link."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MissionItem:
    """One MAVLink mission item. `command` and `frame` are MAV_CMD and MAV_FRAME numbers.

    `lat` and `lon` are degrees (0 where the command has no position), `alt_m` in the item's frame.
    `params` are param1 to param4.
    """

    command: int
    frame: int
    params: tuple[float, float, float, float]
    lat: float
    lon: float
    alt_m: float


@dataclass(frozen=True)
class Home:
    """Where the mission expects the take-off: WGS 84, altitude above mean sea level or 0."""

    lat: float
    lon: float
    alt_m: float = 0.0


@dataclass(frozen=True)
class Mission:
    """The items of one sortie, without the home item, in order; and where to stay.

    `fence` is the polygon to stay inside: a closed ring's corners as (lat, lon), empty for none.
    `exclusions` are polygons of the same form to stay out of.
    """

    home: Home
    items: tuple[MissionItem, ...]
    fence: tuple[tuple[float, float], ...] = ()
    cruise_speed_ms: float = 5.0
    exclusions: tuple[tuple[tuple[float, float], ...], ...] = ()

    @property
    def has_fence(self) -> bool:
        """Whether it brings a fence of its own: to stay inside, or to stay out of."""
        return bool(self.fence or self.exclusions)
