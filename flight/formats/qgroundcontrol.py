"""QGroundControl `.plan` files, version 1, of simple items.

The format: https://docs.qgroundcontrol.com/master/en/qgc-dev-guide/file_formats/plan.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.missions.mission import Home, Mission, MissionItem
from vision.errors import PantauError
from vision.whole_file import write_whole

_ALTITUDE_MODE_RELATIVE = 1  # QGroundControl's own number for heights above the launch point
_COMMANDS_WITH_ALTITUDE = frozenset(
    {
        mavlink.MAV_CMD_NAV_WAYPOINT,
        mavlink.MAV_CMD_NAV_LOITER_UNLIM,
        mavlink.MAV_CMD_NAV_LOITER_TURNS,
        mavlink.MAV_CMD_NAV_LOITER_TIME,
        mavlink.MAV_CMD_NAV_LAND,
        mavlink.MAV_CMD_NAV_TAKEOFF,
        mavlink.MAV_CMD_NAV_LOITER_TO_ALT,
        mavlink.MAV_CMD_NAV_SPLINE_WAYPOINT,
        mavlink.MAV_CMD_DO_SET_ROI_LOCATION,
    }
)

Corners = tuple[tuple[float, float], ...]


def write_plan_file(mission: Mission, path: Path | str) -> None:
    """Write a mission as a `.plan` file for ArduCopter that QGroundControl opens."""
    write_whole(Path(path), json.dumps(plan_document(mission), indent=4) + "\n")


def plan_document(mission: Mission) -> dict[str, Any]:
    """The JSON document of a `.plan` file."""
    home = mission.home
    return {
        "fileType": "Plan",
        "version": 1,
        "groundStation": "QGroundControl",
        "mission": {
            "version": 2,
            "firmwareType": mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA,
            "vehicleType": mavlink.MAV_TYPE_QUADROTOR,
            "globalPlanAltitudeMode": _ALTITUDE_MODE_RELATIVE,
            "cruiseSpeed": mission.cruise_speed_ms,
            "hoverSpeed": mission.cruise_speed_ms,
            "plannedHomePosition": [home.lat, home.lon, home.alt_m],
            "items": [_simple_item(item, number) for number, item in enumerate(mission.items, start=1)],
        },
        "geoFence": {
            "version": 2,
            "circles": [],
            "polygons": [
                *([_polygon(mission.fence, inclusion=True)] if mission.fence else []),
                *(_polygon(corners, inclusion=False) for corners in mission.exclusions),
            ],
        },
        "rallyPoints": {"version": 2, "points": []},
    }


def _polygon(corners: Corners, inclusion: bool) -> dict[str, Any]:
    return {"inclusion": inclusion, "polygon": [list(corner) for corner in corners], "version": 1}


def _simple_item(item: MissionItem, number: int) -> dict[str, Any]:
    simple: dict[str, Any] = {
        "type": "SimpleItem",
        "autoContinue": True,
        "command": item.command,
        "doJumpId": number,
        "frame": item.frame,
        "params": [*item.params, item.lat, item.lon, item.alt_m],
    }
    if item.command in _COMMANDS_WITH_ALTITUDE and item.frame == mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT:
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
    first inclusion polygon and all exclusion polygons are kept.

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
            fence=next(iter(_polygons(document, inclusion=True)), ()),
            exclusions=tuple(_polygons(document, inclusion=False)),
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


def _polygons(document: dict[str, Any], inclusion: bool) -> list[Corners]:
    """The fence's polygons of one kind."""
    return [
        tuple((float(lat), float(lon)) for lat, lon in polygon["polygon"])
        for polygon in document.get("geoFence", {}).get("polygons", [])
        if polygon.get("inclusion") is inclusion
    ]
