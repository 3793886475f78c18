"""The simulated vehicle's end of the link: a TCP server on this machine that speaks MAVLink 2."""

from __future__ import annotations

import selectors
import socket
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

SYSTEM, COMPONENT = 1, 1
# A vehicle starts its stream with text (recorded), which a client must survive.
GREETING = b"\n\nInit ArduCopter V4.6.2 (simulated)\n\nFree RAM: 52428\nBooting 0%\n"
MOST_UNSENT_BYTES = 1_000_000


class Connection:
    """One ground station. Messages to it are collected and sent by `flush`."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self.alive = True
        self.stream_hz: dict[str, float] = {}
        self._unsent = bytearray(GREETING)
        self._mav = mavlink.MAVLink(None, srcSystem=SYSTEM, srcComponent=COMPONENT)
        self._mav.robust_parsing = True

    def send(self, message: Any) -> None:
        """Put a message into the queue."""
        self._unsent += message.pack(self._mav)
        self._mav.seq = (self._mav.seq + 1) % 256

    def receive(self) -> list[Any]:
        """The messages that have come; sets `alive` to False when the other side is gone."""
        try:
            data = self.peer.recv(65536)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.alive = False
            return []
        return self._mav.parse_buffer(data) or []

    def flush(self) -> None:
        """Send what the other side takes; a side that takes nothing for long is given up."""
        try:
            sent = self.peer.send(self._unsent) if self._unsent else 0
            del self._unsent[:sent]
        except BlockingIOError:
            self.alive = len(self._unsent) < MOST_UNSENT_BYTES
        except OSError:
            self.alive = False


class Server:
    """Listens on 127.0.0.1; port 0 takes a free one."""

    def __init__(self, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.connections: list[Connection] = []

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.getsockname()[1])

    def receive(self, timeout_s: float) -> list[tuple[Connection, Any]]:
        """Messages that have come, waiting for the first at most so long."""
        arrived = []
        for key, _ in self._selector.select(timeout_s):
            if key.fileobj is self._listener:
                self._accept()
            else:
                arrived += [(key.data, message) for message in key.data.receive()]
        return arrived

    def flush(self) -> None:
        """Send all that waits, and forget who is gone."""
        for connection in list(self.connections):
            connection.flush()
            if not connection.alive:
                self._selector.unregister(connection.peer)
                connection.peer.close()
                self.connections.remove(connection)

    def _accept(self) -> None:
        peer, _ = self._listener.accept()
        peer.setblocking(False)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(peer)
        self.connections.append(connection)
        self._selector.register(peer, selectors.EVENT_READ, connection)
