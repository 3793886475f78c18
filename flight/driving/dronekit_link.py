"""The link to a vehicle, through dronekit. The only module that knows dronekit.

dronekit 2.9.2 owns the connection and its two threads, sends our heartbeat each second and addresses
what we send. Everything above it reads messages from inboxes in its own thread, because an exception
in a dronekit listener would be logged and lost.

What has to be repaired, and why:

* `past.builtins.basestring` and `collections.MutableMapping` are imported by dronekit but are gone
  (pymavlink ≥ 2.4.48 no longer brings `past`; Python 3.10 removed the other).
* `MAVLINK20=1`: else pymavlink swaps its MAVLink object at the first MAVLink 2 packet, dronekit's
  addressing is lost, and commands go to system 0.
* `Vehicle.initialize` is not used: it fetches all parameters (1,423 on a real vehicle) and two of its
  loops have no time limit. `_start` does the rest of it.
* At the end of a TCP stream pymavlink prints to stdout and reads on for ever, in a busy loop; here it
  ends dronekit's reader thread, and `silence_s` tells.
* dronekit logs STATUSTEXT and its own errors to stderr by logging's last resort; they are told by us.
* Nothing reconnects: `reconnect` makes a new dronekit vehicle under the same inboxes.
* `close` waits until everything is sent, for ever on a link that takes nothing; here it does not.
* pymavlink connects to TCP without a time limit; here it has one.
"""

from __future__ import annotations

import collections
import collections.abc
import contextlib
import errno
import io
import logging
import os
import queue
import socket
import sys
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vision.errors import PantauError

os.environ["MAVLINK20"] = "1"
GROUND_STATION_SYSTEM = 255  # SYSID_MYGCS: whose heartbeats keep the vehicle's GCS failsafe quiet
# MAV_COMP_ID_USER1. Not 190, which other ground stations are: a vehicle passes their heartbeats on to us
# only when they differ from ours, and a second station of system 255 must be noticed.
GROUND_STATION_COMPONENT = 25
AUTOPILOT_COMPONENT = 1
GROUND_STATION_TYPE = 6  # MAV_TYPE_GCS
SERIAL_BAUD = 57600
MOST_LATE = 100  # packets, two seconds of a busy link; farther back they have begun to count anew
TEXT_PIECE = 50  # characters of a STATUSTEXT
TCP_TRIES = 7  # of pymavlink, a second apart

Waiting = Callable[[float], None]


