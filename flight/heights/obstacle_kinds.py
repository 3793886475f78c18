"""What a feature of a map is as an obstacle: its kind, and how high and wide it is.

Tags are OpenStreetMap's (https://wiki.openstreetmap.org/wiki/Key:height: metres, or with a unit); plain
files need no more than `height_m`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of obstacle, and what is assumed where the file does not tell: cautiously, not on average.

    `reach_m` is the radius of a point, half the width of a line.
    """

    name: str
    height_m: float
    reach_m: float


_KINDS = {
    kind.name: kind
    for kind in (
        Kind("building", 12.0, 5.0),  # three storeys and a roof
        Kind("tree", 30.0, 6.0),
        Kind("power line", 60.0, 10.0),  # 70–500 kV towers stand 30–60 m high, with arms of 10 m
        Kind("power tower", 60.0, 10.0),
        Kind("minor power line", 15.0, 2.0),  # 20 kV poles are 11–14 m long
        Kind("power pole", 15.0, 2.0),
        Kind("mast", 80.0, 5.0),  # telecommunication masts are 30–72 m high
        Kind("wind turbine", 220.0, 80.0),
        Kind("street lamp", 14.0, 3.0),
        Kind("wall", 5.0, 1.0),
    )
}
_BY_GEOMETRY = {"Point": "mast", "LineString": "power line", "Polygon": "building"}
_ANY = "*"
_MASTS = ("mast", "tower", "communications_tower", "chimney", "antenna", "water_tower", "crane", "lighthouse")
_BY_TAG: dict[str, dict[str, str]] = {
    "power": {
        "line": "power line",
        "minor_line": "minor power line",
        **dict.fromkeys(("tower", "portal", "catenary_mast"), "power tower"),
        **dict.fromkeys(("pole", "substation", "transformer", "switch"), "power pole"),
    },
    "generator:source": {"wind": "wind turbine"},
    "building": {_ANY: "building"},
    "building:part": {_ANY: "building"},
    "man_made": {
        **dict.fromkeys(_MASTS, "mast"),
        **dict.fromkeys(("silo", "storage_tank", "bridge", "gasometer", "works", "tank"), "building"),
        "flagpole": "street lamp",
    },
    "natural": {"tree": "tree", "tree_row": "tree", "wood": "tree"},
    "landuse": {"forest": "tree"},
    "highway": {"street_lamp": "street lamp"},
    "barrier": {_ANY: "wall"},
    "aerialway": {_ANY: "power line"},
}
# A whole extract of a map also holds roads, rivers and borders, which reach nowhere.
_ON_THE_GROUND = frozenset(
    {
        *("highway", "waterway", "railway", "boundary", "place", "route", "landuse", "leisure", "natural"),
        *("amenity", "man_made", "power", "water", "traffic_sign", "entrance", "shop", "office", "tourism"),
    }
)
_OWN_HEIGHT = ("height_m", "height", "est_height", "building:height", "tinggi_m", "tinggi")
_LEVELS = ("building:levels", "building_levels", "building_l", "levels")
_OWN_RADIUS = ("radius_m", "radius")
_OWN_WIDTH = ("crown_m", "diameter_crown", "crown_diameter", "width_m", "width")

_STOREY_M = 3.0
_METRES_PER_FOOT, _METRES_PER_INCH = 0.3048, 0.0254
_TALLEST_M = 1000.0
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_OTHER_TAG = re.compile(r'"([^"]+)"=>"([^"]*)"')


def with_other_tags(properties: Properties) -> Properties:
    """Properties with those that GDAL's reader of OpenStreetMap files packs into `other_tags`."""
    packed = dict(_OTHER_TAG.findall(str(properties.get("other_tags", ""))))
    return {**packed, **properties}


def kind_of(properties: Properties, geometry_type: str) -> Kind | None:
    """What kind of obstacle a feature is; None for what lies on or under the ground."""
    if properties.get("location") == "underground" or properties.get("power") == "cable":
        return None
    own = str(properties.get("kind", "")).lower().replace("_", " ")
    if own in _KINDS:
        return _KINDS[own]
    for tag, values in _BY_TAG.items():
        value = str(properties.get(tag, "no")).lower()
        name = values.get(value, values.get(_ANY))
        if name is not None and value != "no":
            return _KINDS[name]
    if _ON_THE_GROUND & set(properties) and height_m(properties) is None:
        return None
    return _KINDS[_BY_GEOMETRY[geometry_type]]


def height_m(properties: Properties) -> float | None:
    """The height above ground: as given, else by storeys with a roof; None where nothing is told."""
    given_m = _first(properties, _OWN_HEIGHT)
    if given_m is not None:
        return given_m
    levels = _first(properties, _LEVELS)
    if levels is None:
        return None
    roof_m = _first(properties, ("roof:height",))
    if roof_m is None:
        roof_m = (_first(properties, ("roof:levels",)) or 1.0) * _STOREY_M
    return levels * _STOREY_M + roof_m


def reach_m(properties: Properties, kind: Kind) -> float:
    """The radius of a point, or half the width of a line: as given, else by its kind."""
    radius_m = _first(properties, _OWN_RADIUS)
    if radius_m is not None:
        return radius_m
    width_m = _first(properties, _OWN_WIDTH)
    return kind.reach_m if width_m is None else width_m / 2


def metres(value: object) -> float | None:
    """A length as maps write it ("12", "12.5 m", "40 ft", "7'4\\""); the greatest of several."""
    text = str(value).lower().strip()
    if isinstance(value, bool) or text.startswith("-"):
        return None
    numbers = [float(number.replace(",", ".")) for number in _NUMBER.findall(text)]
    if not numbers:
        return None
    if "ft" in text or "feet" in text:
        length_m = max(numbers) * _METRES_PER_FOOT
    elif "'" in text:
        length_m = numbers[0] * _METRES_PER_FOOT + sum(numbers[1:2]) * _METRES_PER_INCH
    else:
        length_m = max(numbers)
    return length_m if 0 < length_m <= _TALLEST_M else None


def _first(properties: Properties, names: tuple[str, ...]) -> float | None:
    lengths_m = (metres(properties[name]) for name in names if name in properties)
    return next((length_m for length_m in lengths_m if length_m is not None), None)
