"""The simulated vehicle's end of its links: a TCP server on this machine, and UDP, speaking MAVLink 2."""

from __future__ import annotations

import selectors
import socket
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from flight.simulator.routing import VEHICLE_COMPONENT, VEHICLE_SYSTEM

# A vehicle starts its stream with text (recorded), which a client must survive.
GREETING = b"\n\nInit ArduCopter V4.6.2 (simulated)\n\nFree RAM: 52428\nBooting 0%\n"
MOST_UNSENT_BYTES = 1_000_000
MOST_DATAGRAM_BYTES = 1200


class Connection:
    """One link with the stream rates asked for on it. Messages are collected and sent by `flush`."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self.alive = True
        self.stream_hz: dict[str, float] = {}
        self.heard: set[tuple[int, int]] = set()
        self._unsent: list[bytes] = [GREETING]
        self._mav = mavlink.MAVLink(None, srcSystem=VEHICLE_SYSTEM, srcComponent=VEHICLE_COMPONENT)
        self._mav.robust_parsing = True

    def send(self, message: Any) -> None:
        """Put a message of the vehicle's into the queue."""
        self._unsent.append(message.pack(self._mav))
        self._mav.seq = (self._mav.seq + 1) % 256

    def forward(self, message: Any) -> None:
        """Put a message of somebody else's into the queue, as it came."""
        self._unsent.append(bytes(message.get_msgbuf()))

    def receive(self) -> list[Any]:
        """The messages that have come."""
        raise NotImplementedError

    def flush(self) -> None:
        """Send what the other side takes."""
        raise NotImplementedError

    def restart(self) -> None:
        """The vehicle reboots: what was asked for is forgotten."""
        self.stream_hz = {}
        self.heard.clear()

    def _parse(self, data: bytes) -> list[Any]:
        return self._mav.parse_buffer(data) or []


class TcpConnection(Connection):
    """One ground station that has connected; `alive` turns False when it is gone."""

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
        return self._parse(data)

    def flush(self) -> None:
        """Send what the other side takes; a side that takes nothing for long is given up."""
        data = b"".join(self._unsent)
        try:
            sent = self.peer.send(data) if data else 0
            self._unsent = [data[sent:]] if sent < len(data) else []
        except BlockingIOError:
            self._unsent = [data]
            self.alive = len(data) < MOST_UNSENT_BYTES
        except OSError:
            self.alive = False

    def restart(self) -> None:
        """The vehicle reboots: the connection breaks, once all is sent."""
        super().restart()
        self.flush()
        self.alive = False


class UdpConnection(Connection):
    """Sends to an address, and from then on to whoever answered last, as ArduPilot's `udpclient`."""

    def __init__(self, peer: socket.socket, address: tuple[str, int]) -> None:
        super().__init__(peer)
        self._address = address

    def receive(self) -> list[Any]:
        """The messages of all datagrams that have come."""
        messages: list[Any] = []
        while True:
            try:
                data, self._address = self.peer.recvfrom(65536)
            except OSError:  # none left, or nobody listens there yet
                return messages
            messages += self._parse(data)

    def flush(self) -> None:
        """Send all; what nobody takes is lost."""
        datagram = b""
        for part in [*self._unsent, b""]:
            if datagram and (not part or len(datagram) + len(part) > MOST_DATAGRAM_BYTES):
                self._send_datagram(datagram)
                datagram = b""
            datagram += part
        self._unsent = []

    def _send_datagram(self, datagram: bytes) -> None:
        try:
            self.peer.sendto(datagram, self._address)
        except OSError:
            return  # nobody listens there yet


class Server:
    """Listens on 127.0.0.1; port 0 takes a free one. `udp` is an address to send to as well."""

    def __init__(self, port: int = 0, udp: tuple[str, int] | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.connections: list[Connection] = []
        if udp is not None:
            self._add(UdpConnection(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), udp))

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
            if connection.alive:
                connection.flush()
            if not connection.alive:
                self._selector.unregister(connection.peer)
                connection.peer.close()
                self.connections.remove(connection)

    def _accept(self) -> None:
        peer, _ = self._listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._add(TcpConnection(peer))

    def _add(self, connection: Connection) -> None:
        connection.peer.setblocking(False)
        self.connections.append(connection)
        self._selector.register(connection.peer, selectors.EVENT_READ, connection)
