"""The parameters of the simulated vehicle: ArduCopter 4.6's factory values of those that matter here."""

from __future__ import annotations

INT8, INT16, INT32, REAL32 = 2, 4, 6, 9

# name: (factory value, MAV_PARAM_TYPE)
_FACTORY: dict[str, tuple[float, int]] = {
    "AUTO_OPTIONS": (0, INT32),
    "BATT_FS_LOW_ACT": (0, INT8),
    "BATT_LOW_TIMER": (10, INT8),
    "BATT_LOW_VOLT": (10.5, REAL32),
    "DISARM_DELAY": (10, INT8),
    "FENCE_ACTION": (1, INT8),
    "FENCE_ALT_MAX": (100, REAL32),
    "FENCE_ENABLE": (0, INT8),
    "FENCE_TOTAL": (0, INT8),
    "FENCE_TYPE": (7, INT8),
    "FS_GCS_ENABLE": (0, INT8),
    "FS_GCS_TIMEOUT": (5, REAL32),
    "MIS_TOTAL": (0, INT16),
    "RTL_ALT": (1500, INT32),
    "SYSID_MYGCS": (255, INT16),
    "SYSID_THISMAV": (1, INT16),
    "WPNAV_SPEED": (1000, REAL32),
    "WP_YAW_BEHAVIOR": (2, INT8),
}


class Parameters:
    """Named numbers; a name that is unknown stays unknown (and gets no answer on the link)."""

    def __init__(self) -> None:
        self._values = {name: value for name, (value, _) in _FACTORY.items()}

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def set(self, name: str, value: float) -> None:
        """Set a known parameter."""
        if name not in self._values:
            raise KeyError(name)
        self._values[name] = value

    @property
    def names(self) -> list[str]:
        """All names, in the order of their indices."""
        return list(self._values)

    def type_of(self, name: str) -> int:
        """MAV_PARAM_TYPE of a parameter."""
        return _FACTORY[name][1]
