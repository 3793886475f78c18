"""Dataflash logs written by pymavlink's own writer, in ArduPilot's formats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import hypot, nan
from types import SimpleNamespace

import pytest
from pymavlink.DFReader import DFFormat, DFReader_binary

from pipeline.capture_logs.dataflash import read_dataflash
from pipeline.capture_logs.log_reading import read_log
from pipeline.metadata.recorded import Attitude, Position
from vision.errors import PantauError

START = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
WEEK = 2408
WEEK_MS = 14_418_000  # 4:00:18 on a Sunday in GPS time
BOOT_US = 60_000_000

FMT = DFFormat(0x80, "FMT", 89, "BBnNZ", "Type,Length,Name,Format,Columns")
FORMATS = {
    "GPS": ("QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U"),
    "GPA": ("QBCCCCfBIH", "TimeUS,I,VDop,HAcc,VAcc,SAcc,YAcc,VV,SMS,Delta"),
    "POS": ("QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt"),
    "MNT": ("QBfffffffff", "TimeUS,I,DesRoll,Roll,DesPitch,Pitch,DesYawB,YawB,DesYawE,YawE,Dist"),
    "CAM": ("QBHIHLLeeefff", "TimeUS,I,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,GPSAlt,R,P,Y"),
    "TRIG": ("QBHIHLLeeefff", "TimeUS,I,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,GPSAlt,R,P,Y"),
}
KINDS = {name: DFFormat(number, name, 0, *FORMATS[name]) for number, name in enumerate(FORMATS, 1)}
WRITER = SimpleNamespace(formats={0x80: FMT})


def us(seconds: float) -> int:
    return BOOT_US + round(seconds * 1e6)


def row(name: str, *values: float) -> bytes:
    return DFReader_binary.make_msgbuf(WRITER, KINDS[name], values)


def gps(seconds: float = 0.0, status: int = 3, speed_m_s: float = 5.0, receiver: int = 0) -> bytes:
    time_ms = WEEK_MS + round(seconds * 1000)
    lat, lon = -63_000_000, 1_068_400_000
    return row(
        "GPS", us(seconds), receiver, status, time_ms, WEEK, 20, 60, lat, lon, 5000, speed_m_s, 0, 0, 0, 1
    )


def gpa(seconds: float = 0.0, h_acc_m: float = 1.0, v_acc_m: float = 2.0) -> bytes:
    return row("GPA", us(seconds), 0, 80, round(100 * h_acc_m), round(100 * v_acc_m), 10, 0, 1, 0, 0)


def cam(seconds: float, image: int, name: str = "CAM", lat_e7: int = -63_000_000, camera: int = 0) -> bytes:
    place = (lat_e7, 1_068_400_000, 7000, 2000, 7100)
    return row(name, us(seconds), camera, image, 0, WEEK, *place, 1.0, -3.0, 91.5)


@pytest.fixture
def log_of(tmp_path):
    def log_of(*rows: bytes):
        formats = [DFReader_binary.make_format_msgbuf(WRITER, kind) for kind in (FMT, *KINDS.values())]
        path = tmp_path / "00000012.BIN"
        path.write_bytes(b"".join([*formats, *rows]))
        return path

    return log_of


def test_camera_rows_are_captures(log_of):
    log = read_log(log_of(gps(), cam(2.5, 1), cam(5, 2), cam(7.25, 3, lat_e7=0)))
    assert [(event.number, event.at - START) for event in log.captures[:2]] == [
        (1, timedelta(seconds=2.5)), (2, timedelta(seconds=5))
    ]  # fmt: skip
    recorded = log.captures[0].recorded
    assert recorded.position == Position(-6.3, 106.84)
    assert (recorded.height_m, recorded.altitude_m) == (20.0, 70.0)
    assert (recorded.aircraft_yaw_deg, recorded.attitude) == (91.5, None)


def test_rows_out_of_order_are_put_in_order(log_of):
    places = [row("POS", us(second), -63_000_000, 1_068_400_000, 50, 20, 20) for second in (3, 1)]
    log = read_dataflash(log_of(gps(), *places, cam(5, 2), cam(2.5, 1)))
    assert [event.number for event in log.captures] == [1, 2]
    assert [point.at - START for point in log.track] == [timedelta(seconds=1), timedelta(seconds=3)]


@pytest.mark.parametrize(
    ("status", "feedback", "sigma_m"),
    [(3, True, hypot(1.5, 0.1)), (6, True, hypot(0.02, 0.1)), (6, False, hypot(0.02, 0.1, 5 * 0.2))],
)
def test_errors_are_those_of_the_solution_and_of_the_shutter(log_of, status, feedback, sigma_m):
    trigger = [cam(2.4, 1, "TRIG")] if feedback else []
    rows = [gps(status=status), gps(status=3, speed_m_s=9, receiver=1), gpa(h_acc_m=0.01, v_acc_m=0.02)]
    (event,) = read_dataflash(log_of(*rows, *trigger, cam(2.5, 1))).captures
    assert event.recorded.sigma_position_m == pytest.approx(sigma_m)


def test_a_receiver_that_states_a_large_error_is_believed(log_of):
    (event,) = read_dataflash(log_of(gps(status=6), gpa(h_acc_m=0.8), cam(2, 1, "TRIG"), cam(2, 1))).captures
    assert event.recorded.sigma_position_m == pytest.approx(hypot(0.8 / 2**0.5, 0.1), abs=0.01)


def test_the_mount_tells_the_attitude_of_the_camera(log_of):
    mount = row("MNT", us(2.5), 0, 0, 0.5, -90, -88.0, 0, 1, 90, 93.0, 0)
    blind = row("MNT", us(5), 0, 0, nan, -90, nan, 0, 1, 90, nan, 0)
    log = read_dataflash(log_of(gps(), mount, cam(2.5, 1), blind, cam(5, 2)))
    assert [event.recorded.attitude for event in log.captures] == [Attitude(93.0, -88.0, 0.5), None]


def test_of_two_cameras_that_fire_together_the_first_counts(log_of):
    log = read_dataflash(
        log_of(gps(), cam(2.5, 1), cam(2.51, 1, camera=1), cam(5, 2), cam(5.01, 2, camera=1))
    )
    assert [event.at - START for event in log.captures] == [timedelta(seconds=2.5), timedelta(seconds=5)]


def test_damaged_rows_are_passed_over_and_nothing_of_it_is_printed_as_a_result(log_of, capfd):
    path = log_of(gps(), cam(2.5, 1), b"damaged " * 40, cam(5, 2))
    assert [event.number for event in read_dataflash(path).captures] == [1, 2]
    assert capfd.readouterr().out == ""


def test_a_log_without_camera_rows_is_a_track(log_of):
    place = (-63_000_000, 1_068_400_000, 70.0, 20.0, 20.0)
    log = read_log(log_of(gps(), row("POS", us(1), *place), row("POS", us(1.1), *place)))
    assert (len(log.captures), len(log.track)) == (0, 2)
    assert log.track[0].recorded.height_m == pytest.approx(20.0)
    assert log.track[0].at - START == timedelta(seconds=1)


def test_a_log_that_breaks_off_tells_what_it_has(log_of):
    path = log_of(gps(), cam(2.5, 1), cam(5, 2))
    path.write_bytes(path.read_bytes()[:-20])
    assert [event.number for event in read_dataflash(path).captures] == [1]


def test_without_satellite_time_nothing_is_known_of_when(log_of):
    with pytest.raises(PantauError, match="tells no photo"):
        read_log(log_of(cam(2.5, 1)))


def test_a_log_as_text(tmp_path):
    lines = [
        "FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format,Columns",
        f"FMT, 1, 53, GPS, {FORMATS['GPS'][0]}, {FORMATS['GPS'][1]}",
        f"FMT, 5, 53, CAM, {FORMATS['CAM'][0]}, {FORMATS['CAM'][1]}",
        f"GPS, {us(0)}, 0, 3, {WEEK_MS}, {WEEK}, 20, 0.6, -6.3, 106.84, 50, 5, 0, 0, 0, 1",
        f"CAM, {us(2.5)}, 0, 1, 0, {WEEK}, -6.3, 106.84, 70.0, 20.0, 71.0, 1, -3, 91.5",
    ]
    path = tmp_path / "12.log"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (event,) = read_log(path).captures
    assert event.recorded.position == Position(-6.3, 106.84)
    assert (event.at - START, event.recorded.height_m) == (timedelta(seconds=2.5), 20.0)
