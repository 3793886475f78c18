"""The vehicle's side of a recording, played to a client on a real TCP link, as MAVLink 2.

What the vehicle sent comes in the recorded order, as fast as the client takes it. What the client asks is
answered as the recording answered the same request. A request that the player waits for stops the play
until the client has made it, so that client and recording keep step without a clock.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.driving.vehicle import AUTO, Vehicle, connected
from flight.flight_log import FlightEvent, FlightLog, read_flight_log
from tests.flight.recorded import Recorded, Recording, rebuilt

ANSWERS = {
    "COMMAND_ACK", "STATUSTEXT", "PARAM_VALUE", "MISSION_ACK", "MISSION_COUNT",
    "MISSION_REQUEST", "MISSION_ITEM_INT", "MISSION_ITEM", "AUTOPILOT_VERSION",
}  # fmt: skip
STATE_COMMANDS = {176, 300, 400}  # answered with a heartbeat too
ANSWERED_WITHIN_S = 0.15  # of the recorder's clock
SLICE_S = 0.1
STILL_ALIVE_S = 0.5  # a player that waits repeats the last heartbeat, as a vehicle would go on with them
SYNC = "PING"  # a kind that no recording holds: it tells that all before it was taken

Key = tuple[Any, ...]
CaughtUp = Callable[[int], bool]


def request_key(name: str, fields: dict[str, Any]) -> Key:
    """What makes two requests the same."""
    if name == "COMMAND_LONG":
        return (name, fields["command"], fields["param1"], fields["param2"])
    named = [fields.get(field) for field in ("seq", "count", "custom_mode", "param_id")]
    kind = "MISSION_ITEM" if name == "MISSION_ITEM_INT" else name
    return (kind, *named, fields.get("mission_type", 0))


class RecordedVehicle:
    """One client is served. `waits_for` are kinds of requests that it has to make in the recorded order."""

    def __init__(
        self,
        recording: Recording,
        from_s: float,
        to_s: float,
        waits_for: Sequence[str] = (),
        others: Sequence[Recording] = (),
    ) -> None:
        self.heard: list[Any] = []  # what the client sent, heartbeats left out
        self.played_s = from_s
        self._play_to_s = from_s
        self.caught_up: CaughtUp = lambda number: True
        self._sent_syncs = 0
        self._waits_for = set(waits_for)
        self._made: set[int] = set()
        self._stretch = [m for m in recording.messages if from_s <= m.at_s <= to_s]
        self._next = 0
        heartbeats = recording.told("HEARTBEAT")
        self._heartbeat = ([m for m in heartbeats if m.at_s <= from_s] or heartbeats[:1])[-1]
        self._sent_at_s = 0.0
        self._answers = _answers(self._stretch)
        self._fallbacks = [_answers_in(other) for other in (recording, *others)]
        self._parameters = {m.param_id: m for m in recording.told("PARAM_VALUE", to_s=to_s)}
        self._mav = mavlink.MAVLink(None, srcSystem=1, srcComponent=1)
        self._mav.robust_parsing = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp:127.0.0.1:{self._listener.getsockname()[1]}"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def play(self, to_s: float, caught_up: CaughtUp) -> None:
        """Play on, up to a time of the recorder's clock, no faster than `caught_up` with its syncs."""
        self.caught_up = caught_up
        self._play_to_s = to_s

    def wait_until_played(self, limit_s: float = 30.0) -> None:
        """Wait until all is played and the client has taken it."""
        until_s = time.monotonic() + limit_s
        while self.played_s < self._play_to_s or not self.caught_up(self._sent_syncs):
            assert time.monotonic() < until_s, f"stuck at {self.played_s:.3f} s of the recording"
            time.sleep(0.001)

    @property
    def awaited(self) -> int | None:
        """Which message of the stretch is the next request that the client has to make."""
        for number in range(self._next, len(self._stretch)):
            message = self._stretch[number]
            if not message.from_vehicle and message.name in self._waits_for and number not in self._made:
                return number if message.at_s <= self._play_to_s else None
        return None

    def close(self) -> None:
        """End the connection."""
        self._stopped.set()
        self._thread.join(5)
        self._listener.close()

    # --- in the thread -----------------------------------------------------------------------

    def _serve(self) -> None:
        self._listener.settimeout(20)
        peer, _ = self._listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with peer, selectors.DefaultSelector() as selector:
            selector.register(peer, selectors.EVENT_READ)
            peer.sendall(self._greet())
            while not self._stopped.is_set():
                if selector.select(0.001):
                    data = peer.recv(65536)
                    if not data:
                        return
                    peer.sendall(b"".join(self._reply(m) for m in self._mav.parse_buffer(data) or []))
                elif self.played_s < self._play_to_s and self.caught_up(self._sent_syncs):
                    peer.sendall(self._slice())
                elif time.monotonic() - self._sent_at_s > STILL_ALIVE_S:
                    peer.sendall(self._packed([self._heartbeat]))

    def _greet(self) -> bytes:
        """A client connects at the first heartbeat."""
        if self._stretch[0].from_vehicle and self._stretch[0].name == "BAD_DATA":
            first = next(number for number, message in enumerate(self._stretch) if _is_heartbeat(message))
            self._next = first + 1
            return self._packed(self._stretch[: self._next])
        return self._packed([self._heartbeat])

    def _slice(self) -> bytes:
        """The next messages, up to a request that is waited for."""
        to_s = min(self._play_to_s, self.played_s + SLICE_S)
        messages, awaited = [], self.awaited
        while self._next < len(self._stretch) and self._stretch[self._next].at_s <= to_s:
            if self._next == awaited:
                return self._packed(messages, sync=bool(messages))
            messages.append(self._stretch[self._next])
            self._next += 1
        self.played_s = to_s
        return self._packed(messages, sync=True)

    def _packed(self, messages: Sequence[Recorded], sync: bool = False) -> bytes:
        self._sent_at_s = time.monotonic()
        self._heartbeat = next((m for m in reversed(messages) if _is_heartbeat(m)), self._heartbeat)
        packed = [_bytes(rebuilt(m), self._mav) for m in messages if m.from_vehicle]
        if sync:
            self._sent_syncs += 1
            packed.append(_bytes(mavlink.MAVLink_ping_message(0, self._sent_syncs, 0, 0), self._mav))
        return b"".join(packed)

    def _reply(self, message: Any) -> bytes:
        """The recorded answers to a request; the play goes on where it was waited for."""
        name, fields = message.get_type(), message.to_dict()
        if name in ("BAD_DATA", "HEARTBEAT", "REQUEST_DATA_STREAM"):
            return b""
        self.heard.append(message)
        if name == "PARAM_REQUEST_READ":
            known = self._parameters.get(message.param_id)
            return b"" if known is None else self._packed([known])
        key, awaited = request_key(name, fields), self.awaited
        answers = self._answers.get(key)
        if awaited is not None and _key_of(self._stretch[awaited]) == key:
            self._made.add(awaited)
            if answers is not None and len(answers) > 1:
                answers.pop(0)
            return b""
        if answers is None:
            return self._packed(next((other[key][0] for other in self._fallbacks if key in other), []))
        return self._packed(answers.pop(0) if len(answers) > 1 else answers[0])


