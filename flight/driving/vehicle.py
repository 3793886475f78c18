"""What flying needs of a vehicle: its state, its parameters, and commands with their answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import degrees
from typing import Any

from flight.driving.dronekit_link import Inbox, Link, Waiting, open_link

STABILIZE, AUTO, GUIDED, LOITER, RTL, LAND, BRAKE = 0, 3, 4, 5, 6, 9, 17
SMART_RTL, AUTO_RTL = 21, 27
MODE_NAMES = {
    0: "STABILIZE", 1: "ACRO", 2: "ALT_HOLD", 3: "AUTO", 4: "GUIDED", 5: "LOITER", 6: "RTL",
    7: "CIRCLE", 9: "LAND", 16: "POSHOLD", 17: "BRAKE", 21: "SMART_RTL", 27: "AUTO_RTL",
}  # fmt: skip
DO_SET_MODE, ARM_DISARM, MISSION_START, TRIGGER_DISTANCE = 176, 400, 300, 206  # MAV_CMD
PAUSE_CONTINUE = 193
ACCEPTED, IN_PROGRESS = 0, 5  # MAV_RESULT
MOTORS_ARMED = 128  # MAV_MODE_FLAG_SAFETY_ARMED
FIX_3D = 3  # GPS_FIX_TYPE
STATE_ACTIVE = 4  # MAV_STATE_ACTIVE: in the air
PARAMETER_TOLERANCE = 1e-3
PREARM_HEALTH = 0x10000000  # MAV_SYS_STATUS_PREARM_CHECK
EKF_POSITION, EKF_CONSTANT_POSITION = 16, 128
REAL32 = 9  # MAV_PARAM_TYPE
WAIT_S = 2.0
TRIES = 3


@dataclass(frozen=True)
class Answer:
    """How a vehicle took a command: MAV_RESULT, or None for no answer, and what it said about it."""

    result: int | None
    texts: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """The vehicle accepted it."""
        return self.result == ACCEPTED

    @property
    def reason(self) -> str:
        """Why not, for people."""
        if self.result is None:
            return "no answer"
        return "; ".join(self.texts) or f"refused (MAV_RESULT {self.result})"


@dataclass(frozen=True)
class Position:
    """Where the vehicle believes it is; degrees, metres above home, yaw clockwise from north."""

    lat: float
    lon: float
    alt_rel_m: float
    yaw_deg: float


@dataclass
class Vehicle:
    """A connected vehicle. Everything it tells is read from its last messages, never from memory."""

    link: Link

    # --- what it tells -----------------------------------------------------------------------

    @property
    def mode(self) -> int | None:
        """Flight mode (ArduCopter's number)."""
        heartbeat = self.link.latest("HEARTBEAT")
        return None if heartbeat is None else int(heartbeat.custom_mode)

    @property
    def armed(self) -> bool:
        """Whether the motors are armed."""
        heartbeat = self.link.latest("HEARTBEAT")
        return heartbeat is not None and bool(heartbeat.base_mode & MOTORS_ARMED)

    @property
    def flying(self) -> bool:
        """Armed and off the ground, by the vehicle's own judgement."""
        heartbeat = self.link.latest("HEARTBEAT")
        return heartbeat is not None and self.armed and heartbeat.system_status >= STATE_ACTIVE

    @property
    def prearm_ok(self) -> bool:
        """The PREARM health bit: what dronekit's `is_armable` forgets."""
        status = self.link.latest("SYS_STATUS")
        return status is not None and bool(status.onboard_control_sensors_health & PREARM_HEALTH)

    @property
    def position_ok(self) -> bool:
        """Whether the estimator knows the position: a GNSS fix alone is not enough."""
        report = self.link.latest("EKF_STATUS_REPORT")
        if report is None:
            return False
        return bool(report.flags & EKF_POSITION) and not report.flags & EKF_CONSTANT_POSITION

    @property
    def battery_percent(self) -> float | None:
        """Charge left, None when it is not measured."""
        status = self.link.latest("SYS_STATUS")
        return None if status is None or status.battery_remaining < 0 else float(status.battery_remaining)

    @property
    def position(self) -> Position | None:
        """Where it is, None before it knows."""
        message = self.link.latest("GLOBAL_POSITION_INT")
        if message is None or (message.lat == 0 and message.lon == 0):
            return None
        return Position(
            message.lat / 1e7, message.lon / 1e7, message.relative_alt / 1000, message.hdg / 100 % 360
        )

    @property
    def attitude_deg(self) -> tuple[float, float] | None:
        """Pitch and roll of the vehicle."""
        message = self.link.latest("ATTITUDE")
        return None if message is None else (degrees(message.pitch), degrees(message.roll))

    @property
    def mission_state(self) -> int | None:
        """MISSION_STATE: 1 none, 2 not started, 3 active, 4 paused, 5 complete."""
        current = self.link.latest("MISSION_CURRENT")
        return None if current is None else int(current.mission_state)

    @property
    def gnss_fix(self) -> int | None:
        """GPS_FIX_TYPE: 3 and more is a position."""
        message = self.link.latest("GPS_RAW_INT")
        return None if message is None else int(message.fix_type)

    @property
    def utc(self) -> datetime:
        """The vehicle's clock, to a quarter of a second; ours while it has none."""
        message = self.link.latest("SYSTEM_TIME")
        if message is None or message.time_unix_usec == 0:
            return datetime.now(UTC)
        position = self.link.latest("GLOBAL_POSITION_INT")
        later_ms = 0 if position is None else max(0, position.time_boot_ms - message.time_boot_ms)
        return from_micros(message.time_unix_usec) + timedelta(milliseconds=later_ms)

    # --- what it is told ---------------------------------------------------------------------

    def command(self, command: int, *params: float, tries: int = TRIES) -> Answer:
        """Send COMMAND_LONG until it is answered; what the vehicle says meanwhile is the reason."""
        numbered = {f"param{n}": value for n, value in enumerate((*params, *[0.0] * 7)[:7], start=1)}
        with self.link.listen("COMMAND_ACK", "STATUSTEXT") as inbox:
            for attempt in range(tries):
                self.link.send("COMMAND_LONG", command=command, confirmation=attempt, **numbered)
                result, texts = _answer(inbox, command)
                if result is not None:
                    return Answer(result, tuple(texts))
        return Answer(None)

    def set_mode(self, mode: int) -> Answer:
        """Change the flight mode."""
        return self.command(DO_SET_MODE, 1, mode)

    def arm(self) -> Answer:
        """Arm the motors."""
        return self.command(ARM_DISARM, 1)

    def disarm(self) -> Answer:
        """Disarm; the vehicle refuses in the air."""
        return self.command(ARM_DISARM, 0)

    def start_mission(self) -> Answer:
        """MISSION_START: without it an armed vehicle in AUTO stays on the ground."""
        return self.command(MISSION_START)

    def camera_trigger_off(self) -> Answer:
        """End taking photos by distance: it would go on outside AUTO."""
        return self.command(TRIGGER_DISTANCE, 0, 0, 0)

    def pause(self) -> Answer:
        """Hover where it is, in AUTO."""
        return self.command(PAUSE_CONTINUE, 0)

    def go_on(self) -> Answer:
        """Go on with the mission after a pause."""
        return self.command(PAUSE_CONTINUE, 1)

    def set_parameter(self, name: str, value: float) -> bool:
        """Set a parameter; whether the vehicle then says that it has this value."""
        for _ in range(TRIES):
            self.link.send("PARAM_SET", param_id=name.encode(), param_value=value, param_type=REAL32)
            stored = self.parameter(name)
            if stored is not None and abs(stored - value) <= PARAMETER_TOLERANCE * max(1.0, abs(value)):
                return True
        return False

    def parameter(self, name: str, wait_s: float = WAIT_S) -> float | None:
        """A parameter's value, None for one that the vehicle does not know (it says nothing then)."""
        with self.link.listen("PARAM_VALUE") as inbox:
            self.link.send("PARAM_REQUEST_READ", param_id=name.encode(), param_index=-1)
            until_s = time.monotonic() + wait_s
            while (message := inbox.next(until_s - time.monotonic())) is not None:
                if message.param_id == name:
                    return float(message.param_value)
        return None

    def close(self) -> None:
        """End the connection."""
        self.link.close()


@contextmanager
def connected(
    url: str, limit_s: float = 30.0, stream_hz: int = 4, waiting: Waiting | None = None
) -> Iterator[Vehicle]:
    """A vehicle, connected as long as the context; arguments as `open_link` takes them.

    Raises PantauError when nothing answers.
    """
    vehicle = Vehicle(open_link(url, limit_s, stream_hz, waiting))
    try:
        yield vehicle
    finally:
        vehicle.close()


def mode_name(mode: int | None) -> str:
    """A flight mode for people: its name, or its number where it has none here."""
    return "unknown" if mode is None else MODE_NAMES.get(mode, str(mode))


def text_of(message: Any) -> str:
    """The text of a STATUSTEXT."""
    text = message.text
    return (text.decode(errors="replace") if isinstance(text, bytes) else str(text)).rstrip("\0")


def from_micros(micros: int) -> datetime:
    """UTC of microseconds since 1970."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(micros))


def _answer(inbox: Inbox, command: int) -> tuple[int | None, list[str]]:
    """The result of a command, with what was said before and in the moment after a refusal."""
    texts: list[str] = []
    result: int | None = None
    until_s = time.monotonic() + WAIT_S
    while (message := inbox.next(until_s - time.monotonic())) is not None:
        if message.get_type() == "STATUSTEXT":
            if message.severity <= 4:
                texts.append(text_of(message))
        elif message.command == command and message.result != IN_PROGRESS:
            result = int(message.result)
            if result == ACCEPTED:
                return result, texts
            until_s = min(until_s, time.monotonic() + 0.3)  # the reasons follow the refusal
    return result, texts
