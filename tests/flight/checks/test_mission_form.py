"""Whether a vehicle can begin and end a mission by itself."""

from __future__ import annotations

from dataclasses import replace

from flight.checks.mission_form import MOST_ITEMS, camera_checks, lowest_flown_m, mission_checks
from flight.missions.mission import MissionItem

TRIGGER_OFF = 6  # its place in the short mission


def failing(mission):
    return {check.name: check.serious for check in mission_checks(mission) if not check.passed}


def test_an_empty_mission_neither_takes_off_nor_lands(short_mission):
    assert failing(replace(short_mission, items=())) == {"take-off": True, "landing": False}
    assert lowest_flown_m(replace(short_mission, items=())) is None


def test_the_short_mission_is_as_it_should_be(short_mission):
    assert failing(short_mission) == {}
    assert lowest_flown_m(short_mission) == 20


def test_without_a_take_off_it_does_not_start(short_mission):
    assert failing(replace(short_mission, items=short_mission.items[1:])) == {"take-off": True}


def test_too_many_items_do_not_fit(short_mission):
    filled = MOST_ITEMS - 1 - len(short_mission.items)
    items = short_mission.items[:-1] + (short_mission.items[3],) * filled + short_mission.items[-1:]
    assert failing(replace(short_mission, items=items)) == {}
    longer = replace(short_mission, items=(*items[:-1], items[3], items[-1]))
    assert failing(longer) == {"mission size": True}


def test_a_trigger_left_on_is_a_warning(short_mission):
    items = short_mission.items[:TRIGGER_OFF] + short_mission.items[TRIGGER_OFF + 1 :]
    assert failing(replace(short_mission, items=items)) == {"camera trigger": False}


def test_a_trigger_switched_off_after_the_return_is_too_late(short_mission):
    items = list(short_mission.items)
    items.append(items.pop(TRIGGER_OFF))
    assert "camera trigger" in failing(replace(short_mission, items=tuple(items)))


def test_a_camera_is_wanted_only_for_photos(short_mission):
    assert camera_checks(short_mission, None) == []
    assert not camera_checks(short_mission, 0)[0].passed
    assert camera_checks(short_mission, 1)[0].passed
    walk = replace(short_mission, items=tuple(item for item in short_mission.items if item.command != 206))
    assert camera_checks(walk, 0) == []
    assert "camera trigger" not in [check.name for check in mission_checks(walk)]


def test_a_landing_place_is_not_the_lowest_height(short_mission, home):
    land = MissionItem(21, 3, (0.0, 0.0, 0.0, 0.0), home.lat, home.lon, 0.0)
    assert lowest_flown_m(replace(short_mission, items=(*short_mission.items[:-1], land))) == 20