def _key_of(request: Recorded) -> Key:
    return request_key(request.name, request.fields)


def _is_heartbeat(message: Recorded) -> bool:
    return message.from_vehicle and message.name == "HEARTBEAT"


def _bytes(message: Any, mav: Any) -> bytes:
    if isinstance(message, bytes):
        return message
    packed: bytes = message.pack(mav)
    mav.seq = (mav.seq + 1) % 256
    return packed


@cache
def _answers_in(recording: Recording) -> dict[Key, list[list[Recorded]]]:
    return _answers(recording.messages)


def _answers(messages: Sequence[Recorded]) -> dict[Key, list[list[Recorded]]]:
    """By request: what the vehicle answered each time it was made."""
    answers: dict[Key, list[list[Recorded]]] = defaultdict(list)
    for number, request in enumerate(messages):
        if request.from_vehicle or request.name == "HEARTBEAT":
            continue
        given = list(_answers_to(request, islice(messages, number + 1, None)))
        answers[_key_of(request)].append(given)
    return dict(answers)


def _answers_to(request: Recorded, following: Iterable[Recorded]) -> Iterator[Recorded]:
    for message in following:
        over = message.at_s > request.at_s + ANSWERED_WITHIN_S
        if over or (not message.from_vehicle and message.name != "HEARTBEAT"):
            return
        if message.name in ANSWERS or (
            _is_heartbeat(message) and request.fields.get("command") in STATE_COMMANDS
        ):
            yield message


@contextmanager
def served(
    recording: Recording,
    from_s: float,
    to_s: float,
    waits_for: Sequence[str] = (),
    others: Sequence[Recording] = (),
) -> Iterator[RecordedVehicle]:
    """A stretch of a recording, served as long as the context.

    Requests that were not made in it are answered as elsewhere in the recording, or in `others`.
    """
    vehicle = RecordedVehicle(recording, from_s, to_s, waits_for, others)
    try:
        yield vehicle
    finally:
        vehicle.close()


@dataclass
class Watched:
    """What the client made of a flight: `told` was said to the operator, `events` are the log's."""

    outcome: str
    reason: str
    photos: int
    photos_unheard: int
    distance_m: float
    told: list[str]
    events: list[FlightEvent]

    def texts(self, event: str) -> list[str]:
        """The texts of the log's events of one kind."""
        return [str(e.text) for e in self.events if e.event == event]

    def of(self, event: str) -> list[FlightEvent]:
        """The log's events of one kind."""
        return [e for e in self.events if e.event == event]


def watch(
    player: RecordedVehicle, vehicle: Vehicle, log_file: Path, to_s: float, mode: int = AUTO
) -> Watched:
    """Play on to a time of the recorder, with our client watching. The only place that knows `Watch`.

    `mode` is the flight mode that counts as chosen by us.
    """
    from flight.driving.authority import Authority
    from flight.driving.watch import WATCHED, Watch

    told: list[str] = []
    with FlightLog(log_file) as log, vehicle.link.listen(*WATCHED) as inbox:
        player.play(to_s, lambda number: has_taken(vehicle, number) and inbox._messages.empty())
        authority = Authority(mode=mode)
        watching = Watch(vehicle, log, told.append, None, authority=authority, camera_pitch_deg=-90.0)
        watching.run(inbox)
    photos = watching.photos
    return Watched(
        watching.outcome,
        watching.reason,
        photos.taken,
        photos.unheard,
        watching.distance_m,
        told,
        read_flight_log(log_file),
    )


def leave_the_ground(vehicle: Vehicle, say: Callable[[str], None]) -> None:
    """Our client's take-off. The only place that knows its arguments."""
    from flight.driving.interruption import Interrupts
    from flight.driving.takeoff import take_off

    take_off(vehicle, say, Interrupts(), 10.0)


def has_taken(vehicle: Vehicle, number: int) -> bool:
    """Whether the client has received all up to a sync of the player."""
    sync = vehicle.link.latest(SYNC)
    return number == 0 or (sync is not None and sync.seq >= number)


@contextmanager
def connected_to(player: RecordedVehicle) -> Iterator[Vehicle]:
    """Our client, connected."""
    with connected(player.url, 10) as vehicle:
        player.play(player.played_s, lambda number: has_taken(vehicle, number))
        yield vehicle
