"""What is left of a sortie after earlier flights: as items, as files, and flown on the simulated vehicle."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import LineString, Polygon

from flight.driving.flying import fly
from flight.fleet import find_drone
from flight.flight_log import FlightEvent, FlightLog, flight_log_of, is_complete
from flight.formats.qgroundcontrol import write_plan_file
from flight.missions.mission import Home, Mission, MissionItem
from flight.missions.mission_building import build_mission
from flight.planning.plan import Plan, Sortie
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from flight.resuming.camera_runs import CameraRun, camera_runs, photographed_runs, surplus_photos
from flight.resuming.photo_line import PhotoLine
from flight.resuming.rest_of_sortie import Rest, begun_sortie, flights_of, is_flown, photos_of, rest_of
from flight.simulator.process import simulated_vehicle
from pipeline.sites.site_reading import Site
from vision.errors import PantauError
from vision.frames import LocalFrame

HOME = Home(-6.3073, 106.8404, 30.0)
FRAME = LocalFrame(HOME.lat, HOME.lon)
WAYPOINT, TAKEOFF, RTL, LAND, SPEED, ROI, NO_ROI, MOUNT = 16, 22, 20, 21, 178, 195, 197, 205
TRIGGER, SHOT, JUMP, SERVO, YAW = 206, 2000, 177, 183, 115
AT = datetime(2026, 11, 22, tzinfo=UTC)
TIME_FACTOR = 25.0


def do(command: int, *p: float) -> MissionItem:
    p1, p2, p3, p4 = (*p, 0.0, 0.0, 0.0, 0.0)[:4]
    return MissionItem(command, 2, (p1, p2, p3, p4), 0.0, 0.0, 0.0)


def to(east_m: float, north_m: float, height_m: float = 20.0, command: int = WAYPOINT) -> MissionItem:
    lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0]
    return MissionItem(command, 3, (0.0, 0.0, 0.0, 0.0), float(lat), float(lon), height_m)


UP = MissionItem(TAKEOFF, 3, (0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 20.0)
DOWN = replace(do(MOUNT, -90.0), alt_m=2.0)
ON, OFF, BACK = do(TRIGGER, 8.0, 0.0, 1.0), do(TRIGGER), do(RTL)
THREE_PASSES = Mission(
    HOME,
    (
        *(UP, DOWN, do(SPEED, 1, 6, -1)),
        *(to(0, 15), ON, to(40, 15), OFF),
        *(to(40, 30), ON, to(0, 30), OFF),
        *(to(0, 45), ON, to(40, 45), OFF),
        *(to(40, 60), BACK),
    ),
    fence=tuple((item.lat, item.lon) for item in (to(-60, -60), to(120, -60), to(120, 120), to(-60, 120))),
    cruise_speed_ms=6.0,
)


def taken_on(runs: Iterable[CameraRun]) -> list[FlightEvent]:
    """Photos each 4 m along passes without bends, or at their single shots."""
    photos = []
    for run in runs:
        ends = FRAME.to_metres([p.lat for p in run.line], [p.lon for p in run.line])
        step = ends[-1] - ends[0]
        count = max(2, round(float(np.hypot(*step)) / 4))
        places = FRAME.to_lat_lon(ends[0] + np.linspace(0, 1, count)[:, None] * step)
        yaw_deg = float(np.degrees(np.arctan2(*step)))
        photos += [FlightEvent(AT, "photo", lat, lon, run.line[0].alt_m, yaw_deg) for lat, lon in places]
    return photos


def log_of(folder: Path, photos: Iterable[FlightEvent], *more: str, name: str = "sortie-01") -> Path:
    file = folder / f"{name}.flight.jsonl"
    with FlightLog(file) as log:
        for event in (*photos, *(FlightEvent(AT, event) for event in more)):
            log.write(event)
    return file


def rest_after(mission: Mission, folder: Path, *flown: int, height_m: float | None = 40.0) -> Rest:
    """What is left when these passes are photographed."""
    runs = [run for run in camera_runs(mission) if run.number in flown]
    return rest_of(mission, [log_of(folder, taken_on(runs))], height_m)


def commands(mission: Mission | None) -> list[int]:
    assert mission is not None
    return [item.command for item in mission.items]


def items_of(rest: Rest) -> tuple[MissionItem, ...]:
    assert rest.mission is not None
    return rest.mission.items


# --- the resumed mission ---------------------------------------------------------------------


def test_a_mission_that_was_never_flown_is_left_whole(tmp_path: Path) -> None:
    rest = rest_of(THREE_PASSES, [], None)
    assert rest.mission == THREE_PASSES
    assert (rest.first_run, rest.last_run, rest.runs, rest.photographed) == (1, 3, 3, ())


def test_nothing_is_left_when_everything_is_photographed(tmp_path: Path) -> None:
    rest = rest_after(THREE_PASSES, tmp_path, 1, 2, 3)
    assert rest.mission is None and rest.photographed == (1, 2, 3)


def test_the_second_pass_is_reached_straight_at_the_return_height(tmp_path: Path) -> None:
    rest = rest_after(THREE_PASSES, tmp_path, 1)
    assert (rest.first_run, rest.last_run, rest.photographed, rest.way) == (2, 3, (1,), "straight")
    up, *there = items_of(rest)[:4]
    start = THREE_PASSES.items[7]
    assert up == replace(UP, alt_m=40.0)
    assert there == [*THREE_PASSES.items[1:3], replace(start, alt_m=40.0)]
    assert items_of(rest)[4:] == THREE_PASSES.items[7:]
    assert rest.mission == replace(THREE_PASSES, items=items_of(rest))


def test_without_a_return_height_the_own_way_is_flown_without_photos(tmp_path: Path) -> None:
    rest = rest_after(THREE_PASSES, tmp_path, 1, height_m=None)
    assert rest.way == "own"
    own = [item for item in THREE_PASSES.items[:7] if item.command != TRIGGER]
    assert items_of(rest) == (*own, *THREE_PASSES.items[7:])


@pytest.mark.parametrize("frame", [0, 10])
def test_other_heights_than_above_take_off_are_flown_by_the_own_way(tmp_path: Path, frame: int) -> None:
    items = tuple(replace(i, frame=frame) if i.command == WAYPOINT else i for i in THREE_PASSES.items)
    assert rest_after(replace(THREE_PASSES, items=items), tmp_path, 1).way == "own"


def test_a_zone_in_between_or_nearer_than_on_the_own_way_is_not_flown_by(tmp_path: Path) -> None:
    def zone(east_m: float, north_m: float) -> tuple[tuple[float, float], ...]:
        corners = ((-2, -2), (2, -2), (2, 2), (-2, 2))
        return tuple((i.lat, i.lon) for i in (to(east_m + e, north_m + n) for e, n in corners))

    detour = (UP, to(-100, 50), ON, to(-100, 0), OFF, to(-100, 300), to(60, 300), ON, to(100, 300), OFF, BACK)
    mission = Mission(HOME, detour)
    for place, way in [((30, 150), "own"), ((40, 150), "own"), ((300, 100), "straight")]:
        zoned = replace(mission, exclusions=(zone(*place),))
        rest = rest_after(zoned, tmp_path, 1)
        assert rest.way == way, place
        assert rest.mission is not None and rest.mission.exclusions == zoned.exclusions


def test_a_straight_way_near_the_fence_is_not_flown(tmp_path: Path) -> None:
    corners = (to(-30, -30), to(100, -30), to(100, 8), to(12, 8), to(12, 22), to(100, 22), to(100, 90))
    hollow = tuple((item.lat, item.lon) for item in (*corners, to(-30, 90)))
    assert rest_after(replace(THREE_PASSES, fence=hollow), tmp_path, 1).way == "own"
    assert rest_after(THREE_PASSES, tmp_path, 1).way == "straight"


def test_passes_at_the_end_are_left_out_and_the_way_home_is_straight(tmp_path: Path) -> None:
    rest = rest_after(THREE_PASSES, tmp_path, 1, 3)
    assert (rest.first_run, rest.last_run, rest.way_back) == (2, 2, "straight")
    over_end, over_home, back = items_of(rest)[-3:]
    assert over_end == replace(to(0, 30), alt_m=40.0) and over_home.alt_m == 40.0 and back == BACK
    assert (over_home.lat, over_home.lon) == (HOME.lat, HOME.lon)
    assert items_of(rest)[-4] == OFF


def test_without_a_return_height_the_way_home_is_the_rest_of_the_own_way(tmp_path: Path) -> None:
    rest = rest_after(THREE_PASSES, tmp_path, 1, 3, height_m=None)
    own = [item for item in THREE_PASSES.items[11:] if item.command != TRIGGER]
    assert items_of(rest)[-len(own) - 1 :] == (OFF, *own)


def test_a_camera_that_is_never_switched_off_is_off_at_the_end(tmp_path: Path) -> None:
    left_on = replace(THREE_PASSES, items=(*THREE_PASSES.items[:-3], BACK))
    assert commands(rest_after(left_on, tmp_path, 1).mission)[-2:] == [TRIGGER, RTL]
    hovering = replace(THREE_PASSES, items=THREE_PASSES.items[:-3])
    assert items_of(rest_after(hovering, tmp_path, 1))[-2:] == (OFF, BACK)
    landing = replace(THREE_PASSES, items=(*THREE_PASSES.items[:-1], to(40, 60, 0.0, LAND)))
    assert items_of(rest_after(landing, tmp_path, 1))[-1] == landing.items[-1]


def test_a_pass_that_begins_where_the_one_before_ends_is_reached_there(tmp_path: Path) -> None:
    wide = do(TRIGGER, 12.0, 0.0, 1.0)
    mission = replace(THREE_PASSES, items=(UP, DOWN, to(0, 15), ON, to(40, 15), wide, to(40, 60), OFF, BACK))
    rest = rest_after(mission, tmp_path, 1)
    there = (replace(UP, alt_m=40.0), DOWN, to(40, 15, 40.0), to(40, 15))
    assert items_of(rest) == (*there, *mission.items[5:])
    assert [run.spacing_m for run in camera_runs(replace(mission, items=items_of(rest)))] == [12.0]
    own = rest_after(mission, tmp_path, 1, height_m=None)
    assert items_of(own) == tuple(item for item in mission.items if item != ON)


def test_what_is_set_before_the_pass_is_set_again(tmp_path: Path) -> None:
    before = (UP, DOWN, do(SPEED, 1, 6), do(SERVO, 9, 1500), do(SERVO, 8, 1000), do(SERVO, 9, 1100))
    first = (to(0, 15), ON, to(40, 15), OFF, do(SPEED, 1, 10), do(SPEED, 2, 2), to(60, 20))
    look = (to(10, 10, 5.0, ROI), do(YAW, 45.0))
    mission = replace(THREE_PASSES, items=(*before, *first, *look, to(40, 30), ON, to(0, 30), OFF, BACK))
    rest = rest_after(mission, tmp_path, 1)
    settings = (DOWN, before[4], before[5], first[4], first[5])
    there = (replace(UP, alt_m=40.0), *settings, to(40, 30, 40.0), *look)
    assert items_of(rest) == (*there, *mission.items[15:])


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ((UP, to(0, 15), BACK), "no camera commands"),
        ((UP, to(0, 15), ON, to(40, 15), OFF, do(JUMP, 2, 3), BACK), "jumps back"),
        ((to(0, 15), ON, to(40, 15), OFF, BACK), "take-off"),
    ],
)
def test_what_cannot_be_resumed_is_refused(items: tuple[MissionItem, ...], why: str) -> None:
    with pytest.raises(PantauError, match=why):
        rest_of(replace(THREE_PASSES, items=items), [], 40.0)


# --- every place to resume a plan at ---------------------------------------------------------


@pytest.fixture(scope="module")
def plan() -> Plan:
    corners = FRAME.to_lat_lon([[20, 20], [28, 20], [28, 28], [20, 28]])[:, ::-1]
    road = FRAME.to_lat_lon([[-30, 0], [-10, 5]])[:, ::-1]
    sites = [
        Site("hall", "hall", "facility", Polygon(corners), height_m=12.0),
        Site("road", "road", "road", LineString(road), width_m=5.0),
    ]
    return plan_survey(sites, find_drone("simulated-quad"), PlanSettings(solver_iterations=100))


def by(plan: Plan, trigger: str) -> tuple[Sortie, Mission]:
    """The plan's first sortie, flown by a drone whose photos are triggered so."""
    sortie = plan.sorties[0]
    return sortie, build_mission(replace(plan, drone=replace(plan.drone, trigger=trigger)), sortie)


