"""What a mission will be like, counted from its items."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flight.missions.mission import MissionItem
from flight.missions.mission_extent import extent_of, lands_by_itself, takes_off_first


def test_an_empty_mission_is_nothing(short_mission):
    extent = extent_of(replace(short_mission, items=()))
    assert (extent.photos, extent.distance_m, extent.highest_m) == (0, 0, 0)
    assert not lands_by_itself(replace(short_mission, items=()))
    assert not takes_off_first(replace(short_mission, items=()))


def test_photos_length_and_height_are_counted(short_mission):
    extent = extent_of(short_mission)
    assert extent.photos == 5  # at 0, 8, 16, 24, 32 m; the one at 40 m comes a little too late
    assert extent.photo_runs == 1
    assert extent.distance_m == pytest.approx(15 + 40 + (15**2 + 40**2) ** 0.5, abs=0.1)
    assert extent.highest_m == 20
    assert 60 < extent.duration_s < 120


def test_a_trigger_that_is_never_switched_off_counts_to_the_last_waypoint(short_mission):
    trigger_off = MissionItem(206, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
    left_on = tuple(item for item in short_mission.items if item != trigger_off)
    assert extent_of(replace(short_mission, items=left_on)).photos == 5


def test_take_off_and_landing_are_seen(short_mission):
    assert takes_off_first(short_mission)
    assert lands_by_itself(short_mission)
    turned = replace(short_mission, items=short_mission.items[::-1])
    assert not takes_off_first(turned)
    assert not lands_by_itself(turned)


def test_a_place_that_is_looked_at_is_not_flown_to(short_mission, waypoint):
    look = replace(waypoint(5000, 0, 400.0), command=195)
    away = MissionItem(197, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
    looking = (*short_mission.items[:4], look, *short_mission.items[4:7], away, *short_mission.items[7:])
    assert extent_of(replace(short_mission, items=looking)) == extent_of(short_mission)
