"""Flying the stored mission in AUTO: navigation items one after the other, the others beside them.

As in ArduCopter, items that do not navigate run when the navigation item before them is reached, the first
of them before the next navigation item begins; after a condition they wait for it; what has not run when
the next place is reached is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import inf

from flight.simulator import stored_items as kept
from flight.simulator.kinematics import Body, Point, Wish, angle_between
from flight.simulator.legs import Leg
from flight.simulator.stored_items import StoredItem
from flight.simulator.tasks import Climb, FlyLeg, Hold, InTurn, Land, Return, ReturnHome, Task

TURNED_DEG = 2.0  # short of the wanted heading, CONDITION_YAW is fulfilled
NO_MISSION, NOT_STARTED, ACTIVE, PAUSED, COMPLETE = 1, 2, 3, 4, 5  # MISSION_STATE


class MissionRun:
    """Where in the mission the vehicle is.

    `items` is the vehicle's list with home at 0, `place` turns an item into metres from home,
    `do` runs an item that does not navigate, `reached` is told each item that is over, `spool_up_s` gives
    how long a take-off that begins now would stay on the ground.
    """

    def __init__(
        self,
        items: list[StoredItem],
        place: Callable[[StoredItem], Point],
        do: Callable[[StoredItem], None],
        reached: Callable[[int], None],
        say: Callable[[str], None],
        spool_up_s: Callable[[], float],
    ) -> None:
        self.seq = 0
        self.complete = False
        self.started = False  # by MISSION_START or by flying already
        self.speed_ms = 10.0
        self.way_home = Return()
        self._items, self._place, self._do = items, place, do
        self._reached, self._say, self._spool_up_s = reached, say, spool_up_s
        self._task: Task | None = None
        self._pending: list[int] = []
        self._condition: Callable[[Body], bool] | None = None
        self._delay_s = 0.0
        self._last_place: Point | None = None
        self._leaving: FlyLeg | None = None  # the leg whose end is turned at
        self._yaw_deg: float | None = None  # wanted by CONDITION_YAW or a mount, for this leg

    @property
    def paused(self) -> bool:
        """Stopped on its way."""
        return isinstance(self._task, FlyLeg) and self._task.paused

    def enter(self, speed_ms: float) -> None:
        """AUTO begins, at the current item or the first."""
        self.speed_ms = speed_ms
        if self.seq == 0 or self.complete:
            self.seq = self._next_navigation(0) or 0
            self.complete = self.seq == 0
        self._begin_anew()
        self.announce()

    def announce(self) -> None:
        """Say the current item, if there is one."""
        if 0 < self.seq < len(self._items):
            self._announce(self.seq)

    def reset(self) -> None:
        """Back to the start, after landing."""
        self.seq = 0
        self.started = False
        self._begin_anew()
        self._pending.clear()
        self._condition = None

    def _begin_anew(self) -> None:
        """The current item, from where the vehicle can stop."""
        self._task = self._last_place = self._leaving = self._yaw_deg = None

    def pause(self) -> bool:
        """Stop on the way to a place; False while it flies to none, as in a take-off."""
        if not self.started or not isinstance(self._task, FlyLeg) or self._task.arrived:
            return False
        self._task.paused = True
        return True

    def go_on(self) -> bool:
        """End a pause."""
        if isinstance(self._task, FlyLeg):
            self._task.paused = False
        return True

    def restart(self) -> bool:
        """Begin the leg that is flown anew, because the mission was changed; False if there is none."""
        on_leg = self._task is None or isinstance(self._task, FlyLeg)
        if not self.started or not on_leg or self.complete:
            return False
        if self.seq < len(self._items):
            self._begin_anew()
            self.announce()
        return True

    def jump(self, seq: int) -> bool:
        """Go to an item; False if there is none of that number."""
        if not 0 < seq < len(self._items):
            return False
        self.seq = seq if self._items[seq].command in kept.NAVIGATION else self._next_navigation(seq) or seq
        self._begin_anew()
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
        if not self.started or self.seq == 0:
            return Wish()
        if self.seq >= len(self._items):  # the mission was cut off
            self.complete = True
            return Wish()
        if self._task is None:
            self._task = self._task_of(self.seq, body)
        self._run_pending(body, dt_s)
        wish = self._task.steer(body, dt_s)
        if self._task.done(body) and not self.complete:
            self._advance(body)
        return wish if self._yaw_deg is None else replace(wish, yaw_deg=self._yaw_deg)

    def _advance(self, body: Body) -> None:
        item = self._items[self.seq]
        if item.command == kept.LAND or item.command == kept.RTL:
            return  # the vehicle tells of these when it disarms
        self._reached(self.seq)
        if item.command != kept.TAKEOFF:
            self._say(f"Reached command #{self.seq}")
        self._leave(item, body)
        following = self._next_navigation(self.seq)
        end = following if following is not None else len(self._items)
        self._pending = list(range(self.seq + 1, end))
        self._condition = None
        self.complete = following is None
        if following is not None:
            self._task = None
            self.seq = following
        self._run_pending(body, 0.0)
        if following is not None:
            self._announce(following)

    def _leave(self, item: StoredItem, body: Body) -> None:
        """Keep what the next leg goes on from."""
        self._leaving = self._task if isinstance(self._task, FlyLeg) else None
        self._yaw_deg = None
        if item.command == kept.TAKEOFF:
            self._last_place = None
        else:
            self._last_place = self._place(item) if item.command in kept.WITH_PLACE else body.point

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
            return
        self._do(item)
        if item.command == kept.MOUNT_CONTROL:  # a mount without pan of its own: the nose turns for it
            self._yaw_deg = item.params[2] % 360
        if item.command not in kept.NOT_TOLD:
            self._reached(seq)

    def _condition_of(self, seq: int, item: StoredItem, body: Body) -> Callable[[Body], bool]:
        value = item.params[0]
        if item.command == kept.CONDITION_DELAY:
            self._delay_s = value
            fulfilled = self._delay_is_over
        elif item.command == kept.CONDITION_DISTANCE:
            fulfilled = partial(self._is_near, value)
        else:
            clockwise = item.params[2] if item.params[2] else 1.0
            yaw_deg = (body.yaw_deg + clockwise * value) % 360 if item.params[3] else value % 360
            self._yaw_deg = yaw_deg
            fulfilled = partial(_has_turned, yaw_deg)

        def look(body: Body) -> bool:
            if not fulfilled(body):
                return False
            self._reached(seq)
            return True

        return look

    def _delay_is_over(self, body: Body) -> bool:
        return self._delay_s <= 0

    def _is_near(self, distance_m: float, body: Body) -> bool:
        leg = self._task.leg if isinstance(self._task, FlyLeg) else None
        return leg is None or leg.remaining_m(body.point) <= distance_m

    def _task_of(self, seq: int, body: Body) -> Task:
        item = self._items[seq]
        if item.command == kept.TAKEOFF:
            return Climb(item.z, self._spool_up_s())
        if item.command == kept.RTL:
            return ReturnHome(body, self.way_home)
        if item.command == kept.LAND:
            there = [] if item.x == 0 and item.y == 0 else [self._leg_to(seq, body)]
            return InTurn([*there, Land()])
        if item.command == kept.DELAY:
            return Hold(item.params[0])
        return self._leg_to(seq, body)

    def _leg_to(self, seq: int, body: Body) -> Task:
        item, end = self._items[seq], self._place(self._items[seq])
        start = self._last_place if self._last_place is not None else body.stopping_point
        hold_s = item.params[0] if item.command in _HOLDING else 0.0
        if item.command == kept.LOITER_UNLIMITED:
            hold_s = inf
        onward = None
        following = self._next_navigation(seq)
        if item.command in _WAYPOINTS and hold_s == 0 and following is not None:
            after = self._items[following]
            if after.command in (*_WAYPOINTS, kept.LOITER_UNLIMITED, kept.LOITER_TIME):
                onward = Leg(end, self._place(after), self.speed_ms)
        task = FlyLeg(Leg(start, end, self.speed_ms), hold_s, onward=onward, before=self._leaving)
        task.change_speed(self.speed_ms)
        return task

    def change_speed(self, speed_ms: float) -> None:
        """DO_CHANGE_SPEED: for this leg and all that follow, not for RTL."""
        self.speed_ms = speed_ms
        if isinstance(self._task, FlyLeg):
            self._task.change_speed(speed_ms)

    def _next_navigation(self, after: int) -> int | None:
        for seq in range(after + 1, len(self._items)):
            if self._items[seq].command in kept.NAVIGATION:
                return seq
        return None

    def _announce(self, seq: int) -> None:
        self._say(f"Mission: {seq} {_NAMES.get(self._items[seq].command, self._items[seq].command)}")


def _has_turned(yaw_deg: float, body: Body) -> bool:
    return abs(angle_between(body.yaw_deg, yaw_deg)) <= TURNED_DEG


_WAYPOINTS = {kept.WAYPOINT, kept.SPLINE_WAYPOINT}
_HOLDING = {*_WAYPOINTS, kept.LOITER_TIME}
_NAMES = {
    kept.WAYPOINT: "WP",
    kept.SPLINE_WAYPOINT: "SplineWP",
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
