"""The link: what the vehicle says unasked, what it says when asked, and a link that is bad."""

from __future__ import annotations

import socket
import time
from itertools import pairwise

import pytest

from flight.driving.dronekit_link import open_link
from flight.driving.vehicle import connected
from tests.contract.link_faults import TO_CLIENT, TO_VEHICLE, delayed, dropped, named, with_garbage
from tests.contract.station import LOITER
from vision.errors import PantauError

MAVLINK_2 = 0xFD
UNKNOWN_COMMAND, REQUEST_MESSAGE, PREARM_CHECKS = 31010, 512, 401


def test_the_vehicle_speaks_mavlink_2_as_system_1_component_1(station):
    heartbeat = station.next("HEARTBEAT").message
    assert heartbeat.get_msgbuf()[0] == MAVLINK_2
    assert (heartbeat.get_srcSystem(), heartbeat.get_srcComponent()) == (1, 1)


def test_heartbeats_come_once_a_second(station):
    began_s, first = station.boot_s, station.proxy.count
    for _ in range(6):
        station.next("HEARTBEAT", station.limit_s(5))
    passed_s = station.boot_s - began_s
    beats = sum(one.name == "HEARTBEAT" for one in station.proxy.record[first:])
    assert beats == pytest.approx(passed_s, abs=0.25 * passed_s + 1)


def test_before_streams_are_asked_for_there_are_only_heartbeats(station):
    """On a link whose streams were stopped: one that has never streamed is not to be had everywhere."""
    station.next("HEARTBEAT", station.limit_s(5))
    station.proxy.forget()  # what was still on its way when the streams were stopped
    for _ in range(4):
        station.next("HEARTBEAT", station.limit_s(5))
    assert not station.proxy.told("GLOBAL_POSITION_INT", "ATTITUDE", "SYS_STATUS", "GPS_RAW_INT")


def test_streams_come_at_the_rate_that_was_asked_for(station):
    with connected(station.url, 10, stream_hz=4):
        for _ in range(8):
            station.next("HEARTBEAT", station.limit_s(5))
    times_ms = [message.time_boot_ms for message in station.proxy.told("GLOBAL_POSITION_INT")]
    gaps_ms = [b - a for a, b in pairwise(times_ms[4:])]
    assert sum(gaps_ms) / len(gaps_ms) == pytest.approx(250, rel=0.15)


@pytest.mark.failure("plain text and random bytes between the messages")
def test_garbage_in_the_stream_is_survived(station):
    garbage = with_garbage(named("HEARTBEAT", "PARAM_VALUE", "GLOBAL_POSITION_INT", direction=TO_CLIENT))
    with station.proxy.under(garbage), connected(station.url, 20) as vehicle:
        assert vehicle.parameter("RTL_ALT", wait_s=10) is not None
        station.next("GLOBAL_POSITION_INT")
        assert vehicle.link.open


def test_we_are_a_ground_station_of_system_255_with_a_heartbeat_each_second(station):
    with connected(station.url, 10):
        began_s = time.monotonic()
        station.wait(lambda one: len(station.proxy.sent("HEARTBEAT")) >= 3, 10)
    beats = station.proxy.sent("HEARTBEAT")
    assert {beat.get_srcSystem() for beat in beats} == {255}
    assert {beat.autopilot for beat in beats} == {8}
    assert time.monotonic() - began_s == pytest.approx(2, abs=1.2)


def test_everything_is_addressed_to_the_vehicle_and_nothing_to_everybody(station):
    with connected(station.url, 10) as vehicle:
        vehicle.parameter("RTL_ALT")
        vehicle.command(REQUEST_MESSAGE, 242)
    addressed = [message for message in station.proxy.sent() if hasattr(message, "target_system")]
    assert {message.target_system for message in addressed} == {1}
    assert {message.get_msgbuf()[0] for message in station.proxy.sent()} == {MAVLINK_2}


def test_an_unknown_parameter_gets_no_answer(station):
    with connected(station.url, 10) as vehicle:
        assert vehicle.parameter("NOPE_PARAM", wait_s=1) is None
    assert not station.proxy.told("PARAM_VALUE")


def test_a_parameter_is_set_and_read_back(station):
    station.set("RTL_ALT", 1500)
    with connected(station.url, 10) as vehicle:
        assert vehicle.set_parameter("RTL_ALT", 1700)
        assert vehicle.parameter("RTL_ALT") == 1700
    assert station.parameter("RTL_ALT") == 1700


