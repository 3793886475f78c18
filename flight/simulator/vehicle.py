"""The simulated vehicle on the link: what it answers, and what it sends by itself.

Before REQUEST_DATA_STREAM there are only HEARTBEAT, STATUSTEXT and TIMESYNC, as with ArduPilot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator import telemetry
from flight.simulator.autopilot import Autopilot, Setting
from flight.simulator.commands import ACCEPTED, FAILED, UNSUPPORTED, run_command
from flight.simulator.mission_protocol import ItemList
from flight.simulator.parameter_protocol import ParameterProtocol
from flight.simulator.routing import route
from flight.simulator.server import Connection

HEARTBEAT_EVERY_S = 1.0
TIMESYNC_EVERY_S = 10.0
ALWAYS_SENT = {"HEARTBEAT", "STATUSTEXT", "TIMESYNC"}
REBOOT_S = 1.0  # silent for so long, in simulated time
ALTERED_E7 = 9000  # about 100 m to the north
REBOOT = mavlink.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN


class SimulatedVehicle:
    """An autopilot with its connections; `connections` is the server's living list."""

    pilot: Autopilot
    _told_mode: int
    _told_home: tuple[bool, int]
    _parameters: ParameterProtocol

    def __init__(self, setting: Setting, connections: Sequence[Connection]) -> None:
        self._connections = connections
        self._rebooting_s = 0.0
        self._texts: list[Any] = []
        self._power_on(Autopilot(setting, setting.start or datetime.now(UTC), self._emit))
        self._handlers: dict[str, Callable[[Connection, Any, float], None]] = {
            "HEARTBEAT": lambda connection, message, wall_s: self._on_heartbeat(message, wall_s),
            "REQUEST_DATA_STREAM": lambda connection, message, wall_s: _set_streams(connection, message),
            "TIMESYNC": lambda connection, message, wall_s: self._on_timesync(connection, message),
            "COMMAND_LONG": lambda connection, message, wall_s: self._on_command(connection, message),
            "SET_MODE": lambda connection, message, wall_s: self._on_set_mode(message),
            "PARAM_REQUEST_READ": lambda connection, message, wall_s: self._parameters.answer_read(
                message, connection.send
            ),
            "PARAM_REQUEST_LIST": lambda connection, message, wall_s: self._parameters.answer_list(
                connection.send
            ),
            "PARAM_SET": lambda connection, message, wall_s: self._parameters.take(message, connection.send),
            "MISSION_COUNT": self._on_upload,
            "MISSION_ITEM": self._on_item,
            "MISSION_ITEM_INT": self._on_item,
            "MISSION_REQUEST_LIST": self._on_download,
            "MISSION_REQUEST": self._on_item_request,
            "MISSION_REQUEST_INT": self._on_item_request,
            "MISSION_CLEAR_ALL": self._on_clear,
            "MISSION_SET_CURRENT": lambda connection, message, wall_s: self._on_set_current(message),
        }

    def handle(self, connection: Connection, message: Any, wall_s: float) -> None:
        """Pass a message on, and answer it if it is for the vehicle and of a known kind."""
        if self._rebooting_s > 0 or not route(message, connection, self._connections):
            return
        handler = self._handlers.get(message.get_type())
        if handler is not None:
            handler(connection, message, wall_s)
            self._count_items()
            self.pilot.note_changes()
            self._tell_mode()
            self._tell_texts()

    def step(self, dt_s: float, wall_s: float) -> None:
        """Move on by a time step; timers of the link run by `wall_s`, the other side's clock."""
        if self._rebooting_s > 0:
            self._rebooting_s -= dt_s
            return
        before_s = self.pilot.boot_s
        self.pilot.step(dt_s, wall_s)
        self.pilot.mission.tick(wall_s)
        self.pilot.fence_items.tick(wall_s)
        now_s = self.pilot.boot_s
        self._tell_home()
        self._tell_mode()
        if _due(before_s, now_s, HEARTBEAT_EVERY_S):
            self._broadcast(telemetry.heartbeat(self.pilot))
        if _due(before_s, now_s, TIMESYNC_EVERY_S):
            self._broadcast(mavlink.MAVLink_timesync_message(0, round(now_s * 1e9)))
        if self.pilot.reached_seq is not None:
            self._broadcast(mavlink.MAVLink_mission_item_reached_message(self.pilot.reached_seq))
            self.pilot.reached_seq = None
        self._tell_texts()
        self._send_streams(before_s, now_s)

    def _tell_mode(self) -> None:
        """A heartbeat out of turn for each change of mode; arming waits for the next one."""
        if self.pilot.mode != self._told_mode:
            self._told_mode = self.pilot.mode
            self._broadcast(telemetry.heartbeat(self.pilot))

    def _tell_texts(self) -> None:
        """What it said since the last time; ArduPilot too keeps texts back until the answers are sent."""
        texts, self._texts = self._texts, []
        for text in texts:
            self._broadcast(text)

    def _tell_home(self) -> None:
        """When it becomes known, and each time that arming sets it anew."""
        home = (self.pilot.senses.origin, self.pilot.armings)
        if home != self._told_home and self.pilot.senses.origin:
            self._broadcast(telemetry.home_position(self.pilot))
        self._told_home = home

    def _power_on(self, pilot: Autopilot) -> None:
        self.pilot = pilot
        self._told_mode = pilot.mode
        self._told_home = (False, 0)
        self._parameters = ParameterProtocol(pilot.parameters)

    def _reboot(self) -> None:
        """From the start: stored things are kept; home, failsafes and the used charge are forgotten."""
        for connection in self._connections:
            connection.restart()
        self._rebooting_s = REBOOT_S
        self._power_on(Autopilot(self.pilot.setting, self.pilot.now, self._emit, self.pilot))

    def _send_streams(self, before_s: float, now_s: float) -> None:
        for connection in self._connections:
            for name, rate_hz in connection.stream_hz.items():
                if _due(before_s, now_s, 1 / rate_hz) and self._streams(name):
                    connection.send(telemetry.ON_REQUEST[name](self.pilot))

    def _streams(self, name: str) -> bool:
        return self.pilot.fence.enabled or name not in telemetry.ONLY_WITH_FENCE

    def _emit(self, message: Any) -> None:
        if message.get_type() == "STATUSTEXT":
            self._texts.append(message)
        else:
            self._broadcast(message)

    def _broadcast(self, message: Any) -> None:
        for connection in self._connections:
            if connection.stream_hz or message.get_type() in ALWAYS_SENT:
                connection.send(message)

    # --- answers -----------------------------------------------------------------------------

    def _on_heartbeat(self, message: Any, wall_s: float) -> None:
        if message.get_srcSystem() == self.pilot.parameters["SYSID_MYGCS"]:
            self.pilot.ground_station.heard(wall_s)

    def _on_timesync(self, connection: Connection, message: Any) -> None:
        if message.tc1 == 0:
            connection.send(mavlink.MAVLink_timesync_message(round(self.pilot.boot_s * 1e9), message.ts1))

    def _on_command(self, connection: Connection, message: Any) -> None:
        p = [getattr(message, f"param{number}") for number in range(1, 8)]
        command, answer = message.command, None
        if command == mavlink.MAV_CMD_REQUEST_MESSAGE:
            result, answer = self._requested(int(p[0]))
        elif command == mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES:
            result, answer = self._requested(mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION)
        elif command == mavlink.MAV_CMD_SET_MESSAGE_INTERVAL:
            result = self._set_interval(connection, int(p[0]), p[1])
        elif command == REBOOT:
            result = _reboot_result(self.pilot, p)
        else:
            result = run_command(self.pilot, command, p)
        source = (message.get_srcSystem(), message.get_srcComponent())
        connection.send(mavlink.MAVLink_command_ack_message(command, result, 0, 0, *source))
        if answer is not None:
            connection.send(answer)
        if command == REBOOT and result == ACCEPTED:
            self._reboot()

    def _requested(self, message_id: int) -> tuple[int, Any]:
        build = telemetry.by_message_id(message_id)
        return (FAILED, None) if build is None else (ACCEPTED, build(self.pilot))

    def _set_interval(self, connection: Connection, message_id: int, interval_us: float) -> int:
        message = mavlink.mavlink_map.get(message_id)
        if message is None or message.msgname not in telemetry.ON_REQUEST:
            return UNSUPPORTED
        connection.stream_hz.pop(message.msgname, None)
        if interval_us > 0:
            connection.stream_hz[message.msgname] = 1e6 / interval_us
        return ACCEPTED

    def _on_set_mode(self, message: Any) -> None:
        self.pilot.set_mode(message.custom_mode)

    def _count_items(self) -> None:
        """MIS_TOTAL and FENCE_TOTAL; the first is told whenever it changes, asked for or not."""
        parameters = self.pilot.parameters
        parameters.set("FENCE_TOTAL", len(self.pilot.fence_items.items))
        if parameters["MIS_TOTAL"] != len(self.pilot.mission.items):
            parameters.set("MIS_TOTAL", len(self.pilot.mission.items))
            self._parameters.tell("MIS_TOTAL", self._broadcast)

    # --- missions and fences -----------------------------------------------------------------

    def _list_of(self, message: Any) -> ItemList:
        return self.pilot.fence_items if message.mission_type == 1 else self.pilot.mission

    def _on_upload(self, connection: Connection, message: Any, wall_s: float) -> None:
        self._list_of(message).start_upload(message, connection.send, wall_s)

    def _on_item(self, connection: Connection, message: Any, wall_s: float) -> None:
        if message.mission_type == 0 and 0 < message.seq == self.pilot.parameters["SIM_ITEM_ALTER"]:
            message.x += ALTERED_E7
        self._list_of(message).take_item(message, connection.send, wall_s)

    def _on_download(self, connection: Connection, message: Any, wall_s: float) -> None:
        self._list_of(message).answer_list(message, connection.send)

    def _on_item_request(self, connection: Connection, message: Any, wall_s: float) -> None:
        self._list_of(message).answer_item(message, connection.send)

    def _on_clear(self, connection: Connection, message: Any, wall_s: float) -> None:
        flying = self.pilot.armed and self.pilot.mission_state() == 3 and message.mission_type == 0
        if not flying:
            self._list_of(message).clear()
        source = (message.get_srcSystem(), message.get_srcComponent())
        result = mavlink.MAV_MISSION_ERROR if flying else mavlink.MAV_MISSION_ACCEPTED
        connection.send(mavlink.MAVLink_mission_ack_message(*source, result, message.mission_type))

    def _on_set_current(self, message: Any) -> None:
        self.pilot.set_current(message.seq)


def _set_streams(connection: Connection, message: Any) -> None:
    rate_hz = message.req_message_rate if message.start_stop else 0
    connection.stream_hz = {name: float(rate_hz) for name in telemetry.STREAM} if rate_hz else {}


def _reboot_result(pilot: Autopilot, p: Sequence[float]) -> int:
    if pilot.armed:
        return FAILED
    return ACCEPTED if p[0] in (1, 3) else UNSUPPORTED


def _due(before_s: float, now_s: float, every_s: float) -> bool:
    return int(now_s / every_s) != int(before_s / every_s)