def state_when_photos_begin(items: Sequence[MissionItem]) -> list[tuple[Any, ...]]:
    """Place, gimbal, view and speed whenever the camera is told to take photos."""
    state: dict[str, Any] = {"place": None, "gimbal": None, "view": None, "speed": None}
    found = []
    for item in items:
        if item.command in (WAYPOINT, TAKEOFF):
            state["place"] = (item.lat, item.lon, item.alt_m)
        elif item.command == MOUNT:
            state["gimbal"] = item.params[0]
        elif item.command in (ROI, NO_ROI):
            state["view"] = (item.lat, item.lon, item.alt_m) if item.command == ROI else None
        elif item.command == SPEED:
            state["speed"] = item.params[1]
        elif item.command == SHOT or (item.command == TRIGGER and item.params[0] > 0):
            found.append((*state.values(), item.params))
    return found


@pytest.mark.parametrize("trigger", ["distance", "action"])
@pytest.mark.parametrize("straight", [True, False])
def test_wherever_a_plan_is_resumed_photos_are_taken_as_planned(
    plan: Plan, tmp_path: Path, trigger: str, straight: bool
) -> None:
    sortie, mission = by(plan, trigger)
    meant = state_when_photos_begin(mission.items)
    runs = camera_runs(mission)
    for run in runs[1:]:
        height_m = sortie.return_height_m if straight else None
        log = log_of(tmp_path, planned_photos(sortie, mission, runs[: run.number - 1]))
        rest = rest_of(mission, [log], height_m)
        assert (rest.first_run, rest.last_run) == (run.number, len(runs))
        assert rest.way == ("straight" if straight else "own")
        got = state_when_photos_begin(items_of(rest))
        assert got == meant[-len(got) :]
        assert items_of(rest)[0].command == TAKEOFF and items_of(rest)[-1] == BACK
        assert [r.line for r in camera_runs(mission)[run.number - 1 :]] == [
            r.line for r in camera_runs(replace(mission, items=items_of(rest)))
        ]


