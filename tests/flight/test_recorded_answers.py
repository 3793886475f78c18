"""What a recorded ArduCopter answered, given to our client: readiness, arming, commands, missions."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from flight.driving.mission_transfer import FENCE, MISSION, download, upload_mission
from flight.driving.readiness import wait_until_ready
from flight.missions.mission import Home, Mission, MissionItem
from flight.missions.mission_meaning import WITH_PLACE, difference
from tests.flight.recorded import NAMES, read_recording
from tests.flight.recorded_vehicle import connected_to, has_taken, served
from vision.errors import PantauError

pytestmark = pytest.mark.real_data

PREARM, POSITION, CONSTANT_POSITION = 0x10000000, 16, 128


def sent_items(recording, count):
    """The items of a list that the ground station sent, as mission items, from its MISSION_COUNT on."""
    items = {}
    for message in recording.messages[recording.messages.index(count) + 1 :]:
        if not message.from_vehicle and message.name in ("MISSION_ITEM_INT", "MISSION_ITEM"):
            items[message.seq] = item_of(message)
        elif not message.from_vehicle and message.name == "MISSION_COUNT":
            break
    return [items[seq] for seq in sorted(items)]


def item_of(message):
    """A mission item of a recorded message, sent as integers or as floats."""
    params = (message.param1, message.param2, message.param3, message.param4)
    x, y = message.x, message.y
    if message.name == "MISSION_ITEM":
        x, y = (float(np.float32(value) * np.float32(1e7)) / 1e7 for value in (x, y))  # up to 0.8 m off
    elif message.command in WITH_PLACE:
        x, y = x / 1e7, y / 1e7
    return MissionItem(message.command, message.frame, params, x, y, message.z)


def ready_s(recording):
    """When the recorded vehicle became armable: pre-arm checks passed and position known, by its messages."""
    prearm = position = False
    for message in recording.told("SYS_STATUS", "EKF_STATUS_REPORT"):
        if message.name == "SYS_STATUS":
            prearm = bool(message.onboard_control_sensors_health & PREARM)
        else:
            position = bool(message.flags & POSITION) and not message.flags & CONSTANT_POSITION
        if prearm and position:
            return message.at_s
    raise AssertionError("never")


@pytest.mark.parametrize("name", NAMES)
def test_the_vehicle_is_ready_when_it_was_and_not_before(shared, name):
    recording = read_recording(shared, name)
    became_ready_s = ready_s(recording)
    assert 41 < recording.boot_s_at(became_ready_s) < 43
    with served(recording, 0.0, became_ready_s + 5) as player, connected_to(player) as vehicle:
        waiting = threading.Thread(target=wait_until_ready, args=(vehicle, 60.0), daemon=True)
        waiting.start()
        player.play(became_ready_s - 0.02, lambda number: has_taken(vehicle, number))
        player.wait_until_played()
        waiting.join(0.1)
        assert waiting.is_alive()
        player.play(became_ready_s + 0.5, lambda number: has_taken(vehicle, number))
        waiting.join(5)
        assert not waiting.is_alive()


@pytest.mark.parametrize(
    "name, refused", [("fence-and-guided", 2), ("arming-and-mission-protocol", 2), ("failsafes", 1)]
)
def test_refused_arming_is_told_with_all_reasons(shared, name, refused):
    recording = read_recording(shared, name)
    asked = [m for m in recording.asked("COMMAND_LONG") if (m.command, m.param1, m.param2) == (400, 1, 0)]
    with served(recording, 0.0, 999) as player, connected_to(player) as vehicle:
        answers = [vehicle.arm() for _ in asked]
    for answer, request in zip(answers, asked, strict=True):
        ack = recording.answer(request)
        texts = recording.told("STATUSTEXT", from_s=ack.at_s, to_s=ack.at_s + 0.05)
        assert answer.result == ack.result
        if ack.result:
            assert answer.reason == "; ".join(m.text for m in texts if m.text.startswith("Arm: "))
    assert sum(not answer.accepted for answer in answers) == refused


@pytest.mark.parametrize("name", NAMES)
def test_the_result_of_every_recorded_command_is_understood(shared, name):
    recording = read_recording(shared, name)
    with served(recording, 0.0, 999) as player, connected_to(player) as vehicle:
        for request in recording.asked("COMMAND_LONG"):
            params = [request.fields[f"param{n}"] for n in range(1, 8)]
            expected = recording.answer(request).result
            assert vehicle.command(request.command, *params, tries=1).result == expected


def test_parameters_are_read_among_others_and_unknown_ones_are_none(shared):
    recording = read_recording(shared, "arming-and-mission-protocol")
    with served(recording, 110.0, 134) as player, connected_to(player) as vehicle:
        player.play(134, lambda number: has_taken(vehicle, number))
        assert vehicle.parameter("BATT_LOW_VOLT") == 11.0
        assert vehicle.parameter("FENCE_ALT_MAX") == 50.0
        assert vehicle.parameter("FS_GCS_ENABLE") == 0.0
        assert vehicle.parameter("NOPE_PARAM", wait_s=0.1) is None


def test_setting_a_parameter_is_read_back(shared):
    recording = read_recording(shared, "failsafes")
    with served(recording, 91.0, 94) as player, connected_to(player) as vehicle:
        assert vehicle.set_parameter("WP_YAW_BEHAVIOR", 1.0)
    assert recording.told("PARAM_VALUE", from_s=91.3, to_s=92.8) == []  # NOPE_PARAM was set at 91.3


LISTS = [
    ("auto-mission", 14.6, MISSION),
    ("auto-without-mission-start", 14.6, MISSION),
    ("arming-and-mission-protocol", 85.95, FENCE),
    ("fence-and-guided", 42.90, MISSION),
    ("fence-and-guided", 42.95, MISSION),
    ("fence-and-guided", 43.00, MISSION),
    ("fence-and-guided", 63.80, MISSION),
]


@pytest.mark.parametrize("name, at_s, mission_type", LISTS)
def test_a_recorded_list_is_read_back_as_it_was_sent_by_meaning(shared, name, at_s, mission_type):
    recording = read_recording(shared, name)
    count = recording.asked("MISSION_COUNT", to_s=at_s)[-1]
    sent = sent_items(recording, count)
    with served(recording, at_s, at_s + 3) as player, connected_to(player) as vehicle:
        stored = download(vehicle.link, mission_type)
    first = 1 if mission_type == MISSION else 0
    differences = [difference(a, b) for a, b in zip(sent, stored, strict=True)][first:]
    assert differences == [None] * (count.count - first)


def test_after_a_failed_upload_new_items_are_read_back_before_old_ones(shared):
    recording = read_recording(shared, "failsafes")
    old, new = (sent_items(recording, m) for m in recording.asked("MISSION_COUNT")[:2])
    with served(recording, 40.94, 40.98) as player, connected_to(player) as vehicle:
        stored = download(vehicle.link)
    mixed = [*new[:3], *old[3:5]]
    assert [difference(a, b) for a, b in zip(mixed[1:], stored[1:], strict=True)] == [None] * 4


UPLOADS = [
    ("fence-and-guided", 62.2, 65.33),
    ("fence-and-guided", 42.86, 42.94),
    ("auto-mission", 13.5, 17.0),
]
HOME = Home(-6.3073, 106.8403999, 30.1)


@pytest.mark.parametrize("name, from_s, to_s", UPLOADS)
def test_a_recorded_upload_is_carried_out_and_verified(shared, name, from_s, to_s):
    recording = read_recording(shared, name)
    items = sent_items(recording, recording.asked("MISSION_COUNT", from_s=from_s)[0])
    with served(recording, from_s, to_s) as player, connected_to(player) as vehicle:
        upload_mission(vehicle.link, Mission(HOME, tuple(items[1:])))
    sent = [m.seq for m in player.heard if m.get_type() == "MISSION_ITEM_INT"]
    assert sent == list(range(len(items)))


@pytest.mark.parametrize(
    "at_s, reason",
    [
        (43.035, "command is not supported"),
        (43.055, "latitude is invalid"),
        (43.070, "frame is not supported"),
        (43.090, "param1 is invalid"),
    ],
)
def test_recorded_refusals_of_items_are_told(shared, at_s, reason):
    recording = read_recording(shared, "fence-and-guided")
    count = recording.asked("MISSION_COUNT", to_s=at_s)[-1]
    items = sent_items(recording, count)
    with (
        served(recording.since(count), 0.0, at_s + 0.01, others=[recording]) as player,
        connected_to(player) as vehicle,
        pytest.raises(PantauError, match=rf"item 2 .*{reason}"),
    ):
        upload_mission(vehicle.link, Mission(HOME, tuple(items[1:])))
    assert any(m.get_type() == "MISSION_CLEAR_ALL" for m in player.heard)
