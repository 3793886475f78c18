"""What `--set-failsafes` sets, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flight.checks.failsafes import failsafe_checks
from flight.checks.fence import fence_checks
from flight.checks.parameters import read_parameters
from flight.checks.protections import set_protections, wanted_settings, what_if_we_die
from flight.checks.return_height import return_height_check
from flight.driving.vehicle import Vehicle, connected
from flight.sortie_facts import SortieFacts
from vision.errors import PantauError

FACTS = SortieFacts(return_height_m=40.0)
FACTORY = {
    "FS_GCS_ENABLE": 0, "FS_OPTIONS": 16, "SYSID_MYGCS": 255, "BATT_FS_LOW_ACT": 0, "BATT_LOW_VOLT": 10.5,
    "FS_EKF_ACTION": 1, "FS_THR_ENABLE": 1, "FENCE_ENABLE": 0, "FENCE_TYPE": 7, "FENCE_ACTION": 1,
    "FENCE_ALT_MAX": 100, "FENCE_RADIUS": 300, "FENCE_MARGIN": 2, "RTL_ALT": 1500,
}  # fmt: skip


@pytest.fixture
def fenced(short_mission, home):
    d = 80 / 111_000
    corners = ((d, d), (d, -d), (-d, -d), (-d, d))
    return replace(short_mission, fence=tuple((home.lat + north, home.lon + east) for north, east in corners))


def wanted(mission, facts=FACTS, **changed):
    return [(entry.name, entry.value) for entry in wanted_settings(FACTORY | changed, mission, facts)]


def test_the_factory_values_are_set(fenced):
    assert wanted(fenced) == [
        ("FS_GCS_ENABLE", 1),
        ("BATT_FS_LOW_ACT", 2),
        ("FENCE_ENABLE", 1),
        ("RTL_ALT", 4000),
    ]


def test_afterwards_nothing_is_left_to_set_and_all_checks_pass(fenced):
    after = FACTORY | dict(wanted(fenced))
    assert list(wanted_settings(after, fenced, FACTS)) == []
    checks = [
        *failsafe_checks(after),
        *fence_checks(after, fenced),
        return_height_check(after, fenced, FACTS),
    ]
    assert all(check.passed for check in checks)


def test_what_somebody_has_chosen_and_protects_is_left(fenced):
    chosen = {"FS_GCS_ENABLE": 3, "BATT_FS_LOW_ACT": 1, "FENCE_ENABLE": 1, "RTL_ALT": 6000}
    assert wanted(fenced, **chosen) == []


def test_a_mission_without_a_fence_leaves_the_fence_alone(short_mission):
    assert "FENCE_ENABLE" not in dict(wanted(short_mission))


@pytest.mark.parametrize(
    ("changed", "setting"),
    [
        ({"FS_OPTIONS": 18}, ("FS_OPTIONS", 16)),
        ({"SYSID_MYGCS": 250}, ("SYSID_MYGCS", 255)),
        ({"BATT_FS_LOW_ACT": 5}, ("BATT_FS_LOW_ACT", 2)),
        ({"FENCE_ACTION": 0}, ("FENCE_ACTION", 1)),
        ({"FENCE_ALT_MAX": 21}, ("FENCE_TYPE", 6)),
        ({"FENCE_ALT_MAX": 30}, ("FENCE_TYPE", 6)),
        ({"FENCE_RADIUS": 40}, ("FENCE_TYPE", 5)),
        ({"FENCE_TYPE": 8}, ("FENCE_TYPE", 12)),
        ({"RTL_ALT": 20000}, ("RTL_ALT", 4000)),
    ],
)
def test_what_works_against_the_flight_is_changed(fenced, changed, setting):
    assert setting in wanted(fenced, **changed)


def test_an_added_fence_type_needs_the_fence_off_and_on(fenced):
    settings = wanted(fenced, FENCE_ENABLE=1, FENCE_TYPE=3)
    fence = [entry for entry in settings if entry[0].startswith("FENCE")]
    assert fence == [("FENCE_TYPE", 7), ("FENCE_ENABLE", 0), ("FENCE_ENABLE", 1)]


def test_the_simulated_vehicle_takes_them_and_the_changes_are_told(simulated, fenced):
    said: list[str] = []
    with simulated() as process, connected(process.url, 10) as vehicle:
        assert "nothing brings it home earlier" in what_if_we_die(vehicle, fenced)
        changes = set_protections(vehicle, fenced, FACTS, said.append)
        after = read_parameters(vehicle.link)
        assert "by itself, after 5 s" in what_if_we_die(vehicle, fenced)
        assert set_protections(vehicle, fenced, FACTS, said.append) == []
    assert said == changes
    assert "FS_GCS_ENABLE 0 → 1: it returns when this program or the link dies." in changes
    assert (after["FS_GCS_ENABLE"], after["BATT_FS_LOW_ACT"], after["RTL_ALT"]) == (1, 2, 4000)
    assert after["FENCE_ENABLE"] == 1


def test_a_vehicle_that_does_not_take_one_is_told_by_name(simulated, fenced, monkeypatch):
    monkeypatch.setattr(Vehicle, "set_parameter", lambda self, name, value: name != "BATT_FS_LOW_ACT")
    refused = pytest.raises(PantauError, match="does not take BATT_FS_LOW_ACT = 2")
    with simulated() as process, connected(process.url, 10) as vehicle, refused:
        set_protections(vehicle, fenced, FACTS, lambda text: None)
