"""Uploading a long mission over MAVLink, verified by reading it back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from flight.mission import Home, Mission, MissionItem
from flight.mission_transfer import download, upload_mission
from flight.simulator.process import simulated_vehicle
from flight.vehicle import connected
from tests.benchmarks.figure import Figure, at_most
from vision.frames import LocalFrame

HOME = Home(-6.3073, 106.8412)
TAKEOFF = MissionItem(22, 3, (0.0,) * 4, 0.0, 0.0, 20.0)
RETURN = MissionItem(20, 2, (0.0,) * 4, 0.0, 0.0, 0.0)


def figures() -> Iterator[Figure]:
    """Upload 300 items to a simulated vehicle of its own process."""
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
