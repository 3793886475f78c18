"""Noise that changes slowly, as the errors of positioning and the gusts of the wind do."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import exp, sqrt


class SlowNoise:
    """Independent first-order autoregressive values, by seconds since their start.

    `sigmas` are the stationary 1-σ of the values, `memory_s` the time after which 1/e of a value is
    left. Samples lie one second apart, linear between them; the same seed gives the same noise.
    """

    def __init__(self, sigmas: Sequence[float], memory_s: float, seed: str) -> None:
        self._sigmas = tuple(sigmas)
        self._keep = exp(-1 / memory_s)
        self._random = random.Random(seed)
        self._samples = [tuple(self._random.gauss(0, sigma) for sigma in self._sigmas)]

    def at(self, seconds: float) -> tuple[float, ...]:
        """The values at a time."""
        whole = int(seconds)
        while len(self._samples) < whole + 2:
            self._samples.append(self._next())
        share = seconds - whole
        before, after = self._samples[whole], self._samples[whole + 1]
        return tuple(a + (b - a) * share for a, b in zip(before, after, strict=True))

    def _next(self) -> tuple[float, ...]:
        fresh = sqrt(1 - self._keep**2)
        return tuple(
            self._keep * old + fresh * self._random.gauss(0, sigma)
            for old, sigma in zip(self._samples[-1], self._sigmas, strict=True)
        )
