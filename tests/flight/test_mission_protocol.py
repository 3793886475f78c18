"""The vehicle's side of the mission protocol (against recorded traffic: test_recorded_simulator.py)."""

from __future__ import annotations

import pytest

from flight.missions.mission import MissionItem

TAKEOFF = MissionItem(22, 3, (0.0,) * 4, 0.0, 0.0, 20.0)
RTL = MissionItem(20, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
NAN = float("nan")


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
