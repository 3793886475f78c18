"""The simulated battery: drains while the motors turn, faster at speed; its voltage sags under load."""

from __future__ import annotations

from itertools import pairwise

from flight.simulator.parameters import Parameters

CELLS = 3
# Open-circuit voltage of a lithium-polymer cell by the charge left in percent.
CELL_CURVE_V = ((0, 3.2), (5, 3.5), (10, 3.6), (20, 3.69), (40, 3.77), (60, 3.87), (80, 4.01), (100, 4.2))
HOVER_SAG_V = 0.35
# Recorded from ArduCopter 4.6.2: 28.1 A in hover, 30.9 A at 9.7 m/s.
POWER_PER_AIRSPEED2 = 0.00106


class Battery:
    """`endurance_s` is the time that it hovers from full to empty, whatever BATT_CAPACITY says."""

    def __init__(self, endurance_s: float, parameters: Parameters) -> None:
        self.remaining_percent = 100.0
        self._endurance_s = endurance_s
        self._parameters = parameters
        self._load = 0.0  # of hovering

    @property
    def voltage_v(self) -> float:
        """Under the present load; SIM_BATT_VOLTAGE is its upper limit."""
        resting_v = CELLS * _cell_voltage_v(self.remaining_percent)
        return min(resting_v - HOVER_SAG_V * self._load, self._parameters["SIM_BATT_VOLTAGE"])

    @property
    def current_a(self) -> float:
        """What empties BATT_CAPACITY in the time that the battery lasts."""
        return self._load * 3.6 * self._parameters["BATT_CAPACITY"] / self._endurance_s

    @property
    def used_mah(self) -> float:
        """Charge used since power-on."""
        return self._parameters["BATT_CAPACITY"] * (1 - self.remaining_percent / 100)

    def drain(self, dt_s: float, turning: bool, airspeed_ms: float = 0.0) -> None:
        """Use energy for a time step."""
        self._load = 1 + POWER_PER_AIRSPEED2 * airspeed_ms**2 if turning else 0.0
        used_percent = 100 * self._load * dt_s / self._endurance_s
        self.remaining_percent = max(0.0, self.remaining_percent - used_percent)


def _cell_voltage_v(percent: float) -> float:
    for (low, low_v), (high, high_v) in pairwise(CELL_CURVE_V):
        if percent <= high:
            return low_v + (high_v - low_v) * (percent - low) / (high - low)
    return CELL_CURVE_V[-1][1]
