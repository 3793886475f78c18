"""When the simulated vehicle is ready: what it says while it starts, and why it refuses to arm.

The times are those recorded from ArduCopter 4.6.2. The PREARM health bit comes long before the
position estimate that GUIDED and AUTO need: a GNSS fix is not yet a position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flight.simulator.battery import Battery
from flight.simulator.estimator import DETECTED_AT_S, Estimator
from flight.simulator.modes import AUTO, CRITICAL, NEEDS_POSITION
from flight.simulator.parameters import Parameters

EKF_AT_S, PREARM_AT_S = 4.4, 23.5
ARM_IN_AUTO = 1  # bit 0 of AUTO_OPTIONS
LOOK_EVERY_S = 1.0
TELL_EVERY_S = 30.0  # PREARM_DISPLAY_PERIOD

BOOT_TEXTS = (
    (0.3, "Calibrating barometer"),
    (1.8, "Barometer 1 calibration complete"),
    (2.4, "ArduPilot Ready"),
    (EKF_AT_S, "AHRS: EKF3 active"),
    (DETECTED_AT_S, "GPS 1: detected u-blox"),
)


@dataclass(frozen=True)
class Readiness:
    """What decides about arming. `outside` names the fences that it stands outside of."""

    senses: Estimator
    parameters: Parameters
    battery: Battery
    mode: int
    has_mission: bool
    battery_failed: bool
    outside: tuple[str, ...]

    def prearm_refusals(self) -> list[str]:
        """What the pre-arm checks find, one text each; they also make the PREARM health bit."""
        senses, reasons = self.senses, []
        if senses.boot_s < PREARM_AT_S:
            reasons.append("Accels inconsistent")
        if not senses.attitude:
            reasons.append("EKF attitude is bad")
        if senses.boot_s < EKF_AT_S:
            reasons.append("AHRS: not using configured AHRS type")
        reasons += self._position_refusals()
        if self.outside:
            reasons.append(f"Vehicle breaching {' and '.join(self.outside)} fence")
        if self.mode == AUTO and not self.has_mission:
            reasons.append("Mode requires mission")
        reasons += self._battery_refusals()
        if self.battery_failed:
            reasons.append("Battery failsafe")
        return reasons

    def arming_refusals(self) -> list[str]:
        """Why it would not arm now; some reasons show only then."""
        reasons = self.prearm_refusals()
        if self.parameters["SIM_ARM_FAIL"]:
            reasons.append("Throttle too high")
        if self.mode == AUTO and not reasons and not int(self.parameters["AUTO_OPTIONS"]) & ARM_IN_AUTO:
            reasons.append("AUTO mode not armable")
        return reasons

    def _position_refusals(self) -> list[str]:
        if self.mode not in NEEDS_POSITION or self.senses.position:
            return []
        blind = self.senses.detected and not self.senses.fix
        return ["GPS 1: Bad fix" if blind else "Need Position Estimate"]

    def _battery_refusals(self) -> list[str]:
        """The first of AP_BattMonitor's own checks that fails."""
        limits, volts = self.parameters, self.battery.voltage_v
        left_mah = limits["BATT_CAPACITY"] - self.battery.used_mah
        checks = (
            (volts, "BATT_ARM_VOLT", "below minimum arming voltage"),
            (left_mah, "BATT_ARM_MAH", "below minimum arming capacity"),
            (volts, "BATT_LOW_VOLT", "low voltage failsafe"),
            (left_mah, "BATT_LOW_MAH", "low capacity failsafe"),
            (volts, "BATT_CRT_VOLT", "critical voltage failsafe"),
            (left_mah, "BATT_CRT_MAH", "critical capacity failsafe"),
        )
        found = [text for value, name, text in checks if value < limits[name]]
        return [f"Battery 1 {found[0]}"] if found else []


class PrearmReport:
    """Says what the pre-arm checks find: when they begin to fail, and every 30 s as long as they do."""

    def __init__(self, say: Callable[[int, str], None]) -> None:
        self._say = say
        self._passed = False
        self._look_in_s = LOOK_EVERY_S
        self._tell_in_s = TELL_EVERY_S

    def step(self, dt_s: float, refusals: Callable[[], Sequence[str]]) -> None:
        """Move on by a time step of a disarmed vehicle."""
        self._look_in_s -= dt_s
        self._tell_in_s -= dt_s
        if self._look_in_s > 0:
            return
        self._look_in_s = LOOK_EVERY_S
        reasons = refusals()
        if reasons and (self._passed or self._tell_in_s <= 0):
            self.tell(reasons)
        self._passed = not reasons

    def tell(self, reasons: Sequence[str]) -> None:
        """Say the reasons now."""
        self._tell_in_s = TELL_EVERY_S
        for reason in reasons:
            self._say(CRITICAL, f"PreArm: {reason}")