def planned_photos(sortie: Sortie, mission: Mission, runs: Sequence[CameraRun]) -> list[FlightEvent]:
    """The planned photos that belong to these passes of a mission."""
    photos = [
        FlightEvent(AT, "photo", p.lat, p.lon, p.alt_m, p.yaw_deg, p.pitch_deg)
        for flown in sortie.passes
        for p in flown.photos
    ]
    done = {run.number for run in runs}
    return [p for p in photos if not set(_of(p, camera_runs(mission))) - done]


def _of(photo: FlightEvent, runs: Sequence[CameraRun]) -> list[int]:
    """The passes that a planned photo fits best."""
    lines = [(run.number, PhotoLine(run.line, run.yaws_deg, run.looks_at)) for run in runs]
    fits = {number: match.off_m for number, line in lines for match in line.matches([photo])}
    return [number for number, off_m in fits.items() if off_m <= min(fits.values()) + 0.01]


# --- files -----------------------------------------------------------------------------------


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    write_plan_file(THREE_PASSES, tmp_path / "sortie-01.plan")
    return tmp_path / "sortie-01.plan"


def test_flights_of_a_sortie_are_listed_oldest_first(plan_file: Path) -> None:
    assert flights_of(plan_file) == []
    for number in range(12):
        log_of(plan_file.parent, [FlightEvent(AT, "photo", photo=number)], "ended")
        log_of(plan_file.parent, [], name="sortie-011")
    assert [path.name for path in flights_of(plan_file)][-3:] == [
        "sortie-01.flight-10.jsonl",
        "sortie-01.flight-11.jsonl",
        "sortie-01.flight.jsonl",
    ]
    assert [event.photo for event in photos_of(flights_of(plan_file))] == list(range(12))


