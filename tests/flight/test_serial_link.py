"""A serial link: a pair of pseudo terminals in front of the simulated vehicle."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from flight.checks.parameters import read_parameters
from flight.driving.mission_transfer import download, upload_mission
from flight.driving.vehicle import connected

pty = pytest.importorskip("pty", reason="pseudo terminals are POSIX's; Windows has none to stand for a radio")
tty = pytest.importorskip("tty", reason="pseudo terminals are POSIX's; Windows has none to stand for a radio")


@contextlib.contextmanager
def serial_line(url: str) -> Iterator[str]:
    """The name of a serial device whose other end is a vehicle at `tcp:HOST:PORT`."""
    _, host, port = url.split(":")
    vehicle = socket.create_connection((host, int(port)))
    ours, theirs = pty.openpty()
    tty.setraw(theirs)

    def to_vehicle() -> None:
        with contextlib.suppress(OSError):
            while data := os.read(ours, 4096):
                vehicle.sendall(data)

    def to_device() -> None:
        with contextlib.suppress(OSError):
            while data := vehicle.recv(4096):
                os.write(ours, data)

    threads = [threading.Thread(target=carry, daemon=True) for carry in (to_vehicle, to_device)]
    for thread in threads:
        thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        vehicle.close()
        os.close(theirs)
        os.close(ours)


@pytest.fixture
def device(simulated) -> Iterator[str]:
    """A serial device with a vehicle at its other end."""
    with simulated(time_factor=2.0) as process, serial_line(process.url) as name:
        yield name


def test_parameters_and_missions_go_over_a_serial_line(device, short_mission):
    with connected(f"serial:{device}:57600", 10) as vehicle:
        assert read_parameters(vehicle.link)["SYSID_MYGCS"] == 255
        upload_mission(vehicle.link, short_mission)
        assert len(download(vehicle.link)) == len(short_mission.items) + 1
        assert vehicle.link.open


def test_a_serial_vehicle_is_found_again_after_a_break(device):
    with connected(f"serial:{device}", 10) as vehicle:
        assert vehicle.link.reconnect(10)
        assert read_parameters(vehicle.link)["SYSID_MYGCS"] == 255


def test_a_radio_that_is_pulled_out_falls_silent(simulated):
    with contextlib.ExitStack() as radio, simulated(time_factor=2.0) as process:
        device = radio.enter_context(serial_line(process.url))
        with connected(f"serial:{device}", 10) as vehicle, vehicle.link.listen("HEARTBEAT") as inbox:
            assert inbox.next(3) is not None
            radio.close()
            time.sleep(1.0)
            assert vehicle.link.silence_s > 0.7
            assert not vehicle.link.reconnect(1.0)
