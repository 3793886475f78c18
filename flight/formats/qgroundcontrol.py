"""QGroundControl `.plan` files, version 1, of simple items.

The format: https://docs.qgroundcontrol.com/master/en/qgc-dev-guide/file_formats/plan.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flight.mission import Home, Mission, MissionItem
from vision.errors import PantauError
from vision.whole_file import write_whole

_ARDUPILOT = 3  # MAV_AUTOPILOT_ARDUPILOTMEGA
_QUADROTOR = 2  # MAV_TYPE_QUADROTOR
_GLOBAL_RELATIVE_ALT = 3  # MAV_FRAME_GLOBAL_RELATIVE_ALT
_ALTITUDE_MODE_RELATIVE = 1  # QGroundControl's own number for heights above the launch point
_COMMANDS_WITH_ALTITUDE = frozenset({16, 17, 18, 19, 21, 22, 31, 82})  # MAV_CMD_NAV_*: an item with a height


def write_plan_file(mission: Mission, path: Path | str) -> None:
    """Write a mission as a `.plan` file for ArduCopter that QGroundControl opens."""
    write_whole(Path(path), json.dumps(plan_document(mission), indent=4) + "\n")


def plan_document(mission: Mission) -> dict[str, Any]:
    """The JSON document of a `.plan` file."""
    home = mission.home
    fence = [list(corner) for corner in mission.fence]
    return {
        "fileType": "Plan",
        "version": 1,
        "groundStation": "QGroundControl",
        "mission": {
            "version": 2,
            "firmwareType": _ARDUPILOT,
            "vehicleType": _QUADROTOR,
            "globalPlanAltitudeMode": _ALTITUDE_MODE_RELATIVE,
            "cruiseSpeed": mission.cruise_speed_ms,
            "hoverSpeed": mission.cruise_speed_ms,
            "plannedHomePosition": [home.lat, home.lon, home.alt_m],
            "items": [_simple_item(item, number) for number, item in enumerate(mission.items, start=1)],
        },
        "geoFence": {
            "version": 2,
            "circles": [],
            "polygons": [{"inclusion": True, "polygon": fence, "version": 1}] if fence else [],
        },
        "rallyPoints": {"version": 2, "points": []},
    }


def _simple_item(item: MissionItem, number: int) -> dict[str, Any]:
    simple: dict[str, Any] = {
        "type": "SimpleItem",
        "autoContinue": True,
        "command": item.command,
        "doJumpId": number,
        "frame": item.frame,
        "params": [*item.params, item.lat, item.lon, item.alt_m],
    }
    if item.command in _COMMANDS_WITH_ALTITUDE and item.frame == _GLOBAL_RELATIVE_ALT:
        # QGroundControl refuses an item that has some of these three keys but not all.
        simple |= {
            "AMSLAltAboveTerrain": None,
            "Altitude": item.alt_m,
            "AltitudeMode": _ALTITUDE_MODE_RELATIVE,
        }
    return simple


def read_plan_file(path: Path | str) -> Mission:
    """Read a `.plan` of simple items, also one that QGroundControl wrote.

    A null parameter ("leave as it is") becomes 0, because ArduPilot refuses NaN. Of the fence the
    first inclusion polygon is kept.

    Raises PantauError when the file is missing, no plan, empty, or holds complex items (surveys,
    corridor and structure scans), whose waypoints only QGroundControl can compute.
    """
    path = Path(path)
    document = _read_document(path)
    try:
        mission = document["mission"]
        _refuse_complex_items(path, mission["items"])
        lat, lon, alt_m = (float(value or 0.0) for value in mission["plannedHomePosition"])
        return Mission(
            home=Home(lat, lon, alt_m),
            items=tuple(_mission_item(item) for item in mission["items"]),
            fence=_fence(document.get("geoFence", {})),
            cruise_speed_ms=float(mission.get("hoverSpeed", mission.get("cruiseSpeed", 5.0))),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PantauError(
            f"{path}: not a complete plan ({type(error).__name__}: {error}); save it again in QGroundControl."
        ) from error


def _read_document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PantauError(f"{path}: there is no such plan file; name a .plan or a plan folder.") from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise PantauError(
            f"{path}: not a .plan file (no JSON: {error}); save it in QGroundControl."
        ) from error
    if not isinstance(document, dict) or document.get("fileType") != "Plan":
        raise PantauError(
            f"{path}: not a QGroundControl plan (its fileType is not 'Plan'); name a .plan file."
        )
    return document


def _refuse_complex_items(path: Path, items: list[dict[str, Any]]) -> None:
    kinds = [str(item.get("complexItemType", "unknown")) for item in items if item["type"] != "SimpleItem"]
    if kinds:
        raise PantauError(
            f"{path}: holds complex items ({', '.join(sorted(set(kinds)))}), which only QGroundControl can "
            "turn into waypoints; upload it there, download it from the vehicle and save that as a new .plan."
        )
    if not items:
        raise PantauError(f"{path}: holds no mission items; plan at least a take-off and a waypoint.")


def _mission_item(item: dict[str, Any]) -> MissionItem:
    values = [0.0 if value is None else float(value) for value in item["params"]]
    if len(values) != 7:
        raise ValueError(f"item {item.get('doJumpId', '?')} has {len(values)} parameters, not 7")
    p1, p2, p3, p4, lat, lon, alt_m = values
    return MissionItem(int(item["command"]), int(item["frame"]), (p1, p2, p3, p4), lat, lon, alt_m)


def _fence(geofence: dict[str, Any]) -> tuple[tuple[float, float], ...]:
    for polygon in geofence.get("polygons", []):
        if polygon.get("inclusion", False):
            return tuple((float(lat), float(lon)) for lat, lon in polygon["polygon"])
    return ()
