"""The error of the simulated positioning: slow, so that photos of one minute share it."""

from __future__ import annotations

from flight.simulator.slow_noise import SlowNoise

MEMORY_S = 300.0


class PositionError:
    """An error in metres east, north and up, by seconds since its start.

    `sigma_m` is the stationary 1-σ of each horizontal axis; the height, held by the barometer, has
    half of it.
    """

    def __init__(self, sigma_m: float, seed: int) -> None:
        self._noise = SlowNoise((sigma_m, sigma_m, sigma_m / 2), MEMORY_S, f"position {seed}")

    def at(self, seconds: float) -> tuple[float, float, float]:
        """Measured minus true position, metres east, north, up."""
        east, north, up = self._noise.at(seconds)
        return east, north, up
