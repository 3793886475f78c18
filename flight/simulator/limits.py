"""What the simulated copter's autopilot allows itself: ArduCopter's factory values."""

from __future__ import annotations

ACCELERATION_MS2 = 2.5  # WPNAV_ACCEL
CORNER_ACCELERATION_MS2 = 2 * ACCELERATION_MS2  # WPNAV_ACCEL_C 0
CLIMB_ACCELERATION_MS2 = 1.0  # WPNAV_ACCEL_Z
JERK_MS3 = 1.0  # WPNAV_JERK
CLIMB_MS = 2.5  # WPNAV_SPEED_UP
DESCENT_MS = 1.5  # WPNAV_SPEED_DN
RADIUS_M = 2.0  # WPNAV_RADIUS
TURN_RATE_DEG_S = 60.0  # ATC_SLEW_YAW
HOLDING_PER_S = 1.0  # PSC_POSXY_P and PSC_POSZ_P: the speed towards a place that is so many metres away
