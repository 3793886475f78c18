"""Watching a flight from lift-off to disarming: photos, progress, the link, and who is in command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyproj import Geod

from flight.dronekit_link import Inbox
from flight.flight_log import FlightEvent, FlightLog
from flight.vehicle import AUTO, MODE_NAMES, RTL, Vehicle, from_micros, text_of

WATCHED = (
    "HEARTBEAT",
    "CAMERA_FEEDBACK",
    "MISSION_CURRENT",
    "STATUSTEXT",
    "GLOBAL_POSITION_INT",
)
COMPLETE = 5  # MISSION_STATE_COMPLETE
WARN_SILENCE_S = 2.5
GIVE_UP_SILENCE_S = 60.0
LOOK_EVERY_S = 0.5
POSITION_EVERY_MS = 1000
AFTER_LANDING_S = 2.0
WARNING = 4  # MAV_SEVERITY_WARNING and more severe ones are told to the operator

Say = Callable[[str], None]
Progress = Callable[[int, str], None]


class Watch:
    """One flight as it goes on. `run` ends when the vehicle is disarmed or the link is given up.

    `outcome` is then `completed`, `taken_over` (somebody else changed the mode), `interrupted` (we
    told it to return), `link_lost`, or `ended` (on the ground without completing the mission).
    """

    def __init__(self, vehicle: Vehicle, log: FlightLog, say: Say, progress: Progress | None) -> None:
        self.photos = 0
        self.photos_unheard = 0
        self.distance_m = 0.0
        self.outcome = "ended"
        self.camera_pitch_deg: float | None = None  # where no gimbal tells: as commanded
        self._vehicle, self._log, self._say = vehicle, log, say
        self._progress = progress or (lambda steps, detail: None)
        self._our_mode = AUTO
        self._left_mode: int | None = None  # ours before, until the vehicle is heard in the new one
        self._ours = True
        self._completed = False
        self._first_image: int | None = None
        self._item: int | None = None
        self._logged_ms = 0
        self._last_place: tuple[float, float] | None = None
        self._geod = Geod(ellps="WGS84")
        self._handlers: dict[str, Callable[[Any], None]] = {
            "HEARTBEAT": self._on_heartbeat,
            "CAMERA_FEEDBACK": self._on_photo,
            "MISSION_CURRENT": self._on_mission,
            "STATUSTEXT": self._on_text,
            "GLOBAL_POSITION_INT": self._on_position,
        }

    def run(self, inbox: Inbox) -> None:
        """Watch until it is over. Ctrl-C: trigger off and return; a second one leaves at once."""
        while True:
            try:
                if self._watch_once(inbox):
                    break
            except KeyboardInterrupt:
                if self._our_mode == RTL:
                    raise
                self.come_home("interrupted")
        if self.outcome == "ended" and self._completed:
            self.outcome = "completed"
        self._note("completed" if self.outcome == "completed" else "ended", text=self.outcome)

    def come_home(self, why: str) -> None:
        """Camera trigger off and return, if we are in command; the vehicle lands by itself."""
        if not self._ours:
            return
        self.outcome = why
        self._left_mode, self._our_mode = self._our_mode, RTL
        self._trigger_off()
        answer = self._vehicle.set_mode(RTL)
        self._note("returning")
        if answer.accepted:
            self._say("The vehicle returns and lands; Ctrl-C again leaves it to that.")
        else:
            self._say(
                f"The vehicle did not take the return command ({answer.reason}): use the remote control!"
            )

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
        while (message := inbox.next(AFTER_LANDING_S)) is not None:
            self._handlers[message.get_type()](message)
            if message.get_type() == "MISSION_CURRENT":
                break

    def _wait_for_link(self, inbox: Inbox) -> bool:
        """Tell of the silence, and wait for it to end; True when it does not."""
        self._say(
            f"No word from the vehicle for {self._vehicle.link.silence_s:.1f} s. It goes on by itself; its "
            "own failsafe brings it home if FS_GCS_ENABLE is set. Keep the remote control ready."
        )
        self._note("link_lost")
        waited_s = 0.0
        while self._vehicle.link.open and waited_s < GIVE_UP_SILENCE_S:
            message = inbox.next(1.0)
            if message is not None:
                self._say("The vehicle is heard again.")
                self._note("link_back")
                self._handlers[message.get_type()](message)
                return False
            waited_s += 1.0
        self.outcome = "link_lost"
        return True

    def _on_heartbeat(self, message: Any) -> None:
        mode = int(message.custom_mode)
        if mode == self._our_mode:
            self._left_mode = None
        if not self._ours or mode in (self._our_mode, self._left_mode):
            return
        self._ours = False
        self._note("mode", text=MODE_NAMES.get(mode, str(mode)))
        if self._completed or not self._vehicle.armed:
            return
        self.outcome = "taken_over"
        self._say(
            f"The mode was changed to {MODE_NAMES.get(mode, mode)}, not by us: hands off. The only command "
            "still sent is camera trigger off."
        )
        self._note("hands_off")
        self._trigger_off()

    def _on_photo(self, message: Any) -> None:
        """The vehicle counts on across missions; a gap in its count is feedback that was lost."""
        if self._first_image is None:
            self._first_image = message.img_idx
        number = message.img_idx - self._first_image + 1
        self.photos_unheard += max(0, number - self.photos - 1)
        self._progress(number - self.photos, self._detail())
        self.photos = number
        gimbal = self._vehicle.gimbal_pitch_roll_deg
        pitch_deg, roll_deg = gimbal if gimbal else (self.camera_pitch_deg, None)
        place = (message.lat / 1e7, message.lng / 1e7, message.alt_rel, message.yaw % 360)
        at = from_micros(message.time_usec)
        self._log.write(FlightEvent(at, "photo", *place, pitch_deg, roll_deg, photo=number))

    def _on_mission(self, message: Any) -> None:
        """By MISSION_CURRENT, because MISSION_ITEM_REACHED loses items."""
        if message.mission_state == COMPLETE:
            if not self._completed and self._vehicle.armed and self._ours:
                self._say("The mission is complete.")
            self._completed = self._completed or self._ours
        if message.seq != self._item and message.seq > 0:
            self._item = int(message.seq)
            self._note("item", text=str(self._item))
            self._progress(0, self._detail())

    def _on_text(self, message: Any) -> None:
        text = text_of(message)
        self._note("said", text=text)
        if message.severity <= WARNING:
            self._say(f"The vehicle says: {text}")

    def _on_position(self, message: Any) -> None:
        if message.time_boot_ms - self._logged_ms < POSITION_EVERY_MS or (message.lat, message.lon) == (0, 0):
            return
        self._logged_ms = message.time_boot_ms
        here = (message.lat / 1e7, message.lon / 1e7)
        if self._last_place is not None:
            (lat, lon), (other_lat, other_lon) = self._last_place, here
            self.distance_m += float(self._geod.inv(lon, lat, other_lon, other_lat)[2])
        self._last_place = here
        self._note("position")

    def _trigger_off(self) -> None:
        answer = self._vehicle.camera_trigger_off()
        if answer.accepted:
            self._note("trigger_off")
        else:
            self._say("The camera trigger could not be switched off: expect surplus photos.")

    def _note(self, event: str, text: str | None = None) -> None:
        note_event(self._vehicle, self._log, event, text)

    def _detail(self) -> str:
        current = self._vehicle.link.latest("MISSION_CURRENT")
        items = f"item {current.seq}/{current.total}" if current is not None else ""
        battery = self._vehicle.battery_percent
        return f"{items}, battery {battery:.0f} %" if battery is not None else items


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
