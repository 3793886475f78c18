"""What `pantau fly` is to fly: the sortie, or what earlier flights have left of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flight.flight_log import FlightEvent, FlightLog, flight_log_of
from flight.formats.qgroundcontrol import read_plan_file, write_plan_file
from flight.missions.mission_meaning import same_items
from flight.resuming.camera_runs import camera_runs
from flight.sortie_task import sortie_task
from vision.errors import PantauError

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def plan_file(tmp_path, short_mission, waypoint):
    """A sortie of two passes with a photo each 8 m."""
    first = short_mission.items[3:7]
    second = (waypoint(40, 30), first[1], waypoint(0, 30), first[3])
    mission = replace(short_mission, items=(*short_mission.items[:7], *second, short_mission.items[-1]))
    file = tmp_path / "sortie-01.plan"
    write_plan_file(mission, file)
    return file


def fly_first_pass(plan_file, *last_events):
    """Leave the log of a flight that photographed the first pass only."""
    line = camera_runs(read_plan_file(plan_file))[0].line
    start, end = line[0], line[-1]
    with FlightLog(flight_log_of(plan_file)) as log:
        for number in range(6):
            share = number / 5
            at = AT + timedelta(seconds=number)
            lat, lon = (a + share * (b - a) for a, b in ((start.lat, end.lat), (start.lon, end.lon)))
            pose = (lat, lon, 20.0, 90.0, -90.0, 0.0)
            log.write(FlightEvent(at, "photo", *pose, photo=number + 1, image=number))
        for event in last_events:
            log.write(FlightEvent(AT, event))


def test_what_was_never_flown_is_flown_whole_and_cannot_be_resumed(plan_file):
    task = sortie_task(plan_file)
    assert task.mission == read_plan_file(plan_file)
    assert len(task.others) == 1
    with pytest.raises(PantauError, match="without --resume"):
        sortie_task(plan_file, resume=True)


def test_resuming_flies_what_is_left(plan_file):
    fly_first_pass(plan_file, "ended")
    task = sortie_task(plan_file, resume=True)
    assert len(camera_runs(task.mission)) == 1
    assert task.photos < sortie_task(plan_file).photos
    assert "pass 2 of 2" in task.told
    assert "--resume" in sortie_task(plan_file).told


def test_a_resumed_flight_that_is_going_on_is_known_as_ours(plan_file):
    fly_first_pass(plan_file, "ended")
    resumed = sortie_task(plan_file, resume=True).mission
    fly_first_pass(plan_file)  # the resumed flight's own log, which its process has left open
    assert any(same_items(resumed.items, other.items) for other in sortie_task(plan_file).others)


def test_a_folder_offers_the_sortie_that_was_begun(plan_file):
    fly_first_pass(plan_file, "ended")
    assert sortie_task(plan_file.parent, resume=True).plan_file == plan_file


def test_a_mission_that_cannot_be_resumed_can_still_be_flown_again(plan_file, short_mission):
    fly_first_pass(plan_file, "ended")
    without_camera = tuple(item for item in short_mission.items if item.command != 206)
    write_plan_file(replace(short_mission, items=without_camera), plan_file)
    assert sortie_task(plan_file).others == (read_plan_file(plan_file),)
