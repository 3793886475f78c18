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
from flight.simulator.server import Connection

HEARTBEAT_EVERY_S = 1.0
TIMESYNC_EVERY_S = 10.0
ALWAYS_SENT = {"HEARTBEAT", "STATUSTEXT", "TIMESYNC"}
GROUND_STATION_SYSTEM = 255


class SimulatedVehicle:
    """An autopilot with its connections; `connections` is the server's living list."""

    def __init__(self, setting: Setting, connections: Sequence[Connection]) -> None:
        self.pilot = Autopilot(setting, setting.start or datetime.now(UTC), self._broadcast)
        self._connections = connections
        self._told_mode = (self.pilot.mode, self.pilot.armed)
        self._handlers: dict[str, Callable[[Connection, Any, float], None]] = {
            "HEARTBEAT": self._on_heartbeat,
            "REQUEST_DATA_STREAM": self._on_stream_request,
            "COMMAND_LONG": self._on_command,
            "SET_MODE": lambda connection, message, wall_s: self._on_set_mode(message),
            "PARAM_REQUEST_READ": self._on_parameter_read,
            "PARAM_REQUEST_LIST": self._on_parameter_list,
            "PARAM_SET": self._on_parameter_set,
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
        """Answer a message; one of no known kind, or for another system, gets no answer."""
        handler = self._handlers.get(message.get_type())
        target = getattr(message, "target_system", 0)
        if handler is not None and target in (0, 1):
            handler(connection, message, wall_s)

    def step(self, dt_s: float, wall_s: float) -> None:
        """Move on by a time step; timers of the link run by `wall_s`, the other side's clock."""
        before_s = self.pilot.boot_s
        self.pilot.step(dt_s, wall_s)
        self.pilot.mission.tick(wall_s)
        self.pilot.fence.tick(wall_s)
        now_s = self.pilot.boot_s
        state = (self.pilot.mode, self.pilot.armed)
        if _due(before_s, now_s, HEARTBEAT_EVERY_S) or state != self._told_mode:
            self._told_mode = state
            self._broadcast(telemetry.heartbeat(self.pilot))
        if _due(before_s, now_s, TIMESYNC_EVERY_S):
            self._broadcast(mavlink.MAVLink_timesync_message(0, round(now_s * 1e9)))
        if self.pilot.reached_seq is not None:
            self._broadcast(mavlink.MAVLink_mission_item_reached_message(self.pilot.reached_seq))
            self.pilot.reached_seq = None
        self._send_streams(before_s, now_s)

    def _send_streams(self, before_s: float, now_s: float) -> None:
        for connection in self._connections:
            for name, rate_hz in connection.stream_hz.items():
                if _due(before_s, now_s, 1 / rate_hz):
                    connection.send(telemetry.ON_REQUEST[name](self.pilot))

    def _broadcast(self, message: Any) -> None:
        for connection in self._connections:
            if connection.stream_hz or message.get_type() in ALWAYS_SENT:
                connection.send(message)

    # --- answers -----------------------------------------------------------------------------

    def _on_heartbeat(self, connection: Connection, message: Any, wall_s: float) -> None:
        if message.get_srcSystem() == GROUND_STATION_SYSTEM:
            self.pilot.ground_station.heard(wall_s)

    def _on_stream_request(self, connection: Connection, message: Any, wall_s: float) -> None:
        rate_hz = message.req_message_rate if message.start_stop else 0
        connection.stream_hz = {name: float(rate_hz) for name in telemetry.STREAM} if rate_hz else {}

    def _on_command(self, connection: Connection, message: Any, wall_s: float) -> None:
        p = [getattr(message, f"param{number}") for number in range(1, 8)]
        command = message.command
        if command == mavlink.MAV_CMD_REQUEST_MESSAGE:
            result, answer = self._requested(int(p[0]))
        elif command == mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES:
            result, answer = self._requested(mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION)
        elif command == mavlink.MAV_CMD_SET_MESSAGE_INTERVAL:
            result, answer = self._set_interval(connection, int(p[0]), p[1]), None
        else:
            result, answer = run_command(self.pilot, command, p), None
        source = (message.get_srcSystem(), message.get_srcComponent())
        connection.send(mavlink.MAVLink_command_ack_message(command, result, 0, 0, *source))
        if answer is not None:
            connection.send(answer)

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

    def _on_parameter_read(self, connection: Connection, message: Any, wall_s: float) -> None:
        names = self.pilot.parameters.names
        name = names[message.param_index] if 0 <= message.param_index < len(names) else message.param_id
        if name in self.pilot.parameters:
            self._send_parameter(connection, name)

    def _on_parameter_list(self, connection: Connection, message: Any, wall_s: float) -> None:
        for name in self.pilot.parameters.names:
            self._send_parameter(connection, name)

    def _on_parameter_set(self, connection: Connection, message: Any, wall_s: float) -> None:
        if message.param_id in self.pilot.parameters:
            self.pilot.parameters.set(message.param_id, message.param_value)
            self._send_parameter(connection, message.param_id)

    def _send_parameter(self, connection: Connection, name: str) -> None:
        parameters = self.pilot.parameters
        self._count_items()
        index, kind = parameters.names.index(name), parameters.type_of(name)
        value = parameters[name]
        connection.send(
            mavlink.MAVLink_param_value_message(name.encode(), value, kind, len(parameters.names), index)
        )

    def _count_items(self) -> None:
        self.pilot.parameters.set("MIS_TOTAL", len(self.pilot.mission.items))
        self.pilot.parameters.set("FENCE_TOTAL", len(self.pilot.fence.items))

    # --- missions and fences -----------------------------------------------------------------

    def _list_of(self, message: Any) -> ItemList:
        return self.pilot.fence if message.mission_type == 1 else self.pilot.mission

    def _on_upload(self, connection: Connection, message: Any, wall_s: float) -> None:
        self._list_of(message).start_upload(message, connection.send, wall_s)

    def _on_item(self, connection: Connection, message: Any, wall_s: float) -> None:
        if message.mission_type == 0 and message.seq and message.seq == self.pilot.setting.changed_item:
            message.x += 1000
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
        self.pilot.run.jump(message.seq)


def _due(before_s: float, now_s: float, every_s: float) -> bool:
    return int(now_s / every_s) != int(before_s / every_s)
