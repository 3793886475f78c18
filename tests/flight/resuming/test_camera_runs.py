"""Passes found in missions, and whether photos cover them: by examples, by properties, by a real flight."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Polygon

from flight.fleet import find_drone
from flight.flight_log import FlightEvent
from flight.missions.mission import Home, Mission, MissionItem
from flight.missions.mission_building import build_mission
from flight.planning.plan import Plan
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from flight.resuming.camera_runs import (
    NOISE_SHARE,
    CameraRun,
    camera_runs,
    is_photographed,
    photographed_runs,
    surplus_photos,
)
from flight.resuming.photo_line import HEIGHT_M, TURNING_M
from pipeline.sites.site_reading import Site
from vision.frames import LocalFrame

HOME = Home(-6.3073, 106.8404, 30.0)
FRAME = LocalFrame(HOME.lat, HOME.lon)
TAKEOFF, RTL, SPEED, ROI, NO_ROI, YAW, MOUNT = 22, 20, 178, 195, 197, 115, 205
TRIGGER, SHOT, STOP, DIGICAM = 206, 2000, 2001, 203
AT = datetime(2026, 11, 22, tzinfo=UTC)


def do(command: int, *p: float) -> MissionItem:
    p1, p2, p3, p4 = (*p, 0.0, 0.0, 0.0, 0.0)[:4]
    return MissionItem(command, 2, (p1, p2, p3, p4), 0.0, 0.0, 0.0)


def to(east_m: float, north_m: float, height_m: float = 20.0, command: int = 16) -> MissionItem:
    lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0]
    return MissionItem(command, 3, (0.0, 0.0, 0.0, 0.0), float(lat), float(lon), height_m)


def on(spacing_m: float, at_once: bool = True) -> MissionItem:
    return do(TRIGGER, spacing_m, 0.0, float(at_once))


UP = MissionItem(TAKEOFF, 3, (0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 20.0)
OFF, BACK = do(TRIGGER), do(RTL)


def runs_of(*items: MissionItem) -> tuple[CameraRun, ...]:
    return camera_runs(Mission(HOME, items, cruise_speed_ms=6.0))


def photo(
    east_m: float, north_m: float, yaw_deg: float | None = 90.0, height_m: float = 20.0, number: int = 1
) -> FlightEvent:
    lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0]
    return FlightEvent(AT, "photo", float(lat), float(lon), height_m, yaw_deg, photo=number)


def flown(run: CameraRun, height_m: float = 20.0) -> list[FlightEvent]:
    """The photos of an autopilot that looks every 5 cm how far it is from where the last photo was taken."""
    assert run.spacing_m is not None
    corners = FRAME.to_metres([p.lat for p in run.line], [p.lon for p in run.line])
    line = LineString(corners)
    taken: list[tuple[float, float]] = []
    photos: list[FlightEvent] = []
    last = corners[0]
    for at_m in np.arange(0.0, line.length, 0.05):
        here = np.array(line.interpolate(at_m).coords[0])
        if np.hypot(*(here - last)) >= run.spacing_m or (run.at_once and not photos):
            ahead = np.array(line.interpolate(min(line.length, at_m + 0.05)).coords[0]) - here
            yaw_deg = math.degrees(math.atan2(*ahead)) % 360 if np.hypot(*ahead) > 0 else 0.0
            photos.append(photo(here[0], here[1], yaw_deg, height_m, len(photos) + 1))
            taken.append(tuple(here))
            last = here
    return photos


# --- passes in missions ----------------------------------------------------------------------


def test_a_mission_without_camera_has_no_passes() -> None:
    assert runs_of() == ()
    assert runs_of(UP, to(0, 20), do(DIGICAM, 1.0), BACK) == ()  # configures, does not shoot
    assert surplus_photos((), ()) == () == photographed_runs((), ())


def test_a_pass_is_from_its_first_waypoint_to_camera_off() -> None:
    (run,) = runs_of(UP, do(SPEED, 1, 6), to(0, 20), on(8), to(40, 20), to(40, 60), OFF, to(0, 60), BACK)
    assert (run.number, run.first_item, run.last_item, run.start_item) == (1, 2, 6, 2)
    assert run.spacing_m == 8.0 and run.at_once and run.shots == () and run.looks_at is None
    east, north = FRAME.to_metres([p.lat for p in run.line], [p.lon for p in run.line]).T
    assert east == pytest.approx([0, 40, 40], abs=0.01) and north == pytest.approx([20, 20, 60], abs=0.01)
    assert [place.alt_m for place in run.line] == [20.0] * 3


@pytest.mark.parametrize("end", [(), (BACK,), (do(21),)])
def test_a_camera_that_is_never_switched_off_is_on_until_the_return(end: tuple[MissionItem, ...]) -> None:
    (run,) = runs_of(UP, to(0, 20), on(8, at_once=False), to(40, 20), *end)
    assert (run.first_item, run.last_item, len(run.line), run.at_once) == (1, 3, 2, False)


def test_a_camera_that_is_on_before_the_first_waypoint_begins_at_home() -> None:
    for begin in ((UP, on(8)), (on(8), UP)):
        (run,) = runs_of(*begin, to(0, 40), OFF, BACK)
        assert run.start_item is None and run.last_item == 3
        assert (run.line[0].lat, run.line[0].lon, run.line[0].alt_m) == (HOME.lat, HOME.lon, 20.0)


def test_another_distance_at_a_bend_begins_another_pass() -> None:
    one, other = runs_of(UP, to(0, 20), on(8), to(40, 20), on(4), to(40, 60), OFF, BACK)
    assert (one.first_item, one.last_item, other.first_item, other.last_item) == (1, 3, 4, 6)
    assert other.start_item == 3 and other.line[0] == one.line[-1]


def test_single_shots_at_consecutive_waypoints_are_a_pass() -> None:
    shot, release = do(SHOT, 0, 0, 1), replace(do(DIGICAM), lat=1.0)
    one, other = runs_of(
        UP, to(0, 20), shot, to(8, 20), release, to(16, 20), to(16, 40), do(SPEED, 1, 4), shot, shot, BACK
    )
    assert (one.first_item, one.last_item, one.spacing_m, len(one.shots), len(one.line)) == (1, 4, None, 2, 2)
    assert (other.first_item, other.last_item, len(other.shots), len(other.line)) == (6, 9, 2, 1)


def test_photos_by_time_are_a_pass_with_the_distance_that_is_flown_meanwhile() -> None:
    (run,) = runs_of(UP, do(SPEED, 1, 3), to(0, 20), do(SHOT, 0, 2, 0), to(40, 20), do(STOP), BACK)
    assert (run.first_item, run.last_item, run.spacing_m, run.shots) == (2, 5, 6.0, ())


def test_heights_that_are_not_above_take_off_are_not_known() -> None:
    (run,) = runs_of(UP, replace(to(0, 20, 300.0), frame=0), on(8), replace(to(40, 20, 5.0), frame=10), OFF)
    assert [place.alt_m for place in run.line] == [None, None]
    assert is_photographed(run, flown(run, height_m=55.0))


@pytest.fixture(scope="module")
def plan() -> Plan:
    east, north = np.array([20, 32, 32, 20]), np.array([20, 20, 34, 34])
    corners = FRAME.to_lat_lon(np.column_stack([east, north]))[:, ::-1]
    road = FRAME.to_lat_lon([[-40, 0], [60, 5]])[:, ::-1]
    sites = [
        Site("hall", "hall", "facility", Polygon(corners), height_m=12.0),
        Site("road", "road", "road", LineString(road), width_m=5.0),
    ]
    return plan_survey(sites, find_drone("simulated-quad"), PlanSettings(solver_iterations=100))


@pytest.mark.parametrize("trigger", ["distance", "action"])
def test_all_passes_of_a_plan_are_found_where_they_are(plan: Plan, trigger: str) -> None:
    plan = replace(plan, drone=replace(plan.drone, trigger=trigger))
    for sortie in plan.sorties:
        runs = camera_runs(build_mission(plan, sortie))
        assert any(run.looks_at for run in runs) and any(run.looks_at is None for run in runs)
        if trigger == "distance":
            assert [[(p.lat, p.lon) for p in run.line] for run in runs] == [
                [(p.lat, p.lon) for p in flown.waypoints] for flown in sortie.passes
            ]
            assert [bool(run.looks_at) for run in runs] == [bool(p.look_at) for p in sortie.passes]
        else:
            shots = {(shot.lat, shot.lon) for run in runs for shot in run.shots}
            assert len(runs) >= 2 and shots >= {(p.lat, p.lon) for f in sortie.passes for p in f.photos[1:]}


def test_planned_photos_photograph_every_pass_of_a_plan(plan: Plan) -> None:
    """Levels past a face are flown at one height and one line, and told apart by where the camera looks."""
    sortie = plan.sorties[0]
    runs = camera_runs(build_mission(plan, sortie))
    faces = [(frozenset(run.line), run.looks_at) for run in runs if run.looks_at]
    assert len({line for line, _ in faces}) < len(set(faces))
    photos = [
        [FlightEvent(AT, "photo", p.lat, p.lon, p.alt_m, p.yaw_deg, p.pitch_deg) for p in flown.photos]
        for flown in sortie.passes
    ]
    everything = [photo for taken in photos for photo in taken]
    assert photographed_runs(runs, everything) == tuple(range(1, len(runs) + 1))
    assert surplus_photos(runs, everything) == ()
    late = [[replace(first, pitch_deg=-5.0), *more] for first, *more in photos]  # the gimbal still turns
    assert photographed_runs(runs, [photo for taken in late for photo in taken]) == tuple(
        range(1, len(runs) + 1)
    )
    for number in range(len(runs)):
        others = [photo for taken in (*photos[:number], *photos[number + 1 :]) for photo in taken]
        assert number + 1 not in photographed_runs(runs, others)


# --- photos on passes ------------------------------------------------------------------------


@st.composite
def straight_and_bent_runs(draw: st.DrawFn) -> CameraRun:
    spacing_m = draw(st.floats(4.0, 15.0))
    legs = draw(st.lists(st.tuples(st.floats(20.0, 80.0), st.floats(-60.0, 60.0)), min_size=1, max_size=3))
    here, yaw_deg = np.array([0.0, 30.0]), draw(st.floats(0.0, 360.0))
    items = [UP, to(*here), on(spacing_m, draw(st.booleans()))]
    for length_m, turn_deg in legs:
        yaw_deg += turn_deg
        here = here + length_m * np.array([math.sin(math.radians(yaw_deg)), math.cos(math.radians(yaw_deg))])
        items.append(to(*here))
    return runs_of(*items, OFF, BACK)[0]


def moved(event: FlightEvent, reach_m: float, draw: Callable[..., float]) -> FlightEvent:
    assert event.lat is not None and event.lon is not None
    assert event.yaw_deg is not None and event.alt_rel_m is not None
    east, north = FRAME.to_metres(event.lat, event.lon)[0]
    far_m, towards = draw(st.floats(0.0, reach_m)), draw(st.floats(0.0, 2 * math.pi))
    return photo(
        east + far_m * math.sin(towards),
        north + far_m * math.cos(towards),
        event.yaw_deg + draw(st.floats(-44.0, 44.0)),
        event.alt_rel_m + draw(st.floats(-0.99, 0.99)) * HEIGHT_M,
    )


@given(straight_and_bent_runs(), st.data())
def test_a_run_with_all_its_photos_is_photographed_whatever_noise_and_order(
    run: CameraRun, data: st.DataObject
) -> None:
    assert run.spacing_m is not None
    photos = flown(run)
    assert is_photographed(run, photos)
    noisy = [moved(event, NOISE_SHARE * run.spacing_m, data.draw) for event in photos]
    assert is_photographed(run, data.draw(st.permutations(noisy)))


@given(straight_and_bent_runs(), st.data())
def test_without_one_photo_in_the_middle_it_is_not(run: CameraRun, data: st.DataObject) -> None:
    assert run.spacing_m is not None
    photos = flown(run)
    if len(photos) < 3:
        return
    del photos[data.draw(st.integers(1, len(photos) - 2))]
    assert not is_photographed(run, photos)
    noisy = [moved(event, NOISE_SHARE * run.spacing_m, data.draw) for event in photos]
    assert not is_photographed(run, data.draw(st.permutations(noisy)))


@pytest.fixture
def run() -> CameraRun:
    """100 m eastwards, a photo each 10 m."""
    return runs_of(UP, to(0, 20), on(10), to(100, 20), OFF, BACK)[0]


def eastwards(*at_m: float) -> list[FlightEvent]:
    return [photo(at, 20, number=number) for number, at in enumerate(at_m, start=1)]


def test_the_first_photo_is_near_the_start_and_the_last_near_the_end(run: CameraRun) -> None:
    assert not is_photographed(run, [])
    assert is_photographed(run, eastwards(*range(0, 91, 10)))
    assert not is_photographed(run, eastwards(*range(10, 101, 10)))
    assert not is_photographed(run, eastwards(*range(0, 81, 10)))


@pytest.mark.parametrize(
    "stranger",
    [
        photo(50, 20, 0.0),  # of a crossing pass
        photo(50, 20, 270.0),  # of the same road flown the other way
        photo(50, 20, 90.0, 40.0),  # of a transit above
        photo(50, 25, 90.0),  # of a parallel pass
    ],
)
def test_photos_of_other_passes_fill_no_gap(run: CameraRun, stranger: FlightEvent) -> None:
    with_gap = eastwards(*(at for at in range(0, 101, 10) if at != 50))
    assert not is_photographed(run, with_gap)
    assert not is_photographed(run, [*with_gap, stranger])
    assert is_photographed(run, [*with_gap, photo(50, 20)])


def test_a_parallel_pass_as_near_as_noise_fills_no_gap_where_both_are_known() -> None:
    one, other = runs_of(
        UP, to(0, 20), on(10), to(100, 20), OFF, to(100, 50), to(0, 50), to(0, 23), on(10), to(100, 23), OFF
    )
    beside = [photo(at, 23) for at in range(0, 101, 10)]
    assert photographed_runs((one, other), beside) == (2,)
    assert photographed_runs((one, other), [*beside, *eastwards(*range(0, 101, 10))]) == (1, 2)


def test_while_the_vehicle_turns_to_the_line_it_may_look_anywhere(run: CameraRun) -> None:
    photos = eastwards(*range(0, 101, 10))
    assert 10 < TURNING_M < 20
    turning = [replace(photos[0], yaw_deg=270.0), replace(photos[1], yaw_deg=20.0), *photos[2:]]
    assert is_photographed(run, turning)
    assert not is_photographed(run, [replace(event, yaw_deg=270.0) for event in photos])
    assert is_photographed(run, [replace(event, yaw_deg=None) for event in photos])


def test_where_a_yaw_is_commanded_photos_have_that_yaw() -> None:
    (run,) = runs_of(UP, to(0, 20), do(YAW, 200.0), on(10), to(100, 20), OFF, BACK)
    photos = eastwards(*range(0, 101, 10))
    assert not is_photographed(run, photos)
    assert is_photographed(run, [replace(event, yaw_deg=190.0) for event in photos])


def test_single_shots_need_one_photo_each() -> None:
    shot = do(SHOT, 0, 0, 1)
    (run,) = runs_of(UP, to(0, 20), shot, to(6, 20), shot, to(12, 20), shot, shot, BACK)
    photos = eastwards(0.5, 6.5, 12.5, 12.5)
    assert is_photographed(run, photos[::-1])
    assert not any(is_photographed(run, photos[:n] + photos[n + 1 :]) for n in range(4))


def test_surplus_photos_are_those_of_no_pass(run: CameraRun) -> None:
    photos = [*eastwards(*range(0, 101, 10)), photo(110, 20, number=12), photo(60, 10, 225.0, number=13)]
    assert surplus_photos((run,), photos) == (12, 13)
    assert surplus_photos((run,), [FlightEvent(AT, "photo", photo=1)]) == ()


@pytest.mark.real_data
def test_a_flight_of_a_real_arducopter_photographed_its_passes(shared: Path) -> None:
    recording = shared / "data" / "mavlink" / "auto-mission.jsonl.gz"
    sent: dict[int, MissionItem] = {}
    photos: list[FlightEvent] = []
    with gzip.open(recording, "rt", encoding="utf-8") as lines:
        for _, direction, told in map(json.loads, lines):
            if told["mavpackettype"] == "MISSION_ITEM" and direction == ">":
                p1, p2, p3, p4 = (float(told[f"param{n}"]) for n in (1, 2, 3, 4))
                place = (float(told["x"]), float(told["y"]), float(told["z"]))
                sent[told["seq"]] = MissionItem(told["command"], told["frame"], (p1, p2, p3, p4), *place)
            elif told["mavpackettype"] == "CAMERA_FEEDBACK":
                where = (told["lat"] / 1e7, told["lng"] / 1e7, told["alt_rel"], told["yaw"])
                photos.append(FlightEvent(AT, "photo", *where, photo=told["img_idx"]))
    items = tuple(sent[seq] for seq in sorted(sent) if seq > 0)
    runs = camera_runs(Mission(Home(sent[0].lat, sent[0].lon), items))
    assert [(run.spacing_m, len(run.shots)) for run in runs] == [(10.0, 0), (None, 1)]
    assert len(photos) == 11 and photographed_runs(runs, photos) == (1, 2)
    assert surplus_photos(runs, photos) == ()
    assert not any(is_photographed(runs[0], photos[:n] + photos[n + 1 :]) for n in range(1, 9))
