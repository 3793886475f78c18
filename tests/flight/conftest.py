"""What tests of flying share: missions, a simulated vehicle on a real link, and one without a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from flight.missions.mission import Home, Mission, MissionItem
from vision.frames import LocalFrame

HOME = Home(-6.3073, 106.8404, 30.0)
TIME_FACTOR = 30.0


def _item(command: int, *p: float, z: float = 0.0, frame: int = 2) -> MissionItem:
    p1, p2, p3, p4 = (*p, 0.0, 0.0, 0.0, 0.0)[:4]
    return MissionItem(command, frame, (p1, p2, p3, p4), 0.0, 0.0, z)


@pytest.fixture
def home() -> Home:
    """Where the simulated vehicle stands."""
    return HOME


@pytest.fixture
def waypoint() -> Callable[..., MissionItem]:
    """Makes a waypoint some metres east and north of home."""

    def make(east_m: float, north_m: float, height_m: float = 20.0, hold_s: float = 0.0) -> MissionItem:
        lat, lon = LocalFrame(HOME.lat, HOME.lon).to_lat_lon([[east_m, north_m]])[0]
        return MissionItem(16, 3, (hold_s, 0.0, 0.0, 0.0), float(lat), float(lon), height_m)

    return make


@pytest.fixture
def short_mission(waypoint: Callable[..., MissionItem]) -> Mission:
    """Take-off, camera down, one run of 40 m with a photo each 8 m, return."""
    items = (
        _item(22, z=20.0, frame=3),
        _item(178, 1.0, 6.0, -1.0),
        _item(205, -90.0, z=2.0),
        waypoint(0, 15),
        _item(206, 8.0, 0.0, 1.0),
        waypoint(40, 15),
        _item(206),
        _item(20),
    )
    return Mission(HOME, items, cruise_speed_ms=6.0)


@pytest.fixture
def simulated() -> Callable[..., AbstractContextManager[Any]]:
    """Starts the simulated vehicle as a process; options as `process.simulated_vehicle` takes them."""
    from flight.simulator.process import simulated_vehicle

    def start(*more: str, **options: Any) -> AbstractContextManager[Any]:
        options = {"time_factor": TIME_FACTOR} | options
        return simulated_vehicle(HOME.lat, HOME.lon, HOME.alt_m, more=more, **options)

    return start


class BenchLink:
    """A connection of a vehicle on the bench: what it sends and passes on is kept."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.forwarded: list[Any] = []
        self.stream_hz: dict[str, float] = {}
        self.heard: set[tuple[int, int]] = set()
        self.restarts = 0

    def send(self, message: Any) -> None:
        """Called by the vehicle as of a connection."""
        self.sent.append(message)

    def forward(self, message: Any) -> None:
        """Called by the vehicle as of a connection."""
        self.forwarded.append(message)

    def restart(self) -> None:
        """Called by the vehicle as of a connection."""
        self.restarts += 1
        self.stream_hz = {}


class Bench(BenchLink):
    """A simulated vehicle without link and real time: messages in and out as objects."""

    def __init__(self, others: tuple[BenchLink, ...] = (), **setting: Any) -> None:
        super().__init__()
        from pymavlink.dialects.v20 import ardupilotmega as mavlink

        from flight.simulator.autopilot import Setting
        from flight.simulator.vehicle import SimulatedVehicle

        self.mavlink = mavlink
        self.wall_s = 0.0
        options = {"lat": HOME.lat, "lon": HOME.lon, "alt_msl_m": HOME.alt_m} | setting
        self.vehicle = SimulatedVehicle(Setting(**options), [self, *others])  # type: ignore[list-item]

    @property
    def pilot(self) -> Any:
        """The autopilot inside."""
        return self.vehicle.pilot

    def message(self, name: str, *values: Any, source: tuple[int, int] = (255, 190), **fields: Any) -> Any:
        """A message of a system and component."""
        message = getattr(self.mavlink, f"MAVLink_{name.lower()}_message")(*values, **fields)
        message.get_srcSystem, message.get_srcComponent = (lambda: source[0]), (lambda: source[1])
        return message

    def tell(self, name: str, *values: Any, **fields: Any) -> list[Any]:
        """Send the vehicle a message and give what it answers at once."""
        before = len(self.sent)
        self.vehicle.handle(self, self.message(name, *values, **fields), self.wall_s)  # type: ignore[arg-type]
        return self.sent[before:]

    def set(self, **parameters: float) -> None:
        """Set parameters, faults among them."""
        for name, value in parameters.items():
            assert self.tell("PARAM_SET", 1, 1, name.encode(), value, 9), name

    def command(self, number: int, *p: float) -> int:
        """Send a command and give its MAV_RESULT."""
        answers = self.tell("COMMAND_LONG", 1, 1, number, 0, *(*p, *[0.0] * 7)[:7])
        return int(next(a.result for a in answers if a.get_type() == "COMMAND_ACK"))

    def upload(self, items: tuple[MissionItem, ...], mission_type: int = 0) -> int:
        """Upload items (behind a home item) and give the MAV_MISSION_RESULT."""
        from flight.missions.mission_meaning import place_e7

        listed = (MissionItem(16, 0, (0.0,) * 4, 0.0, 0.0, 0.0), *items) if mission_type == 0 else items  # type: ignore[arg-type]
        answers = self.tell("MISSION_COUNT", 1, 1, len(listed), mission_type)
        while answers and answers[0].get_type() == "MISSION_REQUEST":
            seq = answers[0].seq
            item = listed[seq]
            head = (1, 1, seq, item.frame, item.command, 0, 1)
            answers = self.tell(
                "MISSION_ITEM_INT", *head, *item.params, *place_e7(item), item.alt_m, mission_type
            )
        return int(answers[0].type)

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let simulated time pass; True as soon as something is so."""
        for _ in range(round(seconds / 0.02)):
            self.wall_s += 0.02
            self.vehicle.step(0.02, self.wall_s)
            if until():
                return True
        return False

    def texts(self) -> list[str]:
        """All it has said."""
        return [str(m.text) for m in self.sent if m.get_type() == "STATUSTEXT"]

    def of_type(self, name: str) -> list[Any]:
        """All messages of a kind that it has sent."""
        return [message for message in self.sent if message.get_type() == name]


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    """Makes a vehicle without a link; its fields as in `autopilot.Setting`, `others` are further links."""
    yield Bench


@pytest.fixture
def ready(bench: Callable[..., Bench]) -> Callable[..., Bench]:
    """Makes a vehicle that is ready to arm, in GUIDED, with its streams on."""

    def make(**setting: Any) -> Bench:
        made = bench(**setting)
        made.tell("REQUEST_DATA_STREAM", 1, 1, 0, 4, 1)
        made.run(42)
        made.tell("SET_MODE", 1, 1, 4)
        return made

    return make
