"""Where in a mission a vehicle is, in words and seconds."""

from __future__ import annotations

from dataclasses import replace

from flight.driving.leg_progress import LegProgress
from flight.missions.mission_extent import extent_of


def test_an_empty_mission_has_nothing_left(short_mission):
    legs = LegProgress(replace(short_mission, items=()))
    assert legs.total_m == 0
    assert legs.left_s(0) == legs.left_s(3) == legs.total_s


def test_the_leg_is_named_by_the_item_that_is_flown(short_mission):
    """Items in the vehicle: 1 take-off, 4 to the pass, 6 the pass, 8 return; the others do not navigate."""
    legs = LegProgress(short_mission)
    assert legs.leg(1) == "take-off"
    assert legs.leg(4) == "way to pass 1 of 1"
    assert legs.leg(6) == "pass 1 of 1"
    assert legs.leg(8) == "return"
    assert legs.run_at(6) is not None
    assert legs.run_at(4) is legs.run_at(8) is None


def test_time_left_falls_from_leg_to_leg(short_mission):
    legs = LegProgress(short_mission)
    left_s = [legs.left_s(item) for item in (0, 4, 6, 8)]
    assert left_s[0] == extent_of(short_mission).duration_s
    assert left_s == sorted(left_s, reverse=True)
    assert left_s[-1] > 20  # the return and the landing
