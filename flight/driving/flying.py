"""Flying a mission: connect, check, upload, confirm, take off, watch, land — and log it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flight.checks.preflight import Check, failed, preflight_checks, show
from flight.checks.protections import set_protections, what_if_we_die
from flight.driving.flight_result import FlightResult, result_of
from flight.driving.interruption import Ask, Interrupts
from flight.driving.leg_progress import LegProgress
from flight.driving.mission_transfer import upload_fence, upload_mission
from flight.driving.readiness import wait_until_ready
from flight.driving.running_flight import RunningFlight, find_running
from flight.driving.takeoff import take_off
from flight.driving.vehicle import Vehicle, connected
from flight.driving.watch import WATCHED, Watch, note_event
from flight.flight_log import FlightLog
from flight.missions.mission import Mission
from flight.missions.mission_extent import extent_of
from flight.missions.mission_meaning import MOUNT_CONTROL
from flight.sortie_facts import SortieFacts
from vision.errors import PantauError

CONNECT_LIMIT_S = 30.0
READY_LIMIT_S = 120.0
TELL_WAITING_EVERY_S = 5
STREAM_HZ = 4
# Of a telemetry radio, which 4 Hz would fill to three quarters; and of a simulated vehicle that runs fast.
SLOW_STREAM_HZ = 2
FAST_FACTOR = 5.0

Say = Callable[[str], None]
Progress = Callable[[int, str], None]
Confirm = Callable[[], bool]


@dataclass(frozen=True)
class _Station:
    """The operator's side of a flight; see `fly`."""

    confirm: Confirm | None
    facts: SortieFacts
    ask: Ask | None
    set_protections: bool
    despite: frozenset[str]
    say: Say
    progress: Progress | None
    time_factor: float


def fly(
    mission: Mission,
    url: str,
    log_file: Path,
    *,
    confirm: Confirm | None,
    also_ours: Sequence[Mission] = (),
    facts: SortieFacts | None = None,
    ask: Ask | None = None,
    set_protections: bool = False,
    despite: frozenset[str] = frozenset(),
    say: Say = lambda text: None,
    progress: Progress | None = None,
    time_factor: float = 1.0,
    connect_limit_s: float = CONNECT_LIMIT_S,
) -> FlightResult:
    """Fly a mission with the vehicle at `url` and write its log as it goes.

    `confirm` is asked after everything is uploaded and verified; None makes it a dry run: the vehicle is
    connected and checked, and nothing of it is changed. `facts` are what the plan knows. `ask` asks the
    operator what to do after Ctrl-C; None: the vehicle returns. `set_protections` sets failsafes and
    fence; `despite` names failed checks that do not hold it back. `say` is told what a person should
    know, `progress` each photo. `time_factor` is that of a simulated vehicle of ours; time limits scale.
    A vehicle that is flying this mission already, or one of `also_ours`, is watched on.

    Raises PantauError, with the vehicle unharmed on the ground, when nothing answers, it is not ready,
    a serious check fails, it refuses the mission or to arm. Trouble in the air is in the result.
    Raises KeyboardInterrupt when interrupted before take-off, or when the operator leaves a flight.
    """
    station = _Station(
        confirm, facts or SortieFacts(), ask, set_protections, despite, say, progress, time_factor
    )
    slow = url.startswith("serial:") or time_factor >= FAST_FACTOR
    say(f"Connecting to {url} …")

    def waiting(seconds: float) -> None:
        if round(seconds) % TELL_WAITING_EVERY_S == 0:
            say(f"No answer yet ({seconds:.0f} of {connect_limit_s:.0f} s) …")

    with connected(url, connect_limit_s, SLOW_STREAM_HZ if slow else STREAM_HZ, waiting) as vehicle:
        running = find_running(vehicle, (mission, *also_ours), log_file)
        if running is not None:
            return _watch_running(vehicle, running, log_file, station)
        return _begin(vehicle, mission, log_file, station)


