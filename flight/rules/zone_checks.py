"""Whether what is flown keeps out of zones, tested on every stretch, apart from how ways were found."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from flight.rules.airspace import Zone
from flight.rules.flown_stretches import HomePoints, IntArray, Stretches
from flight.rules.profile import Profile, Rule
from flight.rules.rule_report import Violation
from flight.surroundings import Surroundings
from vision.camera import FloatArray

_ROUNDING_M = 0.001  # a way just at a margin keeps it
_LEGS_NAMED = 3


@dataclass(frozen=True)
class FlownPieces:
    """What is flown as short pieces, with the height above ground at the start and the end of each."""

    stretches: Stretches
    start_agl_m: FloatArray
    end_agl_m: FloatArray

    @cached_property
    def tree(self) -> STRtree:
        """The pieces over ground, for finding those near a zone."""
        return STRtree(self.lines)

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """The pieces over ground, as lines in metres."""
        return self.stretches.lines()

    @cached_property
    def lowest_m(self) -> FloatArray:
        """The lower end of each piece above ground."""
        return np.minimum(self.start_agl_m, self.end_agl_m)

    @cached_property
    def highest_m(self) -> FloatArray:
        """The upper end of each piece above ground."""
        return np.maximum(self.start_agl_m, self.end_agl_m)


@dataclass(frozen=True)
class ZoneCheck:
    """Zones held against what is flown; `permits` are approvals in hand."""

    zones: Sequence[Zone]
    profile: Profile
    permits: Sequence[str]
    surroundings: Surroundings

    def violations(self, pieces: FlownPieces) -> Iterator[tuple[int, Violation]]:
        """Each leg that enters a zone or its margin, between its floor and ceiling, with the leg's index."""
        for zone, rule in self._closed():
            area = self.surroundings.frame.shapes_to_metres(zone.area)
            near = pieces.tree.query(area, predicate="dwithin", distance=_within_m(rule))
            met = near[(pieces.highest_m[near] > zone.floor_m) & (pieces.lowest_m[near] < zone.ceiling_m)]
            for leg in np.unique(pieces.stretches.leg[met]):
                own = met[pieces.stretches.leg[met] == leg]
                yield int(leg), self._violation(zone, rule, area, pieces, own, int(leg))

    def _closed(self) -> Iterator[tuple[Zone, Rule]]:
        for zone in self.zones:
            rule = self.profile.rule_for(zone.kind)
            if rule is not None:
                yield zone, rule

    def _violation(
        self, zone: Zone, rule: Rule, area: BaseGeometry, pieces: FlownPieces, met: IntArray, leg: int
    ) -> Violation:
        away_m = float(shapely.distance(area, pieces.lines[met]).min())
        low_m, high_m = float(pieces.lowest_m[met].min()), float(pieces.highest_m[met].max())
        heights = f"{low_m:.0f}–{high_m:.0f} m above ground" if high_m - low_m > 1 else f"{high_m:.0f} m up"
        if away_m == 0:
            what = f"enters {zone.title}, {_band(zone)}, {heights}"
        else:
            what = f"comes within {away_m:.0f} m of {zone.title}, not {rule.margin_m:.0f} m, {heights}"
        return Violation(
            rule=rule.id,
            leg=pieces.stretches.legs[leg],
            what=what,
            article=rule.citation,
            permitted=rule.is_lifted(self.permits, zone.id, zone.name),
            permit=zone.id if rule.approval else "",
        )

    def returns_across(self, stretches: Stretches, homes: HomePoints) -> list[str]:
        """A notice for each zone that a failsafe's straight return from some leg would cross.

        Vehicles then climb to the return height where they are lower, and fly straight home. The fan of
        all such ways from one stretch is the triangle between it and home.
        """
        home = homes.places[stretches.sortie]
        corners = np.stack([stretches.starts[:, :2], stretches.ends[:, :2], home], axis=1)
        fans = shapely.convex_hull(shapely.multipoints(corners))
        heights_m = np.column_stack([stretches.starts[:, 2], stretches.ends[:, 2]])
        heights_m = np.maximum(heights_m, homes.return_m[stretches.sortie, None])
        tree = STRtree(fans)
        notices = []
        for zone, rule in self._closed():
            if rule.is_lifted(self.permits, zone.id, zone.name):
                continue
            area = self.surroundings.frame.shapes_to_metres(zone.area)
            near = tree.query(area, predicate="dwithin", distance=_within_m(rule))
            met = near[self._in_band(zone, area, fans[near], heights_m[near])]
            names = list(dict.fromkeys(stretches.legs[leg] for leg in np.sort(stretches.leg[met])))
            if names:
                notices.append(_about_return(zone, rule, names))
        return notices

    def _in_band(
        self, zone: Zone, area: BaseGeometry, fans: NDArray[np.object_], heights_m: FloatArray
    ) -> NDArray[np.bool_]:
        """Whether returns at these heights (N, 2), lowest and highest, pass between floor and ceiling."""
        if not len(fans):
            return np.zeros(0, dtype=np.bool_)
        over = shapely.get_coordinates(shapely.centroid(shapely.shortest_line(fans, area)))
        agl_m = heights_m - np.nan_to_num(self.surroundings.ground.elevation_m(over))[:, None]
        in_band: NDArray[np.bool_] = (agl_m.max(axis=1) > zone.floor_m) & (agl_m.min(axis=1) < zone.ceiling_m)
        return in_band


def _within_m(rule: Rule) -> float:
    return max(rule.margin_m - _ROUNDING_M, 0.0)


def _band(zone: Zone) -> str:
    top = f"up to {zone.ceiling_m:.0f} m" if math.isfinite(zone.ceiling_m) else "without ceiling"
    return f"closed {f'from {zone.floor_m:.0f} m ' if zone.floor_m > 0 else ''}{top}"


def _about_return(zone: Zone, rule: Rule, legs: Sequence[str]) -> str:
    more = f" and {len(legs) - _LEGS_NAMED} more legs" if len(legs) > _LEGS_NAMED else ""
    return (
        f"a failsafe flies straight home: from {'; '.join(legs[:_LEGS_NAMED])}{more} it would cross "
        f"{zone.title} ({rule.citation}); set the failsafe to land there, or launch on the same side of it"
    )
