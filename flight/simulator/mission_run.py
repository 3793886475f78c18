"""Flying the stored mission in AUTO: navigation items one after the other, the others beside them.

As in ArduCopter, items that do not navigate run when the navigation item before them is reached;
after a condition they wait for it; what has not run when the next place is reached is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from flight.simulator import stored_items as kept
from flight.simulator.kinematics import Body, Leg, Point, Wish, angle_between, corner_speed_ms
from flight.simulator.stored_items import StoredItem
from flight.simulator.tasks import SPOOL_UP_S, Climb, FlyLeg, Hold, InTurn, Land, Task, return_to_home

NO_MISSION, NOT_STARTED, ACTIVE, PAUSED, COMPLETE = 1, 2, 3, 4, 5  # MISSION_STATE


class MissionRun:
    """Where in the mission the vehicle is.

    `items` is the vehicle's list with home at 0, `place` turns an item into metres from home,
    `do` runs an item that does not navigate, `reached` is told each item that is over.
    """

    def __init__(
        self,
        items: list[StoredItem],
        place: Callable[[StoredItem], Point],
        do: Callable[[StoredItem], None],
        reached: Callable[[int], None],
        say: Callable[[str], None],
    ) -> None:
        self.seq = 0
        self.complete = False
        self.paused = False
        self.started = False  # by MISSION_START or by flying already
        self.speed_ms = 10.0
        self.rtl_alt_m = 15.0
        self.rtl_speed_ms = 10.0
        self._items, self._place, self._do = items, place, do
        self._reached, self._say = reached, say
        self._task: Task | None = None
        self._pending: list[int] = []
        self._condition: Callable[[Body], bool] | None = None
        self._delay_s = 0.0
        self._last_place: Point | None = None

    def enter(self, speed_ms: float) -> None:
        """AUTO begins, at the current item or the first."""
        self.speed_ms = speed_ms
        self.paused = False
        if self.seq == 0 or self.complete:
            self.complete = False
            self.seq = self._next_navigation(0) or 0
        self._task = None
        self._last_place = None
        if self.seq:
            self._announce(self.seq)

    def reset(self) -> None:
        """Back to the start, after landing."""
        self.seq = 0
        self.started = False
        self._task = None
        self._pending.clear()
        self._condition = None

    def jump(self, seq: int) -> bool:
        """Go to an item; False if there is none of that number."""
        if not 0 < seq < len(self._items):
            return False
        self.seq = seq if self._items[seq].command in kept.NAVIGATION else self._next_navigation(seq) or seq
        self._task = None
        self._pending.clear()
        self.complete = False
        return True

    @property
    def first_is_takeoff(self) -> bool:
        """Whether the first item that navigates is a take-off."""
        first = self._next_navigation(0)
        return first is not None and self._items[first].command == kept.TAKEOFF

    def steer(self, body: Body, dt_s: float) -> Wish:
        """One time step of AUTO."""
        if self.paused or not self.started or not 0 < self.seq < len(self._items):
            return Wish()
        if self._task is None:
            self._task = self._task_of(self.seq, body)
        self._run_pending(body, dt_s)
        wish = self._task.steer(body, dt_s)
        if self._task.done(body) and not self.complete:
            self._advance(body)
        return wish

    def _advance(self, body: Body) -> None:
        item = self._items[self.seq]
        if item.command == kept.LAND or item.command == kept.RTL:
            return  # the vehicle tells of these when it disarms
        self._reached(self.seq)
        if item.command not in (kept.TAKEOFF,):
            self._say(f"Reached command #{self.seq}")
        self._last_place = self._place(item) if item.command in kept.WITH_PLACE else body.point
        if item.command == kept.TAKEOFF:
            self._last_place = None
        following = self._next_navigation(self.seq)
        end = following if following is not None else len(self._items)
        self._pending = list(range(self.seq + 1, end))
        self._condition = None
        if following is None:
            self.complete = True
            self._task = Hold()
            return
        self.seq = following
        self._announce(following)
        self._task = self._task_of(following, body)
        self._run_pending(body, 0.0)

    def _run_pending(self, body: Body, dt_s: float) -> None:
        self._delay_s -= dt_s
        if self._condition is not None and not self._condition(body):
            return
        self._condition = None
        if not self._pending:
            return
        seq = self._pending.pop(0)
        item = self._items[seq]
        self._announce(seq)
        if item.command in kept.CONDITIONS:
            self._condition = self._condition_of(seq, item, body)
        else:
            self._do(item)
            self._reached(seq)

    def _condition_of(self, seq: int, item: StoredItem, body: Body) -> Callable[[Body], bool]:
        value = item.params[0]
        if item.command == kept.CONDITION_DELAY:
            self._delay_s = value
            return lambda body: self._delay_s <= 0
        leg = self._task if isinstance(self._task, FlyLeg) else None
        if item.command == kept.CONDITION_DISTANCE:
            return lambda body: leg is None or leg.leg.remaining_m(body) <= value
        clockwise = item.params[2] if item.params[2] else 1.0
        yaw_deg = (body.yaw_deg + clockwise * value) % 360 if item.params[3] else value % 360
        if leg is not None:
            leg.yaw_deg = yaw_deg

        def turned(body: Body) -> bool:
            if abs(angle_between(body.yaw_deg, yaw_deg)) > 2:
                return False
            self._reached(seq)
            return True

        return turned

    def _task_of(self, seq: int, body: Body) -> Task:
        item = self._items[seq]
        if item.command == kept.TAKEOFF:
            return Climb(item.z, SPOOL_UP_S)
        if item.command == kept.RTL:
            return return_to_home(body, self.rtl_alt_m, self.rtl_speed_ms)
        if item.command == kept.LAND:
            there = [] if item.x == 0 and item.y == 0 else [self._leg_to(seq, body)]
            return InTurn([*there, Land()])
        if item.command == kept.DELAY:
            return Hold(item.params[0])
        return self._leg_to(seq, body)

    def _leg_to(self, seq: int, body: Body) -> Task:
        item, end = self._items[seq], self._place(self._items[seq])
        start = self._last_place if self._last_place is not None else body.point
        hold_s = {kept.WAYPOINT: item.params[0], kept.LOITER_TIME: item.params[0]}.get(item.command, 0.0)
        if item.command == kept.LOITER_UNLIMITED:
            hold_s = inf
        end_speed_ms = 0.0
        following = self._next_navigation(seq)
        if item.command == kept.WAYPOINT and hold_s == 0 and following is not None:
            after = self._items[following]
            if after.command in (kept.WAYPOINT, kept.LOITER_UNLIMITED, kept.LOITER_TIME):
                end_speed_ms = min(self.speed_ms, corner_speed_ms(start, end, self._place(after)))
        return FlyLeg(Leg(start, end, self.speed_ms, end_speed_ms), hold_s)

    def change_speed(self, speed_ms: float) -> None:
        """DO_CHANGE_SPEED: for this leg and all that follow, not for RTL."""
        self.speed_ms = speed_ms
        if isinstance(self._task, FlyLeg):
            leg = self._task.leg
            end_speed_ms = speed_ms if leg.end_speed_ms >= leg.speed_ms else min(leg.end_speed_ms, speed_ms)
            self._task.leg = Leg(leg.start, leg.end, speed_ms, end_speed_ms)

    def _next_navigation(self, after: int) -> int | None:
        for seq in range(after + 1, len(self._items)):
            if self._items[seq].command in kept.NAVIGATION:
                return seq
        return None

    def _announce(self, seq: int) -> None:
        self._say(f"Mission: {seq} {_NAMES.get(self._items[seq].command, self._items[seq].command)}")


_NAMES = {
    kept.WAYPOINT: "WP",
    kept.TAKEOFF: "Takeoff",
    kept.RTL: "RTL",
    kept.LAND: "Land",
    kept.CHANGE_SPEED: "ChangeSpeed",
    kept.CONDITION_YAW: "CondYaw",
    kept.DIGICAM_CONTROL: "DigiCamCtrl",
    kept.MOUNT_CONTROL: "MountControl",
    kept.SET_ROI: "SetROI",
    kept.SET_ROI_LOCATION: "SetROI",
    kept.SET_ROI_NONE: "SetROI",
    kept.START_CAPTURE: "ImageStartCapture",
    kept.TRIGGER_DISTANCE: "SetCamTrigDst",
}
