"""DJI WPML `.kmz` files: a sortie as DJI Pilot 2, and by way of it or by hand DJI Fly, flies it.

The format: DJI Cloud API documentation, "DJI WPML"
(https://developer.dji.com/doc/cloud-api-tutorial/en/api-reference/dji-wpml/overview.html). Heights are
relative to the start point. `waylines.wpml` is what the drone executes; `template.kml` holds the same
waypoints for the remote to show and edit.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from xml.etree.ElementTree import Element

from flight.fleet import Drone, WpmlNumbers
from flight.formats.wpml_waypoints import length, waypoint_actions, waypoint_motion
from flight.formats.xml_elements import document_text, element
from flight.missions.remote_route import FASTEST_MS, RoutePoint, remote_route
from flight.planning.plan import Plan, Sortie
from vision.errors import PantauError
from vision.whole_file import write_whole

KML = "http://www.opengis.net/kml/2.2"
WPML = "http://www.dji.com/wpmz/1.0.2"

_LOWEST_SAFE_M, _HIGHEST_SAFE_M = 2.0, 1500.0  # bounds of takeOffSecurityHeight


def write_wpml_file(plan: Plan, sortie: Sortie, path: Path | str, created_at: datetime | None = None) -> None:
    """Write a sortie as a `.kmz`.

    Raises PantauError when the plan's drone has no WPML numbers, or the place cannot be written to.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in wpml_documents(plan, sortie, created_at or datetime.now(UTC)).items():
            archive.writestr(name, text)
    write_whole(Path(path), packed.getvalue())


def wpml_documents(plan: Plan, sortie: Sortie, created_at: datetime) -> dict[str, str]:
    """The texts of the files in a `.kmz`, by their names in it."""
    numbers = plan.drone.wpml
    if numbers is None:
        raise PantauError(
            f"{plan.drone.name} has no WPML numbers, so that no .kmz can be written for it; give them in the "
            "fleet file."
        )
    route = remote_route(plan, sortie)
    mission = _mission_config(sortie, plan.drone, numbers, route)
    created_ms = str(int(created_at.timestamp() * 1000))
    return {
        "wpmz/template.kml": _text(
            element("wpml:author", "Pantau"),
            element("wpml:createTime", created_ms),
            element("wpml:updateTime", created_ms),
            mission,
            _template(plan, numbers, route),
        ),
        "wpmz/waylines.wpml": _text(mission, _waylines(plan, numbers, route)),
    }


def _mission_config(
    sortie: Sortie, drone: Drone, numbers: WpmlNumbers, route: Sequence[RoutePoint]
) -> Element:
    safe_m = min(max(route[0].alt_m, _LOWEST_SAFE_M), _HIGHEST_SAFE_M)
    config = [
        element("wpml:flyToWaylineMode", "safely"),
        element("wpml:finishAction", "goHome"),
        element("wpml:exitOnRCLost", "executeLostAction"),
        element("wpml:executeRCLostAction", "goBack"),
        element("wpml:takeOffSecurityHeight", length(safe_m)),
        element("wpml:globalTransitionalSpeed", length(min(drone.cruise_ms, FASTEST_MS))),
        element("wpml:globalRTHHeight", length(sortie.return_height_m)),
        element(
            "wpml:droneInfo",
            element("wpml:droneEnumValue", str(numbers.drone)),
            element("wpml:droneSubEnumValue", str(numbers.drone_sub)),
        ),
    ]
    if numbers.payload is not None:
        config.append(element("wpml:payloadInfo", *_payload(numbers)))
    return element("wpml:missionConfig", *config)


def _payload(numbers: WpmlNumbers) -> Iterator[Element]:
    yield element("wpml:payloadEnumValue", str(numbers.payload))
    if numbers.payload_sub is not None:
        yield element("wpml:payloadSubEnumValue", str(numbers.payload_sub))
    yield element("wpml:payloadPositionIndex", str(numbers.payload_position))


def _waylines(plan: Plan, numbers: WpmlNumbers, route: Sequence[RoutePoint]) -> Element:
    group_ids = count()
    return element(
        "Folder",
        element("wpml:templateId", "0"),
        element("wpml:executeHeightMode", "relativeToStartPoint"),
        element("wpml:waylineId", "0"),
        element("wpml:autoFlightSpeed", length(min(plan.speed_ms, FASTEST_MS))),
        *(
            element(
                "Placemark",
                *_place(index, point),
                element("wpml:executeHeight", length(point.alt_m)),
                element("wpml:waypointSpeed", length(point.speed_ms)),
                *waypoint_motion(route, index, plan.settings.lateral_tolerance_m),
                *waypoint_actions(route, index, numbers.payload_position, group_ids),
            )
            for index, point in enumerate(route)
        ),
    )


def _template(plan: Plan, numbers: WpmlNumbers, route: Sequence[RoutePoint]) -> Element:
    group_ids = count()
    return element(
        "Folder",
        element("wpml:templateType", "waypoint"),
        element("wpml:templateId", "0"),
        element(
            "wpml:waylineCoordinateSysParam",
            element("wpml:coordinateMode", "WGS84"),
            element("wpml:heightMode", "relativeToStartPoint"),
        ),
        element("wpml:autoFlightSpeed", length(min(plan.speed_ms, FASTEST_MS))),
        element("wpml:globalHeight", length(plan.height_m)),
        element("wpml:gimbalPitchMode", "manual"),
        element(
            "wpml:globalWaypointHeadingParam",
            element("wpml:waypointHeadingMode", "followWayline"),
            element("wpml:waypointHeadingPathMode", "followBadArc"),
        ),
        element("wpml:globalWaypointTurnMode", "toPointAndStopWithDiscontinuityCurvature"),
        element("wpml:globalUseStraightLine", "1"),
        *(
            element(
                "Placemark",
                *_place(index, point),
                # Both heights are of the same place; relative to the start point they are one.
                element("wpml:ellipsoidHeight", length(point.alt_m)),
                element("wpml:height", length(point.alt_m)),
                element("wpml:useGlobalHeight", "0"),
                element("wpml:useGlobalSpeed", "0"),
                element("wpml:waypointSpeed", length(point.speed_ms)),
                element("wpml:useGlobalHeadingParam", "0"),
                element("wpml:useGlobalTurnParam", "0"),
                *waypoint_motion(route, index, plan.settings.lateral_tolerance_m),
                *waypoint_actions(route, index, numbers.payload_position, group_ids),
            )
            for index, point in enumerate(route)
        ),
    )


def _place(index: int, point: RoutePoint) -> Iterator[Element]:
    yield element("Point", element("coordinates", f"{point.lon:.9f},{point.lat:.9f}"))
    yield element("wpml:index", str(index))


def _text(*children: Element) -> str:
    """A KML document of these elements."""
    root = element("kml", element("Document", *children))
    root.set("xmlns", KML)
    root.set("xmlns:wpml", WPML)
    return document_text(root)