@pytest.mark.failure("the answer to setting a parameter is lost")
def test_a_parameter_is_set_although_messages_are_lost(station):
    station.set("RTL_ALT", 1500)
    lost = dropped(named("PARAM_SET", "PARAM_VALUE"), first=2)
    with station.proxy.under(lost), connected(station.url, 10) as vehicle:
        assert vehicle.set_parameter("RTL_ALT", 1600)
    assert station.parameter("RTL_ALT") == 1600


def test_an_unknown_command_is_answered_as_unsupported(station):
    with connected(station.url, 10) as vehicle:
        assert vehicle.command(UNKNOWN_COMMAND).result == 3


@pytest.mark.failure("a command is lost on its way")
def test_a_lost_command_is_sent_again(station):
    lost = dropped(named("COMMAND_LONG", direction=TO_VEHICLE), first=1)
    with station.proxy.under(lost), connected(station.url, 10) as vehicle:
        assert vehicle.command(REQUEST_MESSAGE, 242).accepted
    assert [sent.confirmation for sent in station.proxy.sent("COMMAND_LONG")] == [0, 1]


@pytest.mark.failure("no command is answered")
def test_no_answer_is_no_acceptance(station):
    lost = dropped(named("COMMAND_ACK", direction=TO_CLIENT))
    with station.proxy.under(lost), connected(station.url, 10) as vehicle:
        answer = vehicle.command(PREARM_CHECKS, tries=1)
    assert (answer.result, answer.accepted, answer.reason) == (None, False, "no answer")


@pytest.mark.failure("everything comes half a second late")
def test_a_slow_link_is_waited_for(station):
    with station.proxy.under(delayed(named(), 0.5)), connected(station.url, 10) as vehicle:
        assert vehicle.parameter("RTL_ALT", wait_s=3) is not None
        assert vehicle.command(REQUEST_MESSAGE, 242).accepted


@pytest.mark.failure("the vehicle is connected and does not answer")
def test_a_vehicle_that_does_not_answer_is_told_within_the_limit(station):
    station.proxy.freeze()
    began_s = time.monotonic()
    with pytest.raises(PantauError, match="No vehicle answered"):
        open_link(station.url, limit_s=1.0)
    assert time.monotonic() - began_s < 3


@pytest.mark.failure("nobody listens at the vehicle's address")
def test_an_address_where_nobody_listens_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"tcp:127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(PantauError, match="Cannot connect"):
        open_link(url, limit_s=1.0)


@pytest.mark.failure("the connection is cut and opened again")
def test_after_a_cut_the_link_is_opened_again_and_tells_the_present_state(station):
    with connected(station.url, 10) as vehicle, vehicle.link.listen("HEARTBEAT") as inbox:
        before = vehicle.mode
        station.proxy.cut(for_s=0.3)
        station.pilot_mode(LOITER)
        assert _becomes(lambda: not vehicle.link.open)
        assert vehicle.link.reconnect(10)
        while (heartbeat := inbox.next(5)) is not None and heartbeat.custom_mode == before:
            pass
        assert heartbeat is not None
        assert vehicle.mode == LOITER
        assert _becomes(lambda: vehicle.position is not None)


@pytest.mark.failure("the link freezes with its connection open")
def test_a_frozen_link_is_seen_by_its_silence(station):
    with connected(station.url, 10) as vehicle:
        station.proxy.freeze()
        assert _becomes(lambda: vehicle.link.silence_s > 1.5)
        assert vehicle.link.open
        station.proxy.thaw()
        assert _becomes(lambda: vehicle.link.silence_s < 0.5)


@pytest.mark.failure("another vehicle and a camera are heard on the same link")
def test_heartbeats_of_others_are_not_taken_for_the_vehicles(station):
    others = station.proxy.another_heartbeat
    fields = {"base_mode": 209, "system_status": 4, "mavlink_version": 3}
    with (
        connected(station.url, 10) as vehicle,
        others(2, 1, type=2, autopilot=3, custom_mode=LOITER, **fields),
        others(1, 100, type=30, autopilot=8, custom_mode=0, **fields),
    ):
        for _ in range(3):
            station.next("HEARTBEAT", station.limit_s(5))
        time.sleep(0.05)  # what the proxy has sent must still come through the socket
        assert vehicle.mode != LOITER
        assert not vehicle.armed


@pytest.mark.failure("another ground station with our id is on the link")
def test_another_ground_station_is_heard(station):
    fields = {"type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4}
    with (
        connected(station.url, 10) as vehicle,
        station.proxy.another_heartbeat(255, 190, mavlink_version=3, **fields),
    ):
        assert _becomes(lambda: (255, 190) in vehicle.link.other_stations())


def _becomes(true, limit_s=10.0):
    until_s = time.monotonic() + limit_s
    while not true() and time.monotonic() < until_s:
        time.sleep(0.01)
    return true()
