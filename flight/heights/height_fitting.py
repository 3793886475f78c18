"""Heights along a line that stay between two bounds, with few changes of slope.

All arrays are (N,), one value for each station along the line; stations are in metres, increasing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.camera import FloatArray

_SAME_M = 1e-6


@dataclass(frozen=True)
class HeightBand:
    """The lowest and highest height allowed at each station; either can be followed at the steepest slope."""

    at_m: FloatArray
    lowest_m: FloatArray
    highest_m: FloatArray
    steepest: float

    @classmethod
    def above(
        cls, at_m: FloatArray, needed_m: FloatArray, allowed_m: FloatArray, slack_m: float, steepest: float
    ) -> HeightBand:
        """The band from what is needed to what is allowed.

        Where more than that is needed, or to climb there in time, needs wins: up to `slack_m` above
        what is needed is allowed then.
        """
        lowest_m = lowest_followable(at_m, needed_m, steepest)
        highest_m = np.where(lowest_m > allowed_m, lowest_m + slack_m, allowed_m)
        return cls(at_m, lowest_m, -lowest_followable(at_m, -highest_m, steepest), steepest)

    def fit(self, wanted_m: FloatArray, is_corner: NDArray[np.bool_]) -> tuple[NDArray[np.intp], FloatArray]:
        """Indices of the stations where the slope changes, the ends included, and the heights there.

        From each change on it goes as far as one slope can; the slope changes at corners for choice,
        where the line bends anyway, and comes close to what is wanted there and at the end.
        """
        at, height_m = 0, float(np.clip(wanted_m[0], self.lowest_m[0], self.highest_m[0]))
        indices, heights_m = [at], [height_m]
        while at < len(self.at_m) - 1:
            at, height_m = self._next(at, height_m, wanted_m, is_corner)
            indices.append(at)
            heights_m.append(height_m)
        return np.array(indices), np.array(heights_m)

    def _next(
        self, at: int, height_m: float, wanted_m: FloatArray, is_corner: NDArray[np.bool_]
    ) -> tuple[int, float]:
        ahead = slice(at + 1, None)
        run_m = self.at_m[ahead] - self.at_m[at]
        flattest = (self.lowest_m[ahead] - _SAME_M - height_m) / run_m
        steepest = (self.highest_m[ahead] + _SAME_M - height_m) / run_m
        least = np.maximum.accumulate(np.maximum(flattest, -self.steepest))
        most = np.minimum.accumulate(np.minimum(steepest, self.steepest))
        shut = np.flatnonzero(least > most)
        reach = max(int(shut[0]), 1) if len(shut) else len(run_m)
        corners = np.flatnonzero(is_corner[at + 1 : at + 1 + reach])
        last = int(corners[-1]) if len(corners) and len(shut) else reach - 1
        there = at + 1 + last
        slope = min(max((wanted_m[there] - height_m) / run_m[last], least[last]), most[last])
        reached_m = height_m + slope * run_m[last]
        return there, float(np.clip(reached_m, self.lowest_m[there], self.highest_m[there]))


def lowest_followable(at_m: FloatArray, needed_m: FloatArray, steepest: float) -> FloatArray:
    """The lowest heights that are nowhere below what is needed nor steeper than allowed."""
    climb_m = steepest * at_m
    coming = np.maximum.accumulate(needed_m + climb_m) - climb_m
    going = np.maximum.accumulate((needed_m - climb_m)[::-1])[::-1] + climb_m
    lowest_m: FloatArray = np.maximum(coming, going)
    return lowest_m
