"""Whether a straight way between home and a place of a mission keeps out of zones and inside the fence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from shapely import LineString, Polygon

from flight.missions.mission import Mission
from flight.missions.mission_extent import is_flown_to
from flight.resuming.photo_line import Place
from vision.frames import LocalFrame

MARGIN_M = 10.0  # to exclusions and fence: positioning, wind, and what braking takes at cruise speed
_ROUNDING_M = 1.0


def is_open(mission: Mission, place: Place) -> bool:
    """Whether the straight way over ground between home and a place comes near nothing.

    It keeps `MARGIN_M` from the fence and from each exclusion. It also comes no nearer to an exclusion
    than the mission's own way does: the plan keeps margins from zones (500 m from some) that the mission
    does not name.
    """
    frame = LocalFrame(mission.home.lat, mission.home.lon)
    straight = LineString([(0.0, 0.0), *_metres(frame, [(place.lat, place.lon)])])
    if mission.fence and not _polygon(frame, mission.fence).covers(straight.buffer(MARGIN_M)):
        return False
    own = _own_way(mission, frame)
    for corners in mission.exclusions:
        zone = _polygon(frame, corners)
        kept_m = zone.distance(straight)
        if kept_m < MARGIN_M or kept_m < zone.distance(own) - _ROUNDING_M:
            return False
    return True


def _own_way(mission: Mission, frame: LocalFrame) -> LineString:
    """From home over all waypoints, and back."""
    places = [(item.lat, item.lon) for item in mission.items if is_flown_to(item)]
    return LineString([(0.0, 0.0), *_metres(frame, places), (0.0, 0.0)])


def _polygon(frame: LocalFrame, corners: Sequence[tuple[float, float]]) -> Polygon:
    return Polygon(_metres(frame, corners)).buffer(0)


def _metres(frame: LocalFrame, places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    if not places:
        return []
    metres = frame.to_metres(*np.array(places, dtype=np.float64).T)
    return [(float(east), float(north)) for east, north in metres]
