"""The parameters of the simulated vehicle: ArduCopter 4.6's factory values of those that matter here.

Those of `SIM_` inject faults, by ArduPilot's names where it has them (in 4.6: SIM_GPS_DISABLE; later
versions have SIM_GPS1_ENABLE instead). ArduPilot does not know SIM_CAM_FAIL (1: the shutter does not fire),
SIM_ARM_FAIL (1: refuses to arm without showing it before) and SIM_ITEM_ALTER (a mission item of this number
is stored 100 m farther north).
"""

from __future__ import annotations

from collections.abc import Mapping

INT8, INT16, INT32, REAL32 = 2, 4, 6, 9

# name: (factory value, MAV_PARAM_TYPE)
_FACTORY: dict[str, tuple[float, int]] = {
    "ANGLE_MAX": (3000, INT16),
    "ARMING_CHECK": (1, INT32),
    "AUTO_OPTIONS": (0, INT32),
    "BATT_ARM_MAH": (0, INT32),
    "BATT_ARM_VOLT": (0, REAL32),
    "BATT_CAPACITY": (3300, INT32),
    "BATT_CRT_MAH": (0, REAL32),
    "BATT_CRT_VOLT": (0, REAL32),
    "BATT_FS_CRT_ACT": (0, INT8),
    "BATT_FS_LOW_ACT": (0, INT8),
    "BATT_LOW_MAH": (0, REAL32),
    "BATT_LOW_TIMER": (10, INT8),
    "BATT_LOW_VOLT": (10.5, REAL32),
    "BATT_MONITOR": (4, INT8),
    "DISARM_DELAY": (10, INT8),
    "FENCE_ACTION": (1, INT8),
    "FENCE_ALT_MAX": (100, REAL32),
    "FENCE_ALT_MIN": (-10, REAL32),
    "FENCE_AUTOENABLE": (0, INT8),
    "FENCE_ENABLE": (0, INT8),
    "FENCE_MARGIN": (2, REAL32),
    "FENCE_RADIUS": (300, REAL32),
    "FENCE_TOTAL": (0, INT8),
    "FENCE_TYPE": (7, INT8),
    "FS_CRASH_CHECK": (1, INT8),
    "FS_DR_ENABLE": (2, INT8),
    "FS_DR_TIMEOUT": (30, INT16),
    "FS_EKF_ACTION": (1, INT8),
    "FS_EKF_THRESH": (0.8, REAL32),
    "FS_GCS_ENABLE": (0, INT8),
    "FS_GCS_TIMEOUT": (5, REAL32),
    "FS_OPTIONS": (16, INT32),
    "FS_THR_ENABLE": (1, INT8),
    "FS_THR_VALUE": (975, INT16),
    "LAND_ALT_LOW": (1000, INT16),
    "LAND_SPEED": (50, INT16),
    "LAND_SPEED_HIGH": (0, INT16),
    "MIS_RESTART": (0, INT8),
    "MIS_TOTAL": (0, INT16),
    "RTL_ALT": (1500, INT32),
    "RTL_ALT_FINAL": (0, INT16),
    "RTL_CLIMB_MIN": (0, INT16),
    "RTL_LOIT_TIME": (5000, INT32),
    "RTL_SPEED": (0, INT16),
    "SIM_ARM_FAIL": (0, INT8),
    "SIM_BATT_VOLTAGE": (12.6, REAL32),
    "SIM_CAM_FAIL": (0, INT8),
    "SIM_GPS_DISABLE": (0, INT8),
    "SIM_ITEM_ALTER": (0, INT16),
    "SIM_SPEEDUP": (1, REAL32),
    "SIM_WIND_DIR": (180, REAL32),
    "SIM_WIND_SPD": (0, REAL32),
    "SYSID_MYGCS": (255, INT16),
    "SYSID_THISMAV": (1, INT16),
    "WPNAV_ACCEL": (250, REAL32),
    "WPNAV_ACCEL_Z": (100, REAL32),
    "WPNAV_JERK": (1, REAL32),
    "WPNAV_RADIUS": (200, REAL32),
    "WPNAV_SPEED": (1000, REAL32),
    "WPNAV_SPEED_DN": (150, REAL32),
    "WPNAV_SPEED_UP": (250, REAL32),
    "WP_YAW_BEHAVIOR": (2, INT8),
}


class Parameters:
    """Named numbers; a name that is unknown stays unknown (and gets no answer on the link)."""

    def __init__(self, values: Mapping[str, float]) -> None:
        self._values = {name: value for name, (value, _) in _FACTORY.items()}
        for name, value in values.items():
            self.set(name, value)

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def set(self, name: str, value: float) -> None:
        """Set a known parameter; whole numbers are rounded. Raises KeyError for an unknown name."""
        if name not in self._values:
            raise KeyError(name)
        self._values[name] = value if self.type_of(name) == REAL32 else float(round(value))

    @property
    def names(self) -> list[str]:
        """All names, in the order of their indices."""
        return list(self._values)

    def type_of(self, name: str) -> int:
        """MAV_PARAM_TYPE of a parameter."""
        return _FACTORY[name][1]
