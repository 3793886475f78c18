"""The contract suite: any vehicle given by PANTAU_VEHICLE, a connection string; else the simulated one.

At the end it tells which cases ran and which did not, with the reason, and writes that as JSON into the file
named by PANTAU_CONTRACT_TABLE, if that is set.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.contract.link_proxy import LinkProxy
from tests.contract.results_table import Case, Results
from tests.contract.sorties import Flown
from tests.contract.station import Station, log_file_in

HERE = Path(__file__).parent
SIMULATED_HOME = (-6.3073, 106.8404, 30.0)
SIMULATED_TIME_FACTOR = 40.0
# A vehicle whose clock can be set is let run so fast; the link's own times stay real ones.
WANTED_TIME_FACTOR = 5.0
CASE_LIMIT_S = 900  # of a vehicle in real time

RESULTS = pytest.StashKey[Results]()


@pytest.fixture(scope="session")
def vehicle_station(request: pytest.FixtureRequest) -> Iterator[Station]:
    """The one station of the session, with the proxy in front of the vehicle."""
    given = os.environ.get("PANTAU_VEHICLE")
    with ExitStack() as stack:
        url = given or _simulated(stack)
        proxy = LinkProxy(url)
        stack.callback(proxy.close)
        station = Station(proxy, given or "the simulated vehicle")
        for _ in range(2):
            station.next("HEARTBEAT", limit_s=60.0)
        station.measure_time()
        if station.time_factor < WANTED_TIME_FACTOR:
            station.run_faster(WANTED_TIME_FACTOR)
        results = request.config.stash.setdefault(RESULTS, Results())
        results.vehicle, results.time_factor = station.name, station.time_factor
        yield station
        station.leave()


def _simulated(stack: ExitStack) -> str:
    from flight.simulator.process import simulated_vehicle

    vehicle = simulated_vehicle(*SIMULATED_HOME, time_factor=SIMULATED_TIME_FACTOR)
    return stack.enter_context(vehicle).url


@pytest.fixture
def station(vehicle_station: Station) -> Station:
    """The station, with the vehicle on the ground, disarmed, ready, and nothing left of earlier cases."""
    vehicle_station.prepare()
    return vehicle_station


@pytest.fixture
def fly(station: Station, tmp_path: Path) -> Callable[..., Flown]:
    """Flies a mission through the proxy and gives what became of it; options as `fly` takes them."""
    return lambda mission, **options: fly_with(station, mission, log_file_in(tmp_path), **options)


@pytest.fixture(scope="module")
def completed(vehicle_station: Station, tmp_path_factory: pytest.TempPathFactory) -> Flown:
    """A flight without any trouble, for the cases that look at it."""
    from tests.contract.sorties import sortie

    vehicle_station.prepare()
    mission = sortie(vehicle_station.home)
    return fly_with(vehicle_station, mission, log_file_in(tmp_path_factory.mktemp("completed")))


def fly_with(station: Station, mission: Any, log_file: Path, **options: Any) -> Flown:
    """Fly without questions, and keep what was said and sent."""
    from flight.driving.flying import fly

    said: list[tuple[float, str]] = []
    also = options.pop("say", lambda text: None)

    def say(text: str) -> None:
        said.append((time.monotonic(), text))
        also(text)

    options = {"confirm": lambda: True, "time_factor": station.time_factor, **options}
    result = fly(mission, station.url, log_file, say=say, **options)
    return Flown(mission, result, tuple(said), log_file, tuple(station.proxy.record))


# --- which cases there are, and how they ended ---------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is the contract; a real vehicle takes its time."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.contract)
            if os.environ.get("PANTAU_VEHICLE"):
                item.add_marker(pytest.mark.timeout(CASE_LIMIT_S))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Take down how each case of this folder ended."""
    report = yield
    if item.path.is_relative_to(HERE):
        results = item.config.stash.setdefault(RESULTS, Results())
        failure = item.get_closest_marker("failure")
        state = {"passed": "passed", "failed": "failed", "skipped": "not run"}[report.outcome]
        reason = report.longrepr[2].removeprefix("Skipped: ") if report.skipped else ""
        name = re.sub(r"^test_", "", item.name).replace("_", " ")
        case = Case(name, state, report.duration, failure.args[0] if failure else None, reason)
        results.add(item.nodeid, case)
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tell what was found out about the vehicle."""
    results = config.stash.get(RESULTS, None)
    if results is None or not results.cases:
        return
    terminalreporter.section("contract")
    for line in results.lines():
        terminalreporter.write_line(line)
    if file := os.environ.get("PANTAU_CONTRACT_TABLE"):
        results.write(Path(file))
