"""The fences that the simulated vehicle watches: height, circle around home, polygons and circles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import hypot

import shapely

from flight.simulator import stored_items as kept
from flight.simulator.kinematics import Point
from flight.simulator.mission_protocol import ItemList
from flight.simulator.modes import NOTICE
from flight.simulator.parameters import Parameters
from vision.frames import LocalFrame

ALT_MAX, CIRCLE, POLYGONS, ALT_MIN = 1, 2, 4, 8  # bits of FENCE_TYPE
LOOK_EVERY_S = 0.1
MAV_BREACH = {"Min Alt": 1, "Max Alt": 2, "Circle": 3, "Polygon": 3}  # FENCE_BREACH


@dataclass
class _Shape:
    """An area in metres, and whether one must be inside it."""

    area: shapely.Polygon
    inclusion: bool


@dataclass
class Fence:
    """Watched, armed or not, as long as FENCE_ENABLE is set; off by factory.

    A type added to FENCE_TYPE is watched from the next time that the fence is switched on.
    `react` is called on each new breach with the metres beyond it.
    """

    items: ItemList
    parameters: Parameters
    frame: LocalFrame
    say: Callable[[int, str], None]
    react: Callable[[float], None]
    outside: tuple[str, ...] = ()
    breaches: int = 0
    breached_at_s: float = 0.0
    _watched: int = 0  # types that were set when the fence was switched on
    _look_in_s: float = 0.0
    _shapes: list[_Shape] = field(default_factory=list)
    _shapes_of: int = -1

    @property
    def enabled(self) -> bool:
        """FENCE_ENABLE."""
        return bool(self.parameters["FENCE_ENABLE"])

    @property
    def breach_type(self) -> int:
        """FENCE_BREACH of the fence left, 0 for none."""
        return max((MAV_BREACH[name] for name in self.outside), default=0)

    def step(self, dt_s: float, boot_s: float, here: Point, home: Point) -> None:
        """Look, if it is time."""
        self._look_in_s -= dt_s
        if self._look_in_s > 0:
            return
        self._look_in_s = LOOK_EVERY_S
        self._watched = self._watched if self.enabled else 0
        beyond_m = self._left(here, home) if self.enabled else {}
        new = [name for name in beyond_m if name not in self.outside]
        over = bool(self.outside) and not beyond_m
        self.outside = tuple(beyond_m)
        if over and self.enabled:
            self.say(NOTICE, "Fence breach cleared")
        if new:
            self.breaches += 1
            self.breached_at_s = boot_s
            self.say(NOTICE, f"{' and '.join(new)} fence breached")
            self.react(max(beyond_m.values()))

    def _left(self, here: Point, home: Point) -> dict[str, float]:
        """The fences that it is outside of, with the metres beyond them."""
        limits, types = self.parameters, int(self.parameters["FENCE_TYPE"])
        self._watched = self._watched or types
        types &= self._watched
        away_m = hypot(here.east_m - home.east_m, here.north_m - home.north_m)
        beyond_m = {
            "Max Alt": (types & ALT_MAX, here.up_m - limits["FENCE_ALT_MAX"]),
            "Min Alt": (types & ALT_MIN, limits["FENCE_ALT_MIN"] - here.up_m),
            "Circle": (types & CIRCLE, away_m - limits["FENCE_RADIUS"]),
            "Polygon": (types & POLYGONS, self._beyond_polygons_m(shapely.Point(here.east_m, here.north_m))),
        }
        return {name: metres for name, (watched, metres) in beyond_m.items() if watched and metres > 0}

    def _beyond_polygons_m(self, here: shapely.Point) -> float:
        """Metres outside the worst of the areas; 0 where all are kept."""
        if self._shapes_of != self.items.changes:
            self._shapes, self._shapes_of = self._read_shapes(), self.items.changes
        left = [shape for shape in self._shapes if shape.area.contains(here) != shape.inclusion]
        return max((max(0.01, shape.area.exterior.distance(here)) for shape in left), default=0.0)

    def _read_shapes(self) -> list[_Shape]:
        """The stored items as areas."""
        items, shapes, index = self.items.items, [], 0
        while index < len(items):
            item = items[index]
            inclusion = item.command in (kept.FENCE_INCLUSION_CORNER, kept.FENCE_INCLUSION_CIRCLE)
            if item.command in (kept.FENCE_INCLUSION_CIRCLE, kept.FENCE_EXCLUSION_CIRCLE):
                centre = self.frame.to_metres(item.lat, item.lon)[0]
                shapes.append(_Shape(shapely.Point(*centre).buffer(item.params[0]), inclusion))
                index += 1
                continue
            corners = items[index : index + int(item.params[0])]
            places = self.frame.to_metres([c.lat for c in corners], [c.lon for c in corners])
            shapes.append(_Shape(shapely.Polygon(places), inclusion))
            index += len(corners)
        return shapes
