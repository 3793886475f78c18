"""The vehicle's side of the mission protocol, and the recorded traffic of a real ArduCopter."""

from __future__ import annotations

import gzip
import json

import pytest

from flight.mission import MissionItem

TAKEOFF = MissionItem(22, 3, (0.0,) * 4, 0.0, 0.0, 20.0)
RTL = MissionItem(20, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
NAN = float("nan")
# Recorded fields that a copter decides: what it stored.
STORED = ("command", "frame", "param1", "param2", "param3", "param4", "x", "y", "z")


@pytest.mark.parametrize(
    "item, code",
    [
        (MissionItem(31000, 3, (0.0,) * 4, 0.0, 0.0, 0.0), 3),
        (MissionItem(16, 99, (0.0,) * 4, 1.0, 0.0, 20.0), 2),
        (MissionItem(16, 3, (NAN, 0.0, 0.0, 0.0), 1.0, 0.0, 20.0), 6),
        (MissionItem(16, 3, (0.0,) * 4, 95.0, 0.0, 20.0), 10),
        (MissionItem(16, 3, (0.0, 0.0, 0.0, NAN), 1.0, 0.0, 20.0), 0),
    ],
)
def test_items_are_refused_with_their_code(bench, item, code):
    assert bench().upload((TAKEOFF, item)) == code


def test_the_empty_mission_is_accepted_and_clears(bench):
    vehicle = bench()
    vehicle.upload((TAKEOFF, RTL))
    assert vehicle.tell("MISSION_COUNT", 1, 1, 0, 0)[0].type == 0
    assert vehicle.pilot.mission.items == []


def test_too_many_items_are_refused_with_4(bench):
    assert bench().tell("MISSION_COUNT", 1, 1, 651, 0)[0].type == 4


def test_a_wrong_sequence_is_13_and_the_upload_goes_on(bench):
    vehicle = bench()
    vehicle.tell("MISSION_COUNT", 1, 1, 2, 0)
    wrong = vehicle.tell("MISSION_ITEM_INT", 1, 1, 1, 3, 22, 0, 1, 0, 0, 0, 0, 0, 0, 20, 0)
    assert wrong[0].type == 13
    right = vehicle.tell("MISSION_ITEM_INT", 1, 1, 0, 3, 22, 0, 1, 0, 0, 0, 0, 0, 0, 20, 0)
    assert right[0].seq == 1


def test_silence_repeats_the_request_each_second_and_ends_with_15(bench):
    vehicle = bench()
    vehicle.tell("MISSION_COUNT", 1, 1, 2, 0)
    vehicle.run(7.5)
    assert len(vehicle.of_type("MISSION_REQUEST")) == 8
    assert not vehicle.of_type("MISSION_ACK")
    vehicle.run(1)
    assert vehicle.of_type("MISSION_ACK")[0].type == 15


def test_a_failed_upload_leaves_new_items_followed_by_old_ones(bench, waypoint):
    vehicle = bench()
    vehicle.upload((TAKEOFF, waypoint(0, 1), waypoint(0, 2), waypoint(0, 3), RTL))
    bad = MissionItem(31000, 3, (0.0,) * 4, 0.0, 0.0, 0.0)
    assert vehicle.upload((TAKEOFF, waypoint(9, 9), bad, RTL)) == 3
    kept = vehicle.pilot.mission.items
    assert [item.command for item in kept[1:]] == [22, 16, 16, 16]
    assert kept[2].lon > kept[3].lon


def test_a_takeoff_sent_as_item_0_vanishes(bench):
    vehicle = bench()
    vehicle.tell("MISSION_COUNT", 1, 1, 2, 0)
    vehicle.tell("MISSION_ITEM_INT", 1, 1, 0, 3, 22, 0, 1, 0, 0, 0, 0, 0, 0, 20, 0)
    done = vehicle.tell("MISSION_ITEM_INT", 1, 1, 1, 2, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    assert done[0].type == 0
    assert [item.command for item in vehicle.pilot.mission.items] == [16, 20]


def test_requests_are_never_int_and_floats_are_taken(bench):
    vehicle = bench()
    asked = vehicle.tell("MISSION_COUNT", 1, 1, 2, 0)
    assert asked[0].get_type() == "MISSION_REQUEST"
    vehicle.tell("MISSION_ITEM", 1, 1, 0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    vehicle.tell("MISSION_ITEM", 1, 1, 1, 3, 16, 0, 1, 0, 0, 0, 0, -6.3073, 106.8404, 20, 0)
    assert vehicle.pilot.mission.items[1].lon == pytest.approx(106.8404)


def recorded(shared, name, from_s, to_s):
    """The recorded messages between two moments."""
    with gzip.open(shared / "data" / "mavlink" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            at_s, direction, message = json.loads(line)
            if from_s <= at_s <= to_s:
                yield at_s, direction, message


def replay(vehicle, mavlink, messages):
    """Tell the simulated vehicle what the real one was told; what both answered about missions."""
    names = {"MISSION_ACK", "MISSION_COUNT", "MISSION_ITEM_INT"}
    theirs, start_s = [], None
    vehicle.sent.clear()
    for at_s, direction, message in messages:
        name = message.pop("mavpackettype")
        start_s = at_s if start_s is None else start_s
        if direction == "<":
            theirs += [(name, message)] if name in names else []
            continue
        vehicle.run(at_s - start_s - (vehicle.pilot.boot_s - vehicle.replay_from_s))
        if name.startswith("MISSION_"):
            vehicle.tell(name, **{"mission_type": 0} | message)
    vehicle.run(9)
    ours = [(m.get_type(), m.to_dict()) for m in vehicle.sent if m.get_type() in names]
    return theirs, ours


@pytest.mark.real_data
@pytest.mark.parametrize(
    "name, from_s, to_s",
    [
        ("fence-and-guided", 41.7, 57.0),
        ("fence-and-guided", 58.6, 66.0),
        ("arming-and-mission-protocol", 40.8, 40.895),
        ("arming-and-mission-protocol", 85.9, 86.02),
        ("failsafes", 40.85, 41.006),
    ],
)
def test_uploads_and_downloads_are_answered_as_a_real_copter_did(shared, ready, name, from_s, to_s):
    vehicle = ready(lat=-6.3073, lon=106.8403999, alt_msl_m=30.1)
    vehicle.replay_from_s = vehicle.pilot.boot_s
    theirs, ours = replay(vehicle, vehicle.mavlink, recorded(shared, name, from_s, to_s))
    assert [kind for kind, _ in ours] == [kind for kind, _ in theirs]
    for (kind, our), (_, their) in zip(ours, theirs, strict=True):
        if kind == "MISSION_ACK":
            assert our["type"] == their["type"]
        elif kind == "MISSION_COUNT":
            assert our["count"] == their["count"]
        else:
            assert [our[key] for key in STORED] == pytest.approx([their[key] for key in STORED], abs=1e-4)
