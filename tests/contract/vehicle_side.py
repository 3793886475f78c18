"""The proxy's connection to the vehicle: opened once, and again when the vehicle reboots."""

from __future__ import annotations

import socket
import time
from typing import Any, Protocol

REOPEN_EVERY_S = 0.2
CONNECT_LIMIT_S = 30.0
SERIAL_BAUD = 57600


class VehicleSide(Protocol):
    """Bytes to and from a vehicle."""

    @property
    def must_be_polled(self) -> bool:
        """Whether only reading tells that something has come."""
        ...

    @property
    def end(self) -> Any | None:
        """What a selector takes; None while there is no connection, or it must be polled."""
        ...

    def read(self) -> bytes:
        """What has come; nothing when nothing has."""
        ...

    def write(self, data: bytes) -> None:
        """Send; what cannot be sent is lost, as on a radio."""
        ...

    def close(self) -> None:
        """End it."""
        ...


def open_vehicle_side(url: str) -> VehicleSide:
    """Connect by a connection string as `pantau fly --connect` takes it. Raises OSError."""
    return TcpVehicle(url) if url.startswith("tcp:") else OtherVehicle(url)


class TcpVehicle:
    """Over TCP. After the vehicle has closed the connection, it is opened again as soon as that works."""

    def __init__(self, url: str) -> None:
        _, host, port = url.split(":")
        self._address = (host, int(port))
        self._socket: socket.socket | None = None
        self._tried_at_s = 0.0
        self._open_first()

    @property
    def must_be_polled(self) -> bool:
        """While it is closed, because only trying tells when it can be opened."""
        return self._socket is None

    @property
    def end(self) -> socket.socket | None:
        """The socket."""
        return self._socket

    def read(self) -> bytes:
        """What has come."""
        if self._socket is None:
            self._reopen()
            return b""
        try:
            data = self._socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.close()
        return data

    def write(self, data: bytes) -> None:
        """Send."""
        try:
            if self._socket is not None:
                self._socket.sendall(data)
        except OSError:
            self.close()

    def close(self) -> None:
        """End it."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _open_first(self) -> None:
        until_s = time.monotonic() + CONNECT_LIMIT_S
        while self._socket is None:
            try:
                self._open()
            except OSError:
                if time.monotonic() > until_s:
                    raise
                time.sleep(REOPEN_EVERY_S)

    def _reopen(self) -> None:
        if time.monotonic() - self._tried_at_s < REOPEN_EVERY_S:
            return
        self._tried_at_s = time.monotonic()
        try:
            self._open()
        except OSError:
            self._socket = None

    def _open(self) -> None:
        self._socket = socket.create_connection(self._address, timeout=2.0)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class OtherVehicle:
    """Over UDP or a serial line, as pymavlink opens them."""

    must_be_polled = True
    end: Any | None = None

    def __init__(self, url: str) -> None:
        from pymavlink import mavutil

        kind, _, rest = url.partition(":")
        device, _, baud = rest.rpartition(":")
        if kind != "serial":
            self._master = mavutil.mavlink_connection(f"udpin:{rest}" if kind == "udp" else url)
        elif baud.isdigit():
            self._master = mavutil.mavlink_connection(device, baud=int(baud))
        else:
            self._master = mavutil.mavlink_connection(rest, baud=SERIAL_BAUD)

    def read(self) -> bytes:
        """What has come."""
        return bytes(self._master.recv() or b"")

    def write(self, data: bytes) -> None:
        """Send."""
        self._master.write(data)

    def close(self) -> None:
        """End it."""
        self._master.close()
