from datetime import UTC, datetime, timedelta

import pytest

from pipeline.metadata.recorded import Attitude, Position, Recorded
from pipeline.metadata.trust import believe, believe_time
from vision.frames import LocalFrame

FRAME = LocalFrame(-1.2654, 116.8312)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(east_m: float) -> Position:
    return Position(*(float(value) for value in FRAME.to_lat_lon([(east_m, 0)])[0]))


def test_nothing_is_told_by_nobody() -> None:
    assert believe([]) == (Recorded(), [])
    assert believe_time((None, None), []) == (None, None)


def test_without_logs_the_file_is_believed() -> None:
    own = Recorded(position=at(0), height_m=30.0)
    believed, remarks = believe([own])
    assert (believed.position, believed.sigma_position_m, believed.sigma_alt_m) == (at(0), 1.5, 3.0)
    assert remarks == []


def test_an_rtk_position_of_a_log_beats_the_files_own() -> None:
    own = Recorded(position=at(0), height_m=30.0, altitude_m=60.0)
    log = Recorded(position=at(2), altitude_m=95.0, sigma_position_m=0.02, sigma_alt_m=0.03)
    believed, remarks = believe([own], [log])
    assert (believed.position, believed.sigma_position_m) == (at(2), 0.02)
    assert remarks == ["position_of_log"]
    # The log's error is that of its own altitude, not of the file's height above take-off.
    assert (believed.height_m, believed.sigma_alt_m, believed.altitude_m) == (30, 3, 60)


def test_a_log_that_knows_the_height_as_surely_gives_that_too() -> None:
    log = Recorded(position=at(2), height_m=31.5, sigma_position_m=0.02, sigma_alt_m=0.04)
    believed, _ = believe([Recorded(position=at(0), height_m=30.0)], [log])
    assert (believed.height_m, believed.sigma_alt_m) == (31.5, 0.04)


@pytest.mark.parametrize("sigma_m", [None, 0.8, 3.0])
def test_an_ordinary_position_of_a_log_only_fills_a_gap(sigma_m) -> None:
    log = Recorded(position=at(2), sigma_position_m=sigma_m)
    assert believe([Recorded(position=at(0))], [log])[0].position == at(0)
    filled, remarks = believe([Recorded(height_m=30.0)], [log])
    assert (filled.position, filled.sigma_position_m) == (at(2), sigma_m or 5.0)
    assert remarks == ["position_of_log"]


def test_an_rtk_position_of_the_file_stays() -> None:
    own = Recorded(position=at(0), sigma_position_m=0.02)
    log = Recorded(position=at(60), sigma_position_m=0.05)
    believed, remarks = believe([own], [log])
    assert (believed.position, believed.sigma_position_m, remarks) == (at(0), 0.02, ["log_differs"])


def test_a_contradiction_without_better_evidence_makes_it_less_sure() -> None:
    believed, remarks = believe([Recorded(position=at(0))], [Recorded(position=at(60))])
    assert believed.position == at(0)
    assert believed.sigma_position_m == pytest.approx(60, abs=0.1)
    assert remarks == ["log_differs"]


def test_a_better_position_far_from_the_files_own_is_said() -> None:
    log = Recorded(position=at(40), sigma_position_m=0.02)
    believed, remarks = believe([Recorded(position=at(0))], [log])
    assert (believed.sigma_position_m, remarks) == (0.02, ["position_of_log", "log_differs"])


def test_angles_that_are_all_zero_give_way_to_the_logs() -> None:
    own, log = Recorded(attitude=Attitude(0, 0, 0)), Recorded(attitude=Attitude(12, -88, 0))
    assert believe([own], [log])[0].attitude == log.attitude
    assert believe([own], [own])[0].attitude == own.attitude
    real = Recorded(attitude=Attitude(40, -90, 0))
    assert believe([real], [log])[0].attitude == real.attitude


def test_the_errors_of_one_log_are_not_lent_to_another() -> None:
    time_only = Recorded(taken_at=NOON, sigma_position_m=0.02)
    believed, _ = believe([Recorded(position=at(0))], [time_only])
    assert believed.sigma_position_m == 1.5


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ((None, None), (NOON, None)),
        ((NOON + timedelta(seconds=1), None), (NOON, None)),
        ((NOON + timedelta(seconds=37), None), (NOON, "clock_offset")),
        ((NOON + timedelta(hours=8), "time_zone_unknown"), (NOON, None)),
    ],
)
def test_the_time_of_a_log_is_that_of_satellites(own, expected) -> None:
    assert believe_time(own, [Recorded(), Recorded(taken_at=NOON)]) == expected
    assert believe_time(own, [Recorded()]) == own