def test_a_sortie_is_flown_when_its_last_flight_or_all_together_completed_it(plan_file: Path) -> None:
    runs = camera_runs(THREE_PASSES)
    assert not is_flown(plan_file)
    log_of(plan_file.parent, taken_on(runs[:2]), "ended")
    assert not is_flown(plan_file)
    log_of(plan_file.parent, taken_on(runs[2:]), "ended")
    assert is_flown(plan_file) and not is_complete(flight_log_of(plan_file))
    log_of(plan_file.parent, [], "ended")
    log_of(plan_file.parent, [], "completed")
    assert is_flown(plan_file)


def test_the_first_sortie_that_was_begun_and_not_flown_is_resumed(plan_file: Path) -> None:
    folder = plan_file.parent
    write_plan_file(THREE_PASSES, folder / "sortie-02.plan")
    with pytest.raises(PantauError, match=r"nothing to resume; fly\s+without --resume"):
        begun_sortie(folder)
    log_of(folder, [], "ended", name="sortie-02")
    assert begun_sortie(folder).name == "sortie-02.plan"
    log_of(folder, [], "ended")
    assert begun_sortie(folder) == plan_file
    log_of(folder, [], "completed")
    log_of(folder, [], "completed", name="sortie-02")
    with pytest.raises(PantauError, match=r"\(sortie-01, sortie-02\) is flown"):
        begun_sortie(folder)


