"""The whole list on the simulated vehicle: what is asked of it, and what it takes."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from flight.checks.preflight import CHECK_NAMES, failed, preflight_checks
from flight.driving.readiness import wait_until_ready
from flight.driving.vehicle import connected
from flight.sortie_facts import SortieFacts

PROTECTED = {"FS_GCS_ENABLE": 1.0, "BATT_FS_LOW_ACT": 2.0, "RTL_ALT": 2000.0}


@pytest.fixture
def checked(simulated):
    """The checks of a vehicle with these parameters against a mission, by name."""

    def check(mission, facts=None, ready_s=10.0, time_factor=30.0, **parameters):
        options = {"parameters": parameters, "time_factor": time_factor}
        with simulated(**options) as process, connected(process.url, 10) as vehicle:
            wait_until_ready(vehicle, ready_s)
            return {entry.name: entry for entry in preflight_checks(vehicle, mission, facts)}

    return check


def test_a_vehicle_that_is_ready_and_protected_may_fly(checked, short_mission):
    start_s = time.monotonic()
    checks = checked(short_mission, **PROTECTED)
    assert time.monotonic() - start_s < 10
    assert failed(checks.values(), serious=True) == []
    for name in ("position", "pre-arm", "home", "home point", "battery", "voltage", "second station"):
        assert checks[name].passed, checks[name]
    assert checks["lost ground station"].passed
    assert checks["return height"].passed
    assert set(checks) <= set(CHECK_NAMES)


def test_a_factory_vehicle_is_warned_of_and_may_fly(checked, short_mission):
    checks = checked(short_mission)
    assert failed(checks.values(), serious=True) == []
    warned = {check.name for check in failed(checks.values(), serious=False)}
    assert {"lost ground station", "low battery"} <= warned


def test_a_vehicle_that_is_not_ready_says_why(checked, short_mission):
    checks = checked(short_mission, ready_s=0.0, time_factor=4.0)
    serious = {check.name for check in failed(checks.values(), serious=True)}
    assert {"position", "pre-arm"} <= serious


def test_what_the_plan_knows_makes_failures_serious(checked, short_mission):
    facts = SortieFacts(return_height_m=60.0, duration_s=1100, endurance_s=1200, obstacles_known=True)
    checks = checked(short_mission, facts)
    serious = {check.name for check in failed(checks.values(), serious=True)}
    assert serious == {"battery", "return height"}
    assert failed(checks.values(), serious=True, despite=frozenset(serious)) == []


def test_a_mission_from_elsewhere_is_not_flown(checked, short_mission, home):
    far = replace(short_mission, home=replace(home, lat=home.lat + 0.01))
    assert {check.name for check in failed(checked(far).values(), serious=True)} == {"home"}


def test_another_ground_station_with_our_id_is_heard(simulated, short_mission):
    with simulated() as process, connected(process.url, 10) as vehicle:
        wait_until_ready(vehicle, 10)
        # As a vehicle passes it on that is connected to both.
        vehicle.link.stations = {(255, 190): time.monotonic()}
        checks = {check.name: check for check in preflight_checks(vehicle, short_mission)}
    assert not checks["second station"].passed
    assert checks["second station"].serious
    assert vehicle.link.connected_for_s >= 2.5


def test_nothing_of_the_vehicle_is_changed(simulated, short_mission):
    sent: list[str] = []
    with simulated() as process, connected(process.url, 10) as vehicle:
        wait_until_ready(vehicle, 10)
        send = vehicle.link.send
        vehicle.link.send = lambda name, **fields: (
            sent.append((name, fields.get("command"))),
            send(name, **fields),
        )
        preflight_checks(vehicle, short_mission)
    allowed = {("PARAM_REQUEST_READ", None), ("COMMAND_LONG", 401), ("COMMAND_LONG", 512)}
    assert set(sent) <= allowed
