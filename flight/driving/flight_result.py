"""How a flight went: counted, compared with what was planned, and said to the operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flight.checks.check_list import Check
from flight.driving.vehicle import Vehicle
from flight.driving.watch import Watch
from flight.missions.mission import Mission
from flight.missions.mission_extent import MissionExtent, extent_of
from flight.resuming.camera_runs import surplus_photos
from flight.resuming.rest_of_sortie import photos_of
from flight.resuming.run_reading import camera_runs


@dataclass(frozen=True)
class FlightResult:
    """How a flight went.

    `outcome` is `dry_run` (nothing was sent but questions), `declined`, or one of `watch.Watch`; `reason`
    are the vehicle's words in a `failsafe`. `surplus_photos` are numbers of photos outside the passes.
    `warnings` are sentences for the operator; a flight without any and `completed` is as planned.
    """

    outcome: str
    photos: int = 0
    photos_planned: int = 0
    photos_unheard: int = 0
    surplus_photos: tuple[int, ...] = ()
    distance_m: float = 0.0
    duration_s: float = 0.0
    battery_used_percent: float | None = None
    reason: str = ""
    log: Path | None = None
    checks: tuple[Check, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def as_planned(self) -> bool:
        """Completed without a warning (or never meant to fly)."""
        return self.outcome == "dry_run" or (self.outcome == "completed" and not self.warnings)

    def to_document(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self) | {"log": None if self.log is None else str(self.log)}


def result_of(
    vehicle: Vehicle,
    watch: Watch,
    mission: Mission,
    log_file: Path,
    checks: Sequence[Check],
    battery_before: float | None,
    began: datetime,
) -> FlightResult:
    """What became of a watched flight; `battery_before` in per cent, `began` by the vehicle's clock."""
    extent, battery_after = extent_of(mission), vehicle.battery_percent
    surplus = surplus_photos(camera_runs(mission), photos_of([log_file]))
    known = battery_before is not None and battery_after is not None
    return FlightResult(
        watch.outcome,
        watch.photos.taken,
        extent.photos,
        watch.photos.unheard,
        surplus,
        watch.distance_m,
        (vehicle.utc - began).total_seconds(),
        (battery_before or 0.0) - (battery_after or 0.0) if known else None,
        watch.reason,
        log_file,
        tuple(checks),
        tuple(_warnings(watch, extent, surplus)),
    )


def _warnings(watch: Watch, extent: MissionExtent, surplus: tuple[int, ...]) -> list[str]:
    warnings = {
        "taken_over": ["The mission was not completed: somebody else took the vehicle over."],
        "failsafe": [f"The mission was not completed: the vehicle's failsafe acted ({watch.reason})."],
        "interrupted": ["The mission was not completed: it was interrupted."],
        "link_lost": ["The link was lost and did not come back: look after the vehicle."],
        "ended": ["The mission was not completed: the vehicle landed before."],
    }.get(watch.outcome, [])
    missing = extent.photos - watch.photos.taken
    if watch.outcome == "completed" and missing > extent.photo_runs:
        warnings.append(
            f"{missing} of {extent.photos} planned photos were not taken: check the camera and its trigger."
        )
    if watch.photos.unheard:
        warnings.append(f"{watch.photos.unheard} photos were taken that the link did not tell of.")
    if surplus:
        warnings.append(
            f"{len(surplus)} surplus photos were taken outside the passes (numbers {surplus[0]} to "
            f"{surplus[-1]})."
        )
    return warnings
