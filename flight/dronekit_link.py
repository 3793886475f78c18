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
import sys
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vision.errors import PantauError

os.environ["MAVLINK20"] = "1"
GROUND_STATION_SYSTEM = 255  # SYSID_MYGCS: whose heartbeats keep the vehicle's GCS failsafe quiet
GROUND_STATION_COMPONENT = 190  # MAV_COMP_ID_MISSIONPLANNER
AUTOPILOT_COMPONENT = 1
SERIAL_BAUD = 57600


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


class Link:
    """A connection to one vehicle. `open_link` makes one; close it when done."""

    def __init__(self, vehicle: Any, url: str) -> None:
        self.url = url
        self._vehicle = vehicle
        self._system = 0
        self._heard_at_s = 0.0
        self._latest: dict[str, Any] = {}
        self._inboxes: tuple[Inbox, ...] = ()
        vehicle.add_message_listener("*", lambda _vehicle, name, message: self._received(name, message))

    @property
    def silence_s(self) -> float:
        """Seconds since the last message of the vehicle came."""
        return time.monotonic() - self._heard_at_s

    @property
    def open(self) -> bool:
        """Whether messages can still come; a serial or UDP link that is only silent is open."""
        return bool(self._vehicle._handler._alive)

    def latest(self, name: str) -> Any | None:
        """The last message of a kind, or None."""
        return self._latest.get(name)

    def send(self, name: str, **fields: Any) -> None:
        """Send a message by its MAVLink name to the vehicle; `target_system` is filled in."""
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

    def close(self) -> None:
        """End the connection and its threads."""
        with contextlib.suppress(OSError, RuntimeError):
            self._vehicle.close()

    def _received(self, name: str, message: Any) -> None:
        """Called in dronekit's reader thread for every message."""
        if self._system and message.get_srcSystem() != self._system:
            return
        if name == "BAD_DATA" or (name == "HEARTBEAT" and not _of_autopilot(message)):
            return
        self._heard_at_s = time.monotonic()
        self._latest[name] = message
        for inbox in self._inboxes:
            if name in inbox.names:
                inbox.put(message)

    def _start(self, limit_s: float, stream_hz: int) -> None:
        """Wait for the vehicle's heartbeat, address it, and ask for its data streams."""
        with self.listen("HEARTBEAT") as inbox:
            self._vehicle._handler.start()
            heartbeat = inbox.next(limit_s)
        if heartbeat is None:
            raise PantauError(
                f"No vehicle answered on {self.url} within {limit_s:.0f} s; check that it is powered, "
                "that the cable or radio is connected, and the address and baud rate."
            )
        self._system = heartbeat.get_srcSystem()
        self._vehicle._handler.target_system = self._system
        self.send("REQUEST_DATA_STREAM", req_stream_id=0, req_message_rate=stream_hz, start_stop=1)


def open_link(url: str, limit_s: float = 30.0, stream_hz: int = 4) -> Link:
    """Connect to a vehicle and wait for its heartbeat.

    `url` is `tcp:HOST:PORT`, `udp:HOST:PORT` (listens), `udpout:HOST:PORT` or `serial:DEVICE[:BAUD]`.
    Raises PantauError when nothing answers within `limit_s` seconds.
    """
    address, baud = _address(url)
    dronekit = import_dronekit()
    try:
        # pymavlink tells of its attempts to connect on stdout, which belongs to results.
        with contextlib.redirect_stdout(io.StringIO()):
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
    _end_reader_at_end_of_stream(vehicle._handler.master)
    link = Link(vehicle, url)
    try:
        link._start(limit_s, stream_hz)
    except BaseException:
        link.close()
        raise
    return link


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
