"""Missions of whole sorties in `.plan` and `.waypoints`, read back by others than our reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink import mavwp
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.formats.qgroundcontrol import read_plan_file, write_plan_file
from flight.formats.waypoints import write_waypoints_file
from flight.missions.mission_building import build_mission
from flight.planning.plan import Plan, Sortie
from flight.rules.airspace import Zone


def plan_waypoints(path: Path) -> list[tuple[float, float, float]]:
    """The waypoints of a `.plan` by QGroundControl's description: params 5 to 7 of SimpleItems."""
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["fileType"], document["mission"]["version"]) == ("Plan", 2)
    items = document["mission"]["items"]
    assert {item["frame"] for item in items if item["command"] == mavlink.MAV_CMD_NAV_WAYPOINT} == {3}
    return [tuple(item["params"][4:]) for item in items if item["command"] == mavlink.MAV_CMD_NAV_WAYPOINT]


@settings(max_examples=30)
@given(data=st.data())
def test_places_and_heights_agree_within_1_cm(
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
    plan_with: Callable[..., Plan],
    sorties: st.SearchStrategy[Sortie],
    flown_places: Callable[[Sortie], Any],
    off_by_m: Callable[..., float],
) -> None:
    sortie = data.draw(sorties)
    folder = tmp_path_factory.mktemp("mission")
    mission = build_mission(plan_with("simulated-quad", [sortie]), sortie)
    write_plan_file(mission, folder / "a.plan")
    write_waypoints_file(mission, folder / "a.waypoints")
    meant = flown_places(sortie)[1:]  # the take-off goes straight up, without a place of its own
    assert off_by_m(plan_waypoints(folder / "a.plan"), meant) < 0.01
    loader = mavwp.MAVWPLoader()
    loader.load(str(folder / "a.waypoints"))
    read = [loader.wp(index) for index in range(1, loader.count())]
    moves = [item for item in read if item.command == mavlink.MAV_CMD_NAV_WAYPOINT]
    assert off_by_m([(item.x, item.y, item.z) for item in moves], meant) < 0.01
    assert {item.frame for item in moves} == {mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT}


def test_zones_are_exclusion_polygons_and_come_back(
    tmp_path: Path, plan_with: Callable[..., Plan], little_sortie: Sortie, zones: tuple[Zone, ...]
) -> None:
    plan = replace(plan_with("simulated-quad", [little_sortie]), zones=zones)
    mission = build_mission(plan, little_sortie)
    write_plan_file(mission, tmp_path / "a.plan")
    polygons = json.loads((tmp_path / "a.plan").read_text(encoding="utf-8"))["geoFence"]["polygons"]
    assert [polygon["inclusion"] for polygon in polygons] == [True, False]
    corners = {(round(lat, 7), round(lon, 7)) for lat, lon in polygons[1]["polygon"]}
    assert corners == {(-6.8745, 107.5395), (-6.8745, 107.541), (-6.8735, 107.541), (-6.8735, 107.5395)}
    assert read_plan_file(tmp_path / "a.plan") == mission
