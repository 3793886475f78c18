"""A simulated vehicle that is told what the recorded one was told, at the same times since boot."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.flight.recorded import STANDS_AT, Recorded, Recording, plain, read_recording, rebuilt

STREAMS_BEFORE_S = 0.4  # the request for streams that some recordings lack came so long before the first
SETTLED_S = 1.0
ARMED = 128  # MAV_MODE_FLAG_SAFETY_ARMED
JUST_ARMED_S = 2.0  # so long it is not yet told
LANDS_LATER_S = 3.0
ENDURANCE_S = 445.0  # what the recorded battery lasts, by its drain
# The recorded vehicle was told GUIDED in the second between touch-down and disarming: nobody meets that.
LIKE_S = {"arming-and-mission-protocol": 489.0}


def real_and_simulated(
    make_bench: Callable[..., Any], shared: Path, name: str
) -> tuple[Recording, Recording]:
    """A recording, and what the simulated vehicle makes of it, as far as they can be alike."""
    recording, to_s = read_recording(shared, name), LIKE_S.get(name, inf)
    return recording.until_boot(to_s), _simulated(make_bench, recording).until_boot(to_s)


@cache
def _simulated(make_bench: Callable[..., Any], recording: Recording) -> Recording:
    return replayed(make_bench, recording, endurance_s=ENDURANCE_S, gnss_sigma_m=0.0)


def replayed(make_bench: Callable[..., Any], recording: Recording, **setting: Any) -> Recording:
    """What the simulated vehicle sends when it hears the recorded ground station; times are since boot.

    `make_bench` is the class that the fixture `bench` gives.
    """
    sent: list[Recorded] = []

    class Listening(make_bench):  # type: ignore[misc, valid-type]
        def send(self, message: Any) -> None:
            now_s = self.vehicle.pilot.boot_s if hasattr(self, "vehicle") else 0.0
            sent.append(Recorded(now_s, now_s, True, message.get_type(), plain(message)))
            super().send(message)

    bench = Listening(**STANDS_AT | setting)
    armed = [(m.boot_s, bool(m.base_mode & ARMED)) for m in recording.told("HEARTBEAT")]
    for at_s, name, fields in _asked(recording):
        bench.run(max(0.0, at_s - bench.vehicle.pilot.boot_s))
        if not next((state for told_s, state in reversed(armed) if told_s <= at_s), False):
            _wait_for_landing(bench)
        bench.tell(name, **fields)
    bench.run(recording.messages[-1].boot_s + SETTLED_S - bench.vehicle.pilot.boot_s)
    return Recording(recording.name, tuple(sent))


def _wait_for_landing(bench: Any) -> None:
    """The recorded ground station had heard that it was disarmed: so must ours, a moment later perhaps."""
    pilot = bench.vehicle.pilot
    if pilot.armed and pilot.armed_s > JUST_ARMED_S:
        bench.run(LANDS_LATER_S, lambda: not pilot.armed)


def _asked(recording: Recording) -> list[tuple[float, str, dict[str, Any]]]:
    """What the ground station asked and when, with a request for streams where that was not recorded."""
    asked = [(m.boot_s, m.name, _as_sent(m)) for m in recording.asked()]
    if not recording.asked("REQUEST_DATA_STREAM"):
        first_s = recording.told("ATTITUDE")[0].boot_s - STREAMS_BEFORE_S
        fields = {"target_system": 1, "target_component": 1, "req_stream_id": 0, "req_message_rate": 2}
        asked.append((first_s, "REQUEST_DATA_STREAM", fields | {"start_stop": 1}))
    return sorted(asked, key=lambda row: row[0])


def _as_sent(message: Recorded) -> dict[str, Any]:
    """The fields as they go over the link: floats have 32 bits there."""
    sent = rebuilt(message)
    fields = plain(_LINK.parse_buffer(sent.pack(_LINK))[0])
    return {name: value.encode() if isinstance(value, str) else value for name, value in fields.items()}


_LINK = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)
