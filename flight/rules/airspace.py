"""Where flying is not allowed, and the way round it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from flight.rules.detours import Detours, straight_m
from flight.rules.profile import Profile, Rule
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame

_DETAIL_M = 0.5  # finer detail of a zone's outline is not followed but flown round
_ARC_SEGMENTS = 16  # of a quarter circle


@dataclass(frozen=True)
class Zone:
    """Airspace that is closed or needs an approval: an area (lon, lat) between two heights above ground.

    `kind` is one of those that profiles name: "prohibited", "restricted", "controlled", "helipad",
    "residential" … `ceiling_m` is infinite where no upper limit is given.
    """

    id: str
    name: str
    kind: str
    area: Polygon | MultiPolygon
    floor_m: float = 0.0
    ceiling_m: float = math.inf

    @property
    def title(self) -> str:
        """The zone for people: its kind, its name and its id."""
        return f"{self.kind} zone {self.name!r}" + ("" if self.id == self.name else f" ({self.id})")


@dataclass(frozen=True)
class Closure:
    """A zone that a survey keeps out of, by which rule, and the area in metres that is kept clear.

    `area` includes the rule's margin, how far the vehicle strays, and up to 1 m for simplicity.
    `is_in_the_way` is False of a zone that ends below the flight: it may be flown over, but no vehicle
    may take off inside.
    """

    zone: Zone
    rule: Rule
    area: BaseGeometry
    is_in_the_way: bool


@dataclass(frozen=True)
class Airspace:
    """The zones that the flights of a survey must keep out of, in metres of `frame`."""

    closures: tuple[Closure, ...] = ()
    frame: LocalFrame | None = None

    @classmethod
    def around(
        cls,
        zones: Sequence[Zone],
        frame: LocalFrame,
        profile: Profile,
        lowest_m: float = 0.0,
        highest_m: float = math.inf,
        clearance_m: float = 0.0,
        permits: Sequence[str] = (),
    ) -> Airspace:
        """The airspace of flights between two heights above ground, under a profile.

        Zones are closed that the profile names (with its margin) unless `permits` holds an approval,
        by rule or by zone. `clearance_m` is how far the vehicle strays.
        """
        closures = []
        for zone in zones:
            rule = profile.rule_for(zone.kind)
            if rule is None or rule.is_lifted(permits, zone.id, zone.name) or zone.floor_m >= highest_m:
                continue
            area = _kept_clear(frame.shapes_to_metres(zone.area), rule.margin_m + clearance_m)
            closures.append(Closure(zone, rule, area, zone.ceiling_m > lowest_m))
        return cls(tuple(closures), frame)

    def distances_m(self, leave: FloatArray, enter: FloatArray) -> FloatArray:
        """The lengths (N, M) of the shortest ways round all zones from places (N, 2) to places (M, 2).

        Infinite where there is no way, as from and to a place inside a zone.
        """
        if self._detours is None:
            return straight_m(leave, enter)
        return self._detours.distances_m(leave, enter)

    def way(self, start: FloatArray, end: FloatArray) -> FloatArray:
        """The shortest way (N, 2) round all zones, both ends included.

        Raises PantauError, naming the zones in between, where there is no way.
        """
        if self._detours is None:
            return np.array([start, end], dtype=np.float64)
        way = self._detours.way(start, end)
        if way is None:
            between = " and ".join(met.zone.title for met in self._met(LineString([start, end])))
            raise PantauError(
                f"no way leads round {between}; launch on both sides of it (--launch), cut the sites, or "
                "give --permit with its name when the approval is in hand."
            )
        return way

    def blocking(self, line: LineString) -> Closure | None:
        """The first closure that a line in metres, flown, would come too near to; None when it is free."""
        return next(self._met(line), None)

    def closing(self, place: Point) -> Closure | None:
        """What keeps anybody from launching at a place in metres; None where it is open."""
        return next((closure for closure in self.closures if closure.area.intersects(place)), None)

    @cached_property
    def forbidden(self) -> BaseGeometry | None:
        """All of the area, in metres, in which no vehicle may take off; None when everything is open."""
        areas = [closure.area for closure in self.closures]
        return shapely.union_all(areas) if areas else None

    def _met(self, line: LineString) -> Iterator[Closure]:
        for closure in self.closures:
            if closure.is_in_the_way and closure.area.intersects(line):
                yield closure

    @cached_property
    def _detours(self) -> Detours | None:
        areas = [closure.area for closure in self.closures if closure.is_in_the_way]
        return Detours(shapely.union_all(areas)) if areas else None


def _kept_clear(area: BaseGeometry, margin_m: float) -> BaseGeometry:
    """An area with a margin, its outline simplified outwards: at least the margin, at most 1 m more.

    Simplifying moves an outline by no more than its tolerance, so that much is added before; a circle's
    chords come nearer than its radius, so the radius grows by that.
    """
    reach_m = (margin_m + _DETAIL_M) / math.cos(math.pi / (4 * _ARC_SEGMENTS))
    return area.buffer(reach_m, quad_segs=_ARC_SEGMENTS).simplify(_DETAIL_M)
