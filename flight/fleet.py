"""The drones that plans are made for: camera, endurance, speeds and what they can fly."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from vision.camera import Camera
from vision.errors import PantauError

_FLEET_FILE = Path(__file__).with_name("fleet.toml")
FILE_FORMATS = ("plan", "waypoints", "wpml", "litchi", "kml")
TRIGGERS = ("distance", "action", "timer")

# Between which values a figure can be that of a drone with a camera; whoever mixes up metres and
# millimetres, or minutes and seconds, falls outside.
_WITHIN: Mapping[str, tuple[float, float]] = {
    "sensor_width_mm": (1, 100),
    "focal_length_mm": (1, 600),
    "width_px": (100, 30_000),
    "height_px": (100, 30_000),
    "min_interval_s": (0.05, 60),
    "endurance_min": (1, 600),
    "cruise_ms": (0.5, 40),
    "climb_ms": (0.2, 20),
    "descend_ms": (0.2, 20),
    "item_limit": (10, 65_535),
    "max_airspeed_ms": (1, 60),
    "wind_ms": (1, 40),
}
_WHOLE_NUMBERS = ("width_px", "height_px", "item_limit")
# Under which name `sources` tells where a figure comes from, where that is not the figure's own.
_SOURCE_NAMES = {
    "sensor_width_mm": "camera",
    "focal_length_mm": "camera",
    "width_px": "camera",
    "height_px": "camera",
    "endurance_min": "endurance",
    "cruise_ms": "speeds",
    "climb_ms": "speeds",
    "descend_ms": "speeds",
    "max_airspeed_ms": "speeds",
    "wind_ms": "wind",
}


@dataclass(frozen=True)
class WpmlNumbers:
    """The numbers by which DJI's WPML knows a drone and its camera.

    `drone` and `drone_sub` are droneEnumValue and droneSubEnumValue; `payload` and `payload_sub` are
    payloadEnumValue and payloadSubEnumValue, None where DJI publishes none for the drone.
    """

    drone: int
    drone_sub: int = 0
    payload: int | None = None
    payload_sub: int | None = None
    payload_position: int = 0


@dataclass(frozen=True)
class Drone:
    """A drone with its camera, as `fleet.toml` describes it; `sources` says where figures come from.

    `endurance_min` is the flight time on one battery to empty without wind. `files` are the mission
    file formats it can fly (of `FILE_FORMATS`); `trigger` is who takes the photos: "distance" (the
    autopilot, by metres flown), "action" (an action of each waypoint) or "timer" (a person starts the
    camera's interval timer). `max_airspeed_ms` is its fastest flight through the air, `wind_ms` the
    strongest wind that its maker allows, `wpml` its numbers in DJI's files; None where unknown.
    """

    name: str
    title: str
    sensor_width_mm: float
    focal_length_mm: float
    width_px: int
    height_px: int
    min_interval_s: float
    endurance_min: float
    cruise_ms: float
    climb_ms: float
    descend_ms: float
    item_limit: int
    files: tuple[str, ...]
    trigger: str
    sources: Mapping[str, str] = field(default_factory=dict)
    max_airspeed_ms: float | None = None
    wind_ms: float | None = None
    wpml: WpmlNumbers | None = None

    def camera(self) -> Camera:
        """The drone's camera as geometry, without distortion."""
        source = f"fleet: {self.sources.get('camera', 'unverified')}"
        return Camera.centred(self.title, self.width_px, self.height_px, self._focal_px, source=source)

    def gsd_m(self, height_m: float) -> float:
        """Ground sample distance in metres a pixel, looking straight down from a height."""
        return height_m / self._focal_px

    def height_for_gsd_m(self, gsd_m: float) -> float:
        """The height above ground that gives a ground sample distance."""
        return gsd_m * self._focal_px

    def photo_spacing_m(self, wanted_m: float, speed_ms: float) -> float:
        """The distance between photos in flight: as wanted, or what a person's timer makes of the speed."""
        interval_s = self.timer_interval_s
        return wanted_m if interval_s is None else interval_s * speed_ms

    @property
    def limit_counts_commands(self) -> bool:
        """Whether `item_limit` counts all mission items (MAVLink), or waypoints only (remotes)."""
        return bool({"plan", "waypoints"} & set(self.files))

    @property
    def items_per_photo(self) -> int:
        """Items that one photo takes of `item_limit`: none where the camera fires by itself."""
        if self.trigger != "action":
            return 0
        return 2 if self.limit_counts_commands else 1

    @property
    def timer_interval_s(self) -> float | None:
        """What a person sets the camera's timer to; None where nobody has to start it."""
        return self.min_interval_s if self.trigger == "timer" else None

    @property
    def _focal_px(self) -> float:
        return self.focal_length_mm / self.sensor_width_mm * self.width_px


def read_fleet(file: Path | None = None) -> dict[str, Drone]:
    """Read all drones by name: the built-in ones, and those of a file of the same form.

    A drone in the file replaces the built-in one of its name. A drone that says `like = "name"` has
    that one's figures wherever it gives none itself; with its own name it changes the built-in drone.

    Raises PantauError when the file cannot be read, or a drone lacks a figure or has one that cannot be.
    """
    built_in = _read_tables(_FLEET_FILE)
    own = _read_tables(file) if file is not None else {}
    return {
        name: _drone(file if name in own and file is not None else _FLEET_FILE, name, built_in, own)
        for name in built_in | own
    }


def find_drone(name: str, file: Path | None = None) -> Drone:
    """The drone of this name, built in or of the file; PantauError with the known names if there is none."""
    fleet = read_fleet(file)
    if name not in fleet:
        raise PantauError(
            f"unknown drone {name!r}; known are {', '.join(sorted(fleet))}. Describe another one in a file "
            "of the form of the built-in fleet.toml."
        )
    return fleet[name]


def _read_tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PantauError(f"{file}: cannot be read as a fleet file ({error}); it must be TOML.") from error


def _drone(file: Path, name: str, built_in: Mapping[str, Any], own: Mapping[str, Any]) -> Drone:
    about = f"{file}: drone {name!r}"
    table = _inherited(about, name, (own, built_in))
    _check_names(about, table)
    for figure, bounds in _WITHIN.items():
        if table.get(figure) is not None:
            _check_figure(about, figure, table[figure], bounds)
    _check_words(about, table)
    wpml = _wpml_numbers(about, table)
    return Drone(name=name, **{**table, "files": tuple(table["files"]), "wpml": wpml})


def _inherited(about: str, name: str, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A drone's table, completed from the one that it is `like`.

    The layers are the user's drones and the built-in ones. A drone like itself is like that of the next.
    """
    table: dict[str, Any] = {"like": name}
    seen: set[tuple[str, int]] = set()
    here, level = "", -1
    while (parent := table.pop("like", None)) is not None:
        levels = range(level + 1 if parent == here else 0, len(layers))
        level = next((n for n in levels if isinstance(parent, str) and parent in layers[n]), -1)
        if level < 0 or (parent, level) in seen:
            why = "names no known drone" if parent != here and level < 0 else "goes round in circles"
            raise PantauError(f"{about}: like = {parent!r} {why}; name a drone of the fleet.")
        here = parent
        seen.add((here, level))
        table = _completed(table, _table(about, layers[level][here]))
    return table


def _table(about: str, table: Any) -> dict[str, Any]:
    if not isinstance(table, Mapping):
        raise PantauError(f"{about} is no table; write its name in brackets and its figures below.")
    sources = table.get("sources", {})
    if not isinstance(sources, Mapping) or not all(isinstance(text, str) for text in sources.values()):
        raise PantauError(f"{about}: sources must be a table of texts in quotes, one for each figure.")
    return dict(table)


def _completed(table: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """A table with another's figures where it gives none, and the sources of those figures."""
    replaced = {_SOURCE_NAMES.get(figure, figure) for figure in table}
    sources = {name: text for name, text in base.get("sources", {}).items() if name not in replaced}
    return {**base, **table, "sources": {**sources, **table.get("sources", {})}}


def _check_names(about: str, table: Mapping[str, Any]) -> None:
    known = {item.name for item in fields(Drone)} - {"name"}
    needed = {
        item.name for item in fields(Drone) if item.default is MISSING and item.default_factory is MISSING
    }
    missing, unknown = needed - {"name"} - table.keys(), table.keys() - known
    if missing or unknown:
        what = (
            f"lacks {', '.join(sorted(missing))}" if missing else f"has unknown {', '.join(sorted(unknown))}"
        )
        raise PantauError(f"{about} {what}; see the built-in fleet.toml for the form.")


def _check_figure(about: str, figure: str, value: Any, bounds: tuple[float, float]) -> None:
    whole = figure in _WHOLE_NUMBERS
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise PantauError(
            f"{about}: {figure} is {value!r}; it must be a {'whole ' if whole else ''}number without quotes."
        )
    if not bounds[0] <= value <= bounds[1]:
        raise PantauError(
            f"{about}: {figure} is {value}, which cannot be; it must be from {bounds[0]:g} to {bounds[1]:g}."
        )


def _check_words(about: str, table: Mapping[str, Any]) -> None:
    if not isinstance(table["title"], str) or not table["title"].strip():
        raise PantauError(f"{about}: title is {table['title']!r}; it must be a name for people, in quotes.")
    files = table["files"]
    if not isinstance(files, list) or not files or not all(name in FILE_FORMATS for name in files):
        raise PantauError(
            f"{about}: files is {files!r}; it must be a list of one or more of {', '.join(FILE_FORMATS)}."
        )
    if table["trigger"] not in TRIGGERS:
        raise PantauError(
            f"{about}: trigger is {table['trigger']!r}; it must be one of {', '.join(TRIGGERS)}."
        )


def _wpml_numbers(about: str, table: Mapping[str, Any]) -> WpmlNumbers | None:
    numbers = table.get("wpml")
    if numbers is None:
        if "wpml" in table["files"]:
            raise PantauError(f"{about} flies wpml but has no wpml numbers; give [….wpml] with drone = ….")
        return None
    known = {item.name for item in fields(WpmlNumbers)}
    if (
        not isinstance(numbers, Mapping)
        or not {"drone"} <= numbers.keys() <= known
        or not all(type(number) is int and 0 <= number <= 65_535 for number in numbers.values())
    ):
        raise PantauError(
            f"{about}: wpml is {numbers!r}; it must be a table of whole numbers with drone, and of "
            f"{', '.join(sorted(known - {'drone'}))} those that are published."
        )
    return WpmlNumbers(**numbers)
