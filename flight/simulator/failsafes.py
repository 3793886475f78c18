"""What makes the simulated vehicle come home by itself: lost ground station, low battery, fence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shapely import Point, Polygon

from flight.simulator import stored_items as kept
from flight.simulator.battery import Battery
from flight.simulator.parameters import Parameters
from flight.simulator.readiness import LAND, RTL
from flight.simulator.stored_items import StoredItem

WARNING, NOTICE, INFO = 4, 5, 6  # MAV_SEVERITY
FENCE_POLYGONS = 4  # bit of FENCE_TYPE
ACTION_MODES = {1: LAND, 2: RTL}  # BATT_FS_LOW_ACT


class GroundStationFailsafe:
    """RTL when heartbeats of the ground station stop; off by factory."""

    def __init__(self, parameters: Parameters, say: Callable[[int, str], None]) -> None:
        self._parameters, self._say = parameters, say
        self._heard_at_s: float | None = None
        self._active = False

    def heard(self, wall_s: float) -> None:
        """A heartbeat of the ground station, at a time of the ground station's clock."""
        self._heard_at_s = wall_s
        if self._active:
            self._active = False
            self._say(WARNING, "GCS Failsafe Cleared")

    def mode(self, wall_s: float) -> int | None:
        """The mode to change to, once."""
        if not self._parameters["FS_GCS_ENABLE"] or self._heard_at_s is None or self._active:
            return None
        if wall_s - self._heard_at_s < self._parameters["FS_GCS_TIMEOUT"]:
            return None
        self._active = True
        self._say(WARNING, "GCS Failsafe")
        return RTL


class BatteryFailsafe:
    """What BATT_FS_LOW_ACT says when the voltage stays low; off by factory. Stays until reboot."""

    def __init__(self, parameters: Parameters, say: Callable[[int, str], None]) -> None:
        self.failed = False
        self._parameters, self._say = parameters, say
        self._low_s = 0.0

    def mode(self, battery: Battery, dt_s: float) -> int | None:
        """The mode to change to, once."""
        low = battery.voltage_v < self._parameters["BATT_LOW_VOLT"]
        self._low_s = self._low_s + dt_s if low else 0.0
        if self.failed or self._low_s < self._parameters["BATT_LOW_TIMER"]:
            return None
        self.failed = True
        self._say(WARNING, f"Battery 1 is low {battery.voltage_v:.2f}V")
        self._say(WARNING, "Battery Failsafe")
        return ACTION_MODES.get(int(self._parameters["BATT_FS_LOW_ACT"]))


class FenceFailsafe:
    """RTL on leaving the fence, if it is enabled; off by factory."""

    def __init__(self, parameters: Parameters, say: Callable[[int, str], None]) -> None:
        self.breached = False
        self.breaches = 0
        self._parameters, self._say = parameters, say

    @property
    def enabled(self) -> bool:
        """Whether polygons are watched."""
        types = int(self._parameters["FENCE_TYPE"])
        return bool(self._parameters["FENCE_ENABLE"]) and bool(types & FENCE_POLYGONS)

    def mode(self, items: Sequence[StoredItem], lat: float, lon: float) -> int | None:
        """The mode to change to, on every new breach."""
        if not self.enabled or not items:
            self.breached = False
            return None
        outside = not _allowed(items, Point(lon, lat))
        newly, over = outside and not self.breached, self.breached and not outside
        self.breached = outside
        if over:
            self._say(NOTICE, "Fence breach cleared")
        if not newly:
            return None
        self.breaches += 1
        self._say(NOTICE, "Polygon fence breached")
        return RTL if self._parameters["FENCE_ACTION"] else None


def _allowed(items: Sequence[StoredItem], here: Point) -> bool:
    index = 0
    while index < len(items):
        item = items[index]
        count = int(item.params[0]) if item.command in _CORNERS else 1
        if item.command in _CORNERS:
            corners = [(corner.lon, corner.lat) for corner in items[index : index + count]]
            inside = Polygon(corners).contains(here)
            if inside != (item.command == kept.FENCE_INCLUSION_CORNER):
                return False
        index += count
    return True


_CORNERS = {kept.FENCE_INCLUSION_CORNER, kept.FENCE_EXCLUSION_CORNER}
