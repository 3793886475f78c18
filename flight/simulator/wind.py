"""The wind around the simulated copter: a mean from the parameters, and slow gusts."""

from __future__ import annotations

from math import cos, radians, sin

from flight.simulator.parameters import Parameters
from flight.simulator.slow_noise import SlowNoise

# Of the mean speed: the turbulence intensity some tens of metres above open suburban ground
# (Eurocode EN 1991-1-4 gives 0.15 to 0.25 there).
GUST_SHARE = 0.15
GUST_MEMORY_S = 8.0
# How far a copter that holds its place is pushed by each m/s of a gust before it leans against it.
SWAY_S = 0.15

CALM = (0.0, 0.0)


class Wind:
    """The air's velocity by simulated time; SIM_WIND_SPD and SIM_WIND_DIR may change at any time.

    Without wind nothing is drawn and nothing is pushed. The same seed blows the same since `start`.
    """

    def __init__(self, parameters: Parameters, seed: int) -> None:
        self.velocity_ms = CALM  # of the air, metres a second to the east and to the north
        self.sway_m = CALM  # the push of this time step, metres to the east and to the north
        self._parameters, self._seed = parameters, seed
        self._gust_ms = CALM
        self.start()

    def start(self) -> None:
        """Begin the gusts anew."""
        self._gusts = SlowNoise((1.0, 1.0), GUST_MEMORY_S, f"wind {self._seed}")
        self._passed_s = 0.0

    def blow(self, dt_s: float) -> None:
        """Move on by a time step."""
        self._passed_s += dt_s
        speed_ms = self._parameters["SIM_WIND_SPD"]
        before = self._gust_ms
        if speed_ms <= 0:
            self.velocity_ms = self._gust_ms = self.sway_m = CALM
            return
        east, north = self._gusts.at(self._passed_s)
        strength_ms = GUST_SHARE * speed_ms
        self._gust_ms = (strength_ms * east, strength_ms * north)
        from_rad = radians(self._parameters["SIM_WIND_DIR"])
        mean = (-speed_ms * sin(from_rad), -speed_ms * cos(from_rad))
        self.velocity_ms = (mean[0] + self._gust_ms[0], mean[1] + self._gust_ms[1])
        self.sway_m = (SWAY_S * (self._gust_ms[0] - before[0]), SWAY_S * (self._gust_ms[1] - before[1]))
