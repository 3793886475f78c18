"""Missions and fences: what arrives is what was sent, or the vehicle is left without any."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

import pytest
from pyproj import Geod

from flight.driving.mission_transfer import FENCE, clear, download, upload_fence, upload_mission
from flight.driving.vehicle import connected
from flight.missions.mission import Mission
from tests.contract.by_hand import raw_upload
from tests.contract.link_faults import (
    TO_CLIENT,
    TO_VEHICLE,
    delayed,
    dropped,
    duplicated,
    mission_protocol,
    named,
    reordered,
    tampered,
)
from tests.contract.sorties import (
    HEIGHT_M,
    RTL,
    TAKEOFF,
    WAYPOINT,
    fenced,
    item,
    long_sortie,
    sortie,
    waypoint,
)
from vision.errors import PantauError

EARTH = Geod(ellps="WGS84")
NOTHING_TO_FLY = ([], [WAYPOINT])  # nothing, or home alone


def stored(station):
    """The commands of the vehicle's mission, as a client that comes anew is told."""
    with connected(station.url, 20) as vehicle:
        return [item.command for item in download(vehicle.link)]


def commands_of(mission):
    return [WAYPOINT, *(item.command for item in mission.items)]


def metres_apart(one, other):
    return EARTH.inv(one.lon, one.lat, other.lon, other.lat)[2]


def test_a_mission_comes_back_with_places_within_a_centimetre(station):
    mission = long_sortie(station.home)
    with connected(station.url, 10) as vehicle:
        upload_mission(vehicle.link, mission)
        back = download(vehicle.link)[1:]
    assert [item.command for item in back] == [item.command for item in mission.items]
    placed = [pair for pair in zip(mission.items, back, strict=True) if pair[0].command == WAYPOINT]
    assert max(metres_apart(*pair) for pair in placed) <= 0.01


def test_items_without_a_place_come_back_in_frame_0_and_mean_the_same(station):
    with connected(station.url, 10) as vehicle:
        upload_mission(vehicle.link, sortie(station.home))
        back = download(vehicle.link)[1:]
    assert {item.frame for item in back if item.command > 100 or item.command == RTL} == {0}


def test_integer_relative_heights_come_back_as_relative_ones(station):
    place = waypoint(station.home, (0, 20), frame=6)
    mission = Mission(station.home, (item(TAKEOFF, z=HEIGHT_M), place, item(RTL)))
    with connected(station.url, 10) as vehicle:
        upload_mission(vehicle.link, mission)
        assert download(vehicle.link)[2].frame == 3


def test_whatever_is_sent_as_item_0_is_replaced_by_home(station):
    elsewhere = replace(station.home, lat=station.home.lat + 0.3)
    with connected(station.url, 10) as vehicle:
        upload_mission(vehicle.link, replace(sortie(station.home), home=elsewhere))
        first, second, *_ = download(vehicle.link)
    assert metres_apart(first, station.home) < 50
    assert second.command == TAKEOFF


def test_a_takeoff_sent_as_item_0_vanishes_without_a_word(station):
    places = [waypoint(station.home, (0, 20)), waypoint(station.home, (20, 20))]
    assert raw_upload(station, [item(TAKEOFF, z=HEIGHT_M), *places]) == 0
    assert TAKEOFF not in stored(station)


@pytest.mark.failure("the vehicle does not know a command of the mission")
def test_an_unsupported_command_is_named_and_no_mixture_is_left(station):
    raw_upload(station, [item(WAYPOINT), *long_sortie(station.home).items])
    good = sortie(station.home)
    bad = replace(good, items=(*good.items[:4], item(31000), *good.items[4:]))
    with (
        connected(station.url, 10) as vehicle,
        pytest.raises(PantauError, match=r"item 5 \(command 31000\): the command is not supported"),
    ):
        upload_mission(vehicle.link, bad)
    assert stored(station) in NOTHING_TO_FLY


