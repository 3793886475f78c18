"""Litchi Mission Hub `.csv` files: a sortie as Litchi flies it on DJI drones.

The format: https://www.litchiutilities.com/docs/litchiCsv.php and the enumerations that
https://github.com/JoeKae/litchi_wp documents. The file holds waypoints only: `HUB_SETTINGS` must be set by
hand in the Mission Hub after the import.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from flight.missions.remote_route import RoutePoint, remote_route
from flight.planning.plan import Plan, Sortie
from vision.whole_file import write_whole

HUB_SETTINGS = (
    ("Heading Mode", "Custom (WD)"),
    ("Path Mode", "Straight Lines"),
    ("Finish Action", "RTH"),
    ("Rotation Direction", "Auto"),
)

_ACTIONS = 15  # pairs of columns, used or not
_NO_ACTION, _TAKE_PHOTO, _TILT_CAMERA = (-1, 0), 1, 5
_FOCUS_ON_POI, _INTERPOLATE = 1, 2  # gimbalmode
_ABOVE_TAKEOFF = 0  # altitudemode
_OFF = -1  # of an interval

_COLUMNS = (
    "latitude",
    "longitude",
    "altitude(m)",
    "heading(deg)",
    "curvesize(m)",
    "rotationdir",
    "gimbalmode",
    "gimbalpitchangle",
    *(f"action{kind}{number}" for number in range(1, _ACTIONS + 1) for kind in ("type", "param")),
    "altitudemode",
    "speed(m/s)",
    "poi_latitude",
    "poi_longitude",
    "poi_altitude(m)",
    "poi_altitudemode",
    "photo_timeinterval",
    "photo_distinterval",
)


def write_litchi_file(plan: Plan, sortie: Sortie, path: Path | str) -> None:
    """Write a sortie as a Litchi `.csv`; heights are above the take-off point."""
    write_whole(Path(path), litchi_text(plan, sortie))


def litchi_text(plan: Plan, sortie: Sortie) -> str:
    """The text of a Litchi `.csv`."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    route = remote_route(plan, sortie)
    table.writerows(_row(point, is_start=index == 0) for index, point in enumerate(route))
    return text.getvalue()


def _row(point: RoutePoint, is_start: bool) -> list[str]:
    actions = _actions(point, is_start)
    target = point.look_at
    poi = (f"{target.lat:.8f}", f"{target.lon:.8f}", f"{target.alt_m:.2f}") if target else ("0", "0", "0")
    return [
        f"{point.lat:.8f}",
        f"{point.lon:.8f}",
        f"{point.alt_m:.2f}",
        f"{point.heading_deg:.1f}",
        "0",
        "0",
        str(_FOCUS_ON_POI if target else _INTERPOLATE),
        f"{point.pitch_deg:.1f}",
        *(str(value) for action in actions for value in action),
        str(_ABOVE_TAKEOFF),
        f"{point.speed_ms:.2f}",
        *poi,
        str(_ABOVE_TAKEOFF),
        str(_OFF),
        str(_OFF) if point.photo_spacing_m is None else f"{point.photo_spacing_m:.2f}",
    ]


def _actions(point: RoutePoint, is_start: bool) -> list[tuple[int, int]]:
    """The camera down at the start of the route, and photos; filled up to the number of columns."""
    actions = [(_TILT_CAMERA, round(point.pitch_deg))] if is_start else []
    if point.takes_photo:
        actions.append((_TAKE_PHOTO, 0))
    return [*actions, *[_NO_ACTION] * (_ACTIONS - len(actions))]
