"""The simulated vehicle as a process of its own: `python -m flight.simulator --help`.

It prints one line of JSON with the TCP port it listens on, and ends when its standard input closes, so
that it never outlives the process that started it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

from flight.simulator.autopilot import Setting
from flight.simulator.parameters import Parameters
from flight.simulator.server import Server
from flight.simulator.vehicle import SimulatedVehicle

STEP_S = 0.02
WAIT_S = 0.004
# Behind by more than this, the simulated clock slips instead of racing.
MOST_BEHIND_S = 0.3
LEAST_SPEEDUP = 0.01


def main() -> None:
    """Read the options, open the port, and live until the parent is gone."""
    options = _options()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the ground station alone
    server = Server(options.port, options.udp)
    vehicle = SimulatedVehicle(_setting(options), server.connections)
    print(json.dumps({"port": server.port}), flush=True)
    if not options.stay:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    serve(vehicle, server)


def serve(vehicle: SimulatedVehicle, server: Server) -> None:
    """Answer and move on for ever, SIM_SPEEDUP simulated seconds in each real one."""
    last_s = time.monotonic()
    owed_s = 0.0  # of simulated time
    while True:
        for connection, message in server.receive(WAIT_S):
            vehicle.handle(connection, message, time.monotonic())
        now_s = time.monotonic()
        speedup = max(LEAST_SPEEDUP, vehicle.pilot.parameters["SIM_SPEEDUP"])
        owed_s += min(now_s - last_s, MOST_BEHIND_S) * speedup
        last_s = now_s
        while owed_s >= STEP_S:
            vehicle.step(STEP_S, now_s)
            owed_s -= STEP_S
        server.flush()


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(0)


def _setting(options: argparse.Namespace) -> Setting:
    return Setting(
        lat=options.lat,
        lon=options.lon,
        alt_msl_m=options.alt,
        seed=options.seed,
        gnss_sigma_m=options.gnss_sigma,
        endurance_s=options.endurance,
        start=options.start,
        exposures=options.exposures,
        parameters={"SIM_SPEEDUP": options.time_factor} | dict(options.parameter),
    )


def _parameter(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    if name not in Parameters({}):
        raise argparse.ArgumentTypeError(f"unknown parameter {name}")
    return name, float(value)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="flight.simulator", description="A simulated MAVLink vehicle.")
    add = parser.add_argument
    add("--lat", type=float, required=True, help="where it stands")
    add("--lon", type=float, required=True)
    add("--alt", type=float, default=0.0, help="metres above mean sea level")
    add("--port", type=int, default=0, help="TCP port on 127.0.0.1; 0 takes a free one")
    add("--udp", type=_address, metavar="HOST:PORT", help="also send to a ground station there")
    add("--time-factor", type=float, default=1.0, help="simulated seconds in a real one (SIM_SPEEDUP)")
    add("--seed", type=int, default=1)
    add("--gnss-sigma", type=float, default=1.0, help="1-σ of the position error in metres")
    add("--endurance", type=float, default=1500.0, help="hover time of a full battery in seconds")
    add("--start", type=datetime.fromisoformat, help="simulated UTC at power-on; now by default")
    add("--exposures", type=Path, help="file that is told each photo as it truly was")
    add("--stay", action="store_true", help="do not end when standard input closes")
    add(
        "--parameter",
        type=_parameter,
        action="append",
        default=[],
        help="NAME=VALUE, instead of the factory's",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