@pytest.mark.failure("a latitude beyond the pole")
def test_a_latitude_out_of_range_is_refused_and_named(station):
    good = sortie(station.home)
    bad = replace(good, items=(*good.items[:-1], replace(good.items[3], lat=91.0), good.items[-1]))
    with connected(station.url, 10) as vehicle, pytest.raises(PantauError, match="the latitude is invalid"):
        upload_mission(vehicle.link, bad)
    assert stored(station) in NOTHING_TO_FLY


@pytest.mark.failure("a frame that the vehicle does not know")
def test_an_unknown_frame_is_refused_and_named(station):
    good = sortie(station.home)
    bad = replace(good, items=(*good.items[:3], replace(good.items[3], frame=77), *good.items[4:]))
    with (
        connected(station.url, 10) as vehicle,
        pytest.raises(PantauError, match="the frame is not supported"),
    ):
        upload_mission(vehicle.link, bad)
    assert stored(station) in NOTHING_TO_FLY


@pytest.mark.failure("more items than the vehicle can hold")
def test_too_many_items_are_refused_with_the_number_it_takes(station):
    many = Mission(station.home, (item(TAKEOFF, z=HEIGHT_M), *[waypoint(station.home, (0, 20))] * 5000))
    with connected(station.url, 10) as vehicle, pytest.raises(PantauError, match="no room for so many items"):
        upload_mission(vehicle.link, many)


def test_parameters_that_mean_no_change_are_taken(station):
    good = sortie(station.home)
    no_change = replace(good.items[3], params=(0.0, float("nan"), float("nan"), float("nan")))
    with connected(station.url, 10) as vehicle:
        upload_mission(vehicle.link, replace(good, items=(*good.items[:3], no_change, *good.items[4:])))


def test_a_shorter_mission_replaces_a_longer_one_as_a_whole(station):
    raw_upload(station, [item(WAYPOINT), *long_sortie(station.home).items])
    short = sortie(station.home)
    with connected(station.url, 10) as vehicle:
        upload_mission(vehicle.link, short)
    assert stored(station) == commands_of(short)


@pytest.mark.failure("messages of the mission protocol are lost")
def test_a_mission_arrives_although_messages_are_lost(station):
    arrives(station, dropped(mission_protocol, share=0.1, first=2, seed=2))


@pytest.mark.failure("the vehicle's last word on an upload is lost")
def test_a_mission_arrives_although_its_acknowledgement_is_lost(station):
    arrives(station, dropped(named("MISSION_ACK", direction=TO_CLIENT), first=1))


@pytest.mark.failure("messages of the mission protocol come twice")
def test_a_mission_arrives_although_messages_come_twice(station):
    arrives(station, duplicated(mission_protocol))


@pytest.mark.failure("messages of the mission protocol come in the wrong order")
def test_a_mission_arrives_although_messages_change_places(station):
    arrives(station, reordered(mission_protocol, every=14))


@pytest.mark.failure("messages of the mission protocol come late")
def test_a_mission_arrives_over_a_slow_link(station):
    station.at_speed(10)
    arrives(station, delayed(mission_protocol, 0.6 / station.time_factor))


def arrives(station, *faults):
    mission = sortie(station.home)
    with station.proxy.under(*faults), connected(station.url, 20) as vehicle:
        upload_mission(vehicle.link, mission)
    assert stored(station) == commands_of(mission)


def moved(message):
    message.x += 1000


@pytest.mark.failure("an item is changed on its way to the vehicle")
def test_an_item_that_arrives_changed_is_found(station):
    changed = tampered(third_item(TO_VEHICLE), moved)
    with (
        station.proxy.under(changed),
        connected(station.url, 10) as vehicle,
        pytest.raises(PantauError, match="item 4 with position"),
    ):
        upload_mission(vehicle.link, sortie(station.home))
    assert stored(station) in NOTHING_TO_FLY


