"""The recordings themselves: all are used, and every message in them can be built again."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.flight.recorded import NAMES, plain, read_recording, rebuilt

pytestmark = pytest.mark.real_data

# Simulated seconds in a real one.
TIME_FACTORS = {
    "arming-and-mission-protocol": 4,
    "auto-mission": 3,
    "auto-without-mission-start": 3,
    "failsafes": 4,
    "fence-and-guided": 1,
}


def test_no_recording_is_left_unused(shared):
    files = {file.name.removesuffix(".jsonl.gz") for file in (shared / "data" / "mavlink").glob("*.jsonl.gz")}
    assert files == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_clock_of_the_vehicle_is_found_in_its_messages(shared, name):
    recording = read_recording(shared, name)
    assert recording.time_factor == pytest.approx(TIME_FACTORS[name], rel=0.005)
    for message in recording.told("GLOBAL_POSITION_INT", "TIMESYNC"):
        boot_s = message.ts1 / 1e9 if message.name == "TIMESYNC" else message.time_boot_ms / 1e3
        assert message.boot_s == pytest.approx(boot_s, abs=0.6)
    times = [message.boot_s for message in recording.messages]
    assert times == sorted(times)


@pytest.mark.parametrize("name", NAMES)
def test_every_message_is_built_again_as_it_was(shared, name):
    sender, receiver = mavlink.MAVLink(None, 1, 1), mavlink.MAVLink(None)
    receiver.robust_parsing = True
    for message in read_recording(shared, name).messages:
        if message.name == "BAD_DATA":
            assert rebuilt(message).hex() == message.data
            continue
        (again,) = receiver.parse_buffer(rebuilt(message).pack(sender))
        assert again.get_type() == message.name
        fields = plain(again)
        assert all(same(value, fields[field]) for field, value in message.fields.items())


def same(recorded, built):
    """Whether two values are the same, to the 32 bits of a float on the link."""
    if isinstance(recorded, list):
        return len(recorded) == len(built) and all(map(same, recorded, built))
    if isinstance(recorded, str):
        return recorded == built
    return (
        recorded == built
        or (math.isnan(recorded) and math.isnan(built))
        or math.isclose(recorded, built, rel_tol=1e-6, abs_tol=1e-6)
    )
