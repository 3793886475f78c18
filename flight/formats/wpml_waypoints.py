"""What a WPML waypoint says besides its place: how to turn, where to look, when to take photos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

import numpy as np

from flight.formats.xml_elements import element
from flight.missions.remote_route import STRAIGHT_DOWN_DEG, RoutePoint
from flight.missions.sortie_way import in_metres
from flight.planning.plan import Waypoint
from vision.frames import LocalFrame

_PITCH_STEP_DEG = 0.5  # smaller differences are not worth an action
_SHORTEST_CUT_M = 0.2  # below this a stop is as good


def length(value: float) -> str:
    """Metres, metres a second or degrees, to a thousandth."""
    return f"{value:.3f}"


def waypoint_motion(route: Sequence[RoutePoint], index: int, tolerance_m: float) -> Iterator[Element]:
    """Heading and turn of a waypoint: along the way or towards what it looks at; a stop, or a cut corner."""
    point = route[index]
    heading = [element("wpml:waypointHeadingMode", "followWayline" if point.look_at is None else "towardPOI")]
    if point.look_at is not None:
        target = point.look_at
        heading += [
            element("wpml:waypointHeadingAngle", length(_signed_deg(point.heading_deg))),
            element("wpml:waypointPoiPoint", f"{target.lat:.9f},{target.lon:.9f},{target.alt_m:.3f}"),
            element("wpml:waypointHeadingAngleEnable", "1"),
        ]
    yield element(
        "wpml:waypointHeadingParam", *heading, element("wpml:waypointHeadingPathMode", "followBadArc")
    )
    cut_m = _corner_cut_m(route, index, tolerance_m) if point.bends else 0.0
    passes = cut_m >= _SHORTEST_CUT_M
    mode = "toPointAndPassWithContinuityCurvature" if passes else "toPointAndStopWithDiscontinuityCurvature"
    yield element(
        "wpml:waypointTurnParam",
        element("wpml:waypointTurnMode", mode),
        element("wpml:waypointTurnDampingDist", length(cut_m if passes else 0.0)),
    )
    yield element("wpml:useStraightLine", "1")


def _corner_cut_m(route: Sequence[RoutePoint], index: int, tolerance_m: float) -> float:
    """How far from a bend the turn may begin: at most the tolerance, and less than half of either leg."""
    around = [Waypoint(point.lat, point.lon, point.alt_m) for point in route[index - 1 : index + 2]]
    places = in_metres(LocalFrame(around[1].lat, around[1].lon), around)
    legs_m = np.linalg.norm(np.diff(places, axis=0), axis=1)
    return min(tolerance_m, 0.4 * float(legs_m.min()))


def waypoint_actions(
    route: Sequence[RoutePoint], index: int, position: int, group_ids: Iterator[int]
) -> Iterator[Element]:
    """The action groups of a waypoint: at its place, and from a pass's start to its end.

    `position` is where the camera is mounted; `group_ids` gives each group its number.
    """
    point = route[index]
    actions = []
    before_deg = route[index - 1].pitch_deg if index > 0 else None
    if before_deg is None or abs(point.pitch_deg - before_deg) > _PITCH_STEP_DEG:
        actions.append(_gimbal_to(point.pitch_deg, position))
    if point.first and point.look_at is not None:
        actions.append(_nose_to(point.heading_deg, route[index - 1].heading_deg))
    # The format does not say whether photos by distance begin with one at once; a second is no harm.
    if point.takes_photo or (point.first and point.photo_spacing_m is not None):
        actions.append(_take_photo(f"point{index}", position))
    if actions:
        yield _group(next(group_ids), (index, index), _trigger("reachPoint"), actions)
    if point.first and point.photo_spacing_m is not None:
        end = next(number for number in range(index + 1, len(route)) if route[number].last)
        trigger = _trigger("multipleDistance", point.photo_spacing_m)
        yield _group(next(group_ids), (index, end), trigger, [_take_photo(f"pass{index}", position)])


def _group(number: int, span: tuple[int, int], trigger: Element, actions: Sequence[Element]) -> Element:
    for action_id, action in enumerate(actions):
        action.insert(0, element("wpml:actionId", str(action_id)))
    return element(
        "wpml:actionGroup",
        element("wpml:actionGroupId", str(number)),
        element("wpml:actionGroupStartIndex", str(span[0])),
        element("wpml:actionGroupEndIndex", str(span[1])),
        element("wpml:actionGroupMode", "sequence"),
        trigger,
        *actions,
    )


def _trigger(kind: str, value: float | None = None) -> Element:
    parts = [element("wpml:actionTriggerType", kind)]
    if value is not None:
        parts.append(element("wpml:actionTriggerParam", length(value)))
    return element("wpml:actionTrigger", *parts)


def _gimbal_to(pitch_deg: float, position: int) -> Element:
    return _action(
        "gimbalRotate",
        element("wpml:gimbalHeadingYawBase", "aircraft"),
        element("wpml:gimbalRotateMode", "absoluteAngle"),
        element("wpml:gimbalPitchRotateEnable", "1"),
        element("wpml:gimbalPitchRotateAngle", length(max(pitch_deg, STRAIGHT_DOWN_DEG))),
        element("wpml:gimbalRollRotateEnable", "0"),
        element("wpml:gimbalRollRotateAngle", "0"),
        element("wpml:gimbalYawRotateEnable", "0"),
        element("wpml:gimbalYawRotateAngle", "0"),
        element("wpml:gimbalRotateTimeEnable", "0"),
        element("wpml:gimbalRotateTime", "0"),
        element("wpml:payloadPositionIndex", str(position)),
    )


def _nose_to(wanted_deg: float, now_deg: float) -> Element:
    """The vehicle turned the shorter way, before the first photo of what it will look at."""
    clockwise = (wanted_deg - now_deg) % 360 <= 180
    return _action(
        "rotateYaw",
        element("wpml:aircraftHeading", length(_signed_deg(wanted_deg))),
        element("wpml:aircraftPathMode", "clockwise" if clockwise else "counterClockwise"),
    )


def _signed_deg(angle_deg: float) -> float:
    """An angle from −180 to 180."""
    return (angle_deg + 180) % 360 - 180


def _take_photo(suffix: str, position: int) -> Element:
    return _action(
        "takePhoto",
        element("wpml:fileSuffix", suffix),
        element("wpml:payloadPositionIndex", str(position)),
    )


def _action(function: str, *parameters: Element) -> Element:
    return element(
        "wpml:action",
        element("wpml:actionActuatorFunc", function),
        element("wpml:actionActuatorFuncParam", *parameters),
    )
