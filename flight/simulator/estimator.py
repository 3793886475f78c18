"""What the simulated vehicle's receiver and estimator (EKF) give: their start, their failing, their return.

The times of the start are those recorded from ArduCopter 4.6.2. Those of failing are the factory settings
of its AP_NavEKF3: without GNSS the position is given up after 7 s (`posRetryTimeNoVel_ms`) and aiding
stops after 15 s (`tiltDriftTimeMax_ms`).
"""

from __future__ import annotations

from collections.abc import Callable

from flight.simulator.modes import INFO
from flight.simulator.parameters import Parameters

ATTITUDE_AT_S, DETECTED_AT_S, FIX_AT_S = 6.0, 9.8, 10.0
ORIGIN_AFTER_S, SETTLED_AFTER_S, POSITION_AFTER_S = 10.0, 12.6, 31.4  # of the receiver's fix
GIVEN_UP_AFTER_S, AIDING_STOPS_AFTER_S = 7.0, 15.0  # of its absence
BACK_AFTER_S, ALIGNED_AFTER_S = 0.5, 10.0  # of its return: while still aiding, and after it stopped
# EKF_STATUS_REPORT flags, recorded but for the third: the position timed out, not yet held constant.
NOTHING, HELD_CONSTANT, TIMED_OUT, POSITION = 0, 167, 37, 831


class Estimator:
    """Moved on by `step`; SIM_GPS_DISABLE 1 kills the receiver at any time."""

    def __init__(self, parameters: Parameters, say: Callable[[int, str], None]) -> None:
        self.boot_s = 0.0
        self.origin = False  # known, and thereby home
        self.settled = False  # the health bit of the attitude and heading reference
        self._parameters, self._say = parameters, say
        self._fixed_s = 0.0
        self._lost_s = 0.0
        self._aiding = False
        self._given_up = False
        self._wait_s = POSITION_AFTER_S

    @property
    def receiving(self) -> bool:
        """The receiver is alive."""
        return self._parameters["SIM_GPS_DISABLE"] == 0

    @property
    def detected(self) -> bool:
        """The receiver has been found."""
        return self.boot_s >= DETECTED_AT_S

    @property
    def fix(self) -> bool:
        """The receiver has a fix."""
        return self.receiving and self.boot_s >= FIX_AT_S

    @property
    def attitude(self) -> bool:
        """The attitude is known."""
        return self.boot_s >= ATTITUDE_AT_S

    @property
    def position(self) -> bool:
        """The horizontal position is known."""
        return self._aiding and not self._given_up

    @property
    def flags(self) -> int:
        """EKF_STATUS_REPORT."""
        if self.position:
            return POSITION
        if self._given_up:
            return TIMED_OUT
        return HELD_CONSTANT if self.attitude else NOTHING

    def step(self, dt_s: float) -> None:
        """Move on by a time step."""
        self.boot_s += dt_s
        if self.fix:
            self._fixed_s, self._lost_s = self._fixed_s + dt_s, 0.0
            self._gain()
        elif self.boot_s >= FIX_AT_S:
            self._fixed_s, self._lost_s = 0.0, self._lost_s + dt_s
            self._lose()

    def _gain(self) -> None:
        if not self.origin and self._fixed_s >= ORIGIN_AFTER_S:
            self.origin = True
            self._say(INFO, "EKF3 IMU0 origin set")
        self.settled = self.settled or self._fixed_s >= SETTLED_AFTER_S
        if not self._aiding and self._fixed_s >= self._wait_s:
            self._aiding = True
            self._say(INFO, "EKF3 IMU0 is using GPS")
        if self._given_up and self._fixed_s >= BACK_AFTER_S:
            self._given_up = False

    def _lose(self) -> None:
        if not self._aiding:
            return
        self._given_up = self._lost_s >= GIVEN_UP_AFTER_S
        if self._lost_s >= AIDING_STOPS_AFTER_S:
            self._aiding = self._given_up = False
            self._wait_s = ALIGNED_AFTER_S
            self._say(INFO, "EKF3 IMU0 stopped aiding")
