"""What the simulated vehicle tells of itself: one builder per repeating message."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, hypot, nan, radians, sin
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator.autopilot import Autopilot
from flight.simulator.readiness import AUTO

PREARM_HEALTH = 0x10000000  # MAV_SYS_STATUS_PREARM_CHECK
SENSORS = 0x537189AF  # recorded, PREARM included
EKF_NOTHING, EKF_NO_POSITION, EKF_POSITION = 0, 167, 831  # recorded EKF_STATUS_REPORT flags
# Recorded: roll and pitch locked to the horizon, yaw in the vehicle's frame.
GIMBAL_FLAGS = 44
CAPABILITIES, SOFTWARE_VERSION = 64495, 67502847  # recorded: ArduCopter 4.6.2


def heartbeat(pilot: Autopilot) -> Any:
    """HEARTBEAT."""
    base_mode = 81 | (128 if pilot.armed else 0) | (8 if pilot.mode not in (0, 2) else 0)
    status = 4 if pilot.armed and not pilot.landed else 3
    if pilot.boot_s < 2.5:
        status = 1
    return mavlink.MAVLink_heartbeat_message(2, 3, base_mode, pilot.mode, status, 3)


def _boot_ms(pilot: Autopilot) -> int:
    return round(pilot.boot_s * 1000)


def _sys_status(pilot: Autopilot) -> Any:
    health = SENSORS if pilot.prearm_ok() else SENSORS & ~PREARM_HEALTH
    battery = pilot.battery
    power = (
        round(battery.voltage_v * 1000),
        round(battery.current_a * 100),
        int(battery.remaining_percent),
    )
    return mavlink.MAVLink_sys_status_message(SENSORS, SENSORS, health, 0, *power, 0, 0, 0, 0, 0, 0)


def _global_position(pilot: Autopilot) -> Any:
    body = pilot.body
    if not pilot.senses.origin:
        return mavlink.MAVLink_global_position_int_message(_boot_ms(pilot), 0, 0, 0, 0, 0, 0, 0, 0)
    lat, lon, up_m = pilot.measured()
    place = (
        round(lat * 1e7),
        round(lon * 1e7),
        round((pilot.setting.alt_msl_m + up_m) * 1000),
        round(up_m * 1000),
    )
    velocity = (round(body.v_north_ms * 100), round(body.v_east_ms * 100), round(-body.v_up_ms * 100))
    return mavlink.MAVLink_global_position_int_message(
        _boot_ms(pilot), *place, *velocity, round(body.yaw_deg * 100) % 36000
    )


def _attitude(pilot: Autopilot) -> Any:
    body = pilot.body
    yaw_deg = (body.yaw_deg + 180) % 360 - 180
    angles = (radians(body.roll_deg), radians(body.pitch_deg), radians(yaw_deg))
    return mavlink.MAVLink_attitude_message(_boot_ms(pilot), *angles, 0, 0, 0)


def _gps_raw(pilot: Autopilot) -> Any:
    micros = round(pilot.boot_s * 1e6)
    if not pilot.senses.fix:
        return mavlink.MAVLink_gps_raw_int_message(micros, 0, 0, 0, 0, 65535, 65535, 0, 0, 0)
    lat, lon, up_m = pilot.measured()
    place = (round(lat * 1e7), round(lon * 1e7), round((pilot.setting.alt_msl_m + up_m) * 1000))
    return mavlink.MAVLink_gps_raw_int_message(micros, 6, *place, 121, 200, 0, 0, 10)


def _vfr_hud(pilot: Autopilot) -> Any:
    body = pilot.body
    speed = hypot(body.v_east_ms, body.v_north_ms)
    alt_m = pilot.setting.alt_msl_m + body.up_m
    return mavlink.MAVLink_vfr_hud_message(speed, speed, int(body.yaw_deg), 0, alt_m, body.v_up_ms)


def _mission_current(pilot: Autopilot) -> Any:
    total = max(0, len(pilot.mission.items) - 1)
    in_auto = 1 if pilot.mode == AUTO else 0
    return mavlink.MAVLink_mission_current_message(pilot.run.seq, total, pilot.mission_state(), in_auto)


def _system_time(pilot: Autopilot) -> Any:
    micros = round(pilot.now.timestamp() * 1e6) if pilot.senses.fix else 0
    return mavlink.MAVLink_system_time_message(micros, _boot_ms(pilot))


def _ekf_status(pilot: Autopilot) -> Any:
    flags = EKF_NO_POSITION if pilot.senses.attitude else EKF_NOTHING
    if pilot.senses.position:
        flags = EKF_POSITION
    return mavlink.MAVLink_ekf_status_report_message(flags, 0, 0, 0, 0, 0)


def _battery_status(pilot: Autopilot) -> Any:
    battery = pilot.battery
    volts = [round(battery.voltage_v * 1000)] + [65535] * 9
    amps, percent = round(battery.current_a * 100), int(battery.remaining_percent)
    return mavlink.MAVLink_battery_status_message(0, 0, 0, 32767, volts, amps, 0, 0, percent)


def _gimbal_attitude(pilot: Autopilot) -> Any:
    half = radians(pilot.gimbal.pitch_deg) / 2
    return mavlink.MAVLink_gimbal_device_attitude_status_message(
        0, 0, _boot_ms(pilot), GIMBAL_FLAGS, [cos(half), 0.0, sin(half), 0.0], nan, nan, nan, 0
    )


def _fence_status(pilot: Autopilot) -> Any:
    fence = pilot.fence_failsafe
    kind = mavlink.FENCE_BREACH_BOUNDARY if fence.breached else mavlink.FENCE_BREACH_NONE
    return mavlink.MAVLink_fence_status_message(int(fence.breached), fence.breaches, kind, _boot_ms(pilot))


def _home_position(pilot: Autopilot) -> Any:
    home, unknown = pilot.home_item(), [nan] * 4
    return mavlink.MAVLink_home_position_message(
        home.x, home.y, round(home.z * 1000), 0, 0, 0, unknown, 0, 0, 0
    )


def _autopilot_version(pilot: Autopilot) -> Any:
    nothing = [0] * 8
    return mavlink.MAVLink_autopilot_version_message(
        CAPABILITIES, SOFTWARE_VERSION, 0, 0, 0, nothing, nothing, nothing, 0, 0, 0
    )


STREAM: dict[str, Callable[[Autopilot], Any]] = {
    "SYS_STATUS": _sys_status,
    "GLOBAL_POSITION_INT": _global_position,
    "ATTITUDE": _attitude,
    "GPS_RAW_INT": _gps_raw,
    "VFR_HUD": _vfr_hud,
    "MISSION_CURRENT": _mission_current,
    "SYSTEM_TIME": _system_time,
    "EKF_STATUS_REPORT": _ekf_status,
    "BATTERY_STATUS": _battery_status,
    "GIMBAL_DEVICE_ATTITUDE_STATUS": _gimbal_attitude,
}
ON_REQUEST: dict[str, Callable[[Autopilot], Any]] = STREAM | {
    "HOME_POSITION": _home_position,
    "AUTOPILOT_VERSION": _autopilot_version,
    "FENCE_STATUS": _fence_status,
}


def by_message_id(message_id: int) -> Callable[[Autopilot], Any] | None:
    """The builder of a message, by its number; None for one that this vehicle does not send."""
    message = mavlink.mavlink_map.get(message_id)
    return None if message is None else ON_REQUEST.get(message.msgname)
