"""Watching a flight from lift-off to disarming: photos, progress, the link, and who is in command."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flight.driving.authority import Authority, Commander
from flight.driving.camera_angles import CameraAngles
from flight.driving.dronekit_link import Inbox
from flight.driving.interruption import Ask, Decision, Interrupts
from flight.driving.leg_progress import LegProgress
from flight.driving.link_loss import wait_for_link
from flight.driving.operator_desk import OperatorDesk
from flight.driving.orders import Orders
from flight.driving.photo_count import PhotoCount
from flight.driving.vehicle import FIX_3D, Vehicle, mode_name, text_of
from flight.flight_log import FlightEvent, FlightLog
from vision.frames import geodesic_m

WATCHED = (
    "HEARTBEAT",
    "CAMERA_FEEDBACK",
    "MISSION_CURRENT",
    "STATUSTEXT",
    "GLOBAL_POSITION_INT",
    "GPS_RAW_INT",
    "ATTITUDE",
    "GIMBAL_DEVICE_ATTITUDE_STATUS",
)
ACTIVE, COMPLETE = 3, 5  # MISSION_STATE
WARN_SILENCE_S = 2.5
LOOK_EVERY_S = 0.25
POSITION_EVERY_MS = 1000
AFTER_LANDING_S = 2.0
WARNING = 4  # MAV_SEVERITY_WARNING and more severe ones are told to the operator

Say = Callable[[str], None]
Progress = Callable[[int, str], None]


class Watch:
    """One flight as it goes on. `run` ends when the vehicle is disarmed or the link is given up.

    `outcome` is then `completed`, `taken_over` (the pilot changed the mode), `failsafe` (the vehicle came
    home or landed by itself; `reason` holds its words), `interrupted` (we told it to return or land),
    `link_lost`, or `ended` (on the ground without completing the mission).
    """

    def __init__(
        self,
        vehicle: Vehicle,
        log: FlightLog,
        say: Say,
        progress: Progress | None,
        *,
        legs: LegProgress | None = None,
        authority: Authority | None = None,
        ask: Ask | None = None,
        interrupts: Interrupts | None = None,
        time_factor: float = 1.0,
        seen: tuple[FlightEvent, ...] = (),
        camera_pitch_deg: float | None = None,
    ) -> None:
        """`seen` is what the log of this flight holds already, from a process that died.

        `camera_pitch_deg` is where the camera was commanded to look, except at places.
        """
        self.distance_m = 0.0
        self.outcome = "ended"
        self.authority = authority or Authority()
        self.photos = PhotoCount(seen)
        self._camera = CameraAngles(camera_pitch_deg)
        self._vehicle, self._log, self._say = vehicle, log, say
        self._progress = progress or (lambda steps, detail: None)
        self._legs, self._time_factor = legs, time_factor
        self._interrupts = interrupts or Interrupts()
        self._orders = Orders(vehicle, self.authority, say, self._note)
        self._desk = OperatorDesk(self._interrupts, ask, self._orders, self.authority, say)
        self._silence_s = 0.0  # of the link, just before it was heard again
        self._active = self._completed = False
        self._item: int | None = None
        self._fix = True
        self._logged_ms = 0
        self._last_place: tuple[float, float] | None = None
        for event in seen:
            if event.event == "position" and event.lat is not None and event.lon is not None:
                self._moved_to((event.lat, event.lon))
        self._handlers: dict[str, Callable[[Any], None]] = {
            "HEARTBEAT": self._on_heartbeat,
            "CAMERA_FEEDBACK": self._on_photo,
            "MISSION_CURRENT": self._on_mission,
            "STATUSTEXT": self._on_text,
            "GLOBAL_POSITION_INT": self._on_position,
            "GPS_RAW_INT": self._on_fix,
            "ATTITUDE": self._camera.heard_attitude,
            "GIMBAL_DEVICE_ATTITUDE_STATUS": self._camera.heard_gimbal,
        }

    @property
    def reason(self) -> str:
        """The words of a failsafe."""
        return self.authority.reason

    def run(self, inbox: Inbox) -> None:
        """Watch until it is over."""
        self._progress(self.photos.taken, self._detail())
        while not self._watch_once(inbox):
            self._desk.attend()
            if self._orders.coming_down and self.outcome == "ended":
                self.outcome = "interrupted"
        if self.outcome == "ended" and self._completed:
            self.outcome = "completed"
        if self.outcome != "link_lost":  # then nobody knows the end, and the log stays open
            self._note("completed" if self.outcome == "completed" else "ended", text=self.outcome)

    def come_home(self) -> None:
        """Camera trigger off and return, if we are in command; the vehicle lands by itself."""
        if self.authority.may_command:
            self._orders.carry_out(Decision.RETURN)

    def found_out_of_our_hands(self) -> None:
        """The flight is the failsafe's or the pilot's already when we begin to watch it."""
        mode = mode_name(self._vehicle.mode)
        if self.authority.commander is Commander.FAILSAFE:
            self._came_home_by_itself(mode)
        elif self.authority.commander is Commander.PILOT:
            self._taken_over(mode)

    # --- messages ----------------------------------------------------------------------------

    def _watch_once(self, inbox: Inbox) -> bool:
        """Take one message; True when the flight is over."""
        message = inbox.next(LOOK_EVERY_S)
        if message is not None:
            self._handlers[message.get_type()](message)
        elif self._vehicle.link.silence_s > WARN_SILENCE_S or not self._vehicle.link.open:
            return self._wait_for_link(inbox)
        if self._vehicle.armed:
            return False
        self._finish(inbox)
        return True

    def _finish(self, inbox: Inbox) -> None:
        """After disarming: what is still in the inbox, and the vehicle's last word on the mission."""
        self._note("disarmed")
        while (message := inbox.next(0.0)) is not None:
            self._handlers[message.get_type()](message)
        until_s = time.monotonic() + AFTER_LANDING_S
        while (message := inbox.next(until_s - time.monotonic())) is not None:
            self._handlers[message.get_type()](message)
            if message.get_type() == "MISSION_CURRENT":
                break

    def _wait_for_link(self, inbox: Inbox) -> bool:
        """Tell of the silence, and wait for it to end; True when it does not."""
        self._note("link_lost")
        left_s = self._legs.left_s(self._item or 0) if self._legs else 0.0
        began_s = time.monotonic() - self._vehicle.link.silence_s
        message = wait_for_link(
            self._vehicle.link, inbox, left_s / self._time_factor, self._say, self._interrupts
        )
        if message is None:
            self.outcome = "link_lost"
            return True
        self._silence_s = time.monotonic() - began_s
        mode = mode_name(self._vehicle.mode)
        self._say(f"The vehicle is heard again after {self._silence_s:.0f} s. It tells: {mode}.")
        self._note("link_back")
        if self.authority.may_command:
            self._orders.repeat()
        self._handlers[message.get_type()](message)
        return False

    def _on_heartbeat(self, message: Any) -> None:
        mode, silence_s = int(message.custom_mode), self._silence_s
        before, self._silence_s = self.authority.commander, 0.0
        changed = self.authority.heard_mode(mode, silence_s)
        if changed is None:
            return
        name = mode_name(mode)
        self._note("mode", text=name)
        if self._completed or not self._vehicle.armed:
            return
        if before is Commander.PILOT:
            self._say(f"The pilot changed the mode to {name}.")
        elif changed is Commander.FAILSAFE:
            self._came_home_by_itself(name)
        else:
            self._taken_over(name)

    def _taken_over(self, mode: str) -> None:
        self.outcome = "taken_over"
        self._say(
            f"The mode was changed to {mode}, not by us: hands off. The only command still sent is camera "
            "trigger off."
        )
        self._note("hands_off")
        self._orders.trigger_off()

    def _came_home_by_itself(self, mode: str) -> None:
        self.outcome = "failsafe"
        self._say(
            f"The vehicle acts by itself ({self.reason}): it changed to {mode}. The camera is switched off."
        )
        self._note("failsafe", text=self.reason)
        self._orders.trigger_off()

    def _on_photo(self, message: Any) -> None:
        run = self._legs.run_at(self._item or 0) if self._legs else None
        at_place = run is not None and run.looks_at is not None
        event, risen = self.photos.take(message, *self._camera.now(at_place))
        self._log.write(event)
        self._progress(risen, self._detail())

    def _on_mission(self, message: Any) -> None:
        """By MISSION_CURRENT, because MISSION_ITEM_REACHED loses items."""
        self._active = self._active or message.mission_state == ACTIVE
        if message.mission_state == COMPLETE and self._active:  # else of an earlier flight
            ours = self.authority.commander is Commander.WE
            if not self._completed and self._vehicle.armed and ours:
                self._say("The mission is complete.")
            self._completed = self._completed or ours
        if message.seq != self._item and message.seq > 0:
            self._item = int(message.seq)
            self._note("item", text=str(self._item))
            self._progress(0, self._detail())

    def _on_text(self, message: Any) -> None:
        text = text_of(message)
        self._note("said", text=text)
        if self.authority.heard_words(text):
            self._say("It was the vehicle's own failsafe, not the pilot.")
            self.outcome = "failsafe"
            self._note("failsafe", text=text)
        if message.severity <= WARNING or "breach" in text:
            self._say(f"The vehicle says: {text}")

    def _on_fix(self, message: Any) -> None:
        """A receiver that has lost the satellites, and that has them again."""
        fix = message.fix_type >= FIX_3D
        if fix != self._fix:
            self._fix = fix
            self._say("The vehicle has satellites again." if fix else "The vehicle has lost its satellites.")
            self._note("said", text="GNSS back" if fix else "GNSS lost")

    def _on_position(self, message: Any) -> None:
        if message.time_boot_ms - self._logged_ms < POSITION_EVERY_MS or (message.lat, message.lon) == (0, 0):
            return
        self._logged_ms = message.time_boot_ms
        self._moved_to((message.lat / 1e7, message.lon / 1e7))
        self._note("position")
        self._progress(0, self._detail())
        self._listen_for_camera()

    def _moved_to(self, here: tuple[float, float]) -> None:
        if self._last_place is not None:
            self.distance_m += geodesic_m(self._last_place, here)
        self._last_place = here

    def _listen_for_camera(self) -> None:
        here = self._vehicle.position
        if self._legs is None or here is None or self.authority.commander is not Commander.WE:
            return
        run = self._legs.run_at(self._item or 0)
        silent_m = self.photos.silent_for_m(run, here)
        if silent_m is not None and run is not None:
            self._say(
                f"No photo for {silent_m:.0f} m, though one each {run.spacing_m:.0f} m was planned: is the "
                "camera triggering? Ctrl-C to pause, return or land."
            )
            self._note("camera_silent", text=f"pass {run.number}")

    def _note(self, event: str, text: str | None = None) -> None:
        note_event(self._vehicle, self._log, event, text)

    def _detail(self) -> str:
        words = []
        if self._legs is not None and self._item is not None:
            words.append(self._legs.leg(self._item))
        battery = self._vehicle.battery_percent
        if battery is not None:
            words.append(f"battery {battery:.0f} %")
        if self._legs is not None:
            words.append(f"{self.distance_m:.0f} of {self._legs.total_m:.0f} m")
            minutes, seconds = divmod(round(self._legs.left_s(self._item or 0)), 60)
            words.append(f"{minutes}:{seconds:02d} min left")
        return ", ".join(words)


def note_event(vehicle: Vehicle, log: FlightLog, event: str, text: str | None = None) -> None:
    """Log an event where and how the vehicle is now."""
    position, attitude = vehicle.position, vehicle.attitude_deg
    pitch_deg, roll_deg = attitude if attitude else (None, None)
    log.write(
        FlightEvent(
            vehicle.utc,
            event,
            lat=position.lat if position else None,
            lon=position.lon if position else None,
            alt_rel_m=position.alt_rel_m if position else None,
            yaw_deg=position.yaw_deg if position else None,
            pitch_deg=pitch_deg,
            roll_deg=roll_deg,
            text=text,
        )
    )
