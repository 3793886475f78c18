"""The simulated autopilot: modes, arming, flying. It knows nothing of links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator import stored_items as kept
from flight.simulator.battery import Battery
from flight.simulator.estimator import Estimator
from flight.simulator.failsafes import BatteryFailsafe, EstimatorFailsafe, GroundStationFailsafe
from flight.simulator.fence import Fence
from flight.simulator.kinematics import Body, Point
from flight.simulator.mission_protocol import FENCE, MISSION, ItemList
from flight.simulator.mission_run import COMPLETE, MissionRun
from flight.simulator.modes import (
    ALT_HOLD,
    AUTO,
    CRITICAL,
    GUIDED,
    INFO,
    LAND,
    LOITER,
    MODE_NAMES,
    NEEDS_POSITION,
    RTL,
    STABILIZE,
    WARNING,
)
from flight.simulator.parameters import Parameters
from flight.simulator.payload import Payload, Sight
from flight.simulator.places import Places
from flight.simulator.reactions import Reactions
from flight.simulator.readiness import BOOT_TEXTS, PrearmReport, Readiness
from flight.simulator.shutter import Film
from flight.simulator.stored_items import StoredItem
from flight.simulator.tasks import SPOOL_UP_S, Climb, Hold, Return, ReturnHome, Sink, Task
from flight.simulator.tasks import Land as LandTask
from flight.simulator.whereabouts import Whereabouts
from flight.simulator.wind import Wind

TOUCH_DOWN_S = 2.0
LAND_WITH_PAUSE_S = 4.0  # LAND_WITH_DELAY_MS, when a failsafe lands it
LOOKED_BEFORE_S = 0.14  # DISARM_DELAY counts from the last look before arming (recorded: 9.87 and 9.94 s)
MOTORS_WAIT_S = 2.0  # after arming the motors turn for so long before anything takes off
TAKES_OFF_IN_AUTO = 2  # bit 1 of AUTO_OPTIONS: without MISSION_START


@dataclass(frozen=True)
class Setting:
    """How a simulated vehicle is set up.

    `lat`, `lon`, `alt_msl_m` are where it stands, `endurance_s` is how long its battery hovers,
    `exposures` the file that is told each photo as it truly was; `parameters` differ from the factory's.
    """

    lat: float
    lon: float
    alt_msl_m: float = 0.0
    seed: int = 1
    gnss_sigma_m: float = 1.0
    endurance_s: float = 1500.0
    start: datetime | None = None
    exposures: Path | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)


class Autopilot:
    """The vehicle's mind and body; `step` moves it, `emit` is given each message it wants to send.

    After a reboot `before` is the autopilot that was: what is stored is kept, and where it stands.
    """

    def __init__(
        self,
        setting: Setting,
        start: datetime,
        emit: Callable[[Any], None],
        before: Autopilot | None = None,
    ) -> None:
        self.setting = setting
        self.emit = emit
        self.mode = STABILIZE
        self.armed = False
        self.armings = 0
        self.landed = True
        self.body: Body = before.body if before else Body()
        self.parameters: Parameters = before.parameters if before else Parameters(setting.parameters)
        self.home = self.body.point
        self.senses = Estimator(self.parameters, self.say)
        self.battery = Battery(setting.endurance_s, self.parameters)
        self.places = Places(setting.lat, setting.lon, setting.alt_msl_m)
        frame, wind = self.places.frame, Wind(self.parameters, setting.seed)
        self.whereabouts = Whereabouts(
            frame, self.body, wind, self.senses, setting.gnss_sigma_m, setting.seed
        )
        film = before.payload.film if before else Film(setting.exposures, setting.seed)
        self.payload: Payload = Payload(film, self.parameters, self._sight, emit)
        self.mission: ItemList = ItemList(
            MISSION, self.home_item, self.say, before.mission.items if before else ()
        )
        self.fence_items: ItemList = ItemList(
            FENCE, self.home_item, self.say, before.fence_items.items if before else ()
        )
        self.run = MissionRun(
            self.mission.items,
            self._place,
            self._do,
            self._reached,
            lambda text: self.say(INFO, text),
            self._spool_up_s,
        )
        reactions = Reactions(self, self.parameters)
        to_failsafe = reactions.to_failsafe
        self.ground_station = GroundStationFailsafe(self.parameters, self.say, to_failsafe)
        self.battery_failsafe = BatteryFailsafe(self.parameters, self.say, to_failsafe)
        self.estimator_failsafe = EstimatorFailsafe(self.parameters, self.say, reactions.to_estimator)
        self.fence = Fence(self.fence_items, self.parameters, frame, self.say, reactions.to_fence)
        self.prearm = PrearmReport(self.say)
        self.reached_seq: int | None = None
        self._start = start
        self._task: Task = Hold()
        self._idle_s = self.armed_s = 0.0
        self._boot_texts = list(BOOT_TEXTS)
        self._mission_changes = 0

    # --- what it knows -----------------------------------------------------------------------

    @property
    def boot_s(self) -> float:
        """Simulated seconds since boot."""
        return self.senses.boot_s

    @property
    def now(self) -> datetime:
        """Simulated UTC."""
        return self._start + timedelta(seconds=self.boot_s)

    @property
    def waits_on_ground(self) -> bool:
        """On the ground, and not about to take off."""
        return self.landed and not (self.mode == AUTO and self.run.started)

    @property
    def in_failsafe(self) -> bool:
        """MAV_STATE_CRITICAL."""
        failed = (self.ground_station.active, self.battery_failsafe.failed, self.estimator_failsafe.active)
        return any(failed)

    def home_item(self) -> StoredItem:
        """Home, as item 0 of the mission: where it was armed last."""
        return self.places.home_item(self.home)

    @property
    def readiness(self) -> Readiness:
        """What decides about arming now."""
        return Readiness(
            self.senses,
            self.parameters,
            self.battery,
            self.mode,
            len(self.mission.items) > 1,
            self.battery_failsafe.failed,
            self.fence.outside,
        )

    # --- what it is told ---------------------------------------------------------------------

    def arm(self) -> bool:
        """Arm, unless something speaks against it; says what."""
        if self.armed:
            return True
        reasons = self.readiness.arming_refusals()
        for reason in reasons:
            self.say(CRITICAL, f"Arm: {reason}")
        if reasons:
            return False
        self.armed = True
        self.armings += 1
        self.home = self.whereabouts.known
        self._idle_s = self.armed_s = 0.0
        self.run.started = self._starts_by_itself
        self.say(INFO, "Arming motors")
        return True

    @property
    def _starts_by_itself(self) -> bool:
        """Whether AUTO goes on without MISSION_START."""
        options = int(self.parameters["AUTO_OPTIONS"])
        return self.armed and (not self.landed or bool(options & TAKES_OFF_IN_AUTO))

    def disarm(self) -> bool:
        """Disarm; refused in the air."""
        if self.armed and not self.landed:
            return False
        if self.armed:
            self.stop_motors()
        return True

    def set_mode(self, mode: int) -> bool:
        """Change the flight mode, unless something speaks against it; says what."""
        if mode not in MODE_NAMES:
            self.say(WARNING, f"No such mode {mode}")
            return False
        if self.armed and mode in NEEDS_POSITION and not self.senses.position:
            self.say(WARNING, f"Mode change to {MODE_NAMES[mode]} failed: requires position")
            return False
        if mode == AUTO and self.armed and self.landed and not self.run.first_is_takeoff:
            self.say(CRITICAL, "Auto: Missing Takeoff Cmd")
            self.say(WARNING, "Mode change to AUTO failed: init failed")
            return False
        if mode != self.mode:
            self._enter(mode)
            if self.armed and self.fence.outside and self.parameters["FENCE_ACTION"]:
                self.say(INFO, "Manual recovery started")
        return True

    def land_after_pause(self) -> None:
        """LAND, as a failsafe does it."""
        self.set_mode(LAND)
        if not self.landed:
            self._task = LandTask(LAND_WITH_PAUSE_S)

    def start_mission(self) -> bool:
        """MISSION_START: AUTO, and leave to take off; without arming it does nothing."""
        entering = self.mode != AUTO
        if not self.set_mode(AUTO):
            return False
        if entering:
            self.run.announce()  # ArduCopter starts it twice
        if self.armed:
            self.run.started = True
        return True

    def set_current(self, seq: int) -> bool:
        """Go to an item of the mission; False if there is none of that number."""
        if not self.run.jump(seq):
            return False
        if self.mode == AUTO:
            self.run.announce()
        return True

    def take_off(self, up_m: float) -> bool:
        """Take off in GUIDED."""
        if self.mode != GUIDED or not self.armed or not self.landed:
            return False
        self._task = Climb(up_m, self._spool_up_s())
        return True

    def _spool_up_s(self) -> float:
        return max(0.0, MOTORS_WAIT_S - self.armed_s) + SPOOL_UP_S

    def say(self, severity: int, text: str) -> None:
        """Send a STATUSTEXT."""
        self.emit(mavlink.MAVLink_statustext_message(severity, text.encode()[:50]))

    # --- time --------------------------------------------------------------------------------

    def step(self, dt_s: float, wall_s: float) -> None:
        """Move on by a time step of the simulated clock; `wall_s` is the ground station's clock."""
        self.senses.step(dt_s)
        while self._boot_texts and self._boot_texts[0][0] <= self.boot_s:
            self.say(INFO, self._boot_texts.pop(0)[1])
        self.payload.gimbal.move(dt_s, self.body)
        self.battery.drain(dt_s, self.armed, 0.0 if self.landed else self.whereabouts.airspeed_ms)
        self.ground_station.check(wall_s)
        if self.armed:
            self.armed_s += dt_s
            self._fly(dt_s)
            self._watch(dt_s)
        else:
            self.prearm.step(dt_s, self.readiness.prearm_refusals)
        self.whereabouts.look()
        self.fence.step(dt_s, self.boot_s, self.whereabouts.known, self.home)

    def note_changes(self) -> None:
        """Begin the leg that is flown anew, if the mission was changed since the last look."""
        if self._mission_changes == self.mission.changes:
            return
        self._mission_changes = self.mission.changes
        if self.armed and self.mode == AUTO and self.run.restart():
            self.say(CRITICAL, "Auto mission changed, restarted command")

    def _fly(self, dt_s: float) -> None:
        wish = self.run.steer(self.body, dt_s) if self.mode == AUTO else self._task.steer(self.body, dt_s)
        if self.payload.nose_at is not None and self.mode == AUTO and not self.landed:
            wish = replace(wish, yaw_deg=self.body.bearing_to_deg(self.payload.nose_at))
        if self.landed and wish.v_up_ms <= 0:
            self._rest_on_ground(dt_s)
            return
        if self.landed:
            self.landed = False
            self.whereabouts.lift_off()
        self.whereabouts.move(wish, dt_s)
        if self.body.up_m <= 0 and wish.v_up_ms <= 0:
            self.landed = True
            self._idle_s = 0.0
            self.body.up_m = 0.0
            self.body.rest()
        self.payload.trigger.moved((self.body.east_m, self.body.north_m))

    def _rest_on_ground(self, dt_s: float) -> None:
        self.body.rest()
        self._idle_s += dt_s
        landing = self.mode in (RTL, LAND) or (self.mode == AUTO and self.run.started and self._at_last())
        if landing and self._idle_s >= TOUCH_DOWN_S:
            if self.mode == AUTO:
                self._reached(self.run.seq)
                self.run.complete = True
            self.stop_motors()
        elif self._idle_s >= self.parameters["DISARM_DELAY"] - LOOKED_BEFORE_S and self.waits_on_ground:
            self.stop_motors()

    def _at_last(self) -> bool:
        items, seq = self.mission.items, self.run.seq
        return 0 < seq < len(items) and items[seq].command in (kept.RTL, kept.LAND)

    def stop_motors(self) -> None:
        """Disarm at once."""
        self.armed = False
        self.run.reset()
        self._task = Hold()
        self.say(INFO, "Disarming motors")
        if self.mode == AUTO and not self.run.complete:
            self.run.enter(self.run.speed_ms)

    def _watch(self, dt_s: float) -> None:
        self.battery_failsafe.check(self.battery, dt_s)
        self.estimator_failsafe.check(self.senses.position, self.boot_s, dt_s)

    def _enter(self, mode: int) -> None:
        self.mode = mode
        self._task = Hold()
        self.payload.nose_at = None  # as in ArduCopter: the gimbal goes on looking, the nose does not
        way_home = self._way_home()
        if mode == AUTO:
            self.run.way_home = way_home
            self.run.started = self._starts_by_itself
            self._mission_changes = self.mission.changes
            self.run.enter(self.parameters["WPNAV_SPEED"] / 100)
        elif mode == RTL and not self.landed:
            self._task = ReturnHome(self.body, way_home)
        elif mode == LAND and not self.landed:
            self._task = LandTask()
        elif mode in (LOITER, ALT_HOLD) and not self.landed:
            self._task = Sink()

    def _way_home(self) -> Return:
        speed_ms = (self.parameters["RTL_SPEED"] or self.parameters["WPNAV_SPEED"]) / 100
        return Return(self.parameters["RTL_ALT"] / 100, speed_ms, self.home)

    def _sight(self) -> Sight:
        place, body = self.whereabouts, self.body
        return Sight(self.now, place.true(), place.measured(), self.setting.alt_msl_m + body.up_m, body)

    # --- the mission's items -----------------------------------------------------------------

    def _place(self, item: StoredItem) -> Point:
        return self.places.of_item(item, self.body)

    def _do(self, item: StoredItem) -> None:
        if item.command in kept.SETS_ROI:
            self.payload.look_at(None if item.x == item.y == 0 else self._place(item))
            return
        self.do(item.command, (*item.params, float(item.x), float(item.y), item.z))

    def do(self, command: int, p: tuple[float, ...]) -> bool:
        """Run an item or command that does not navigate; False if it is not known."""
        if command == kept.CHANGE_SPEED:
            self.run.change_speed(p[1])
            return True
        if command in kept.SETS_ROI:
            self.payload.look_at(self.places.of_command(p))
            return True
        return self.payload.do(command, p, self.body)

    def _reached(self, seq: int) -> None:
        """Only the last of several in one moment is sent, as ArduCopter does."""
        self.reached_seq = seq

    def mission_state(self) -> int:
        """MISSION_STATE of MISSION_CURRENT."""
        if len(self.mission.items) <= 1:
            return 1
        if self.run.complete:
            return COMPLETE
        if self.mode != AUTO:
            return 2
        return 4 if self.run.paused else 3
