"""Small missions around the place where a vehicle stands, and what became of flying one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from flight.driving.flight_result import FlightResult
from flight.flight_log import FlightEvent, read_flight_log
from flight.missions.mission import Home, Mission, MissionItem
from tests.contract.link_proxy import Passed
from vision.frames import LocalFrame

HEIGHT_M, SPEED_MS, SPACING_M = 15.0, 6.0, 8.0
WAYPOINT, RTL, TAKEOFF, SPEED, GIMBAL, TRIGGER = 16, 20, 22, 178, 205, 206
Place = tuple[float, float]  # metres east and north of home


def item(command: int, p1: float = 0.0, p2: float = 0.0, p3: float = 0.0, *, z: float = 0.0) -> MissionItem:
    """An item without a place."""
    frame = 3 if command == TAKEOFF else 2
    return MissionItem(command, frame, (p1, p2, p3, 0.0), 0.0, 0.0, z)


def waypoint(home: Home, place: Place, height_m: float = HEIGHT_M, frame: int = 3) -> MissionItem:
    """A place to fly to."""
    lat, lon = LocalFrame(home.lat, home.lon).to_lat_lon([list(place)])[0]
    return MissionItem(WAYPOINT, frame, (0.0, 0.0, 0.0, 0.0), float(lat), float(lon), height_m)


def photo_run(home: Home, *way: Place, height_m: float = HEIGHT_M) -> list[MissionItem]:
    """To the first place, then along the others with a photo each 8 m."""
    first, *others = [waypoint(home, place, height_m) for place in way]
    return [first, item(TRIGGER, SPACING_M, 0.0, 1.0), *others, item(TRIGGER)]


def sortie(home: Home, *runs: tuple[Place, ...], height_m: float = HEIGHT_M) -> Mission:
    """Take-off, camera down, the runs, return; by default one run of 40 m."""
    runs = runs or (((0.0, 12.0), (40.0, 12.0)),)
    flown = [each for run in runs for each in photo_run(home, *run, height_m=height_m)]
    begin = [item(TAKEOFF, z=height_m), item(SPEED, 1.0, SPEED_MS, -1.0), item(GIMBAL, -90.0, z=2.0)]
    return Mission(home, (*begin, *flown, item(RTL)), cruise_speed_ms=SPEED_MS)


def long_sortie(home: Home) -> Mission:
    """Two runs of 60 m: long enough for something to happen on the way."""
    return sortie(home, ((0.0, 12.0), (60.0, 12.0)), ((60.0, 24.0), (0.0, 24.0)))


def fenced(mission: Mission, east_m: float) -> Mission:
    """With a fence around home that ends so many metres east of it."""
    frame = LocalFrame(mission.home.lat, mission.home.lon)
    ring = [[-60.0, -60.0], [east_m, -60.0], [east_m, 80.0], [-60.0, 80.0]]
    corners = tuple((float(lat), float(lon)) for lat, lon in frame.to_lat_lon(ring))
    return replace(mission, fence=corners)


def metres_from(home: Home, lat_e7: int, lon_e7: int) -> tuple[float, float]:
    """A place of a message in metres east and north of home."""
    east, north = LocalFrame(home.lat, home.lon).to_metres(lat_e7 / 1e7, lon_e7 / 1e7)[0]
    return float(east), float(north)


@dataclass(frozen=True)
class Flown:
    """A flight that is over: its result, what the operator was told and when, its log and its traffic."""

    mission: Mission
    result: FlightResult
    said: tuple[tuple[float, str], ...]
    log_file: Path
    traffic: tuple[Passed, ...]

    @property
    def log(self) -> list[FlightEvent]:
        """The events of its log."""
        return read_flight_log(self.log_file)

    @property
    def events(self) -> list[str]:
        """The names of what happened, each once, in order."""
        return list(dict.fromkeys(event.event for event in self.log))

    def told_at_s(self, words: str) -> float | None:
        """When the operator was first told something with these words."""
        return next((at_s for at_s, text in self.said if words.lower() in text.lower()), None)

    def was_told(self, words: str) -> bool:
        """Whether the operator was told something with these words."""
        return self.told_at_s(words) is not None

    def of(self, direction: str, *names: str) -> list[Passed]:
        """Its messages of some kinds that went a way."""
        return [one for one in self.traffic if one.direction == direction and one.name in names]