def _begin(vehicle: Vehicle, mission: Mission, log_file: Path, station: _Station) -> FlightResult:
    """From the ground: check, upload, ask, take off, watch."""
    checks = _make_ready(vehicle, mission, station)
    planned = extent_of(mission).photos
    if station.confirm is None:
        station.say("Dry run: nothing was sent to the vehicle but questions. Fly with --yes.")
        return FlightResult("dry_run", photos_planned=planned, checks=tuple(checks))
    _upload(vehicle, mission, station)
    station.say(what_if_we_die(vehicle, mission))
    if not station.confirm():
        station.say("Not confirmed: the mission is in the vehicle, which stays disarmed.")
        return FlightResult("declined", photos_planned=planned, checks=tuple(checks))
    with FlightLog(log_file) as log, Interrupts() as interrupts:
        watch = _watch(vehicle, mission, log, interrupts, station)
        note_event(vehicle, log, "start")
        battery, began = vehicle.battery_percent, vehicle.utc
        try:
            take_off(vehicle, station.say, interrupts, station.time_factor)
        except BaseException as error:
            note_event(vehicle, log, "ended", text=str(error) or type(error).__name__)
            raise
        note_event(vehicle, log, "launched")
        _run(watch, vehicle)
        return result_of(vehicle, watch, mission, log.file, checks, battery, began)


def _make_ready(vehicle: Vehicle, mission: Mission, station: _Station) -> list[Check]:
    """Wait for the vehicle, set what shall be set, check, and refuse what is serious."""
    told: list[str] = []

    def waiting(seconds: float, missing: str) -> None:
        if missing not in told:
            told.append(missing)
            station.say(f"Waiting for the vehicle: {missing} …")

    wait_until_ready(vehicle, max(10.0, READY_LIMIT_S / station.time_factor), waiting)
    if station.set_protections and station.confirm is not None:
        _upload_fence(vehicle, mission)  # first: an old one that is enabled could keep it from arming
        set_protections(vehicle, mission, station.facts, station.say)
    checks = preflight_checks(vehicle, mission, station.facts)
    station.say("Pre-flight checks:")
    show(checks, station.say)
    serious = failed(checks, serious=True, despite=station.despite)
    if serious:
        reasons = "; ".join(f"{check.name}: {check.found}. {check.remedy}" for check in serious)
        raise PantauError(f"Not fit to fly: {reasons}")
    return checks


def _upload_fence(vehicle: Vehicle, mission: Mission) -> None:
    if mission.has_fence:
        upload_fence(vehicle.link, mission.fence, mission.exclusions)


def _upload(vehicle: Vehicle, mission: Mission, station: _Station) -> None:
    if not station.set_protections:  # else the fence is there already
        _upload_fence(vehicle, mission)
    upload_mission(vehicle.link, mission)
    fenced = ", with the fence" if mission.has_fence else ""
    station.say(f"{len(mission.items)} items uploaded and verified{fenced}.")


def _watch_running(
    vehicle: Vehicle, running: RunningFlight, log_file: Path, station: _Station
) -> FlightResult:
    """Watch a flight on that somebody else of us began; without `confirm`, only look."""
    station.say(running.told)
    with FlightLog(log_file, go_on=running.log_goes_on) as log, Interrupts() as interrupts:
        note_event(vehicle, log, "attached")
        watch = _watch(vehicle, running.mission, log, interrupts, station, running)
        began = running.seen[0].at if running.seen else vehicle.utc
        if station.confirm is not None:
            watch.found_out_of_our_hands()
        _run(watch, vehicle)
        return result_of(vehicle, watch, running.mission, log.file, [], None, began)


def _watch(
    vehicle: Vehicle,
    mission: Mission,
    log: FlightLog,
    interrupts: Interrupts,
    station: _Station,
    running: RunningFlight | None = None,
) -> Watch:
    return Watch(
        vehicle,
        log,
        station.say,
        station.progress,
        legs=LegProgress(mission),
        authority=None if running is None else running.authority(station.confirm is not None),
        ask=station.ask,
        interrupts=interrupts,
        time_factor=station.time_factor,
        seen=() if running is None else running.seen,
        camera_pitch_deg=_commanded_pitch_deg(mission),
    )


def _run(watch: Watch, vehicle: Vehicle) -> None:
    with vehicle.link.listen(*WATCHED) as inbox:
        try:
            watch.run(inbox)
        except Exception:  # a mistake of ours must not leave the vehicle to itself
            watch.come_home()
            raise


def _commanded_pitch_deg(mission: Mission) -> float | None:
    """Where the camera points, except at places; None where it is told to point in several directions."""
    pitches = {item.params[0] for item in mission.items if item.command == MOUNT_CONTROL}
    return pitches.pop() if len(pitches) == 1 else None
