"""How wide a road is: from what the map says about it, or from its class."""

from __future__ import annotations

import re

LANE_WIDTH_M = 3.25  # between the 2.75–3.5 m that Indonesian and European standards give a lane

# Carriageways of roads of which only the OpenStreetMap class is known. Two lanes of the width usual
# for the class (3.5 m on arterials, 3.0 m on collectors, 2.5 m on local streets), one lane where the
# class is usually one lane wide. Where such roads carry a width in the Balikpapan extracts, it is 7 m
# for secondary and 5 m for residential roads.
_WIDTH_OF_CLASS_M = {
    "motorway": 10.5,
    "trunk": 7.0,
    "primary": 7.0,
    "secondary": 7.0,
    "tertiary": 6.0,
    "unclassified": 5.0,
    "residential": 5.0,
    "road": 5.0,
    "busway": 3.5,
    "living_street": 3.5,
    "service": 3.5,
    "track": 3.0,
    "pedestrian": 4.0,
    "cycleway": 2.0,
    "bridleway": 2.0,
    "footway": 2.0,
    "path": 2.0,
    "steps": 2.0,
}
_WIDTH_OF_LINK_M = 4.0  # slip roads (`trunk_link` …) have one lane with hard edges
_WIDTH_OF_UNKNOWN_M = 5.0  # as a residential road, the commonest class
_METRES_PER_FOOT = 0.3048
_PLAUSIBLE_WIDTH_M = (0.5, 100.0)
_PLAUSIBLE_LANES = (1.0, 16.0)

_UNPAVED_SURFACES = frozenset(
    {
        *("unpaved", "compacted", "gravel", "fine_gravel", "pebblestone", "rock", "woodchips"),
        *("dirt", "earth", "ground", "grass", "mud", "sand", "clay"),
    }
)


def road_width_m(width: object, lanes: object, road_class: object) -> float:
    """The carriageway's width: as given, else lanes × 3.25 m, else by the road's class.

    Each value may be a number, a text ("7 m", "24 ft", "7,5"), a list written as text
    ("['2', '1']", as OSMnx writes merged ways; the widest counts), None or NaN.
    """
    given_m = _largest_number(width, _PLAUSIBLE_WIDTH_M)
    if given_m is not None:
        return given_m
    lane_count = _largest_number(lanes, _PLAUSIBLE_LANES)
    if lane_count is not None:
        return lane_count * LANE_WIDTH_M
    return max((_width_of_class_m(word) for word in _words(road_class)), default=_WIDTH_OF_UNKNOWN_M)


def is_paved(surface: object, road_class: object) -> bool:
    """Whether a road's surface is sealed: by its `surface`, else every class but a track is."""
    surfaces = _words(surface)
    if surfaces:
        return not all(word in _UNPAVED_SURFACES for word in surfaces)
    return "track" not in _words(road_class)


def _width_of_class_m(road_class: str) -> float:
    if road_class.endswith("_link"):
        return _WIDTH_OF_LINK_M
    return _WIDTH_OF_CLASS_M.get(road_class, _WIDTH_OF_UNKNOWN_M)


def _words(value: object) -> list[str]:
    return re.findall(r"[a-z_]+", value.lower()) if isinstance(value, str) else []


def _largest_number(value: object, plausible: tuple[float, float]) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    text = str(value).lower()
    in_feet = "ft" in text or "feet" in text or "'" in re.sub(r"\[.*\]", "", text)
    numbers = [float(number.replace(",", ".")) for number in re.findall(r"\d+(?:[.,]\d+)?", text)]
    if in_feet:
        numbers = [number * _METRES_PER_FOOT for number in numbers[:1]]
    return max((number for number in numbers if plausible[0] <= number <= plausible[1]), default=None)