def import_dronekit() -> Any:
    """The module dronekit, imported with the names restored that it needs. Raises ImportError."""
    if "past.builtins" not in sys.modules:
        past, builtins = types.ModuleType("past"), types.ModuleType("past.builtins")
        builtins.basestring = str  # type: ignore[attr-defined]
        past.builtins = builtins  # type: ignore[attr-defined]
        sys.modules |= {"past": past, "past.builtins": builtins}
    if not hasattr(collections, "MutableMapping"):
        collections.MutableMapping = collections.abc.MutableMapping  # type: ignore[attr-defined]
    for name in ("dronekit", "autopilot"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    import dronekit

    return dronekit


class Inbox:
    """The messages of some kinds that have come since it was opened, in order."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._messages: queue.Queue[Any] = queue.Queue()

    def put(self, message: Any) -> None:
        """Add a message (from the reader thread)."""
        self._messages.put(message)

    def next(self, timeout_s: float) -> Any | None:
        """The next message, or None when none comes in time."""
        try:
            return self._messages.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None


class TextPieces:
    """Joins STATUSTEXTs of more than 50 characters, which come in numbered pieces."""

    def __init__(self) -> None:
        self._number = 0
        self._texts: dict[int, str] = {}

    def joined(self, message: Any) -> Any | None:
        """The message with its whole text; None while pieces are missing."""
        if message.id == 0:
            return message
        if message.id != self._number:
            self._number, self._texts = message.id, {}
        self._texts[message.chunk_seq] = message.text
        if len(message.text) == TEXT_PIECE:
            return None
        message.text = "".join(self._texts[piece] for piece in sorted(self._texts))
        return message


class Link:
    """A connection to one vehicle. `open_link` makes one; close it when done."""

    def __init__(self, url: str, stream_hz: int) -> None:
        self.url = url
        self.stations: dict[tuple[int, int], float] = {}
        self._stream_hz = stream_hz
        self._vehicle: Any = None
        self._system = 0
        self._opened_at_s = time.monotonic()
        self._heard_at_s = 0.0
        self._latest: dict[str, Any] = {}
        self._packet_numbers: dict[tuple[int, int], int] = {}
        self._text_pieces = TextPieces()
        self._inboxes: tuple[Inbox, ...] = ()

    @property
    def silence_s(self) -> float:
        """Seconds since the last message of the vehicle came."""
        return time.monotonic() - self._heard_at_s

    @property
    def connected_for_s(self) -> float:
        """Seconds since the vehicle answered on this connection."""
        return time.monotonic() - self._opened_at_s

    @property
    def open(self) -> bool:
        """Whether messages can still come; a serial or UDP link that is only silent is open."""
        return self._vehicle is not None and bool(self._vehicle._handler._alive)

    def other_stations(self) -> dict[tuple[int, int], float]:
        """Other ground stations heard here: (system, component) and seconds since they were."""
        now_s = time.monotonic()
        return {station: now_s - heard_s for station, heard_s in self.stations.items()}

    def latest(self, name: str) -> Any | None:
        """The last message of a kind, or None."""
        return self._latest.get(name)

    def send(self, name: str, **fields: Any) -> None:
        """Send a message by its MAVLink name to the vehicle; `target_system` is filled in.

        While the connection is down nothing is sent, and nothing raised: what matters is answered.
        """
        if self._vehicle is None:
            return
        from pymavlink.dialects.v20 import ardupilotmega as mavlink

        build = getattr(mavlink, f"MAVLink_{name.lower()}_message")
        targets = {"target_system", "target_component"} & set(build.fieldnames)
        addressed = {target: AUTOPILOT_COMPONENT for target in targets}
        self._vehicle.send_mavlink(build(**addressed | fields))

    @contextmanager
    def listen(self, *names: str) -> Iterator[Inbox]:
        """An inbox for messages of these kinds, open as long as the context."""
        inbox = Inbox(names)
        self._inboxes = (*self._inboxes, inbox)
        try:
            yield inbox
        finally:
            self._inboxes = tuple(other for other in self._inboxes if other is not inbox)

    def ask_for_streams(self) -> None:
        """Ask the vehicle to tell of itself all the time: before, it only sends heartbeats."""
        self.send("REQUEST_DATA_STREAM", req_stream_id=0, req_message_rate=self._stream_hz, start_stop=1)

    def reconnect(self, limit_s: float) -> bool:
        """Open the connection again, after it was lost; False when the same vehicle does not answer.

        Inboxes stay. What the vehicle told before is forgotten: it may have changed.
        """
        try:
            self._connect(limit_s, None)
        except PantauError:
            return False
        return True

    def close(self) -> None:
        """End the connection and its threads; what has not been sent yet is dropped."""
        vehicle, self._vehicle = self._vehicle, None
        if vehicle is None:
            return
        handler = vehicle._handler
        handler._alive = False
        handler.out_queue = queue.Queue()
        with contextlib.suppress(OSError, RuntimeError):
            handler.stop_threads()
        with contextlib.suppress(OSError):
            handler.master.close()

    def _connect(self, limit_s: float, waiting: Waiting | None) -> None:
        """Raises PantauError when nothing answers in time; then there is no connection."""
        self.close()
        self._latest.clear()
        self._packet_numbers.clear()
        start_s = time.monotonic()
        vehicle = _dronekit_vehicle(self.url, limit_s)
        vehicle.add_message_listener("*", lambda _, name, message: self._received(vehicle, name, message))
        self._vehicle = vehicle
        try:
            self._wait_for_heartbeat(start_s + limit_s, waiting)
        except BaseException:
            self.close()
            raise
        self._opened_at_s = time.monotonic()
        vehicle._handler.target_system = self._system
        self.ask_for_streams()

    def _wait_for_heartbeat(self, until_s: float, waiting: Waiting | None) -> None:
        start_s = time.monotonic()
        with self.listen("HEARTBEAT") as inbox:
            self._vehicle._handler.start()
            while (heartbeat := inbox.next(min(1.0, until_s - time.monotonic()))) is None:
                if time.monotonic() >= until_s:
                    raise PantauError(
                        f"No vehicle answered on {self.url}; check that it is powered, that the cable or "
                        "radio is connected, and the address and baud rate."
                    )
                if waiting:
                    waiting(time.monotonic() - start_s)
        self._system = heartbeat.get_srcSystem()

    def _comes_late(self, source: tuple[int, int], number: int) -> bool:
        """Whether a message was sent before one that has come already, by its packet number."""
        behind = (self._packet_numbers.get(source, number) - number) % 256
        if 0 < behind < MOST_LATE:
            return True
        self._packet_numbers[source] = number
        return False

    def _received(self, vehicle: Any, name: str, message: Any) -> None:
        """Called in dronekit's reader thread for every message."""
        if vehicle is not self._vehicle or name == "BAD_DATA":
            return
        source = (message.get_srcSystem(), message.get_srcComponent())
        if name == "HEARTBEAT" and not _of_autopilot(message):
            if message.type == GROUND_STATION_TYPE:
                self.stations = self.stations | {source: time.monotonic()}
            return
        if self._system and source[0] != self._system:
            return
        self._heard_at_s = time.monotonic()
        late = self._comes_late(source, message.get_seq())
        if late and name == "HEARTBEAT":
            return  # an old flight mode would look like a new one
        if name == "STATUSTEXT" and (message := self._text_pieces.joined(message)) is None:
            return
        if not late:
            self._latest[name] = message
        for inbox in self._inboxes:
            if name in inbox.names:
                inbox.put(message)


def open_link(url: str, limit_s: float = 30.0, stream_hz: int = 4, waiting: Waiting | None = None) -> Link:
    """Connect to a vehicle and wait for its heartbeat.

    `url` is `tcp:HOST:PORT`, `udp:HOST:PORT` (listens), `udpout:HOST:PORT` or `serial:DEVICE[:BAUD]`.
    `waiting` is told the seconds waited, about each second. Raises PantauError when nothing answers
    within `limit_s` seconds.
    """
    link = Link(url, stream_hz)
    link._connect(limit_s, waiting)
    return link


def _dronekit_vehicle(url: str, limit_s: float) -> Any:
    """dronekit's vehicle, connected but not started. Raises PantauError."""
    address, baud = _address(url)
    dronekit = import_dronekit()
    limit_before_s = socket.getdefaulttimeout()
    try:
        # pymavlink tells of its attempts to connect on stdout, which belongs to results.
        with contextlib.redirect_stdout(io.StringIO()):
            socket.setdefaulttimeout(max(0.5, limit_s / TCP_TRIES))
            vehicle = dronekit.connect(
                address,
                _initialize=False,
                baud=baud,
                source_system=GROUND_STATION_SYSTEM,
                source_component=GROUND_STATION_COMPONENT,
            )
    except ImportError as error:
        raise PantauError(
            f"Cannot connect to {url}: {error}; install it with `pip install pyserial`."
        ) from None
    except (OSError, ValueError, dronekit.APIException) as error:
        raise PantauError(f"Cannot connect to {url}: {error}; check the address.") from None
    finally:
        socket.setdefaulttimeout(limit_before_s)
    _end_reader_at_end_of_stream(vehicle._handler.master)
    return vehicle


def _address(url: str) -> tuple[str, int]:
    """pymavlink's name of the device, and the baud rate."""
    kind, _, rest = url.partition(":")
    if kind in ("tcp", "udp", "udpin", "udpout") and rest.rpartition(":")[2].isdigit():
        return ("udpin:" + rest if kind == "udp" else url), SERIAL_BAUD
    if kind == "serial" and rest:
        device, _, baud = rest.rpartition(":")
        return (device, int(baud)) if device and baud.isdigit() else (rest, SERIAL_BAUD)
    raise PantauError(
        f"{url!r} is no connection; use tcp:HOST:PORT, udp:HOST:PORT or serial:DEVICE[:BAUD], "
        "for example udp:0.0.0.0:14550 or serial:COM3:57600."
    )


def _end_reader_at_end_of_stream(master: Any) -> None:
    def end() -> None:
        raise ConnectionAbortedError(errno.ECONNABORTED, "the other side closed the connection")

    for name in ("handle_eof", "handle_disconnect"):
        if hasattr(master, name):
            setattr(master, name, end)


def _of_autopilot(heartbeat: Any) -> bool:
    """Not of a ground station, gimbal or camera: those have MAV_AUTOPILOT_INVALID."""
    return bool(heartbeat.autopilot != 8)
