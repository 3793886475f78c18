"""The suite's own hands on the vehicle: its state between cases, its parameters, and what a pilot would do.

All of it goes through the proxy as system 254 and not through the code under test.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flight.missions.mission import Home
from tests.contract.link_proxy import LinkProxy, Passed, Wanted

STABILIZE, AUTO, GUIDED, LOITER, RTL, LAND = 0, 3, 4, 5, 6, 9
ARMED = 128  # MAV_MODE_FLAG_SAFETY_ARMED
PREARM_HEALTH = 0x10000000
EKF_POSITION, EKF_CONSTANT_POSITION = 16, 128
ARM_DISARM, SET_MODE, REQUEST_MESSAGE, REBOOT, BATTERY_RESET = 400, 176, 512, 246, 42651  # MAV_CMD
SYSTEM_TIME = 2  # message id
REAL32 = 9
MOST_IN_VAIN = 3
GROUND_STATION = 255  # the client
ENOUGH_BATTERY_PERCENT = 60
STREAM_HZ = 2
# Simulated seconds that things may take at most.
LANDING_S, READY_S, PATIENCE_S = 240.0, 120.0, 20.0
ANSWER_S, TRIES = 1.0, 3  # of the real clock


class Station:
    """Stands at the vehicle. `prepare` before each case brings it into the same state.

    That is: on the ground, disarmed, in STABILIZE, ready to arm, without mission and fence, parameters as
    they were, silent until it is asked for streams.
    """

    def __init__(self, proxy: LinkProxy, name: str) -> None:
        self.proxy = proxy
        self.name = name
        self.time_factor = 1.0
        self.home = Home(0.0, 0.0)
        self._changed: dict[str, float] = {}
        self._unknown: set[str] = set()
        self._workers: list[threading.Thread] = []
        self._ending = threading.Event()
        self._speed_found: float | None = None
        self._in_vain = 0

    @property
    def url(self) -> str:
        """Where a ground station connects."""
        return self.proxy.url

    # --- time --------------------------------------------------------------------------------

    def measure_time(self) -> None:
        """Find out how fast the vehicle's clock runs."""
        told = self.parameter("SIM_SPEEDUP") or 0.0
        self.time_factor = told if told > 0 else self._measured_factor()
        self.proxy.heartbeats_hz = max(1.0, self.time_factor)

    def _measured_factor(self) -> float:
        """By its clock against ours, to a half: a vehicle in real time is exactly that."""
        began_s, booted_s = time.monotonic(), self.boot_s
        self.next("HEARTBEAT")
        self.next("HEARTBEAT")
        return max(1.0, round(2 * (self.boot_s - booted_s) / (time.monotonic() - began_s)) / 2)

    def run_faster(self, factor: float) -> None:
        """Let the vehicle's clock run so fast for the whole session, if that can be told."""
        before = self.parameter("SIM_SPEEDUP")
        if before is not None:
            self._speed_found = before
            self._put_parameter("SIM_SPEEDUP", factor)
            self.measure_time()

    def limit_s(self, simulated_s: float) -> float:
        """Real seconds that so many simulated ones may take, with room for a slow machine."""
        return 2.5 * simulated_s / self.time_factor + 5.0

    def at_speed(self, factor: float) -> None:
        """For the rest of the case let the vehicle's clock run only so fast, as the link's faults are in
        real seconds. A vehicle that cannot be told so is left as it is."""
        if self.time_factor > factor and self.parameter("SIM_SPEEDUP") is not None:
            self.set("SIM_SPEEDUP", factor)
            self.time_factor = factor
            self.proxy.heartbeats_hz = max(1.0, factor)

    # --- what it tells -----------------------------------------------------------------------

    @property
    def mode(self) -> int:
        """The flight mode."""
        heartbeat = self.proxy.latest("HEARTBEAT") or self.next("HEARTBEAT").message
        return int(heartbeat.custom_mode)

    @property
    def armed(self) -> bool:
        """By the last heartbeat."""
        heartbeat = self.proxy.latest("HEARTBEAT") or self.next("HEARTBEAT").message
        return bool(heartbeat.base_mode & ARMED)

    @property
    def boot_s(self) -> float:
        """Seconds on the vehicle's clock since it was booted."""
        return (
            float(self.ask("COMMAND_LONG", told("SYSTEM_TIME"), **_request(SYSTEM_TIME)).time_boot_ms) / 1000
        )

    def parameter(self, name: str) -> float | None:
        """A parameter's value; None for one that the vehicle does not know."""
        if name in self._unknown:
            return None
        wanted = told("PARAM_VALUE", param_id=name)
        read = self.ask_if_any("PARAM_REQUEST_READ", wanted, param_id=name.encode(), param_index=-1)
        if read is None:
            self._unknown.add(name)
            return None
        return float(read.param_value)

    def next(self, name: str, limit_s: float = 30.0, **fields: Any) -> Passed:
        """The vehicle's next message of a kind with these fields."""
        return self.wait(told(name, **fields), limit_s, since=self.proxy.count, what=name)

    def wait(
        self, wanted: Wanted, limit_s: float, since: int = 0, what: str = "what was waited for"
    ) -> Passed:
        """The first message that is wanted; fails the case when none comes."""
        found = self.proxy.wait_for(wanted, limit_s, since)
        if found is None:
            pytest.fail(f"{what} did not come within {limit_s:.0f} s")
        return found

    def wait_until_disarmed(self, simulated_s: float = LANDING_S) -> None:
        """Until the motors are off."""
        if self.armed:
            self.wait(disarmed, self.limit_s(simulated_s), self.proxy.count, "disarming")

    # --- what it is told ---------------------------------------------------------------------

    def ask_if_any(self, name: str, wanted: Wanted, **fields: Any) -> Any | None:
        """Send the vehicle a message until the answer comes; None when none does."""
        for _ in range(TRIES):
            since = self.proxy.count
            self.proxy.tell_vehicle(name, **fields)
            answer = self.proxy.wait_for(wanted, ANSWER_S, since)
            if answer is not None:
                return answer.message
        return None

    def ask(self, name: str, wanted: Wanted, **fields: Any) -> Any:
        """Send the vehicle a message until the answer comes."""
        answer = self.ask_if_any(name, wanted, **fields)
        if answer is None:
            pytest.fail(f"the vehicle does not answer {name} {fields}")
        return answer

    def command(self, command: int, *params: float) -> int:
        """Give a command as the pilot; its MAV_RESULT."""
        numbered = {f"param{n}": value for n, value in enumerate((*params, *[0.0] * 7)[:7], start=1)}
        wanted = told("COMMAND_ACK", command=command)
        return int(self.ask("COMMAND_LONG", wanted, command=command, confirmation=0, **numbered).result)

    def pilot_mode(self, mode: int) -> None:
        """Change the mode as a pilot does with his remote control, without any ado."""
        self.proxy.tell_vehicle("SET_MODE", base_mode=1, custom_mode=mode)

    def set(self, name: str, value: float) -> None:
        """Set a parameter until the end of the case; without it the case is not run."""
        before = self.parameter(name)
        if before is None:
            pytest.skip(f"this vehicle has no {name}")
        self._changed.setdefault(name, before)
        self._put_parameter(name, value)

    def satellites(self, visible: bool) -> None:
        """Hide the satellites from the receiver until the end of the case, or show them again."""
        if self.parameter("SIM_GPS1_ENABLE") is not None:
            self.set("SIM_GPS1_ENABLE", float(visible))
        else:  # its name up to ArduPilot 4.6
            self.set("SIM_GPS_DISABLE", float(not visible))

    def keep(self, *names: str) -> None:
        """At the end of the case give these parameters back the values that they have now."""
        for name in names:
            value = self.parameter(name)
            if value is not None:
                self._changed.setdefault(name, value)

    def full_speed(self) -> None:
        """Let the vehicle's clock run as fast again as before `at_speed`."""
        if "SIM_SPEEDUP" in self._changed:
            self._put_parameter("SIM_SPEEDUP", self._changed["SIM_SPEEDUP"])
            self.measure_time()

    def streams(self, rate_hz: int) -> None:
        """Have the vehicle tell of itself, or (0) be silent."""
        start = int(rate_hz > 0)
        self.proxy.tell_vehicle(
            "REQUEST_DATA_STREAM", req_stream_id=0, req_message_rate=rate_hz, start_stop=start
        )

    def _put_parameter(self, name: str, value: float) -> None:
        wanted = told("PARAM_VALUE", param_id=name)
        fields = {"param_id": name.encode(), "param_value": value, "param_type": REAL32}
        stored = self.ask("PARAM_SET", wanted, **fields).param_value
        assert stored == pytest.approx(value, rel=1e-5), f"{name} is {stored} instead of {value}"

    # --- meanwhile ---------------------------------------------------------------------------

    def when(self, wanted: Wanted, action: Callable[[], object], limit_s: float = 120.0) -> None:
        """As soon as a message passes, counted from now, do something in another thread."""
        since = self.proxy.count

        def work() -> None:
            found = self.proxy.wait_for(lambda one: self._ending.is_set() or wanted(one), limit_s, since)
            if found is not None and not self._ending.is_set():
                action()

        worker = threading.Thread(target=work, daemon=True)
        self._workers.append(worker)
        worker.start()

    # --- between cases -----------------------------------------------------------------------

    def prepare(self) -> None:
        """Bring the vehicle into the state that every case begins with.

        After three times in vain the other cases fail at once, instead of waiting for it each.
        """
        if self._in_vain == MOST_IN_VAIN:
            pytest.fail("the vehicle could not be brought into the state that cases begin with")
        self._in_vain += 1
        self._make_ready()
        self._in_vain = 0

    def _make_ready(self) -> None:
        self._tidy_up()
        self.streams(STREAM_HZ)
        self._bring_down()
        self.pilot_mode(STABILIZE)
        for mission_type in (0, 1):
            cleared = told("MISSION_ACK", mission_type=mission_type)
            self.ask("MISSION_CLEAR_ALL", cleared, mission_type=mission_type)
        self._change_battery()
        self._wait_until_ready()
        place = self.next("GLOBAL_POSITION_INT").message
        self.home = Home(place.lat / 1e7, place.lon / 1e7, place.alt / 1000)
        self.streams(0)
        self.proxy.forget()

    def reboot(self) -> None:
        """Boot the vehicle from the start."""
        before_s = self.boot_s
        result = self.command(REBOOT, 1)
        if result != 0:
            pytest.skip(f"this vehicle cannot be rebooted by command (MAV_RESULT {result})")
        until_s = time.monotonic() + 60.0
        while time.monotonic() < until_s:
            clock = self.ask_if_any("COMMAND_LONG", told("SYSTEM_TIME"), **_request(SYSTEM_TIME))
            if clock is not None and clock.time_boot_ms / 1000 < before_s:
                return
        pytest.fail("the vehicle did not come back after a reboot")

    def leave(self) -> None:
        """At the very end: on the ground, everything as it was found."""
        self._tidy_up()
        self._bring_down()
        self.streams(0)
        if self._speed_found is not None:
            self._put_parameter("SIM_SPEEDUP", self._speed_found)

    def _tidy_up(self) -> None:
        """End what a case left going on: threads, link faults, a client, changed parameters."""
        self._ending.set()
        self.proxy.mend()
        for worker in self._workers:
            worker.join(10.0)
        self._workers.clear()
        self._ending.clear()
        for name, value in reversed(self._changed.items()):
            self._put_parameter(name, value)
        if "SIM_SPEEDUP" in self._changed:
            self.measure_time()
        self._changed.clear()

    def _bring_down(self) -> None:
        self.next("HEARTBEAT")
        if not self.armed or self.command(ARM_DISARM, 0) == 0:
            return
        if self.command(SET_MODE, 1, RTL) != 0:
            self.command(SET_MODE, 1, LAND)
        self.wait_until_disarmed()

    def _change_battery(self) -> None:
        charge = self.next("SYS_STATUS").message.battery_remaining
        if 0 <= charge < ENOUGH_BATTERY_PERCENT and self.command(BATTERY_RESET, 1, 100) != 0:
            self._reboot_and_stream()

    def _wait_until_ready(self) -> None:
        """A battery failsafe, for one, is only forgotten with another battery or by a reboot."""
        if self._ready_within(PATIENCE_S) or (self.boot_s < READY_S and self._ready_within(READY_S)):
            return
        if self.command(BATTERY_RESET, 1, 100) == 0 and self._ready_within(PATIENCE_S):
            return
        self._reboot_and_stream()
        if not self._ready_within(READY_S):
            pytest.fail("the vehicle does not become ready to arm")

    def _ready_within(self, simulated_s: float) -> bool:
        until_s = time.monotonic() + 1.5 * simulated_s / self.time_factor + 1.0
        while time.monotonic() < until_s:
            status = self.next("SYS_STATUS").message
            estimate = self.next("EKF_STATUS_REPORT").message.flags
            ready = status.onboard_control_sensors_health & PREARM_HEALTH
            if ready and estimate & EKF_POSITION and not estimate & EKF_CONSTANT_POSITION:
                return True
        return False

    def _reboot_and_stream(self) -> None:
        self.reboot()
        self.streams(STREAM_HZ)


