"""What lies under and beside a way: the ground, and the height that clears all obstacles."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from flight.surroundings import Surroundings
from vision.camera import FloatArray
from vision.errors import PantauError

_STATION_M = 1.0  # the ground between two stations is taken as straight
_SAME_PLACE_M = 1e-6


@dataclass(frozen=True)
class Corridor:
    """A way (2-D, metres of the local frame), looked at every metre.

    `corners` are the indices of the stations at the way's own vertices. `clear_m` is the lowest height
    that keeps the clearance from everything beside and below; −inf where nothing stands.
    `is_known` says whether obstacles are known all along.
    """

    way: FloatArray
    at_m: FloatArray
    corners: NDArray[np.intp]
    ground_m: FloatArray
    clear_m: FloatArray
    is_known: bool

    @classmethod
    def along(cls, way: FloatArray, surroundings: Surroundings, clearance_m: float) -> Corridor:
        """Look at a way (N, 2).

        Raises PantauError where the elevation model does not cover it.
        """
        places, at_m, corners = _stations(way)
        ground_m = surroundings.ground.elevation_m(places)
        refuse_unknown(ground_m, places, surroundings)
        clear_m, is_known = _clear_m(places, surroundings, clearance_m)
        return cls(way, at_m, corners, ground_m, clear_m, is_known)

    @property
    def is_corner(self) -> NDArray[np.bool_]:
        """Whether (N,) each station is one of the way's own vertices."""
        mask = np.zeros(len(self.at_m), dtype=np.bool_)
        mask[self.corners] = True
        return mask

    def lifted(self, indices: NDArray[np.intp], heights_m: FloatArray) -> FloatArray:
        """The way in space (N, 3): its own vertices, and those stations where the slope changes."""
        added = np.setdiff1d(indices, self.corners)
        at_m = np.concatenate([self.at_m[self.corners], self.at_m[added]])
        on_way = [np.interp(self.at_m[added], self.at_m[self.corners], axis) for axis in self.way.T]
        places = np.vstack([self.way, np.column_stack(on_way)])
        points = np.column_stack([places, np.interp(at_m, self.at_m[indices], heights_m)])
        return points[np.argsort(at_m, kind="stable")]


def refuse_unknown(ground_m: FloatArray, places: FloatArray, surroundings: Surroundings) -> None:
    """Raise PantauError that names the first place (of (N, 2)) where the ground's height is unknown."""
    gaps = np.flatnonzero(np.isnan(ground_m))
    if len(gaps):
        lat, lon = surroundings.frame.to_lat_lon(places[gaps[0]])[0]
        raise PantauError(
            f"the elevation model does not cover {lat:.5f},{lon:.5f}, where the flight or its return may "
            "pass; give a larger one (--dem), or a launch point nearer to the sites."
        )


def _stations(way: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """Places (N, 2) every metre at most, metres along the way, and which of them the vertices are."""
    places, at_m, corners = [way[:1]], [0.0], [0]
    for start, end in pairwise(way):
        length_m = float(np.hypot(*(end - start)))
        if length_m > _SAME_PLACE_M:
            shares = np.linspace(0, 1, int(np.ceil(length_m / _STATION_M)) + 1)[1:]
            places.append(start + shares[:, None] * (end - start))
            at_m += list(at_m[-1] + shares * length_m)
        corners.append(len(at_m) - 1)
    return np.vstack(places), np.array(at_m), np.array(corners)


def _clear_m(places: FloatArray, surroundings: Surroundings, clearance_m: float) -> tuple[FloatArray, bool]:
    obstacles = surroundings.obstacles
    if not obstacles.is_known:
        return np.full(len(places), -np.inf), False
    if len(places) == 1:
        middles, reach_m = places, clearance_m
    else:
        middles, reach_m = (places[:-1] + places[1:]) / 2, clearance_m + _STATION_M / 2
    between_m = obstacles.tops_m(middles, reach_m) + clearance_m
    is_known = bool(obstacles.are_known_at(middles, reach_m).all())
    if len(places) == 1:
        return between_m, is_known
    return np.maximum(np.append(between_m, -np.inf), np.insert(between_m, 0, -np.inf)), is_known
