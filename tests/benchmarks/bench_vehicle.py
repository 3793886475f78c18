"""Driving a vehicle over MAVLink: upload, link loss, and the failures that are injected and survived."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from flight.driving.flying import fly
from flight.driving.mission_transfer import download, upload_mission
from flight.driving.vehicle import connected
from flight.missions.mission import Home, Mission, MissionItem
from flight.simulator.process import simulated_vehicle
from tests.benchmarks.figure import Figure, at_most
from tests.contract.link_proxy import LinkProxy
from tests.contract.sorties import long_sortie
from vision.frames import LocalFrame

HOME = Home(-6.3073, 106.8412)
TAKEOFF = MissionItem(22, 3, (0.0,) * 4, 0.0, 0.0, 20.0)
RETURN = MissionItem(20, 2, (0.0,) * 4, 0.0, 0.0, 0.0)
TIME_FACTOR = 5.0


def figures() -> Iterator[Figure]:
    """Upload 300 items, freeze links in flight, and run the contract suite; PANTAU_VEHICLE is its vehicle."""
    yield from _upload()
    yield at_most("link loss to the operator's warning, the slowest of 3", max(_warning_times_s(3)), "s", 3.0)
    yield from _contract()


def _upload() -> Iterator[Figure]:
    spread_m = np.random.default_rng(1).uniform(-500, 500, (298, 2))
    places = LocalFrame(HOME.lat, HOME.lon).to_lat_lon(spread_m).tolist()
    waypoints = tuple(MissionItem(16, 3, (0.0,) * 4, lat, lon, 20.0) for lat, lon in places)
    mission = Mission(HOME, (TAKEOFF, *waypoints, RETURN))
    with (
        simulated_vehicle(HOME.lat, HOME.lon, HOME.alt_m) as process,
        connected(process.url) as vehicle,
    ):
        start_s = time.perf_counter()
        upload_mission(vehicle.link, mission)
        yield Figure("300 items uploaded and verified", time.perf_counter() - start_s, "s")
        stored = download(vehicle.link)[2:-1]
    stored_m = LocalFrame(HOME.lat, HOME.lon).to_metres([i.lat for i in stored], [i.lon for i in stored])
    worst_m = float(np.hypot(*(stored_m - spread_m).T).max())
    yield at_most("position error of stored waypoints, the worst", worst_m, "m", 0.01)


def _warning_times_s(flights: int) -> Iterator[float]:
    """Seconds from the freezing of a link in flight to what the operator is told."""
    with simulated_vehicle(HOME.lat, HOME.lon, HOME.alt_m, time_factor=TIME_FACTOR) as process:
        proxy = LinkProxy(process.url)
        try:
            for _ in range(flights):
                yield _warned_after_s(proxy)
        finally:
            proxy.close()


def _warned_after_s(proxy: LinkProxy) -> float:
    frozen: list[float] = []
    warned: list[float] = []

    def progress(steps: int, detail: str) -> None:
        if steps and not frozen:
            frozen.append(time.monotonic())
            proxy.freeze()
            threading.Timer(6.0, proxy.thaw).start()

    def say(text: str) -> None:
        if "No word" in text:
            warned.append(time.monotonic())

    with tempfile.TemporaryDirectory() as folder:
        options: dict[str, Any] = {"confirm": lambda: True, "time_factor": TIME_FACTOR}
        log_file = Path(folder) / "bench.flight.jsonl"
        fly(long_sortie(HOME), proxy.url, log_file, say=say, progress=progress, **options)
    return warned[0] - frozen[0]


def _contract() -> Iterator[Figure]:
    """The table of the contract suite, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        table_file = Path(folder) / "table.json"
        words = [sys.executable, "-m", "pytest", "-q", "-m", "contract", "tests/contract"]
        environment = os.environ | {"PANTAU_CONTRACT_TABLE": str(table_file)}
        subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=False)
        table = json.loads(table_file.read_text(encoding="utf-8"))
    run = table["cases"] - len(table["not_run"])
    passed = table["passed"]
    yield Figure(
        f"contract cases passed, of {run} run on {table['vehicle']}", passed, "", f"{run}", passed == run
    )
    yield Figure("contract suite", table["seconds"], "s")
    for case in table["not_run"]:
        yield Figure(f"not run: {case['name']}", 0, "")
    for failure in table["failures"]:
        survived = failure["state"] == "survived"
        yield Figure(f"{failure['failure']}", float(survived), failure["state"])
