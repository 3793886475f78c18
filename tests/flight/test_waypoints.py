from __future__ import annotations

from pathlib import Path

import pytest
from pymavlink import mavwp

from flight.formats.waypoints import waypoints_text, write_waypoints_file
from flight.missions.mission import Home, Mission, MissionItem
from vision.frames import LocalFrame

MISSION = Mission(
    home=Home(-6.8741, 107.5372, 734.0),
    items=(
        MissionItem(22, 3, (0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 20.0),
        MissionItem(206, 2, (4.32, 0.0, 1.0, 0.0), 0.0, 0.0, 0.0),
        MissionItem(16, 3, (0.0, 0.0, 0.0, 0.0), -6.874012345, 107.537212345, 20.0),
    ),
)


def test_an_empty_mission_is_home_alone() -> None:
    text = waypoints_text(Mission(MISSION.home, ()))
    assert text.splitlines()[0] == "QGC WPL 110"
    assert len(text.splitlines()) == 2


def test_latitude_comes_before_longitude_between_tabs() -> None:
    fields = waypoints_text(MISSION).splitlines()[-1].split("\t")
    assert fields[:4] == ["3", "0", "3", "16"]
    assert [float(field) for field in fields[8:]] == [-6.874012345, 107.537212345, 20.0, 1.0]


def test_pymavlink_reads_the_same_mission(tmp_path: Path) -> None:
    write_waypoints_file(MISSION, tmp_path / "a.waypoints")
    loader = mavwp.MAVWPLoader()
    assert loader.load(str(tmp_path / "a.waypoints")) == 4
    home, *read = [loader.wp(index) for index in range(4)]
    assert (home.x, home.y, home.z) == (MISSION.home.lat, MISSION.home.lon, MISSION.home.alt_m)
    for got, item in zip(read, MISSION.items, strict=True):
        assert (got.command, got.frame, got.z) == (item.command, item.frame, item.alt_m)
        assert (got.param1, got.param2, got.param3, got.param4) == pytest.approx(item.params)
        assert LocalFrame(item.lat, item.lon).to_metres(got.x, got.y)[0] == pytest.approx([0, 0], abs=0.01)