# --- flown -----------------------------------------------------------------------------------


def interrupt_at(photo: int) -> Callable[[int, str], None]:
    """Progress that interrupts the flight once, at a photo, as Ctrl-C does."""
    seen: list[int] = []

    def progress(steps: int, detail: str) -> None:
        before = len(seen)
        seen.extend([1] * steps)
        if before < photo <= len(seen):
            signal.raise_signal(signal.SIGINT)

    return progress


def flown(mission: Mission, log: Path, stop_at_photo: int | None = None) -> str:
    home = mission.home
    with simulated_vehicle(home.lat, home.lon, 30.0, time_factor=TIME_FACTOR) as vehicle:
        options: dict[str, Any] = {"confirm": lambda: True, "time_factor": TIME_FACTOR}
        if stop_at_photo is not None:
            options["progress"] = interrupt_at(stop_at_photo)
        return fly(mission, vehicle.url, log, **options).outcome


def check_interrupted_and_resumed(
    mission: Mission, height_m: float | None, stop_at: int, folder: Path
) -> Rest:
    plan_file = folder / "sortie-01.plan"
    write_plan_file(mission, plan_file)
    log = flight_log_of(plan_file)
    runs = camera_runs(mission)
    assert flown(mission, log, stop_at) == "interrupted"
    rest = rest_of(mission, flights_of(plan_file), height_m)
    assert rest.mission is not None
    assert rest.photographed == tuple(
        range(1, rest.first_run)
    ) and 1 < rest.first_run <= rest.last_run == len(runs)
    assert begun_sortie(folder) == plan_file
    assert flown(rest.mission, log) == "completed"
    assert len(flights_of(plan_file)) == 2 and is_flown(plan_file)
    photos = photos_of(flights_of(plan_file))
    assert photographed_runs(runs, photos) == tuple(range(1, len(runs) + 1))
    assert surplus_photos(runs, photos) == ()
    assert rest_of(mission, flights_of(plan_file), height_m).mission is None
    return rest


@pytest.mark.slow
def test_a_flight_interrupted_in_the_second_of_three_passes_is_resumed_there(tmp_path: Path) -> None:
    rest = check_interrupted_and_resumed(THREE_PASSES, 40.0, 9, tmp_path)
    assert (rest.photographed, rest.first_run, rest.last_run) == ((1,), 2, 3)


@pytest.mark.slow
@pytest.mark.parametrize("trigger", ["distance", "action"])
def test_a_plan_with_faces_is_interrupted_and_resumed(plan: Plan, tmp_path: Path, trigger: str) -> None:
    sortie, mission = by(plan, trigger)
    rest = check_interrupted_and_resumed(mission, sortie.return_height_m, 9, tmp_path)
    assert rest.way == "straight"
    assert any(run.looks_at for run in camera_runs(mission)[rest.first_run - 1 :])
