"""ArduCopter's flight modes, as far as the simulated vehicle has them."""

from __future__ import annotations

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
FLOWN_BY_PILOT = {STABILIZE, ALT_HOLD, LOITER}
EMERGENCY, CRITICAL, WARNING, NOTICE, INFO, DEBUG = 0, 2, 4, 5, 6, 7  # MAV_SEVERITY
