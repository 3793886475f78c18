"""Mission Planner `.waypoints` files: the plain-text format "QGC WPL 110".

Tab-separated: index, current, frame, command, param1–4, latitude, longitude, altitude, autocontinue
(https://mavlink.io/en/file_formats/). Item 0 is the home position.
"""

from __future__ import annotations

from pathlib import Path

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.missions.mission import Mission, MissionItem
from vision.whole_file import write_whole


def write_waypoints_file(mission: Mission, path: Path | str) -> None:
    """Write a mission as a `.waypoints` file; the fence has no place in this format."""
    write_whole(Path(path), waypoints_text(mission))


def waypoints_text(mission: Mission) -> str:
    """The text of a `.waypoints` file."""
    home = mission.home
    # Home's altitude is above mean sea level, unlike those of the items.
    waypoint, above_sea = mavlink.MAV_CMD_NAV_WAYPOINT, mavlink.MAV_FRAME_GLOBAL
    home_item = MissionItem(waypoint, above_sea, (0.0, 0.0, 0.0, 0.0), home.lat, home.lon, home.alt_m)
    lines = [_line(index, item) for index, item in enumerate((home_item, *mission.items))]
    return "\n".join(["QGC WPL 110", *lines]) + "\n"


def _line(index: int, item: MissionItem) -> str:
    params = [f"{value:.8f}" for value in item.params]
    position = [f"{item.lat:.9f}", f"{item.lon:.9f}", f"{item.alt_m:.3f}"]
    return "\t".join(
        [str(index), "1" if index == 0 else "0", str(item.frame), str(item.command), *params, *position, "1"]
    )
