"""The simulated vehicle's links: several at once, routing between them, UDP, rebooting, its speed."""

from __future__ import annotations

import socket
import time

import pytest

from flight.driving.dronekit_link import open_link
from flight.driving.vehicle import connected
from flight.missions.mission import MissionItem
from flight.simulator.process import simulated_vehicle
from tests.flight.conftest import BenchLink
from vision.errors import PantauError

GUIDED, AUTO, LAND = 4, 3, 9
ARM, START, PAUSE, REBOOT = 400, 300, 193, 246
TAKEOFF = MissionItem(22, 3, (0.0,) * 4, 0.0, 0.0, 20.0)
HOME_AGAIN = MissionItem(20, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
HEARTBEAT = (6, 8, 0, 0, 4, 3)


@pytest.fixture
def party(ready):
    """A vehicle with two further links."""
    others = (BenchLink(), BenchLink())
    return ready(others=others), *others


def hear(vehicle, link, name, *values, source):
    """Let a message come in on a link."""
    vehicle.vehicle.handle(link, vehicle.message(name, *values, source=source), vehicle.wall_s)


def test_a_heartbeat_goes_to_the_other_links_but_not_where_its_sender_is(party):
    vehicle, one, other = party
    hear(vehicle, one, "HEARTBEAT", *HEARTBEAT, source=(255, 191))
    assert (len(vehicle.forwarded), len(one.forwarded), len(other.forwarded)) == (1, 0, 1)
    hear(vehicle, other, "HEARTBEAT", *HEARTBEAT, source=(255, 191))
    assert (len(vehicle.forwarded), len(one.forwarded)) == (2, 0)
    assert vehicle.forwarded[0].get_srcSystem() == 255


def test_messages_for_others_go_where_the_target_is_and_are_not_obeyed(party):
    vehicle, one, other = party
    hear(vehicle, other, "HEARTBEAT", *HEARTBEAT, source=(42, 1))
    hear(vehicle, one, "COMMAND_LONG", 42, 1, ARM, 0, 1, 0, 0, 0, 0, 0, 0, source=(255, 190))
    assert [message.get_type() for message in other.forwarded] == ["COMMAND_LONG"]
    assert one.sent[-1].get_type() != "COMMAND_ACK"
    assert not vehicle.pilot.armed


def test_broadcasts_go_everywhere_and_are_obeyed(party):
    vehicle, one, other = party
    for link, system in ((one, 41), (other, 42)):
        hear(vehicle, link, "HEARTBEAT", *HEARTBEAT, source=(system, 1))
    hear(vehicle, one, "SET_MODE", 0, 1, LAND, source=(255, 190))
    assert other.forwarded[-1].get_type() == "SET_MODE"
    assert vehicle.pilot.mode == LAND


def test_messages_for_the_vehicle_stay_there(party):
    vehicle, one, other = party
    hear(vehicle, other, "HEARTBEAT", *HEARTBEAT, source=(254, 190))
    hear(vehicle, one, "COMMAND_LONG", 1, 1, ARM, 0, 1, 0, 0, 0, 0, 0, 0, source=(255, 190))
    assert vehicle.pilot.armed
    assert other.forwarded == []


def test_each_link_has_its_own_streams(party):
    vehicle, one, other = party
    hear(vehicle, one, "REQUEST_DATA_STREAM", 1, 1, 0, 2, 1, source=(254, 1))
    one.sent.clear()
    vehicle.sent.clear()
    vehicle.run(10)
    counts = [sum(m.get_type() == "ATTITUDE" for m in link.sent) for link in (vehicle, one, other)]
    assert counts == [40, 20, 0]


def test_timesync_is_answered(ready):
    vehicle = ready()
    answer = vehicle.tell("TIMESYNC", 0, 12345)[0]
    assert (answer.ts1, answer.tc1) == (12345, round(vehicle.pilot.boot_s * 1e9))


def test_a_stored_mission_is_told_by_its_parameter(ready):
    vehicle = ready()
    vehicle.upload((TAKEOFF, HOME_AGAIN))
    told = [m for m in vehicle.of_type("PARAM_VALUE") if m.param_id == "MIS_TOTAL"]
    assert [m.param_value for m in told] == [1, 2, 3]
    assert told[-1].param_index == 65535


def test_reboot_keeps_what_is_stored_and_forgets_the_rest(ready, waypoint):
    vehicle = ready()
    vehicle.set(RTL_ALT=4500, BATT_FS_LOW_ACT=2, BATT_LOW_TIMER=3)
    vehicle.upload((TAKEOFF, HOME_AGAIN))
    assert vehicle.command(ARM, 1) == 0
    assert vehicle.command(REBOOT, 1) == 4
    vehicle.set(SIM_BATT_VOLTAGE=9)
    vehicle.run(20)
    assert vehicle.pilot.battery_failsafe.failed
    vehicle.set(SIM_BATT_VOLTAGE=12.6)
    assert vehicle.command(REBOOT, 0) == 3
    assert vehicle.command(REBOOT, 1) == 0
    assert vehicle.restarts == 1
    silent_from = len(vehicle.sent)
    vehicle.run(0.9)
    assert vehicle.sent[silent_from:] == []
    vehicle.run(4)
    assert vehicle.of_type("HEARTBEAT")[-1].system_status == 3
    assert "Calibrating barometer" in vehicle.texts()
    assert not vehicle.pilot.senses.fix
    vehicle.run(40)
    vehicle.tell("SET_MODE", 1, 1, GUIDED)
    assert vehicle.pilot.parameters["RTL_ALT"] == 4500
    assert len(vehicle.pilot.mission.items) == 3
    assert vehicle.command(ARM, 1) == 0


def test_a_changed_mission_restarts_the_leg_that_is_flown(ready, waypoint):
    vehicle = ready()
    items = (TAKEOFF, waypoint(0, 100), waypoint(60, 100), HOME_AGAIN)
    assert vehicle.upload(items) == 0
    vehicle.command(ARM, 1)
    vehicle.command(START)
    assert vehicle.run(40, lambda: vehicle.pilot.body.north_m > 30)
    vehicle.upload((TAKEOFF, waypoint(0, 70), waypoint(60, 70), HOME_AGAIN))
    vehicle.run(0.1)
    assert vehicle.texts()[-2:] == ["Mission: 2 WP", "Auto mission changed, restarted command"]
    assert vehicle.run(20, lambda: vehicle.pilot.run.seq == 3)
    assert vehicle.pilot.body.north_m == pytest.approx(70, abs=2)


def test_a_mission_cut_off_in_flight_ends_there(ready, waypoint):
    vehicle = ready()
    vehicle.upload((TAKEOFF, waypoint(0, 100), HOME_AGAIN))
    vehicle.command(ARM, 1)
    vehicle.command(START)
    assert vehicle.run(40, lambda: vehicle.pilot.body.north_m > 30)
    vehicle.tell("MISSION_COUNT", 1, 1, 0, 0)
    vehicle.run(20)
    assert (vehicle.pilot.mode, vehicle.pilot.armed) == (AUTO, True)
    assert vehicle.pilot.body.ground_speed_ms < 0.1


def test_only_a_leg_can_be_paused(ready, waypoint):
    vehicle = ready()
    vehicle.upload((TAKEOFF, waypoint(0, 100), HOME_AGAIN))
    vehicle.command(ARM, 1)
    assert vehicle.command(PAUSE, 0) == 4
    vehicle.command(START)
    vehicle.run(4)
    assert vehicle.command(PAUSE, 0) == 4
    assert vehicle.texts()[-1] == "Failed to pause"
    assert vehicle.run(40, lambda: vehicle.pilot.body.north_m > 10)
    assert (vehicle.command(PAUSE, 0), vehicle.command(PAUSE, 1), vehicle.command(PAUSE, 2)) == (0, 0, 2)


def test_home_is_where_it_was_armed_and_is_told_then(ready, waypoint):
    vehicle = ready()
    vehicle.upload((TAKEOFF, waypoint(0, 30), MissionItem(21, 3, (0.0,) * 4, 0.0, 0.0, 0.0)))
    for _ in range(2):
        vehicle.tell("SET_MODE", 1, 1, GUIDED)
        assert vehicle.command(ARM, 1) == 0
        vehicle.command(START)
        assert vehicle.run(120, lambda: not vehicle.pilot.armed)
    vehicle.run(1)
    first, second = vehicle.of_type("HOME_POSITION")[-2:]
    assert (second.latitude - first.latitude) * 1e-7 * 110_600 == pytest.approx(30, abs=1)


# --- real sockets ----------------------------------------------------------------------------


def test_by_udp_it_calls_the_ground_station_and_answers(home):
    with simulated_vehicle(home.lat, home.lon, udp_port=0, time_factor=10) as process:
        assert process.url.startswith("udp:127.0.0.1:")
        with connected(process.url, 10) as vehicle:
            assert vehicle.parameter("SIM_SPEEDUP") == 10
            assert vehicle.parameter("NO_SUCH", wait_s=0.3) is None


def test_a_silent_udp_port_is_no_vehicle():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(PantauError, match="No vehicle answered"):
        open_link(f"udp:127.0.0.1:{port}", 0.3)


def test_udp_and_several_tcp_links_work_at_once(home):
    with simulated_vehicle(home.lat, home.lon, udp_port=0, time_factor=10) as process:
        links = [open_link(url, 10, stream_hz=2) for url in (process.url, process.tcp_url, process.tcp_url)]
        try:
            assert wait_for(lambda: all(link.latest("ATTITUDE") is not None for link in links))
        finally:
            for link in links:
                link.close()


def test_the_speed_can_be_changed_while_it_runs(home):
    with (
        simulated_vehicle(home.lat, home.lon, time_factor=1) as process,
        connected(process.url, 10) as vehicle,
    ):

        def passes_s(seconds):
            before = boot_s(vehicle)
            time.sleep(seconds)
            return boot_s(vehicle) - before

        assert wait_for(lambda: vehicle.link.latest("SYSTEM_TIME") is not None)
        assert passes_s(0.6) < 2
        vehicle.link.send("PARAM_SET", param_id=b"SIM_SPEEDUP", param_value=20.0, param_type=9)
        assert vehicle.parameter("SIM_SPEEDUP") == 20
        assert passes_s(0.6) > 5


def test_a_reboot_breaks_the_tcp_link_and_it_boots_from_the_start(home):
    with simulated_vehicle(home.lat, home.lon, time_factor=5) as process:
        with connected(process.url, 10) as vehicle:
            assert wait_for(lambda: boot_s(vehicle) > 4)
            vehicle.link.send("COMMAND_LONG", command=REBOOT, param1=1, param2=0, param3=0, param4=0,
                              param5=0, param6=0, param7=0, confirmation=0)  # fmt: skip
            assert wait_for(lambda: not vehicle.link.open)
        with connected(process.url, 10) as vehicle:
            assert wait_for(lambda: 0 < boot_s(vehicle) < 4)


def boot_s(vehicle):
    """The vehicle's time since boot."""
    message = vehicle.link.latest("SYSTEM_TIME")
    return 0.0 if message is None else message.time_boot_ms / 1000


def wait_for(condition, limit_s=8.0):
    """Whether something becomes so in time."""
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        if condition():
            return True
        time.sleep(0.02)
    return False
