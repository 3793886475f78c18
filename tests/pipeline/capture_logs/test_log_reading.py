"""Logs beside the photos, kind by kind: what each tells, and that broken ones tell what they can."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from flight.flight_log import FlightEvent, FlightLog
from pipeline.capture_logs.capture_log import utc_of_gps
from pipeline.capture_logs.log_reading import FORMATS, event_files_beside, read_log
from pipeline.capture_logs.track import place_at
from pipeline.metadata.recorded import Attitude, Position
from vision.errors import PantauError

MRK_LINE = (
    "29\t296329.4\t[2211]\t     5,N\t     0,E\t    75,V\t47.6425,Lat\t16.4749,Lon\t"
    "513.05,Ellh\t0.014, 0.013, 0.05\t{state},Q\n"
)
AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def write(tmp_path):
    def write(name: str, content: str | bytes):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def flight_line(seconds: float, event: str = "position", **values: object) -> str:
    at = AT + timedelta(seconds=seconds)
    return json.dumps({"time": at.isoformat(), "event": event, **values}) + "\n"


def gpx(*points: str) -> str:
    return (
        f'<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{"".join(points)}</trkseg></trk></gpx>'
    )


def point(seconds: float, lat: float = -6.3, lon: float = 106.84, altitude: str = "<ele>40</ele>") -> str:
    at = (AT + timedelta(seconds=seconds)).isoformat()
    return f'<trkpt lat="{lat}" lon="{lon}">{altitude}<time>{at}</time></trkpt>'


def test_gps_time_runs_ahead_of_utc():
    assert utc_of_gps(2211, 296329.4).isoformat() == "2022-05-25T10:18:31.400000+00:00"


def test_an_event_file_tells_the_camera_position_and_its_errors(write):
    (event,) = read_log(write("a_Timestamp.MRK", MRK_LINE.format(state=50))).captures
    assert (event.number, event.at) == (29, utc_of_gps(2211, 296329.4))
    assert event.recorded.position == Position(47.6425, 16.4749)
    assert (event.recorded.altitude_m, event.recorded.height_m) == (513.05, None)
    assert event.recorded.sigma_position_m == pytest.approx(0.02)
    assert event.recorded.sigma_alt_m == pytest.approx(0.05)


def test_an_event_without_rtk_is_as_sure_as_any_and_one_without_solution_is_left_out(write):
    lines = [MRK_LINE.format(state=state).replace("29\t", f"{state}\t", 1) for state in (50, 34, 16, 0)]
    events = read_log(write("a.MRK", "".join(lines))).captures
    sigmas_m = {event.number: event.recorded.sigma_position_m for event in events}
    assert sigmas_m.keys() == {50, 34, 16}
    assert sigmas_m[50] <= sigmas_m[34] < 1.0 < (sigmas_m[16] or 1.5)


def test_a_cut_event_file_tells_its_whole_lines(write):
    line = MRK_LINE.format(state=50)
    path = write("a.mrk", line + "\n" + "no line\n" + line[: len(line) // 2])
    assert len(read_log(path).captures) == 1


@pytest.mark.real_data
def test_a_real_event_file_of_another_maker(shared):
    log = read_log(shared / "data" / "gcp" / "helenenschacht" / "101FTASK_Timestamp.mrk")
    assert len(log.captures) == len({event.number for event in log.captures}) == 176
    assert all(0.02 <= event.recorded.sigma_position_m < 0.03 for event in log.captures)
    assert log.files_numbered and log.captures[0].at.date().isoformat() == "2022-05-25"


def test_a_flight_log_tells_photos_with_the_gimbal_and_the_way(write):
    place = {"lat": -6.3, "lon": 106.84, "alt_rel_m": 20.0, "yaw_deg": 90.0}
    lines = [
        flight_line(0, "start"), flight_line(1, **place),
        flight_line(2, "photo", **place, pitch_deg=-80.0, roll_deg=1.0, photo=7),
        flight_line(3, "photo", **place, photo=8), '{"time": "2026-',
    ]  # fmt: skip
    log = read_log(write("sortie-01.flight.jsonl", "".join(lines)))
    assert [event.number for event in log.captures] == [7, 8]
    with_gimbal, without = (event.recorded for event in log.captures)
    assert (with_gimbal.attitude, without.attitude) == (Attitude(90.0, -80.0, 1.0), None)
    assert (without.aircraft_yaw_deg, without.height_m, without.altitude_m) == (90.0, 20.0, None)
    assert [point.at - AT for point in log.track] == [timedelta(seconds=seconds) for seconds in (1, 2, 3)]


def test_what_a_flight_writes_is_read(tmp_path):
    place = {"lat": -6.3, "lon": 106.84, "alt_rel_m": 20.0}
    with FlightLog(tmp_path / "sortie-01.flight.jsonl") as flown:
        flown.write(FlightEvent(AT, "start"))
        flown.write(FlightEvent(AT, "photo", **place, yaw_deg=90.0, pitch_deg=-90.0, photo=1, image=31))
    (event,) = read_log(flown.file).captures
    assert (event.number, event.at, event.recorded.position) == (1, AT, Position(-6.3, 106.84))
    assert event.recorded.attitude == Attitude(90.0, -90.0, 0.0)


def test_a_gpx_track_tells_heights_above_its_beginning(write):
    log = read_log(write("a.gpx", gpx(point(0), point(2, altitude="<ele>65.5</ele>"), point(4, altitude=""))))
    assert not log.captures
    assert [(p.recorded.height_m, p.recorded.altitude_m) for p in log.track] == [
        (0, 40),
        (25.5, 65.5),
        (None, None),
    ]


def test_a_gpx_track_that_breaks_off_or_lacks_times_tells_the_rest(write):
    whole = gpx(point(0), '<trkpt lat="-6.3" lon="106.8"/>', point(1), '<trkpt lat="x" lon="1"/>', point(2))
    assert len(read_log(write("a.gpx", whole)).track) == 3
    assert len(read_log(write("b.gpx", whole[: whole.index('lat="x"')])).track) == 2


@pytest.mark.parametrize(
    "text", ["2026-03-01T04:00:00Z", "2026-03-01T11:00:00+07:00", "2026-03-01T04:00:00.000000000Z"]
)
def test_a_gpx_track_tells_utc_in_any_zone(write, text):
    log = read_log(write("a.gpx", gpx(f'<trkpt lat="-6.3" lon="106.8"><time>{text}</time></trkpt>')))
    assert [point.at for point in log.track] == [datetime(2026, 3, 1, 4, tzinfo=UTC)]


def test_between_two_points_of_a_track(write):
    track = read_log(write("a.gpx", gpx(point(0), point(4, lat=-6.29964, altitude="<ele>60</ele>")))).track
    place = place_at(track, AT + timedelta(seconds=1), sigma_clock_s=0.5)
    assert place.position.lat == pytest.approx(-6.29991, abs=1e-9)
    assert place.height_m == pytest.approx(5.0)
    speed_m_s = 0.00036 * 110_600 / 4
    assert place.sigma_position_m == pytest.approx((9 + (speed_m_s * 0.5) ** 2) ** 0.5, rel=0.01)


def test_outside_of_a_track_and_in_its_gaps_nothing_is_told(write):
    track = read_log(write("a.gpx", gpx(point(0), point(2), point(60)))).track
    told = [place_at(track, AT + timedelta(seconds=seconds), 0.5) for seconds in (-1, 0, 1, 2, 30, 60, 61)]
    assert [place is not None for place in told] == [False, True, True, True, False, True, False]


def test_yaw_turns_the_shorter_way(write):
    lines = [flight_line(s, lat=-6.3, lon=106.8, yaw_deg=yaw) for s, yaw in ((0, 350.0), (2, 20.0))]
    track = read_log(write("a.jsonl", "".join(lines))).track
    assert place_at(track, AT + timedelta(seconds=1), 0.5).aircraft_yaw_deg == pytest.approx(5.0)


def test_each_kind_is_recognised_by_one_format(write):
    files = [
        write("a.MRK", MRK_LINE.format(state=50)), write("b.txt", MRK_LINE.format(state=50)),
        write("c.jsonl", flight_line(0)), write("d.gpx", gpx()), write("e.log", "FMT, 128, 89, FMT"),
        write("f.bin", b"\xa3\x95\x80\x80"),
    ]  # fmt: skip
    recognised = [[entry.name for entry in FORMATS if entry.recognises(file)] for file in files]
    assert [len(names) for names in recognised] == [1] * len(files)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", "a text", "is no log that is understood"), ("a.MRK", "", "no photo and no position"),
        ("a.gpx", "", "no photo and no position"), ("a.bin", b"\xa3\x95\x80" + b"\x7f" * 500, "no photo"),
        ("a.jsonl", flight_line(0, "start"), "no photo and no position"),
    ],
)  # fmt: skip
def test_logs_that_tell_nothing_are_the_users_mistake(write, name, content, words):
    with pytest.raises(PantauError, match=words):
        read_log(write(name, content))


def test_a_missing_log_is_the_users_mistake(tmp_path):
    with pytest.raises(PantauError, match="no such file"):
        read_log(tmp_path / "nowhere.MRK")


def test_event_files_are_found_beside_the_photos(write, tmp_path):
    files = [write(name, "") for name in ("a_Timestamp.MRK", "b.mrk", "._c.MRK", "d.jpg")]
    assert event_files_beside([files[3], tmp_path / "e.jpg", tmp_path / "nowhere" / "f.jpg"]) == files[:2]
