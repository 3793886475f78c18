"""The simulated vehicle, told what a real ArduCopter was told: does it answer and fly like it?"""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from tests.flight.recorded import NAMES, STANDS_AT, changes, read_recording
from tests.flight.recorded_differences import cases
from tests.flight.recorded_replay import LIKE_S, real_and_simulated

pytestmark = pytest.mark.real_data

COMPARED_TEXTS = re.compile(
    r"Arm|PreArm|Auto|Mission|Reached|Flight plan|Fence|GCS|Polygon|got MISSION|Mode change|No such|Only|"
    r"Incorrect|Disarming"
)


@pytest.fixture
def both(shared, bench):
    """Gives a recording and what the simulated vehicle makes of it."""
    return partial(real_and_simulated, bench, shared)


def pairs(both, name, *kinds):
    """What the two vehicles told of some kinds."""
    return tuple(one.told(*kinds) for one in both(name))


def assert_same_times(real, simulated, within_s):
    """The same values in the same order, at nearly the same times."""
    assert [value for _, value in simulated] == [value for _, value in real]
    # The first value is there when the streams begin.
    late = [round(b - a, 1) for (a, _), (b, _) in zip(real[1:], simulated[1:], strict=True)]
    assert late == pytest.approx([0.0] * len(late), abs=within_s)


# --- answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", cases("result", NAMES))
def test_each_command_gets_the_recorded_result(both, name):
    real, simulated = pairs(both, name, "COMMAND_ACK")
    assert [(m.command, m.result) for m in simulated] == [(m.command, m.result) for m in real]


STORED = ("command", "frame", "param1", "param2", "param3", "param4", "z")
MISSION_ANSWERS = ("MISSION_ACK", "MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_ITEM")


def mission_answers(recording, to_boot_s=np.inf):
    """What was said about lists, places left out."""
    rows = []
    for message in recording.until_boot(to_boot_s).told(*MISSION_ANSWERS):
        fields = {"MISSION_ACK": ("type", "mission_type"), "MISSION_COUNT": ("count",)}.get(
            message.name, STORED
        )
        rows.append([message.name, *(pytest.approx(message.fields[field], abs=1e-4) for field in fields)])
    return rows


@pytest.mark.parametrize("name", cases("missions", NAMES))
def test_missions_and_fences_are_taken_and_given_back_as_recorded(both, name):
    real, simulated = (mission_answers(one) for one in both(name))
    assert simulated == real


def test_a_failed_upload_leaves_what_was_recorded(both):
    real, simulated = (mission_answers(one, 166.0) for one in both("failsafes"))
    assert simulated == real


@pytest.mark.parametrize("name", cases("places", NAMES))
def test_places_are_given_back_as_recorded(both, name):
    real, simulated = pairs(both, name, "MISSION_ITEM_INT")
    assert [(m.x, m.y) for m in simulated] == [(m.x, m.y) for m in real]


@pytest.mark.parametrize("name", NAMES)
def test_each_item_is_asked_for_as_often_as_recorded(both, name):
    real, simulated = pairs(both, name, "MISSION_REQUEST")
    assert [m.seq for m in simulated] == [m.seq for m in real]


def texts_of(recording):
    return [m.text for m in recording.told("STATUSTEXT") if COMPARED_TEXTS.match(m.text)]


@pytest.mark.parametrize("name", cases("texts", NAMES))
def test_it_says_what_the_recorded_one_said(both, name):
    real, simulated = (texts_of(one) for one in both(name))
    assert simulated == real


@pytest.mark.parametrize("name", cases("reasons", NAMES))
def test_reasons_follow_the_refusal(both, name):
    for one in both(name):
        answers = one.told("COMMAND_ACK", "STATUSTEXT")
        for before, after in pairwise(answers):
            refused = after.name == "COMMAND_ACK" and after.command == 400 and after.result
            assert not (refused and before.name == "STATUSTEXT" and before.text.startswith("Arm: "))


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_told_when_they_are_set_and_unknown_ones_never(shared, both, name):
    known, unknown = set(), set()
    asked = read_recording(shared, name).until_boot(LIKE_S.get(name, np.inf)).asked("PARAM_SET")
    real, simulated = pairs(both, name, "PARAM_VALUE")
    for request in asked:
        in_time = [m for m in real if m.param_id == request.param_id and 0 <= m.boot_s - request.boot_s < 1]
        (known if in_time else unknown).add(request.param_id)
        ours = [
            m for m in simulated if m.param_id == request.param_id and -0.1 <= m.boot_s - request.boot_s < 1
        ]
        assert [m.param_value for m in ours[:1]] == [pytest.approx(m.param_value) for m in in_time[:1]]
    assert unknown <= {"NOPE_PARAM", "SIM_GPS1_ENABLE"}


