"""Logs that photos contradict: nothing is taken from them, however well numbers and times fit."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.capture_logs import records_for
from pipeline.capture_logs.contradiction import judge
from pipeline.capture_logs.shot import Shot
from pipeline.metadata.recorded import Position, Recorded
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.3, 106.84)
AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def place(east_m: float) -> Position:
    return Position(*(float(value) for value in FRAME.to_lat_lon([(east_m, 0.0)])[0]))


def photo(index: int, **known: object) -> Shot:
    return Shot(Path(f"DJI_{index:04d}.JPG"), **known)


def told(shots: list[Shot]) -> dict[Path, Recorded]:
    """The log's rows: 10 m and 2 s from one photo to the next, of RTK grade."""
    return {
        shot.path: Recorded(
            place(10.0 * index), sigma_position_m=0.02, taken_at=AT + timedelta(seconds=2 * index)
        )
        for index, shot in enumerate(shots)
    }


def kept(*shots: Shot, clock_is_set: bool = True) -> list[int]:
    """Which of the photos still take something from the log."""
    verdict = judge(told(list(shots)), shots, clock_is_set)
    assert len(verdict.found) == len(shots) or verdict.contradicted
    return [index for index, shot in enumerate(shots) if shot.path in verdict.found]


def test_no_photos_contradict_nothing():
    assert kept() == []


@pytest.mark.parametrize("away_m", [101.0, 400_000.0])
@pytest.mark.parametrize("count", [1, 2, 3, 30])
def test_photos_taken_elsewhere_take_nothing(count, away_m):
    assert kept(*(photo(index, position=place(10.0 * index + away_m)) for index in range(count))) == []


def test_photos_whose_gnss_errs_as_usual_keep_their_log():
    assert kept(*(photo(index, position=place(10.0 * index + 15.0)) for index in range(3))) == [0, 1, 2]


def test_photos_without_place_and_time_have_nothing_but_the_log():
    assert kept(photo(0), photo(1)) == [0, 1]


def test_a_photo_without_place_takes_nothing_from_a_log_that_the_others_contradict():
    assert kept(photo(0, position=place(9000)), photo(1)) == []


def test_one_strayed_photo_does_not_cost_the_others_their_log():
    strayed = photo(3, position=place(7_000_000))
    assert kept(*(photo(index, position=place(10.0 * index)) for index in range(3)), strayed) == [0, 1, 2]


def test_a_flight_over_the_same_ground_on_another_way_is_noticed():
    photos = [
        photo(index, position=place(10.0 * index + offset_m))
        for index, offset_m in enumerate([40, -130, 160])
    ]
    assert kept(*photos) == []


def test_a_coarse_position_contradicts_only_what_lies_further_off():
    by_minutes = Position(-6.3, 106 + 51 / 60)  # written in whole minutes of arc, 1.1 km east of the log's
    assert kept(photo(0, position=by_minutes)) == [0]
    assert kept(photo(0, position=Position(-6.3, 107.0))) == []


def test_a_position_that_stands_still_while_the_drone_flies_is_coarse():
    assert len(kept(*(photo(index, position=place(170.0)) for index in range(30)))) == 30
    assert kept(*(photo(index, position=place(9000.0)) for index in range(30))) == []


def test_a_position_of_large_stated_error_is_coarse():
    assert kept(photo(0, position=place(900.0), sigma_position_m=500.0)) == [0]


@pytest.mark.parametrize(("days", "expected"), [(0.5, [0]), (3, []), (-2200, [])])
def test_a_drones_clock_is_never_days_off_its_own_event_file(days, expected):
    clock = (AT + timedelta(days=days)).replace(tzinfo=None)
    assert kept(photo(0, clock=clock)) == expected


def test_satellite_time_of_another_hour_contradicts():
    later = AT + timedelta(hours=1)
    assert kept(photo(0, utc=later, by_gnss=True), clock_is_set=False) == []
    assert kept(photo(0, utc=AT + timedelta(seconds=110), by_gnss=True), clock_is_set=False) == [0]
    by_hand = photo(0, utc=later, clock=later.replace(tzinfo=None))
    assert kept(by_hand, clock_is_set=False) == [0]


@pytest.mark.real_data
def test_a_real_photo_beside_another_drones_event_file_keeps_its_own_place(shared, tmp_path):
    shutil.copy(shared / "data" / "gcp" / "helenenschacht" / "101FTASK_Timestamp.mrk", tmp_path)
    photo_file = Path(shutil.copy(shared / "data" / "photos" / "brighton-beach" / "DJI_0020.JPG", tmp_path))
    records = records_for([photo_file])
    (note,) = records.notes
    assert dict(records) == {}
    assert "belongs to other photos" in note and "7,455 km from where the log has it" in note
