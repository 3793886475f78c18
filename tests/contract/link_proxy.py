"""A MAVLink proxy between a ground station (the client) and a vehicle, through which links fail on purpose.

The connection to the vehicle stays open all the time (ArduPilot's simulator takes one client only), while
clients come and go on a TCP port of this machine. Whole messages pass or fail; what passes untouched passes
byte by byte. The proxy can also speak: to the vehicle as a pilot, to the client as anybody.
"""

from __future__ import annotations

import heapq
import itertools
import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.contract.link_faults import TO_CLIENT, TO_VEHICLE, Rule
from tests.contract.vehicle_side import open_vehicle_side

PILOT = 254  # the system that the proxy speaks as to the vehicle
IDLE_S = 0.05
SEND_LIMIT_S = 2.0
# A ground station's heartbeat counts this long; it comes each second.
HEARTBEAT_COUNTS_S = 1.6


@dataclass(frozen=True)
class Passed:
    """A message that came to the proxy; `delivered` whether it went on (perhaps later or changed)."""

    at_s: float
    direction: str
    message: Any
    delivered: bool

    @property
    def name(self) -> str:
        """The message's MAVLink name."""
        return str(self.message.get_type())


Wanted = Callable[[Passed], bool]


class LinkProxy:
    """Starts at once, in a thread of its own; `url` is for clients. One client at a time, as a real vehicle.

    `heartbeats_hz` repeats the client's heartbeats so often as long as it sends them itself: on a vehicle
    whose clock runs fast they would come too rarely else. It is set when the vehicle's clock is known.
    """

    def __init__(self, vehicle_url: str) -> None:
        self.heartbeats_hz = 1.0
        self.rules: tuple[Rule, ...] = ()
        self._frozen: frozenset[str] = frozenset()
        self._record: list[Passed] = []
        self._heard = threading.Condition()
        self._latest: dict[str, Any] = {}
        self._vehicle = open_vehicle_side(vehicle_url)
        self._listener: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self._client: socket.socket | None = None
        self._parsers = {direction: _parser() for direction in (TO_VEHICLE, TO_CLIENT)}
        self._voices: dict[tuple[int, int], Any] = {}
        self._due: list[tuple[float, int, str, bytes]] = []
        self._numbers = itertools.count()
        self._heartbeat: tuple[bytes, float] = (b"", 0.0)
        self._heartbeat_sent_at_s = 0.0
        self._listen_at_s: float | None = None
        self._repeated: tuple[Any, ...] = ()
        self._calls: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]] = queue.SimpleQueue()
        self._waker, self._woken = socket.socketpair()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="link proxy", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"tcp:127.0.0.1:{self._port}"

    # --- what passed -------------------------------------------------------------------------

    @property
    def record(self) -> list[Passed]:
        """All that came since `forget`, in order."""
        with self._heard:
            return list(self._record)

    @property
    def count(self) -> int:
        """How many messages the record holds: a place in it to wait from."""
        with self._heard:
            return len(self._record)

    def sent(self, *names: str) -> list[Any]:
        """What the client sent (of these kinds, if any are named), whether it was delivered or not."""
        passed = [one for one in self.record if one.direction == TO_VEHICLE]
        return [one.message for one in passed if not names or one.name in names]

    def told(self, *names: str) -> list[Any]:
        """What the vehicle sent (of these kinds, if any are named), whether it was delivered or not."""
        passed = [one for one in self.record if one.direction == TO_CLIENT]
        return [one.message for one in passed if not names or one.name in names]

    def latest(self, name: str) -> Any | None:
        """The vehicle's last message of a kind."""
        return self._latest.get(name)

    def forget(self) -> None:
        """Begin the record anew."""
        with self._heard:
            self._record = []
            self._latest.clear()

    def wait_for(self, wanted: Wanted, limit_s: float, since: int = 0) -> Passed | None:
        """The first message of the record, from number `since` on, that is wanted; None in vain."""
        until_s = time.monotonic() + limit_s
        with self._heard:
            record = self._record
            while True:
                for one in itertools.islice(record, since, None):
                    if wanted(one):
                        return one
                since = len(record)
                left_s = until_s - time.monotonic()
                if left_s <= 0:
                    return None
                self._heard.wait(left_s)

    # --- what it says itself -----------------------------------------------------------------

    def tell_vehicle(self, name: str, **fields: Any) -> None:
        """Send the vehicle a message as the pilot; it is not part of the record."""
        message = _message(name, fields)
        self._do(lambda: self._put(TO_VEHICLE, self._packed(message, PILOT, 1)))

    def tell_client(self, name: str, system: int, component: int, **fields: Any) -> None:
        """Send the client a message as some system; it is not part of the record."""
        message = _message(name, fields)
        self._do(lambda: self._put(TO_CLIENT, self._packed(message, system, component)))

    @contextmanager
    def another_heartbeat(self, system: int, component: int, **fields: Any) -> Iterator[None]:
        """Meanwhile another system is heard on the link, with a heartbeat each time the vehicle sends one."""
        self._repeated = (*self._repeated, (system, component, fields))
        try:
            yield
        finally:
            self._repeated = ()

    # --- how the link fails ------------------------------------------------------------------

    @contextmanager
    def under(self, *rules: Rule) -> Iterator[None]:
        """Meanwhile messages pass by these rules; the first that says anything about one decides."""
        before, self.rules = self.rules, (*rules, *self.rules)
        try:
            yield
        finally:
            self.rules = before

    def freeze(self, *directions: str) -> None:
        """Let nothing pass any more (in these directions, else in both), with all connections open."""
        self._do(lambda: setattr(self, "_frozen", frozenset(directions or (TO_VEHICLE, TO_CLIENT))))

    def thaw(self) -> None:
        """Let everything pass again; what came meanwhile is lost."""
        self._do(lambda: setattr(self, "_frozen", frozenset()))

    def cut(self, for_s: float = float("inf")) -> None:
        """Close the client's connection, and refuse new ones for so many seconds."""
        self._do(lambda: self._cut(for_s))

    def mend(self) -> None:
        """End everything that keeps the link from working, and hang up on the client."""
        self._do(self._mend)

    def close(self) -> None:
        """End the proxy and its connections."""
        self._ending = True
        self._waker.send(b"x")
        self._thread.join(5.0)
        for end in (self._client, self._listener, self._waker, self._woken):
            if end is not None:
                end.close()
        self._vehicle.close()

    # --- its thread --------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._ending:
            ends = {self._woken: lambda: self._woken.recv(4096)} | self._open_ends()
            with selectors.DefaultSelector() as selector:
                for end, ready in ends.items():
                    selector.register(end, selectors.EVENT_READ, ready)
                for key, _ in selector.select(self._pause_s()):
                    key.data()
            if self._vehicle.must_be_polled:
                self._from_vehicle()
            self._run_calls()
            self._keep_up()

    def _open_ends(self) -> dict[Any, Callable[[], Any]]:
        ends: dict[Any, Callable[[], Any]] = {}
        if self._vehicle.end is not None:
            ends[self._vehicle.end] = self._from_vehicle
        if self._client is not None:
            ends[self._client] = self._from_client
        elif self._listener is not None:
            ends[self._listener] = self._accept
        return ends

    def _pause_s(self) -> float:
        if self._vehicle.must_be_polled:
            return 0.002
        due_s = self._due[0][0] - time.monotonic() if self._due else IDLE_S
        return max(0.0, min(IDLE_S, due_s, 1 / self.heartbeats_hz))

    def _keep_up(self) -> None:
        """What is due by the clock."""
        now_s = time.monotonic()
        while self._due and self._due[0][0] <= now_s:
            _, _, direction, data = heapq.heappop(self._due)
            self._put(direction, data)
        if self._listen_at_s is not None and now_s >= self._listen_at_s:
            self._listen()
        data, counts_until_s = self._heartbeat
        beat_s = 1 / self.heartbeats_hz
        alive = now_s < counts_until_s and TO_VEHICLE not in self._frozen
        if beat_s < 1 and alive and now_s - self._heartbeat_sent_at_s >= beat_s:
            self._heartbeat_sent_at_s = now_s
            self._put(TO_VEHICLE, data)

    def _from_vehicle(self) -> None:
        for message in self._parsers[TO_CLIENT].parse_buffer(self._vehicle.read()) or ():
            self._take(TO_CLIENT, message)
            if message.get_type() == "HEARTBEAT":
                for system, component, fields in self._repeated:
                    self._put(TO_CLIENT, self._packed(_message("HEARTBEAT", fields), system, component))

    def _from_client(self) -> None:
        if self._client is None:  # hung up a moment ago, when it took nothing any more
            return
        try:
            data = self._client.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        for message in self._parsers[TO_VEHICLE].parse_buffer(data) or ():
            self._take(TO_VEHICLE, message)

    def _take(self, direction: str, message: Any) -> None:
        """Decide about a message, send on what is left of it, and record it."""
        now_s = time.monotonic()
        parcels = self._decided(direction, message)
        for delay_s, data in parcels:
            if delay_s > 0:
                heapq.heappush(self._due, (now_s + delay_s, next(self._numbers), direction, data))
            else:
                self._put(direction, data)
        name = message.get_type()
        if direction == TO_VEHICLE and name == "HEARTBEAT" and parcels:
            self._heartbeat = (parcels[0][1], now_s + HEARTBEAT_COUNTS_S)
            self._heartbeat_sent_at_s = now_s
        with self._heard:
            if direction == TO_CLIENT:
                self._latest[name] = message
            self._record.append(Passed(now_s, direction, message, bool(parcels)))
            self._heard.notify_all()

    def _decided(self, direction: str, message: Any) -> list[tuple[float, bytes]]:
        if direction in self._frozen:
            return []
        if direction == TO_CLIENT and getattr(message, "target_system", 0) == PILOT:
            return []  # an answer to us
        for rule in self.rules:
            parcels = rule(direction, message)
            if parcels is not None:
                return parcels
        return [(0.0, bytes(message.get_msgbuf()))]

    def _put(self, direction: str, data: bytes) -> None:
        if direction == TO_VEHICLE:
            self._vehicle.write(data)
        elif self._client is not None:
            try:
                self._client.sendall(data)
            except OSError:
                self._hang_up()

    def _packed(self, message: Any, system: int, component: int) -> bytes:
        voice = self._voices.setdefault(
            (system, component), mavlink.MAVLink(None, srcSystem=system, srcComponent=component)
        )
        data = message.pack(voice)
        voice.seq = (voice.seq + 1) % 256
        return bytes(data)

    def _accept(self) -> None:
        assert self._listener is not None
        self._client, _ = self._listener.accept()
        self._client.settimeout(SEND_LIMIT_S)
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._parsers[TO_VEHICLE] = _parser()

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None
        self._heartbeat = (b"", 0.0)

    def _cut(self, for_s: float) -> None:
        """The next connection is a new one to the vehicle, too: it sends no streams until it is asked."""
        self._hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._listen_at_s = time.monotonic() + for_s
        stop = _message("REQUEST_DATA_STREAM", {"req_stream_id": 0, "req_message_rate": 0, "start_stop": 0})
        self._put(TO_VEHICLE, self._packed(stop, PILOT, 1))

    def _mend(self) -> None:
        self._frozen = frozenset()
        self.rules = ()
        self._repeated = ()
        self._due.clear()
        self._hang_up()
        if self._listener is None:
            self._listen()

    def _listen(self) -> None:
        self._listen_at_s = None
        self._listener = socket.create_server(("127.0.0.1", self._port))

    def _do(self, call: Callable[[], None]) -> None:
        """Have the thread do something, and wait until it has."""
        done: Future[None] = Future()
        self._calls.put((call, done))
        self._waker.send(b"x")
        done.result(timeout=10.0)

    def _run_calls(self) -> None:
        with suppress(queue.Empty):
            while True:
                call, done = self._calls.get_nowait()
                try:
                    done.set_result(call())
                except Exception as error:
                    done.set_exception(error)


def _parser() -> Any:
    parser = mavlink.MAVLink(None)
    parser.robust_parsing = True
    return parser


def _message(name: str, fields: dict[str, Any]) -> Any:
    build = getattr(mavlink, f"MAVLink_{name.lower()}_message")
    addressed = {target: 1 for target in {"target_system", "target_component"} & set(build.fieldnames)}
    return build(**addressed | fields)
