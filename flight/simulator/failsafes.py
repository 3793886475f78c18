"""What makes the simulated vehicle act by itself: lost ground station, low battery, failing estimator.

Conditions, times and texts are those of ArduCopter 4.6 (`events.cpp`, `ekf_check.cpp`, AP_BattMonitor).
What is then done is for `reactions.Reactions`.
"""

from __future__ import annotations

from collections.abc import Callable

from flight.simulator.battery import Battery
from flight.simulator.modes import CRITICAL, WARNING
from flight.simulator.parameters import Parameters

NONE, DO_LAND, DO_RTL, DO_SMART_RTL, DO_SMART_RTL_OR_LAND, TERMINATE, DO_LAND_START, DO_BRAKE = range(8)
# FS_GCS_ENABLE by what it wants done; other values mean to return.
GROUND_STATION_ACTIONS = {
    3: DO_SMART_RTL,
    4: DO_SMART_RTL_OR_LAND,
    5: DO_LAND,
    6: DO_LAND_START,
    7: DO_BRAKE,
}
# The higher the earlier; a battery that gets worse may not undo a stronger action.
BATTERY_PRIORITIES = (TERMINATE, DO_LAND, DO_RTL, DO_SMART_RTL_OR_LAND, DO_SMART_RTL, NONE)
BAD_FOR_S = 1.0  # ten looks of the estimator check, ten a second
WARN_AGAIN_S = 30.0

Say = Callable[[int, str], None]
React = Callable[[str, int], None]


class GroundStationFailsafe:
    """Acts when the heartbeats of system SYSID_MYGCS stop, if FS_GCS_ENABLE is set; off by factory.

    Its time runs by the ground station's clock, however fast the simulation runs.
    """

    def __init__(self, parameters: Parameters, say: Say, react: React) -> None:
        self.active = False
        self._parameters, self._say, self._react = parameters, say, react
        self._heard_at_s: float | None = None

    def heard(self, wall_s: float) -> None:
        """A heartbeat of the ground station, at a time of the ground station's clock."""
        self._heard_at_s = wall_s
        if self.active:
            self.active = False
            self._say(WARNING, "GCS Failsafe Cleared")

    def check(self, wall_s: float) -> None:
        """React, once, to a silence that is too long."""
        enabled = int(self._parameters["FS_GCS_ENABLE"])
        if not enabled or self._heard_at_s is None or self.active:
            return
        if wall_s - self._heard_at_s < self._parameters["FS_GCS_TIMEOUT"]:
            return
        self.active = True
        self._react("GCS", GROUND_STATION_ACTIONS.get(enabled, DO_RTL))


class BatteryFailsafe:
    """Two levels, low and critical, each by voltage (for a time) or charge. Stays until reboot."""

    def __init__(self, parameters: Parameters, say: Say, react: React) -> None:
        self._parameters, self._say, self._react = parameters, say, react
        self._below_s = {"LOW": 0.0, "CRT": 0.0}
        self._level = 0
        self._strongest = len(BATTERY_PRIORITIES)

    @property
    def failed(self) -> bool:
        """Whether a level was reached since boot."""
        return self._level > 0

    def check(self, battery: Battery, dt_s: float) -> None:
        """React, once for each level; only an armed vehicle looks."""
        critical, low = (self._reached(name, battery, dt_s) for name in ("CRT", "LOW"))
        if critical and self._level < 2:
            self._fail(2, "critical", battery, int(self._parameters["BATT_FS_CRT_ACT"]))
        elif low and self._level < 1:
            self._fail(1, "low", battery, int(self._parameters["BATT_FS_LOW_ACT"]))

    def _reached(self, name: str, battery: Battery, dt_s: float) -> bool:
        below = battery.voltage_v < self._parameters[f"BATT_{name}_VOLT"]
        self._below_s[name] = self._below_s[name] + dt_s if below else 0.0
        timer_s = self._parameters["BATT_LOW_TIMER"]
        left_mah = self._parameters["BATT_CAPACITY"] - battery.used_mah
        by_voltage = 0 < timer_s < self._below_s[name]
        return by_voltage or left_mah < self._parameters[f"BATT_{name}_MAH"]

    def _fail(self, level: int, name: str, battery: Battery, action: int) -> None:
        self._level = level
        volts, used = battery.voltage_v, battery.used_mah
        self._say(WARNING, f"Battery 1 is {name} {volts:.2f}V used {used:.0f} mAh")
        listed = action in BATTERY_PRIORITIES
        priority = BATTERY_PRIORITIES.index(action) if listed else len(BATTERY_PRIORITIES)
        if priority <= self._strongest:
            self._react("Battery", action)
            self._strongest = priority


class EstimatorFailsafe:
    """Acts when the estimator has had no position for a second, in a mode that needs one."""

    def __init__(self, parameters: Parameters, say: Say, act: Callable[[int], bool]) -> None:
        self.active = False
        self._parameters, self._say, self._act = parameters, say, act
        self._ever_good = self._acted = False
        self._bad_s = 0.0
        self._warned_at_s = -WARN_AGAIN_S

    def check(self, good: bool, boot_s: float, dt_s: float) -> None:
        """Count; `act(FS_EKF_ACTION)` is called once and tells whether it did something."""
        self._ever_good = self._ever_good or good
        if not self._ever_good or self._parameters["FS_EKF_THRESH"] <= 0:
            return
        self._bad_s = min(BAD_FOR_S, max(0.0, self._bad_s + (-dt_s if good else dt_s)))
        if not self.active and self._bad_s >= BAD_FOR_S:
            self._fail(boot_s)
        elif self.active and self._bad_s == 0:
            self._clear()

    def _fail(self, boot_s: float) -> None:
        self.active = True
        if boot_s - self._warned_at_s >= WARN_AGAIN_S:
            self._warned_at_s = boot_s
            self._say(CRITICAL, "EKF variance")
        self._acted = self._act(int(self._parameters["FS_EKF_ACTION"]))

    def _clear(self) -> None:
        self.active = False
        if self._acted:
            self._say(CRITICAL, "EKF Failsafe Cleared")
