"""The simulated autopilot: modes, arming, flying, photographing. It knows nothing of links.

The path that is steered is the one the autopilot believes in; the true position is that less the
positioning error, as with a real vehicle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator import readiness
from flight.simulator import stored_items as kept
from flight.simulator.battery import Battery
from flight.simulator.failsafes import BatteryFailsafe, FenceFailsafe, GroundStationFailsafe
from flight.simulator.gnss import PositionError
from flight.simulator.kinematics import Body, Point
from flight.simulator.mission_protocol import FENCE, MISSION, ItemList
from flight.simulator.mission_run import COMPLETE, MissionRun
from flight.simulator.parameters import Parameters
from flight.simulator.readiness import AUTO, GUIDED, LAND, MODE_NAMES, RTL
from flight.simulator.shutter import Film, Gimbal, Trigger
from flight.simulator.stored_items import StoredItem
from flight.simulator.tasks import SPOOL_UP_S, Climb, Hold, Task, return_to_home
from flight.simulator.tasks import Land as LandTask
from vision.frames import LocalFrame

CRITICAL, WARNING, INFO = 2, 4, 6  # MAV_SEVERITY
TOUCH_DOWN_S = 2.0
FENCE_EVERY_S = 0.2


@dataclass(frozen=True)
class Setting:
    """How a simulated vehicle is set up.

    `lat`, `lon`, `alt_msl_m` are where it stands. `arming_fault` is a reason why it
    never arms, which shows only then;
    `changed_item` is the number of a mission item that it stores wrongly; `gnss` False: it never
    gets a fix; `camera` False: the camera never fires.
    """

    lat: float
    lon: float
    alt_msl_m: float = 0.0
    seed: int = 1
    gnss_sigma_m: float = 1.0
    endurance_s: float = 1500.0
    start: datetime | None = None
    exposures: Path | None = None
    gnss: bool = True
    camera: bool = True
    arming_fault: str = ""
    changed_item: int = 0


class Autopilot:
    """The vehicle's mind and body; `step` moves it, `emit` is given each message it wants to send."""

    def __init__(self, setting: Setting, start: datetime, emit: Callable[[Any], None]) -> None:
        self.setting = setting
        self.boot_s = 0.0
        self.mode = readiness.STABILIZE
        self.armed = False
        self.landed = True
        self.body = Body()
        self.parameters = Parameters()
        self.battery = Battery(setting.endurance_s)
        self.gimbal = Gimbal()
        self._film = Film(setting.exposures, setting.seed)
        self.trigger = Trigger(self.shoot)
        self.frame = LocalFrame(setting.lat, setting.lon)
        self.emit = emit
        self.mission = ItemList(MISSION, self.home_item, self.say)
        self.fence = ItemList(FENCE, self.home_item, self.say)
        self.run = MissionRun(
            self.mission.items, self._place, self._do, self._reached, lambda text: self.say(INFO, text)
        )
        self.ground_station = GroundStationFailsafe(self.parameters, self.say)
        self.battery_failsafe = BatteryFailsafe(self.parameters, self.say)
        self.fence_failsafe = FenceFailsafe(self.parameters, self.say)
        self._start = start
        self._error = PositionError(setting.gnss_sigma_m, setting.seed)
        self._error_from_s = 0.0
        self._task: Task = Hold()
        self._nose_at: Point | None = None  # region of interest, in AUTO
        self._idle_s = 0.0
        self._boot_texts = list(readiness.BOOT_TEXTS)
        self.reached_seq: int | None = None

    # --- what it knows -----------------------------------------------------------------------

    @property
    def senses(self) -> readiness.Senses:
        """What the sensors give now."""
        return readiness.Senses(self.boot_s, self.setting.gnss)

    @property
    def now(self) -> datetime:
        """Simulated UTC."""
        return self._start + timedelta(seconds=self.boot_s)

    def measured(self) -> tuple[float, float, float]:
        """Latitude, longitude and height above home as the autopilot believes."""
        lat, lon = self.frame.to_lat_lon([[self.body.east_m, self.body.north_m]])[0]
        return float(lat), float(lon), self.body.up_m

    def home_item(self) -> StoredItem:
        """Home, as item 0 of the mission."""
        x, y = round(self.setting.lat * 1e7), round(self.setting.lon * 1e7)
        return StoredItem(kept.WAYPOINT, 0, (0.0, 0.0, 0.0, 0.0), x, y, self.setting.alt_msl_m)

    def refusals(self) -> list[str]:
        """Why it would not arm now."""
        return readiness.arming_refusals(
            self.senses,
            self.mode,
            int(self.parameters["AUTO_OPTIONS"]),
            len(self.mission.items) > 1,
            self.battery_failsafe.failed,
            self.setting.arming_fault,
        )

    def prearm_ok(self) -> bool:
        """The PREARM health bit: without what is only checked on arming."""
        only_on_arming = {"AUTO mode not armable", self.setting.arming_fault}
        return set(self.refusals()) <= only_on_arming

    # --- what it is told ---------------------------------------------------------------------

    def arm(self) -> bool:
        """Arm, unless something speaks against it; says what."""
        if self.armed:
            return True
        reasons = self.refusals()
        for reason in reasons:
            self.say(CRITICAL, f"Arm: {reason}")
        if reasons:
            return False
        self.armed = True
        self._idle_s = 0.0
        self.say(INFO, "Arming motors")
        return True

    def disarm(self) -> bool:
        """Disarm; refused in the air."""
        if self.armed and not self.landed:
            return False
        if self.armed:
            self._stop_motors()
        return True

    def set_mode(self, mode: int) -> bool:
        """Change the flight mode, unless something speaks against it; says what."""
        if mode not in MODE_NAMES:
            self.say(WARNING, f"No such mode {mode}")
            return False
        if self.armed and mode in readiness.NEEDS_POSITION and not self.senses.position:
            self.say(WARNING, f"Mode change to {MODE_NAMES[mode]} failed: requires position")
            return False
        if mode == AUTO and self.armed and self.landed and not self.run.first_is_takeoff:
            self.say(CRITICAL, "Auto: Missing Takeoff Cmd")
            self.say(WARNING, "Mode change to AUTO failed: init failed")
            return False
        if mode != self.mode:
            self._enter(mode)
        return True

    def start_mission(self) -> bool:
        """MISSION_START: AUTO, and leave to take off; without arming it does nothing."""
        if not self.set_mode(AUTO):
            return False
        if self.armed:
            self.run.started = True
        return True

    def take_off(self, up_m: float) -> bool:
        """Take off in GUIDED."""
        if self.mode != GUIDED or not self.armed or not self.landed:
            return False
        self._task = Climb(up_m, SPOOL_UP_S)
        return True

    def say(self, severity: int, text: str) -> None:
        """Send a STATUSTEXT."""
        self.emit(mavlink.MAVLink_statustext_message(severity, text.encode()[:50]))

    def shoot(self) -> None:
        """Open the shutter, and send feedback with the position as it was measured."""
        if not self.setting.camera:
            return
        body = self.body
        error_east, error_north, error_up = self._error.at(max(0.0, self.boot_s - self._error_from_s))
        true_m = [[body.east_m - error_east, body.north_m - error_north]]
        true_lat, true_lon = (float(value) for value in self.frame.to_lat_lon(true_m)[0])
        self._film.expose(
            self.now, true_lat, true_lon, body.up_m - error_up, body.yaw_deg, self.gimbal.pitch_deg
        )
        lat, lon, up_m = self.measured()
        micros = round(self.now.timestamp() * 1e6)
        place = (round(lat * 1e7), round(lon * 1e7), self.setting.alt_msl_m + up_m, up_m)
        attitude = (body.roll_deg, body.pitch_deg, body.yaw_deg)
        self.emit(
            mavlink.MAVLink_camera_feedback_message(micros, 1, 0, self._film.count, *place, *attitude, 0, 0)
        )

    # --- time --------------------------------------------------------------------------------

    def step(self, dt_s: float, wall_s: float) -> None:
        """Move on by a time step of the simulated clock; `wall_s` is the ground station's clock."""
        self.boot_s += dt_s
        while self._boot_texts and self._boot_texts[0][0] <= self.boot_s:
            self.say(INFO, self._boot_texts.pop(0)[1])
        self.gimbal.move(dt_s, self.body)
        self.battery.drain(dt_s, self.armed)
        if self.armed:
            self._fly(dt_s)
            self._watch(dt_s, wall_s)

    def _fly(self, dt_s: float) -> None:
        wish = self.run.steer(self.body, dt_s) if self.mode == AUTO else self._task.steer(self.body, dt_s)
        if self._nose_at is not None and self.mode == AUTO and not self.landed:
            wish = replace(wish, yaw_deg=self.body.bearing_to_deg(self._nose_at))
        if self.landed and wish.v_up_ms <= 0:
            self._rest_on_ground(dt_s)
            return
        if self.landed:
            self._lift_off()
        self.body.move(wish, dt_s)
        if self.body.up_m <= 0 and wish.v_up_ms <= 0:
            self.landed = True
            self._idle_s = 0.0
            self.body.up_m = 0.0
            self.body.rest()
        self.trigger.moved((self.body.east_m, self.body.north_m))

    def _lift_off(self) -> None:
        """From here on everything is the same for the same mission and seed, errors included."""
        self.landed = False
        self._error = PositionError(self.setting.gnss_sigma_m, self.setting.seed)
        self._error_from_s = self.boot_s

    def _rest_on_ground(self, dt_s: float) -> None:
        self.body.rest()
        self._idle_s += dt_s
        landing = self.mode in (RTL, LAND) or (self.mode == AUTO and self.run.started and self._at_last())
        if landing and self._idle_s >= TOUCH_DOWN_S:
            if self.mode == AUTO:
                self._reached(self.run.seq)
                self.run.complete = True
            self._stop_motors()
        elif self._idle_s >= self.parameters["DISARM_DELAY"] and not self._about_to_climb():
            self._stop_motors()

    def _at_last(self) -> bool:
        items, seq = self.mission.items, self.run.seq
        return 0 < seq < len(items) and items[seq].command in (kept.RTL, kept.LAND)

    def _about_to_climb(self) -> bool:
        return self.mode == AUTO and self.run.started

    def _stop_motors(self) -> None:
        self.armed = False
        self.run.reset()
        self._task = Hold()
        self.say(INFO, "Disarming motors")

    def _watch(self, dt_s: float, wall_s: float) -> None:
        modes = [self.ground_station.mode(wall_s), self.battery_failsafe.mode(self.battery, dt_s)]
        if self.fence_failsafe.enabled and int(self.boot_s / FENCE_EVERY_S) != int(
            (self.boot_s - dt_s) / FENCE_EVERY_S
        ):
            lat, lon, _ = self.measured()
            modes.append(self.fence_failsafe.mode(self.fence.items, lat, lon))
        for mode in modes:
            if mode is not None:
                self.set_mode(mode)

    def _enter(self, mode: int) -> None:
        self.mode = mode
        self._idle_s = 0.0
        self._task = Hold()
        self._nose_at = None  # as in ArduCopter: the gimbal goes on looking, the nose does not
        if mode == AUTO:
            self.run.rtl_alt_m = self.parameters["RTL_ALT"] / 100
            self.run.rtl_speed_ms = self.parameters["WPNAV_SPEED"] / 100
            self.run.started = self.armed and not self.landed
            self.run.enter(self.parameters["WPNAV_SPEED"] / 100)
        elif mode == RTL and not self.landed:
            height_m, speed_ms = self.parameters["RTL_ALT"] / 100, self.parameters["WPNAV_SPEED"] / 100
            self._task = return_to_home(self.body, height_m, speed_ms)
        elif mode == LAND and not self.landed:
            self._task = LandTask()

    # --- the mission's items -----------------------------------------------------------------

    def _place(self, item: StoredItem) -> Point:
        if item.x == 0 and item.y == 0:
            return Point(self.body.east_m, self.body.north_m, item.z)
        east, north = self.frame.to_metres(item.lat, item.lon)[0]
        up = item.z - self.setting.alt_msl_m if item.frame == 0 else item.z
        return Point(float(east), float(north), up)

    def _do(self, item: StoredItem) -> None:
        if item.command in kept.SETS_ROI:
            self._look_at(None if item.x == item.y == 0 else self._place(item))
            return
        self.do(item.command, (*item.params, float(item.x), float(item.y), item.z))

    def _look_at(self, place: Point | None) -> None:
        """Region of interest: the nose and the camera turn there; None ends it."""
        self._nose_at = place
        self.gimbal.look_at(place)

    def do(self, command: int, p: tuple[float, ...]) -> bool:
        """Run an item or command that does not navigate; False if it is not known."""
        here_m = (self.body.east_m, self.body.north_m)
        if command == kept.CHANGE_SPEED:
            self.run.change_speed(p[1])
        elif command == kept.TRIGGER_DISTANCE:
            self.trigger.every(p[0], p[2] == 1, here_m)
        elif command == kept.MOUNT_CONTROL or command == kept.GIMBAL_PITCH_YAW:
            self.gimbal.point(p[0])
        elif command in kept.SETS_ROI:
            self._look_at(self._command_place(p))
        elif (command == kept.DIGICAM_CONTROL and p[4] == 1) or command == kept.START_CAPTURE:
            self.shoot()
        return command in _DO_COMMANDS

    def _command_place(self, p: tuple[float, ...]) -> Point | None:
        """The place of a command (degrees and metres above home in param5 to param7); None for zeros."""
        if p[4] == p[5] == 0:
            return None
        east, north = self.frame.to_metres(p[4], p[5])[0]
        return Point(float(east), float(north), p[6])

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


_DO_COMMANDS = {
    kept.CHANGE_SPEED,
    kept.TRIGGER_DISTANCE,
    kept.MOUNT_CONTROL,
    kept.GIMBAL_PITCH_YAW,
    kept.DIGICAM_CONTROL,
    kept.START_CAPTURE,
    kept.STOP_CAPTURE,
    *kept.SETS_ROI,
}