def disarmed(passed: Passed) -> bool:
    """A heartbeat of the vehicle with the motors off."""
    return told("HEARTBEAT")(passed) and not passed.message.base_mode & ARMED


def photo(number: int) -> Wanted:
    """The so many-th photo from when it is first asked."""
    return nth("CAMERA_FEEDBACK", number)


def nth(name: str, number: int, **fields: Any) -> Wanted:
    """The so many-th message of a kind with these fields, from when it is first asked."""
    counted: set[int] = set()
    one_of_them = told(name, **fields)

    def wanted(passed: Passed) -> bool:
        if one_of_them(passed):
            counted.add(id(passed))
        return len(counted) >= number

    return wanted


def in_mode(mode: int) -> Wanted:
    """A heartbeat of the vehicle in a flight mode."""
    return told("HEARTBEAT", custom_mode=mode)


def above(height_m: float) -> Wanted:
    """A position of the vehicle above a height over home."""
    return lambda passed: (
        told("GLOBAL_POSITION_INT")(passed) and passed.message.relative_alt > 1000 * height_m
    )


def told(name: str, **fields: Any) -> Wanted:
    """A message of the vehicle with these fields; of answers, those to the suite itself."""

    def wanted(passed: Passed) -> bool:
        message = passed.message
        if passed.direction != "<" or passed.name != name:
            return False
        for_the_client = getattr(message, "target_system", 0) == GROUND_STATION
        return not for_the_client and all(getattr(message, key) == value for key, value in fields.items())

    return wanted


def _request(message_id: int) -> dict[str, float]:
    rest = {f"param{n}": 0.0 for n in range(2, 8)}
    return {"command": REQUEST_MESSAGE, "confirmation": 0, "param1": message_id, **rest}


def log_file_in(folder: Path) -> Path:
    """Where a flight's log goes."""
    return folder / "sortie-01.flight.jsonl"
