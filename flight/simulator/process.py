"""Starting and stopping the simulated vehicle as a process of its own."""

from __future__ import annotations

import json
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from vision.errors import PantauError

START_LIMIT_S = 60.0
STOP_LIMIT_S = 5.0


@dataclass(frozen=True)
class VehicleProcess:
    """A running simulated vehicle; `url` connects to it, `tcp_url` always by TCP."""

    url: str
    tcp_url: str
    time_factor: float
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the process: ask by closing its standard input, then make it."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@contextmanager
def simulated_vehicle(
    lat: float,
    lon: float,
    alt_msl_m: float = 0.0,
    *,
    time_factor: float = 1.0,
    seed: int = 1,
    gnss_sigma_m: float = 1.0,
    start: datetime | None = None,
    exposures: Path | None = None,
    endurance_s: float = 1500.0,
    parameters: Mapping[str, float] = MappingProxyType({}),
    udp_port: int | None = None,
    more: tuple[str, ...] = (),
) -> Iterator[VehicleProcess]:
    """A simulated vehicle that stands at a place; it ends with the context.

    `start` is the simulated UTC at power-on (now by default).
    `exposures` is the file that is told each photo as it truly was; `parameters` are set instead of the
    factory's, faults among them (`parameters.py`). With `udp_port` it sends to a ground station that
    listens there, 0 being any free port, and `url` says so; TCP works besides. `more` are further options
    of `python -m flight.simulator`.
    """
    udp_port = _free_udp_port() if udp_port == 0 else udp_port
    options = [
        f"--lat={lat!r}",
        f"--lon={lon!r}",
        f"--alt={alt_msl_m!r}",
        f"--time-factor={time_factor!r}",
        f"--seed={seed}",
        f"--gnss-sigma={gnss_sigma_m!r}",
        f"--endurance={endurance_s!r}",
        *([f"--start={start.isoformat()}"] if start else []),
        *([f"--exposures={exposures}"] if exposures else []),
        *(f"--parameter={name}={value!r}" for name, value in parameters.items()),
        *([f"--udp=127.0.0.1:{udp_port}"] if udp_port else []),
        *more,
    ]
    command = [sys.executable, "-m", "flight.simulator", *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        tcp_url = f"tcp:127.0.0.1:{_port(process)}"
        url = f"udp:127.0.0.1:{udp_port}" if udp_port else tcp_url
        yield VehicleProcess(url, tcp_url, time_factor, process)
    finally:
        VehicleProcess("", "", time_factor, process).stop()


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _port(process: subprocess.Popen[bytes]) -> int:
    """The port that the process tells in its first line."""
    lines: queue.Queue[bytes] = queue.Queue()
    assert process.stdout is not None
    stdout = process.stdout
    threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
    try:
        return int(json.loads(lines.get(timeout=START_LIMIT_S))["port"])
    except (queue.Empty, ValueError):
        raise PantauError(
            "The simulated vehicle did not start; run `python -m flight.simulator --help` to see why."
        ) from None
