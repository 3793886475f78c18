"""The error of the simulated positioning: slow, so that photos of one minute share it."""

from __future__ import annotations

import random
from math import exp, sqrt

MEMORY_S = 300.0


class PositionError:
    """A first-order autoregressive error in metres east, north and up, by seconds since its start.

    `sigma_m` is the stationary 1-σ of each horizontal axis; the height, held by the barometer, has
    half of it. Samples lie one second apart, linear between them; the same seed gives the same error.
    """

    def __init__(self, sigma_m: float, seed: int) -> None:
        self._sigmas_m = (sigma_m, sigma_m, sigma_m / 2)
        self._random = random.Random(f"position {seed}")
        self._samples = [tuple(self._random.gauss(0, sigma) for sigma in self._sigmas_m)]

    def at(self, seconds: float) -> tuple[float, float, float]:
        """Measured minus true position, metres east, north, up."""
        whole = int(seconds)
        while len(self._samples) < whole + 2:
            self._samples.append(self._next())
        share = seconds - whole
        before, after = self._samples[whole], self._samples[whole + 1]
        east, north, up = (a + (b - a) * share for a, b in zip(before, after, strict=True))
        return east, north, up

    def _next(self) -> tuple[float, ...]:
        keep = exp(-1 / MEMORY_S)
        fresh = sqrt(1 - keep**2)
        last = self._samples[-1]
        return tuple(
            keep * old + fresh * self._random.gauss(0, sigma)
            for old, sigma in zip(last, self._sigmas_m, strict=True)
        )
