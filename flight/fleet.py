"""The drones that plans are made for: camera, endurance, speeds and what they can fly."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from vision.camera import Camera
from vision.errors import PantauError

_FLEET_FILE = Path(__file__).with_name("fleet.toml")
FILE_FORMATS = ("plan", "waypoints", "wpml", "litchi")


@dataclass(frozen=True)
class Drone:
    """A drone with its camera, as `fleet.toml` describes it; `sources` says where figures come from.

    `endurance_min` is the flight time on one battery to empty without wind. `files` are the mission
    file formats it can fly (of `FILE_FORMATS`); `trigger` is who takes the photos: "distance" (the
    autopilot, by metres flown), "action" (an action of each waypoint) or "timer" (a person starts it).
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
    sources: Mapping[str, str]

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

    @property
    def limit_counts_commands(self) -> bool:
        """Whether `item_limit` counts all mission items (MAVLink), or waypoints only (DJI remotes)."""
        return bool({"plan", "waypoints"} & set(self.files))

    @property
    def _focal_px(self) -> float:
        return self.focal_length_mm / self.sensor_width_mm * self.width_px


def read_fleet(file: Path | None = None) -> dict[str, Drone]:
    """Read all drones by name, from the built-in fleet or a file of the same form.

    Raises PantauError when the file cannot be read, or a drone lacks a figure.
    """
    file = file or _FLEET_FILE
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PantauError(f"{file}: cannot be read as a fleet file ({error}); it must be TOML.") from error
    return {name: _drone(file, name, table) for name, table in tables.items()}


def find_drone(name: str, file: Path | None = None) -> Drone:
    """The drone of this name; PantauError with the known names when there is none."""
    fleet = read_fleet(file)
    if name not in fleet:
        raise PantauError(f"unknown drone {name!r}; known are {', '.join(sorted(fleet))}.")
    return fleet[name]


def _drone(file: Path, name: str, table: Mapping[str, Any]) -> Drone:
    known = {field.name for field in fields(Drone)} - {"name", "sources"}
    missing, unknown = known - table.keys(), table.keys() - known - {"sources"}
    if missing or unknown:
        what = (
            f"lacks {', '.join(sorted(missing))}" if missing else f"has unknown {', '.join(sorted(unknown))}"
        )
        raise PantauError(f"{file}: drone {name!r} {what}; see the built-in fleet.toml for the form.")
    values = {**table, "files": tuple(table["files"]), "sources": dict(table.get("sources", {}))}
    drone = Drone(name=name, **values)
    if not set(drone.files) <= set(FILE_FORMATS):
        raise PantauError(f"{file}: drone {name!r} names unknown files; known are {', '.join(FILE_FORMATS)}.")
    return drone
