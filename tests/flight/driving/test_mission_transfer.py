"""Missions and fences to the simulated vehicle on a real link, and back."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from flight.driving.mission_transfer import FENCE, clear, download, upload_fence, upload_mission
from flight.driving.vehicle import connected
from flight.missions.mission import MissionItem
from vision.errors import PantauError

HOME_AGAIN = MissionItem(20, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
UNSUPPORTED = MissionItem(31000, 3, (0.0,) * 4, 0.0, 0.0, 0.0)


def test_300_items_are_stored_to_a_centimetre(simulated, short_mission, waypoint):
    many = tuple(waypoint(0.37 * n, 0.73 * n, 20 + 0.013 * n) for n in range(298))
    mission = replace(short_mission, items=(short_mission.items[0], *many, short_mission.items[-1]))
    with simulated() as process, connected(process.url, 10) as vehicle:
        steps = []
        upload_mission(vehicle.link, mission, lambda count, what: steps.append(count))
        stored = download(vehicle.link)
    assert len(stored) == 301
    assert len(steps) == 602
    off_m = [
        111_000 * math.hypot(a.lat - b.lat, a.lon - b.lon) for a, b in zip(many, stored[2:], strict=False)
    ]
    assert max(off_m) <= 0.01


def test_a_refused_item_is_named_and_nothing_is_left_mixed(simulated, short_mission):
    with simulated() as process, connected(process.url, 10) as vehicle:
        upload_mission(vehicle.link, short_mission)
        broken = replace(
            short_mission, items=(*short_mission.items[:3], UNSUPPORTED, short_mission.items[-1])
        )
        with pytest.raises(PantauError, match=r"item 4 .command 31000.*not supported.*was cleared"):
            upload_mission(vehicle.link, broken)
        assert download(vehicle.link) == []


def test_too_many_items_are_refused(simulated, short_mission, waypoint):
    with simulated() as process, connected(process.url, 10) as vehicle:
        many = replace(short_mission, items=tuple(waypoint(n, 0) for n in range(651)))
        with pytest.raises(PantauError, match="no room"):
            upload_mission(vehicle.link, many)


def test_an_item_that_is_stored_otherwise_is_found(simulated, short_mission):
    with simulated(parameters={"SIM_ITEM_ALTER": 4}) as process, connected(process.url, 10) as vehicle:
        with pytest.raises(PantauError, match="item 4 with position"):
            upload_mission(vehicle.link, short_mission)
        assert download(vehicle.link) == []


def test_a_fence_is_stored_and_a_bad_one_refused(simulated, waypoint):
    corners = [(p.lat, p.lon) for p in (waypoint(-99, -99), waypoint(99, -99), waypoint(0, 99))]
    with simulated() as process, connected(process.url, 10) as vehicle:
        upload_fence(vehicle.link, corners)
        assert [(item.lat, item.lon) for item in download(vehicle.link, FENCE)] == [
            pytest.approx(corner, abs=1e-7) for corner in corners
        ]
        with pytest.raises(PantauError, match=r"refused.*fence was cleared"):
            upload_fence(vehicle.link, corners[:2])


def test_zones_to_stay_out_of_are_stored_beside_the_polygon_to_stay_in(simulated, waypoint):
    def corners(*places):
        return [(p.lat, p.lon) for p in (waypoint(east, north) for east, north in places)]

    inside = corners((-99, -99), (99, -99), (0, 99))
    zones = [corners((0, 0), (9, 0), (9, 9), (0, 9)), corners((20, 0), (29, 0), (20, 9))]
    with simulated() as process, connected(process.url, 10) as vehicle:
        upload_fence(vehicle.link, inside, zones)
        stored = download(vehicle.link, FENCE)
        assert [(item.command, item.params[0]) for item in stored] == (
            [(5001, 3.0)] * 3 + [(5002, 4.0)] * 4 + [(5002, 3.0)] * 3
        )
        assert [(item.lat, item.lon) for item in stored[3:7]] == [
            pytest.approx(corner, abs=1e-7) for corner in zones[0]
        ]
        upload_fence(vehicle.link, [], zones[:1])
        assert [item.command for item in download(vehicle.link, FENCE)] == [5002] * 4
        with pytest.raises(PantauError, match=r"refused.*fence was cleared"):
            upload_fence(vehicle.link, inside, [zones[0][:2]])


def test_regions_of_interest_are_stored(simulated, short_mission, waypoint):
    place = waypoint(20, 35, 4.0)
    look = replace(place, command=195)
    away = MissionItem(197, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
    mission = replace(
        short_mission, items=(*short_mission.items[:4], look, *short_mission.items[4:7], away, HOME_AGAIN)
    )
    with simulated() as process, connected(process.url, 10) as vehicle:
        upload_mission(vehicle.link, mission)
        stored = download(vehicle.link)
    assert [item.command for item in stored[5:10]] == [195, 206, 16, 206, 197]
    assert (stored[5].lat, stored[5].lon) == pytest.approx((place.lat, place.lon), abs=1e-7)
    assert (stored[5].frame, stored[5].alt_m) == (3, pytest.approx(4.0))


def test_clearing_an_empty_vehicle_is_fine(simulated):
    with simulated() as process, connected(process.url, 10) as vehicle:
        clear(vehicle.link)
        assert download(vehicle.link) == []
