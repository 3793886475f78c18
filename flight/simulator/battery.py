"""The simulated battery: drains while the motors turn."""

from __future__ import annotations

FULL_V, EMPTY_V = 12.6, 10.2
HOVER_A = 28.0


class Battery:
    """`endurance_s` is the flight time from full to empty."""

    def __init__(self, endurance_s: float) -> None:
        self.remaining_percent = 100.0
        self.current_a = 0.0
        self._endurance_s = endurance_s

    @property
    def voltage_v(self) -> float:
        """Falls linearly with the charge."""
        return EMPTY_V + (FULL_V - EMPTY_V) * self.remaining_percent / 100

    def drain(self, dt_s: float, turning: bool) -> None:
        """Use energy for a time step."""
        self.current_a = HOVER_A if turning else 0.0
        if turning:
            self.remaining_percent = max(0.0, self.remaining_percent - 100 * dt_s / self._endurance_s)
