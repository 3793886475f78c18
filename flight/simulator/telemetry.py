"""What the simulated vehicle tells of itself: one builder per repeating message."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, nan, radians, sin
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator.autopilot import Autopilot
from flight.simulator.modes import ALT_HOLD, AUTO, STABILIZE
from flight.simulator.shutter import PITCH_RANGE_DEG

# SYS_STATUS, recorded: what is there, and bits of what is switched on or in order (MAV_SYS_STATUS_…).
SENSORS, HEALTHY = 0x5371FC2F, 0x5771FC2F
PREARM_CHECK, BATTERY, AHRS, GEOFENCE, POSITION_CONTROL, RECEIVER = (
    0x10000000, 0x2000000, 0x200000, 0x100000, 0x6000, 0x20,
)  # fmt: skip
FIX_RTK_FIXED, NO_FIX, NO_RECEIVER = 6, 1, 0  # GPS_FIX_TYPE; 6 is recorded
STARTED_AT_S = 2.5
SATELLITES, SATELLITES_WITHOUT_FIX = 10, 3  # those of ArduPilot's simulated receiver
# Recorded: roll and pitch locked to the horizon, yaw in the vehicle's frame.
GIMBAL_FLAGS = 44
CAPTURES_IMAGES = 2  # CAMERA_CAP_FLAGS
CAPABILITIES, SOFTWARE_VERSION = 64495, 67502847  # recorded: ArduCopter 4.6.2


def heartbeat(pilot: Autopilot) -> Any:
    """HEARTBEAT."""
    base_mode = 81 | (128 if pilot.armed else 0) | (8 if pilot.mode not in (STABILIZE, ALT_HOLD) else 0)
    status = mavlink.MAV_STATE_STANDBY if pilot.landed else mavlink.MAV_STATE_ACTIVE
    if pilot.in_failsafe:
        status = mavlink.MAV_STATE_CRITICAL
    if pilot.boot_s < STARTED_AT_S:
        status = mavlink.MAV_STATE_BOOT
    return mavlink.MAVLink_heartbeat_message(2, 3, base_mode, pilot.mode, status, 3)


def _boot_ms(pilot: Autopilot) -> int:
    return round(pilot.boot_s * 1000)


def _sys_status(pilot: Autopilot) -> Any:
    battery = pilot.battery
    power = (
        round(battery.voltage_v * 1000),
        round(battery.current_a * 100),
        int(battery.remaining_percent),
    )
    return mavlink.MAVLink_sys_status_message(
        SENSORS, _switched_on(pilot), _in_order(pilot), 0, *power, 0, 0, 0, 0, 0, 0
    )


def _switched_on(pilot: Autopilot) -> int:
    off = 0 if pilot.fence.enabled else GEOFENCE
    return SENSORS & ~(off if pilot.armed else off | POSITION_CONTROL)


def _in_order(pilot: Autopilot) -> int:
    wrong = {
        PREARM_CHECK: not pilot.armed and bool(pilot.readiness.prearm_refusals()),
        BATTERY: pilot.battery_failsafe.failed,
        AHRS: not pilot.senses.settled,
        GEOFENCE: bool(pilot.fence.outside),
        RECEIVER: not pilot.senses.fix,
    }
    return HEALTHY & ~sum(bit for bit, is_wrong in wrong.items() if is_wrong)


def _global_position(pilot: Autopilot) -> Any:
    body = pilot.body
    if not pilot.senses.origin:
        return mavlink.MAVLink_global_position_int_message(_boot_ms(pilot), 0, 0, 0, 0, 0, 0, 0, 0)
    lat, lon, up_m = pilot.whereabouts.measured()
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
        fix, satellites = (NO_FIX, SATELLITES_WITHOUT_FIX) if pilot.senses.detected else (NO_RECEIVER, 0)
        return mavlink.MAVLink_gps_raw_int_message(micros, fix, 0, 0, 0, 65535, 65535, 0, 0, satellites)
    lat, lon, up_m = pilot.whereabouts.measured()
    place = (round(lat * 1e7), round(lon * 1e7), round((pilot.setting.alt_msl_m + up_m) * 1000))
    return mavlink.MAVLink_gps_raw_int_message(micros, FIX_RTK_FIXED, *place, 121, 200, 0, 0, SATELLITES)


def _vfr_hud(pilot: Autopilot) -> Any:
    body = pilot.body
    airspeed, speed = pilot.whereabouts.airspeed_ms, body.ground_speed_ms
    alt_m = pilot.setting.alt_msl_m + body.up_m
    return mavlink.MAVLink_vfr_hud_message(airspeed, speed, int(body.yaw_deg), 0, alt_m, body.v_up_ms)


def _mission_current(pilot: Autopilot) -> Any:
    total = max(0, len(pilot.mission.items) - 1)
    in_auto = 1 if pilot.mode == AUTO else 0
    return mavlink.MAVLink_mission_current_message(pilot.run.seq, total, pilot.mission_state(), in_auto)


def _system_time(pilot: Autopilot) -> Any:
    micros = round(pilot.now.timestamp() * 1e6) if pilot.senses.fix else 0
    return mavlink.MAVLink_system_time_message(micros, _boot_ms(pilot))


def _ekf_status(pilot: Autopilot) -> Any:
    return mavlink.MAVLink_ekf_status_report_message(pilot.senses.flags, 0, 0, 0, 0, 0)


def _battery_status(pilot: Autopilot) -> Any:
    battery = pilot.battery
    volts = [round(battery.voltage_v * 1000)] + [65535] * 9
    charge = (round(battery.current_a * 100), round(battery.used_mah), 0, int(battery.remaining_percent))
    return mavlink.MAVLink_battery_status_message(0, 0, 0, 32767, volts, *charge)


def _gimbal_attitude(pilot: Autopilot) -> Any:
    """In the vehicle's frame, as ArduCopter's servo mount tells it, in spite of the flags."""
    body, gimbal = pilot.body, pilot.payload.gimbal
    pitch_deg = max(PITCH_RANGE_DEG[0], gimbal.pitch_deg - body.pitch_deg)
    pitch, roll = radians(pitch_deg) / 2, radians(-body.roll_deg) / 2
    turned = [cos(roll) * cos(pitch), sin(roll) * cos(pitch), cos(roll) * sin(pitch), -sin(roll) * sin(pitch)]
    return mavlink.MAVLink_gimbal_device_attitude_status_message(
        0, 0, _boot_ms(pilot), GIMBAL_FLAGS, turned, nan, nan, nan, 0
    )


def _fence_status(pilot: Autopilot) -> Any:
    fence = pilot.fence
    return mavlink.MAVLink_fence_status_message(
        int(bool(fence.outside)), fence.breaches, fence.breach_type, round(fence.breached_at_s * 1000)
    )


def home_position(pilot: Autopilot) -> Any:
    """HOME_POSITION."""
    home, unknown = pilot.home_item(), [nan] * 4
    return mavlink.MAVLink_home_position_message(
        home.x, home.y, round(home.z * 1000), 0, 0, 0, unknown, 0, 0, 0
    )


def _camera_information(pilot: Autopilot) -> Any:
    """Recorded: of a camera on a servo or relay nothing is known but that it takes photos."""
    nothing = [0] * 32
    return mavlink.MAVLink_camera_information_message(
        _boot_ms(pilot), nothing, nothing, 0, nan, nan, nan, 0, 0, 0, CAPTURES_IMAGES, 0, b"", 1
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
    "FENCE_STATUS": _fence_status,
}
# Streamed only while FENCE_ENABLE is set, as ArduPilot does.
ONLY_WITH_FENCE = {"FENCE_STATUS"}
ON_REQUEST: dict[str, Callable[[Autopilot], Any]] = STREAM | {
    "HOME_POSITION": home_position,
    "AUTOPILOT_VERSION": _autopilot_version,
    "CAMERA_INFORMATION": _camera_information,
}


def by_message_id(message_id: int) -> Callable[[Autopilot], Any] | None:
    """The builder of a message, by its number; None for one that this vehicle does not send."""
    message = mavlink.mavlink_map.get(message_id)
    return None if message is None else ON_REQUEST.get(message.msgname)
