"""Flying a mission: connect, check, upload, confirm, take off, watch, land — and log it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flight.flight_log import FlightLog
from flight.mission import Mission
from flight.mission_extent import MissionExtent, extent_of
from flight.mission_meaning import LOOKED_AT, MOUNT_CONTROL
from flight.mission_transfer import upload_fence, upload_mission
from flight.preflight import Check, failed, preflight_checks, show
from flight.takeoff import take_off
from flight.vehicle import Vehicle, connected, wait_until_ready
from flight.watch import WATCHED, Watch, note_event
from vision.errors import PantauError

CONNECT_LIMIT_S = 30.0
READY_LIMIT_S = 120.0
STREAM_HZ = 4
# Of a simulated vehicle that runs fast: fewer messages a simulated second, as many as fit the link.
FAST_STREAM_HZ = 2
FAST_FACTOR = 5.0

Say = Callable[[str], None]
Progress = Callable[[int, str], None]
Confirm = Callable[[], bool]


@dataclass(frozen=True)
class FlightResult:
    """How a flight went.

    `outcome` is `dry_run` (nothing was sent but questions), `declined`, or one of `watch.Watch`.
    `warnings` are sentences for the operator; a flight without any and `completed` is as planned.
    """

    outcome: str
    photos: int = 0
    photos_planned: int = 0
    distance_m: float = 0.0
    duration_s: float = 0.0
    battery_used_percent: float | None = None
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


def fly(
    mission: Mission,
    url: str,
    log_file: Path,
    *,
    confirm: Confirm | None,
    say: Say = lambda text: None,
    progress: Progress | None = None,
    time_factor: float = 1.0,
    connect_limit_s: float = CONNECT_LIMIT_S,
) -> FlightResult:
    """Fly a mission with the vehicle at `url` and write its log as it goes.

    `confirm` is asked after everything is uploaded and verified; None makes it a dry run: the vehicle
    is connected and checked, and nothing of it is changed. `say` is told what a person should know,
    `progress` each photo. `time_factor` is that of a simulated vehicle of ours; time limits scale.

    Raises PantauError, with the vehicle unharmed on the ground, when nothing answers, it is not ready,
    a serious check fails, it refuses the mission or to arm. Trouble in the air is in the result.
    """
    stream_hz = STREAM_HZ if time_factor < FAST_FACTOR else FAST_STREAM_HZ
    say(f"Connecting to {url} …")
    with connected(url, connect_limit_s, stream_hz) as vehicle:
        _refuse_if_flying(vehicle)
        checks = _make_ready(vehicle, mission, say, time_factor)
        extent = extent_of(mission)
        if confirm is None:
            say("Dry run: nothing was sent to the vehicle but questions. Fly with --yes.")
            return FlightResult("dry_run", photos_planned=extent.photos, checks=tuple(checks))
        _upload(vehicle, mission, say)
        if not confirm():
            say("Not confirmed: the mission is in the vehicle, which stays disarmed.")
            return FlightResult("declined", photos_planned=extent.photos, checks=tuple(checks))
        with FlightLog(log_file) as log:
            return _fly_logged(vehicle, mission, extent, log, checks, say, progress, time_factor)


def _refuse_if_flying(vehicle: Vehicle) -> None:
    if vehicle.armed:
        raise PantauError(
            "The vehicle is armed already: it may be flying. Land and disarm it, then start again."
        )


def _make_ready(vehicle: Vehicle, mission: Mission, say: Say, time_factor: float) -> list[Check]:
    told: list[str] = []

    def waiting(seconds: float, missing: str) -> None:
        if missing not in told:
            told.append(missing)
            say(f"Waiting for the vehicle: {missing} …")

    wait_until_ready(vehicle, max(10.0, READY_LIMIT_S / time_factor), waiting)
    checks = preflight_checks(vehicle, mission)
    say("Pre-flight checks:")
    show(checks, say)
    serious = failed(checks, serious=True)
    if serious:
        reasons = "; ".join(f"{check.name}: {check.found}. {check.remedy}" for check in serious)
        raise PantauError(f"The vehicle must not fly this mission: {reasons}")
    return checks


def _upload(vehicle: Vehicle, mission: Mission, say: Say) -> None:
    start_s = time.monotonic()
    if mission.fence or mission.exclusions:
        upload_fence(vehicle.link, mission.fence, mission.exclusions)
    upload_mission(vehicle.link, mission)
    took_s = time.monotonic() - start_s
    say(f"{len(mission.items)} mission items uploaded and verified in {took_s:.1f} s.")


def _fly_logged(
    vehicle: Vehicle,
    mission: Mission,
    extent: MissionExtent,
    log: FlightLog,
    checks: list[Check],
    say: Say,
    progress: Progress | None,
    time_factor: float,
) -> FlightResult:
    battery_before = vehicle.battery_percent
    watch = Watch(vehicle, log, say, progress)
    watch.camera_pitch_deg = _commanded_pitch_deg(mission)
    say(
        "This program is the ground station: if it ends in flight, the vehicle flies on and its own "
        "failsafe must bring it home. Ctrl-C: camera off and return."
    )
    note_event(vehicle, log, "start")
    began = vehicle.utc
    try:
        take_off(vehicle, say, time_factor)
    except BaseException as error:
        note_event(vehicle, log, "ended", text=str(error) or type(error).__name__)
        raise
    note_event(vehicle, log, "launched")
    with vehicle.link.listen(*WATCHED) as inbox:
        try:
            watch.run(inbox)
        except BaseException:
            watch.come_home("interrupted")
            raise
    battery_after = vehicle.battery_percent
    return FlightResult(
        watch.outcome,
        watch.photos,
        extent.photos,
        watch.distance_m,
        (vehicle.utc - began).total_seconds(),
        None if battery_before is None or battery_after is None else battery_before - battery_after,
        log.file,
        tuple(checks),
        tuple(_warnings(watch, extent)),
    )


def _warnings(watch: Watch, extent: MissionExtent) -> list[str]:
    warnings = {
        "taken_over": ["The mission was not completed: somebody else took the vehicle over."],
        "interrupted": ["The mission was not completed: it was interrupted."],
        "link_lost": ["The link was lost and did not come back: look after the vehicle."],
        "ended": ["The mission was not completed: the vehicle landed before."],
    }.get(watch.outcome, [])
    missing = extent.photos - watch.photos
    if watch.outcome == "completed" and missing > extent.photo_runs:
        warnings.append(
            f"{missing} of {extent.photos} planned photos were not taken: check the camera and its trigger."
        )
    if watch.photos_unheard:
        warnings.append(f"{watch.photos_unheard} photos were taken that the link did not tell of.")
    return warnings


def _commanded_pitch_deg(mission: Mission) -> float | None:
    """Where the camera points throughout; None where it also looks at places."""
    pitches = [item.params[0] for item in mission.items if item.command == MOUNT_CONTROL]
    looks = any(item.command in LOOKED_AT for item in mission.items)
    return pitches[-1] if pitches and not looks else None