# --- states ----------------------------------------------------------------------------------


def state_changes(recording):
    """Mode and whether armed, by heartbeats."""
    beats = recording.told("HEARTBEAT")
    return [
        (at_s, (mode, bool(base_mode & 128)))
        for at_s, (base_mode, mode) in changes(beats, "base_mode", "custom_mode")
    ]


def without_repeats(rows):
    return [
        row for before, row in zip([None, *rows], rows, strict=False) if before is None or before[1] != row[1]
    ]


MISSED_S = 1.5  # what lasts no longer may be missed, or lost in a flight that is a second off


def assert_same_at_all_times(real, simulated, within_s):
    """At any moment either was as the other was then, or up to some seconds before or after."""
    for one, other in ((lasts(real), lasts(simulated)), (lasts(simulated), lasts(real))):
        for begin_s, end_s, state in one:
            for at_s in np.arange(begin_s, end_s, 0.5) if end_s - begin_s > MISSED_S else ():
                near = [s for b, e, s in other if b <= at_s + within_s and e >= at_s - within_s]
                assert state in near, (at_s, state, near)


def lasts(rows):
    """From when to when which value was told."""
    ends = [at_s for at_s, _ in rows[1:]] + [rows[-1][0] + 1.0]
    return [(at_s, end_s, value) for (at_s, value), end_s in zip(rows, ends, strict=True)]


@pytest.mark.parametrize("name", cases("modes", NAMES))
def test_modes_and_arming_change_when_they_did(both, name):
    assert_same_at_all_times(*(state_changes(one) for one in both(name)), within_s=2.5)


@pytest.mark.parametrize("name", cases("mission state", NAMES))
def test_the_mission_goes_on_as_recorded(both, name):
    fields = ("seq", "mission_state", "mission_mode")
    currents = (changes(one.told("MISSION_CURRENT"), *fields) for one in both(name))
    assert_same_at_all_times(*currents, within_s=2.5)


@pytest.mark.parametrize("name", cases("reached", NAMES))
def test_items_are_told_as_reached_as_recorded(both, name):
    real, simulated = pairs(both, name, "MISSION_ITEM_REACHED")
    assert [m.seq for m in simulated] == [m.seq for m in real]


HEALTH = {"GNSS": 0x20, "AHRS": 0x200000, "battery": 0x2000000, "PREARM": 0x10000000, "fence": 0x100000}


@pytest.mark.parametrize("name, bit", cases("health", [f"{name} {bit}" for name in NAMES for bit in HEALTH]))
def test_health_bits_change_when_they_did(both, name, bit):
    rows = []
    for recording in both(name):
        status = changes(recording.told("SYS_STATUS"), "onboard_control_sensors_health")
        rows.append(without_repeats([(at_s, bool(health & HEALTH[bit])) for at_s, (health,) in status]))
    assert_same_times(*rows, within_s=4.0)


EKF_POSITION = 16


@pytest.mark.parametrize("name", NAMES)
def test_the_position_is_known_when_it_was(both, name):
    rows = []
    for recording in both(name):
        flags = changes(recording.told("EKF_STATUS_REPORT"), "flags")
        rows.append(without_repeats([(at_s, bool(value & EKF_POSITION)) for at_s, (value,) in flags]))
    assert_same_times(*rows, within_s=1.0)


def test_the_fence_is_told_as_recorded(both):
    real, simulated = pairs(both, "arming-and-mission-protocol", "FENCE_STATUS")
    fields = ("breach_status", "breach_count", "breach_type")
    assert_same_times(changes(real, *fields), changes(simulated, *fields), 3.0)


