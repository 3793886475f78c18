"""The simulated vehicle as a process of its own: `python -m flight.simulator --help`.

It prints one line of JSON with the port it listens on, and ends when its standard input closes, so
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
from flight.simulator.server import Server
from flight.simulator.vehicle import SimulatedVehicle

STEP_S = 0.02
WAIT_S = 0.004
# Behind by more than this, the simulated clock slips instead of racing.
MOST_BEHIND_S = 0.3


def main() -> None:
    """Read the options, open the port, and live until the parent is gone."""
    options = _options()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the ground station alone
    server = Server(options.port)
    vehicle = SimulatedVehicle(_setting(options), server.connections)
    for name, value in options.parameter:
        vehicle.pilot.parameters.set(name, value)
    print(json.dumps({"port": server.port}), flush=True)
    if not options.stay:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    serve(vehicle, server, options.time_factor)


def serve(vehicle: SimulatedVehicle, server: Server, time_factor: float) -> None:
    """Answer and move on for ever, `time_factor` simulated seconds in each real one."""
    start_s = time.monotonic()
    while True:
        for connection, message in server.receive(WAIT_S):
            vehicle.handle(connection, message, time.monotonic())
        now_s = time.monotonic()
        due_s = (now_s - start_s) * time_factor
        behind_s = (due_s - vehicle.pilot.boot_s) / time_factor
        if behind_s > MOST_BEHIND_S:
            start_s += behind_s - MOST_BEHIND_S
            due_s = (now_s - start_s) * time_factor
        while vehicle.pilot.boot_s < due_s:
            vehicle.step(STEP_S, now_s)
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
        gnss=not options.no_gnss,
        camera=not options.no_camera,
        arming_fault=options.arming_fault,
        changed_item=options.changed_item,
    )


def _parameter(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    return name, float(value)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="flight.simulator", description="A simulated MAVLink vehicle.")
    add = parser.add_argument
    add("--lat", type=float, required=True, help="where it stands")
    add("--lon", type=float, required=True)
    add("--alt", type=float, default=0.0, help="metres above mean sea level")
    add("--port", type=int, default=0, help="TCP port on 127.0.0.1; 0 takes a free one")
    add("--time-factor", type=float, default=1.0, help="simulated seconds in a real one")
    add("--seed", type=int, default=1)
    add("--gnss-sigma", type=float, default=1.0, help="1-σ of the position error in metres")
    add("--endurance", type=float, default=1500.0, help="flight time of a full battery in seconds")
    add("--start", type=datetime.fromisoformat, help="simulated UTC at power-on; now by default")
    add("--exposures", type=Path, help="file that is told each photo as it truly was")
    add("--stay", action="store_true", help="do not end when standard input closes")
    add("--parameter", type=_parameter, action="append", default=[], help="NAME=VALUE")
    faults = parser.add_argument_group("faults")
    faults.add_argument("--no-gnss", action="store_true", help="never gets a fix")
    faults.add_argument("--no-camera", action="store_true", help="the camera never fires")
    faults.add_argument("--arming-fault", default="", help="a reason why it never arms")
    faults.add_argument("--changed-item", type=int, default=0, help="mission item that is stored wrongly")
    return parser.parse_args()


if __name__ == "__main__":
    main()