@pytest.mark.failure("the vehicle stores an item wrongly")
def test_an_item_that_is_stored_wrongly_is_found(station):
    station.set("SIM_ITEM_ALTER", 4)
    with connected(station.url, 10) as vehicle, pytest.raises(PantauError, match="item 4 with position"):
        upload_mission(vehicle.link, sortie(station.home))


def third_item(direction):
    """The first waypoint of a sortie."""
    return lambda way, message: (
        way == direction and message.get_type() == "MISSION_ITEM_INT" and message.seq == 4
    )


@pytest.mark.failure("the link freezes in the middle of an upload, and comes back")
def test_an_upload_that_is_broken_off_leaves_no_mixture(station):
    before, mission = an_older_mission(station), sortie(station.home)
    in_the_middle(station, lambda: freeze_for(station, 4))
    with connected(station.url, 10) as vehicle, suppress(PantauError):
        upload_mission(vehicle.link, mission)
    assert stored(station) in (*NOTHING_TO_FLY, before, commands_of(mission))


@pytest.mark.failure("the link is gone for good in the middle of an upload")
def test_a_mixture_that_cannot_be_cleared_is_told_and_the_next_upload_is_whole(station):
    an_older_mission(station)
    mission = sortie(station.home)
    in_the_middle(station, station.proxy.cut)
    with connected(station.url, 10) as vehicle, pytest.raises(PantauError, match="clear it by hand"):
        upload_mission(vehicle.link, mission)
    station.proxy.mend()
    with connected(station.url, 10) as vehicle:
        upload_mission(vehicle.link, mission)
    assert stored(station) == commands_of(mission)


def an_older_mission(station):
    """Puts a longer mission into the vehicle; its commands."""
    raw_upload(station, [item(WAYPOINT), *long_sortie(station.home).items])
    return commands_of(long_sortie(station.home))


def in_the_middle(station, action):
    """Do something as soon as the fourth item of an upload has passed."""
    station.when(
        lambda one: one.direction == TO_VEHICLE and one.name == "MISSION_ITEM_INT" and one.message.seq == 3,
        action,
    )


def freeze_for(station, seconds):
    station.proxy.freeze()
    time.sleep(seconds)
    station.proxy.thaw()


def test_a_mission_is_cleared(station):
    raw_upload(station, [item(WAYPOINT), *sortie(station.home).items])
    with connected(station.url, 10) as vehicle:
        clear(vehicle.link)
    assert stored(station) in NOTHING_TO_FLY


def test_a_fence_with_exclusions_comes_back_as_it_was_sent(station):
    inside = fenced(sortie(station.home), east_m=200).fence
    outside = fenced(sortie(station.home), east_m=-30).fence[:3]
    with connected(station.url, 10) as vehicle:
        upload_fence(vehicle.link, inside, (outside,))
        back = download(vehicle.link, FENCE)
    assert [(corner.command, corner.params[0]) for corner in back] == [(5001, 4)] * 4 + [(5002, 3)] * 3
    sent = [*inside, *outside]
    assert [(c.lat, c.lon) for c in back] == [pytest.approx(corner, abs=1.1e-7) for corner in sent]


@pytest.mark.failure("a fence with too few corners")
def test_a_fence_that_is_none_is_refused_and_cleared(station):
    line = fenced(sortie(station.home), east_m=200).fence[:2]
    with connected(station.url, 10) as vehicle:
        with pytest.raises(PantauError, match="fence was cleared"):
            upload_fence(vehicle.link, line)
        assert download(vehicle.link, FENCE) == []


@pytest.mark.failure("a fence whose corners say another number than there are")
def test_a_fence_with_a_wrong_count_is_refused_by_the_vehicle(station):
    corners = fenced(sortie(station.home), east_m=200).fence
    items = [replace(item(5001, 5.0), lat=lat, lon=lon) for lat, lon in corners]
    assert raw_upload(station, items, mission_type=FENCE) == 1
