"""When the simulated vehicle is ready: the start of its sensors, and why it refuses to arm.

The times are those recorded from ArduCopter 4.6.2. The PREARM health bit comes long before the
position estimate that GUIDED and AUTO need: a GNSS fix is not yet a position.
"""

from __future__ import annotations

from dataclasses import dataclass

STABILIZE, ALT_HOLD, AUTO, GUIDED, LOITER, RTL, LAND, BRAKE = 0, 2, 3, 4, 5, 6, 9, 17
MODE_NAMES = {
    STABILIZE: "STABILIZE",
    ALT_HOLD: "ALT_HOLD",
    AUTO: "AUTO",
    GUIDED: "GUIDED",
    LOITER: "LOITER",
    RTL: "RTL",
    LAND: "LAND",
    BRAKE: "BRAKE",
}
NEEDS_POSITION = {AUTO, GUIDED, LOITER, RTL, BRAKE}

ACCELS_AT_S, ATTITUDE_AT_S, FIX_AT_S, ORIGIN_AT_S, PREARM_AT_S, POSITION_AT_S = (
    5.0,
    6.0,
    9.0,
    20.0,
    23.5,
    41.0,
)
NEVER_S = float("inf")
ARM_IN_AUTO = 1  # bit 0 of AUTO_OPTIONS

BOOT_TEXTS = (
    (0.3, "Calibrating barometer"),
    (1.8, "Barometer 1 calibration complete"),
    (2.4, "ArduPilot Ready"),
    (4.4, "AHRS: EKF3 active"),
    (FIX_AT_S, "GPS 1: detected u-blox"),
    (ORIGIN_AT_S, "EKF3 IMU0 origin set"),
    (POSITION_AT_S, "EKF3 IMU0 is using GPS"),
)


@dataclass(frozen=True)
class Senses:
    """What the sensors give, by seconds since boot. `gnss` False: there is no satellite in sight."""

    boot_s: float
    gnss: bool = True

    @property
    def fix(self) -> bool:
        """The receiver has a fix."""
        return self.gnss and self.boot_s >= FIX_AT_S

    @property
    def origin(self) -> bool:
        """The estimator has an origin, and thereby home is set."""
        return self.gnss and self.boot_s >= ORIGIN_AT_S

    @property
    def attitude(self) -> bool:
        """The estimator knows the attitude."""
        return self.boot_s >= ATTITUDE_AT_S

    @property
    def position(self) -> bool:
        """The estimator knows the horizontal position."""
        return self.gnss and self.boot_s >= POSITION_AT_S


def arming_refusals(
    senses: Senses, mode: int, auto_options: int, has_mission: bool, battery_failed: bool, fault: str
) -> list[str]:
    """Why the vehicle does not arm, one text each; empty when it does. `fault` is one more reason."""
    reasons = []
    if senses.boot_s < ACCELS_AT_S:
        reasons.append("Accels inconsistent")
    if not senses.attitude:
        reasons.append("EKF attitude is bad")
    if senses.boot_s < PREARM_AT_S or not senses.gnss:
        reasons.append("AHRS: waiting for home")
    if mode in NEEDS_POSITION and not senses.position:
        reasons.append("Need Position Estimate")
    if mode == AUTO and not has_mission:
        reasons.append("Mode requires mission")
    if battery_failed:
        reasons.append("Battery failsafe")
    if fault:
        reasons.append(fault)
    if mode == AUTO and not reasons and not auto_options & ARM_IN_AUTO:
        reasons.append("AUTO mode not armable")
    return reasons
