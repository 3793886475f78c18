"""Reading parameters from the simulated vehicle, and from one that loses or lacks them."""

from __future__ import annotations

import time

from flight.checks.parameters import NAMES, read_parameters
from flight.driving.dronekit_link import Inbox
from flight.driving.vehicle import connected


class Answer:
    def __init__(self, name: str, value: float) -> None:
        self.param_id, self.param_value = name, value


class Vehicle:
    """A link to a vehicle that knows some parameters and loses the first answers to some names."""

    def __init__(self, known, lost=()) -> None:
        self.known, self.lost, self.asked = dict(known), list(lost), []

    def listen(self, *names):
        from contextlib import nullcontext

        self.inbox = Inbox(names)
        return nullcontext(self.inbox)

    def send(self, message, param_id, param_index):
        name = param_id.decode()
        self.asked.append(name)
        if name in self.lost:
            self.lost.remove(name)
        elif name in self.known:
            self.inbox.put(Answer(name, self.known[name]))


def test_a_vehicle_that_never_answers_takes_no_longer_than_the_limit():
    start_s = time.monotonic()
    assert read_parameters(Vehicle({}), limit_s=0.2) == {}
    assert time.monotonic() - start_s < 1


def test_unknown_parameters_are_left_out_and_cost_no_time():
    start_s = time.monotonic()
    assert read_parameters(Vehicle({"FS_GCS_ENABLE": 1.0, "RTL_ALT": 1500.0})) == {
        "FS_GCS_ENABLE": 1.0,
        "RTL_ALT": 1500.0,
    }
    assert time.monotonic() - start_s < 1


def test_what_was_lost_on_the_way_is_asked_again():
    vehicle = Vehicle({"FS_GCS_ENABLE": 1.0, "RTL_ALT": 2500.0}, lost=["RTL_ALT", "RTL_ALT"])
    assert read_parameters(vehicle)["RTL_ALT"] == 2500


def test_the_names_of_newer_firmware_are_asked_only_where_the_old_are_unknown():
    newer = dict.fromkeys(NAMES, 0.0) | {"RTL_ALT_M": 15.0}
    del newer["RTL_ALT"]
    vehicle = Vehicle(newer)
    assert read_parameters(vehicle)["RTL_ALT_M"] == 15
    assert "MAV_GCS_SYSID" not in vehicle.asked


def test_a_vehicle_is_never_asked_more_at_once_than_it_queues():
    vehicle = Vehicle(dict.fromkeys(NAMES, 0.0))
    assert read_parameters(vehicle) == dict.fromkeys(NAMES, 0.0)
    rounds = " ".join(vehicle.asked).split("FS_GCS_ENABLE")
    assert max(len(names.split()) for names in rounds) < 20


def test_the_simulated_vehicle_tells_its_own(simulated):
    with simulated(parameters={"RTL_ALT": 3300.0}) as process, connected(process.url, 10) as vehicle:
        start_s = time.monotonic()
        values = read_parameters(vehicle.link)
        assert time.monotonic() - start_s < 3
    assert values["RTL_ALT"] == 3300
    assert values["SYSID_MYGCS"] == 255