# --- streams ---------------------------------------------------------------------------------

# Told by a real vehicle and of no use to ours.
NOT_SIMULATED = {
    "AHRS", "AHRS2", "ESC_TELEMETRY_1_TO_4", "LOCAL_POSITION_NED", "MEMINFO", "NAV_CONTROLLER_OUTPUT",
    "POSITION_TARGET_GLOBAL_INT", "POWER_STATUS", "RAW_IMU", "RC_CHANNELS", "SCALED_IMU2", "SCALED_IMU3",
    "SCALED_PRESSURE", "SCALED_PRESSURE2", "SERVO_OUTPUT_RAW", "SIMSTATE", "TERRAIN_REPORT",
    "TERRAIN_REQUEST", "VIBRATION", "WIND", "GPS_GLOBAL_ORIGIN", "CAMERA_INFORMATION", "BAD_DATA",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_it_tells_the_kinds_that_were_recorded(both, name):
    real, simulated = ({m.name for m in one.told()} for one in both(name))
    assert real - simulated <= NOT_SIMULATED
    assert simulated <= real


@pytest.mark.parametrize("name", ["arming-and-mission-protocol", "failsafes", "fence-and-guided"])
def test_before_streams_are_asked_for_there_are_only_a_few_kinds(shared, both, name):
    asked_s = read_recording(shared, name).asked("REQUEST_DATA_STREAM")[0].boot_s
    for one in both(name):
        before = {m.name for m in one.told() if m.boot_s < asked_s}
        assert before <= {"HEARTBEAT", "STATUSTEXT", "TIMESYNC", "PARAM_VALUE", "COMMAND_ACK", "BAD_DATA"}


@pytest.mark.parametrize(
    "kind",
    ["SYS_STATUS", "GLOBAL_POSITION_INT", "ATTITUDE", "GPS_RAW_INT", "MISSION_CURRENT", "EKF_STATUS_REPORT"],
)
def test_streams_come_as_often_as_recorded(both, kind):
    real, simulated = pairs(both, "fence-and-guided", kind)  # the one that was recorded in real time
    every_s = [np.median(np.diff([m.boot_s for m in messages])) for messages in (real, simulated)]
    assert every_s[1] == pytest.approx(every_s[0], abs=0.02)


def test_a_battery_failsafe_comes_as_recorded(shared, ready):
    """The end of a recording, flown anew: nobody meets the moments before it."""
    recording = read_recording(shared, "arming-and-mission-protocol")
    vehicle = ready(**STANDS_AT)
    assert vehicle.command(400, 1) == 0
    assert vehicle.command(22, 0, 0, 0, 0, 0, 0, 15) == 0
    vehicle.run(20)
    vehicle.tell("HEARTBEAT", 6, 8, 0, 0, 4, 3)
    for request in recording.asked("PARAM_SET", from_s=124.0, to_s=127.0):
        vehicle.tell("PARAM_SET", 1, 1, request.param_id.encode(), request.param_value, 9)
    low_s = recording.asked("PARAM_SET", to_s=127.0)[-1].boot_s
    returns_s = next(m.boot_s for m in recording.told("HEARTBEAT", from_s=126.5) if m.custom_mode == 6)
    began_s = vehicle.pilot.boot_s
    assert vehicle.run(10, lambda: vehicle.pilot.mode == 6)
    assert vehicle.pilot.boot_s - began_s == pytest.approx(returns_s - low_s, abs=0.5)
    assert vehicle.run(60, lambda: not vehicle.pilot.armed)
    vehicle.tell("PARAM_SET", 1, 1, b"SIM_BATT_VOLTAGE", 12.6, 9)
    vehicle.run(2)
    assert vehicle.command(176, 1, 4) == 0
    assert vehicle.command(400, 1) == 4
    said = [text for text in vehicle.texts() if "attery" in text and not text.startswith("PreArm")]
    recorded = [m.text for m in recording.told("STATUSTEXT", from_s=124) if "attery" in m.text]
    without_charge = [re.sub(r"used \d+ mAh", "used", text) for text in said]
    assert without_charge == [
        re.sub(r"used \d+ mAh", "used", text) for text in recorded if not text.startswith("PreArm")
    ]
