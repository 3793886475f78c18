"""Where in its mission a vehicle is, for the operator: the leg, what is left, and the time left."""

from __future__ import annotations

from bisect import bisect_left

from flight.missions.mission import Mission
from flight.missions.mission_extent import CLIMB_MS, extent_of, legs_of
from flight.resuming.camera_runs import CameraRun, camera_runs


class LegProgress:
    """A mission's legs, looked up by the item that the vehicle flies (home is 0 there)."""

    def __init__(self, mission: Mission) -> None:
        self.runs = camera_runs(mission)
        self._mission = mission
        extent, legs = extent_of(mission), legs_of(mission)
        self.total_m, self.total_s = extent.distance_m, extent.duration_s
        self._indices = [leg.index for leg in legs]
        begin_s = extent.highest_m / CLIMB_MS
        self._left_s = [self.total_s]
        for leg in legs:
            begin_s += leg.duration_s
            self._left_s.append(max(0.0, self.total_s - begin_s))

    def run_at(self, item: int) -> CameraRun | None:
        """The run with the camera on that a vehicle flies which is on the way to this item."""
        index = item - 1
        return next((run for run in self.runs if _starts_at(run) < index <= run.last_item), None)

    def leg(self, item: int) -> str:
        """What is flown, in words."""
        index = item - 1
        if index <= 0:
            return "take-off"
        if index >= len(self._mission.items) - 1:
            return "return"
        total = len(self.runs)
        flown = self.run_at(item)
        if flown is not None:
            return f"pass {flown.number} of {total}"
        following = next((run for run in self.runs if _starts_at(run) >= index), None)
        return "way back" if following is None else f"way to pass {following.number} of {total}"

    def left_s(self, item: int) -> float:
        """Seconds until landing, counted from the start of the leg to this item."""
        return self._left_s[bisect_left(self._indices, item - 1)] if item > 0 else self.total_s


def _starts_at(run: CameraRun) -> int:
    """The index of the item with whose place the camera's line begins."""
    return run.first_item if run.start_item is None else run.start_item
