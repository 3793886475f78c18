"""Commands to the simulated vehicle: COMMAND_LONG in, MAV_RESULT out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator.autopilot import Autopilot
from flight.simulator.modes import AUTO, INFO, LAND, RTL

ACCEPTED, REJECTED_FOR_NOW, DENIED, UNSUPPORTED, FAILED = 0, 1, 2, 3, 4  # MAV_RESULT

Handler = Callable[[Autopilot, Sequence[float]], int]


def run_command(pilot: Autopilot, command: int, p: Sequence[float]) -> int:
    """Run a command with param1 to param7 and give its MAV_RESULT."""
    handler = _HANDLERS.get(command)
    if handler is not None:
        return handler(pilot, p)
    return ACCEPTED if pilot.do(command, tuple(p)) else UNSUPPORTED


def _result(done: bool) -> int:
    return ACCEPTED if done else FAILED


def _arm_disarm(pilot: Autopilot, p: Sequence[float]) -> int:
    return _result(pilot.arm() if p[0] == 1 else pilot.disarm())


def _pause_continue(pilot: Autopilot, p: Sequence[float]) -> int:
    if p[0] not in (0, 1):
        return DENIED
    done = pilot.mode == AUTO and (pilot.run.pause() if p[0] == 0 else pilot.run.go_on())
    if not done:
        pilot.say(INFO, f"Failed to {'pause' if p[0] == 0 else 'resume'}")
    return _result(done)


def _set_current(pilot: Autopilot, p: Sequence[float]) -> int:
    return ACCEPTED if pilot.set_current(int(p[0])) else DENIED


def _prearm_checks(pilot: Autopilot, p: Sequence[float]) -> int:
    if pilot.armed:
        return REJECTED_FOR_NOW
    pilot.prearm.tell(pilot.readiness.prearm_refusals())
    return ACCEPTED


_HANDLERS: dict[int, Handler] = {
    mavlink.MAV_CMD_COMPONENT_ARM_DISARM: _arm_disarm,
    mavlink.MAV_CMD_DO_SET_MODE: lambda pilot, p: _result(pilot.set_mode(int(p[1]))),
    mavlink.MAV_CMD_MISSION_START: lambda pilot, p: _result(pilot.start_mission()),
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: lambda pilot, p: _result(pilot.set_mode(RTL)),
    mavlink.MAV_CMD_NAV_LAND: lambda pilot, p: _result(pilot.set_mode(LAND)),
    mavlink.MAV_CMD_NAV_TAKEOFF: lambda pilot, p: _result(pilot.take_off(p[6])),
    mavlink.MAV_CMD_DO_PAUSE_CONTINUE: _pause_continue,
    mavlink.MAV_CMD_DO_SET_MISSION_CURRENT: _set_current,
    mavlink.MAV_CMD_RUN_PREARM_CHECKS: _prearm_checks,
}
