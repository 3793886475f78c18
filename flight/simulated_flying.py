"""Flying a sortie of a plan on the simulated vehicle, and developing the photos it took."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flight.driving.flight_result import FlightResult
from flight.driving.flying import Progress, Say, fly
from flight.driving.interruption import Ask
from flight.flight_log import flight_log_of, read_flight_log
from flight.resuming.rest_of_sortie import flights_of
from flight.simulator.exposure import Exposure, read_exposures
from flight.simulator.process import simulated_vehicle
from flight.sortie_task import SortieTask
from vision.errors import PantauError

TIME_FACTOR = 20.0  # measured: 40 works on two busy cores; this leaves room
DATED_BACK = timedelta(hours=4)
BETWEEN_FLIGHTS = timedelta(minutes=5)


@dataclass(frozen=True)
class SimulatedFlight:
    """A flight on the simulated vehicle: its result, and its exposures as they truly were."""

    result: FlightResult
    exposures: tuple[Exposure, ...]


def fly_simulated(
    task: SortieTask,
    *,
    time_factor: float = TIME_FACTOR,
    seed: int = 1,
    gnss_sigma_m: float = 1.0,
    ask: Ask | None = None,
    say: Say = lambda text: None,
    progress: Progress | None = None,
) -> SimulatedFlight:
    """Fly a sortie on a simulated vehicle of its own that stands at the mission's home.

    The log is written beside the plan file. `progress` is told each photo taken, `ask` asks after Ctrl-C.
    The photos are still to be developed (`develop_flight`).
    """
    with tempfile.TemporaryDirectory(prefix="pantau-") as scratch:
        film = Path(scratch) / "exposures.jsonl"
        home = task.mission.home
        with simulated_vehicle(
            home.lat,
            home.lon,
            home.alt_m,
            time_factor=time_factor,
            seed=zlib.crc32(f"{seed} {task.plan_file.stem}".encode()),  # each sortie has errors of its own
            gnss_sigma_m=gnss_sigma_m,
            start=_start_time(task.plan_file.parent),
            exposures=film,
        ) as vehicle:
            result = fly(
                task.mission,
                vehicle.url,
                task.log_file,
                confirm=lambda: True,
                facts=task.facts,
                ask=ask,
                set_protections=True,
                say=say,
                progress=progress,
                time_factor=time_factor,
            )
        return SimulatedFlight(result, tuple(read_exposures(film)))


def _start_time(folder: Path) -> datetime:
    """After the folder's other flights, and some hours back, so that no photo is from the future.

    Simulated time runs faster than the clock: flights that all began now would overlap.
    """
    logs = [read_flight_log(file) for file in folder.glob("*.flight*.jsonl")]
    ends = [events[-1].at + BETWEEN_FLIGHTS for events in logs if events]
    return max([datetime.now(UTC) - DATED_BACK, *ends])


def measured_places(log_file: Path) -> dict[int, tuple[float, float, float]]:
    """Latitude, longitude and height above home as the vehicle measured them, by photo number."""
    return {
        event.photo: (event.lat, event.lon, event.alt_rel_m)
        for event in read_flight_log(log_file)
        if event.event == "photo"
        and event.photo is not None
        and event.lat is not None
        and event.lon is not None
        and event.alt_rel_m is not None
    }


def develop_flight(
    plan_file: Path,
    exposures: Sequence[Exposure],
    photos_dir: Path,
    seed: int,
    progress: Progress | None = None,
) -> list[Path]:
    """Develop the exposures of a sortie's last flight into photos, named after the sortie.

    A later flight of the same sortie is in their names, so that it leaves the photos of earlier ones. The
    metadata carry what the flight log says was measured. `progress` is told each photo.

    Raises PantauError when the rest of the plan does not lie beside the plan file.
    """
    check_can_develop(plan_file)
    from flight.fleet import find_drone
    from flight.simulator.camera import develop_photos
    from flight.simulator.district import build_district
    from pipeline.sites.site_reading import read_sites

    plan = json.loads((plan_file.parent / "plan.json").read_text(encoding="utf-8"))
    district = build_district(read_sites(plan_file.parent / "sites.geojson").sites, seed)
    told = progress or (lambda steps, detail: None)
    flights = len(flights_of(plan_file))
    name = plan_file.stem if flights == 1 else f"{plan_file.stem}-flight-{flights}"
    return develop_photos(
        exposures,
        district,
        find_drone(plan["drone"]).camera(),
        photos_dir,
        seed=seed,
        prefix=f"{name}-",
        measured=measured_places(flight_log_of(plan_file)),
        on_done=lambda path: told(1, path.name),
    )


def check_can_develop(plan_file: Path) -> None:
    """Raise PantauError unless the plan that simulated photos are made from lies beside the file."""
    for name in ("plan.json", "sites.geojson"):
        if not (plan_file.parent / name).is_file():
            raise PantauError(
                f"{plan_file.parent}: holds no {name}, which simulated photos are made from; "
                "name a sortie in a plan folder (pantau plan), or fly without --photos."
            )
