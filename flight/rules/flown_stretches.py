"""Everything that sorties fly as straight stretches in space, with the height above the ground below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.missions.sortie_way import in_metres
from flight.planning.plan import Leg, Sortie
from flight.surroundings import Surroundings
from vision.camera import FloatArray

IntArray = NDArray[np.intp]


@dataclass(frozen=True)
class Stretches:
    """Straight stretches in the order in which they are flown; one entry or row each.

    `starts` and `ends` are (N, 3): metres of the local frame, height above the datum of the ground.
    `legs` names all legs; `leg` and `sortie` are indices of each stretch's leg and sortie.
    """

    legs: tuple[str, ...]
    leg: IntArray
    sortie: IntArray
    starts: FloatArray
    ends: FloatArray

    def lines(self) -> NDArray[np.object_]:
        """The stretches over ground, as lines in metres."""
        return np.asarray(shapely.linestrings(np.stack([self.starts[:, :2], self.ends[:, :2]], axis=1)))

    def cut(self, longest_m: float) -> Stretches:
        """The same way in stretches no longer than this over ground."""
        length_m = np.hypot(*(self.ends - self.starts)[:, :2].T)
        counts = np.maximum(np.ceil(length_m / longest_m), 1).astype(np.intp)
        whole = np.repeat(np.arange(len(counts)), counts)
        number = np.arange(len(whole)) - np.repeat(np.cumsum(counts) - counts, counts)
        step = ((self.ends - self.starts) / counts[:, None])[whole]
        starts = self.starts[whole] + step * number[:, None]
        return Stretches(self.legs, self.leg[whole], self.sortie[whole], starts, starts + step)


@dataclass(frozen=True)
class HomePoints:
    """Of each sortie: the home point (S, 2) in metres, its ground (S,) and its return height (S,).

    Heights are above the datum of the ground.
    """

    places: FloatArray
    ground_m: FloatArray
    return_m: FloatArray


def home_points(sorties: Sequence[Sortie], surroundings: Surroundings) -> HomePoints:
    """Where sorties begin and how high they return."""
    places = surroundings.frame.to_metres(
        [sortie.home.lat for sortie in sorties], [sortie.home.lon for sortie in sorties]
    )
    ground_m = np.nan_to_num(surroundings.ground.elevation_m(places))
    return HomePoints(places, ground_m, ground_m + [sortie.return_height_m for sortie in sorties])


def flown_stretches(sorties: Sequence[Sortie], homes: HomePoints, surroundings: Surroundings) -> Stretches:
    """All legs of all sorties, and as a leg of its own the climb and the landing at each home point.

    The last stretch of a return is also flown at the return height: that is how vehicles come home.
    """
    legs: list[str] = []
    owner: list[tuple[int, int, int]] = []
    points: list[FloatArray] = []
    for index, sortie in enumerate(sorties):
        for name, way in _ways(index, sortie, homes, surroundings):
            owner.append((len(legs), index, len(way) - 1))
            legs.append(name)
            points.append(way)
    leg, sortie_index, counts = np.array(owner, dtype=np.intp).reshape(-1, 3).T
    return Stretches(
        tuple(legs),
        np.repeat(leg, counts),
        np.repeat(sortie_index, counts),
        np.vstack([way[:-1] for way in points]) if points else np.zeros((0, 3)),
        np.vstack([way[1:] for way in points]) if points else np.zeros((0, 3)),
    )


def _ways(
    index: int, sortie: Sortie, homes: HomePoints, surroundings: Surroundings
) -> Iterator[tuple[str, FloatArray]]:
    home, ground_m, return_m = homes.places[index], homes.ground_m[index], homes.return_m[index]
    top_m = max(return_m, ground_m + sortie.transits[0][0].alt_m)
    column = np.array([[*home, ground_m], [*home, top_m]])
    yield f"sortie {sortie.number}, take-off and landing", column
    for leg in sortie.legs():
        way = _in_metres(leg, ground_m, surroundings)
        if leg.role == "return":
            back = way[-2:].copy()
            back[:, 2] = np.maximum(back[:, 2], return_m)
            way = np.vstack([way, back[::-1], way[-2:-1]])
        yield leg.name, way


def _in_metres(leg: Leg, ground_m: float, surroundings: Surroundings) -> FloatArray:
    way = in_metres(surroundings.frame, leg.waypoints) + np.array([0.0, 0.0, ground_m])
    return way if len(way) > 1 else np.repeat(way, 2, axis=0)
