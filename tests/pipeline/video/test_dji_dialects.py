"""Every dialect of DJI's telemetry, and every file of the real ones, with what is known of each."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metadata.recorded import Attitude, Position
from pipeline.video.dji_dialects import DIALECTS, read_block
from pipeline.video.subtitles import read_cues
from vision.frames import geodesic_m

# Of each file: blocks, those with a position; of the first with a position: lat, lon, height above take-off,
# altitude, focal length, the drone's clock.
KNOWN = {
    "callmarcus_examples_DJI_sample.SRT": (5, 5, 59.302335, 18.203059, 1.3, 132.86, None, None),
    "callmarcus_samples_Avata360_clip.SRT": (
        5, 5, 53.36508, 6.460739, 5.4, -124.744, 28.0, "2026-05-27 13:10:00.015",
    ),
    "callmarcus_samples_Mini5PRO_clip.SRT": (
        5, 5, 53.365108, 6.460719, 6.0, -122.769, 24.0, "2026-05-27 13:14:22.911",
    ),
    "callmarcus_samples_air3S_clip.SRT": (
        5, 5, 34.270373, -84.17616, 0.0, 302.208, 24.0, "2026-05-17 08:28:30.219",
    ),
    "callmarcus_samples_air3_clip.SRT": (2, 2, 59.1111, 18.2222, 5.0, 105.0, None, "2024-01-01 12:00:00"),
    "callmarcus_samples_avata2_clip.SRT": (2, 2, 39.906217, 116.391305, 91.2, 69.8, None, None),
    "callmarcus_samples_mini4pro_clip.SRT": (2, 2, 59.0, 18.0, 1.0, 100.0, None, None),
    "callmarcus_samples_neo2_clip.SRT": (
        5, 5, 45.607181, 13.75386, 0.0, 113.9, None, "2026-05-15 08:24:18.623",
    ),
    # The first three blocks were written without a fix, as (0, 0).
    "callmarcus_samples_neo2_clip_nogps.SRT": (
        6, 3, 32.848932, -84.861966, 0.4, 269.099, None, "2026-05-31 16:15:29.897",
    ),
    "juanirache_MAVIC3.srt": (277, 276, 3.41531, -3.3744, -2.4, 0.401, 24.0, "2021-12-25 12:27:52.373"),
    "juanirache_air2s.srt": (17, 17, 41.424724, 2.234156, None, 117.0, 24.0, "2022-08-07 13:40:40.774808"),
    "juanirache_broken_empty.SRT": (0, 0),
    "juanirache_broken_empty2.SRT": (0, 0),
    # The last block ends within its second line.
    "juanirache_broken_incomplete.SRT": (20, 19, -34.7383, -58.4563, 20.1, None, None, "2017-07-03 10:15:03"),
    # The third block and the last one are cut within the position.
    "juanirache_broken_incomplete2.SRT": (
        6, 4, -34.86995, -57.823395, None, 74.725998, 28.0, "2020-08-12 08:55:21.745078",
    ),
    "juanirache_m2zoom.SRT": (
        271, 271, 31.452012, 74.398751, None, 213.983002, 24.0, "2020-04-02 15:19:58.720764",
    ),
    # Its GPS altitude is 0.0M throughout: none.
    "juanirache_matrice_300.srt": (381, 381, 36.6146, -6.112, 0.3, None, None, "2022-06-21 16:06:17"),
    "juanirache_mavic_2_style.SRT": (
        468, 468, -20.2533, 149.0251, None, None, None, "2017-08-05 14:11:51.393525",
    ),
    "juanirache_mavic_2pro_new.SRT": (
        292, 291, -35.080155, -60.286702, None, None, 28.0, "2019-09-27 10:28:08.438904",
    ),
    "juanirache_mavic_air.SRT": (2, 0),
    "juanirache_mavic_air2.srt": (
        25, 25, 41.420684, 2.162162, None, 27.3, 24.0, "2022-05-01 15:01:58.531716",
    ),
    "juanirache_mavic_mini.SRT": (117, 117, 48.0771, -121.7458, 200.7, None, None, None),
    "juanirache_mavic_pro.SRT": (468, 468, -20.2533, 149.0251, 1.9, None, None, "2017-08-05 14:11:51"),
    # Sixteen blocks say GPS(N/A,N/A,9).
    "juanirache_mavic_pro_buggy.SRT": (536, 520, 42.4668, -1.2218, 0.0, None, None, "2018-08-19 08:00:36"),
    "juanirache_mix_p4rtk_mavic2pro.srt": (12, 12, -34.6502, -59.409424, 17.39, None, None, None),
    "juanirache_old_format.SRT": (468, 468, -20.2533, 149.0251, 1.9, None, None, "2017-08-05 14:11:51"),
    "juanirache_p4_rtk.SRT": (55, 55, -34.237922, -58.851745, 85.8, None, None, None),
    "juanirache_p4p_sample.SRT": (5, 5, 47.4692, 8.209, 45.6, None, None, None),
}  # fmt: skip


def _readings(shared, name):
    cues = read_cues((shared / "data/video-telemetry" / name).read_bytes())
    return [read_block(cue.text) for cue in cues]


def _positions(shared, name):
    return [reading.recorded.position for reading in _readings(shared, name)]


@pytest.mark.real_data
def test_every_real_file_is_known(shared):
    files = {file.name for file in (shared / "data/video-telemetry").iterdir()}
    assert files - {"juanirache_LICENSE"} == set(KNOWN)


@pytest.mark.real_data
@pytest.mark.parametrize("name", KNOWN)
def test_real_files_are_read_as_known(shared, name):
    readings = _readings(shared, name)
    placed = [reading for reading in readings if reading and reading.recorded.position]
    blocks, positions, *first = KNOWN[name]
    assert (len(readings), len(placed)) == (blocks, positions)
    if placed:
        reading, recorded = placed[0], placed[0].recorded
        clock = str(reading.clock).removesuffix("000") if reading.clock else None
        assert [recorded.position.lat, recorded.position.lon] == first[:2]
        assert [recorded.height_m, recorded.altitude_m, reading.equivalent_mm, clock] == first[2:]


@pytest.mark.real_data
def test_one_flight_told_in_three_dialects_is_one_flight(shared):
    mavic_pro = _positions(shared, "juanirache_mavic_pro.SRT")
    assert mavic_pro == _positions(shared, "juanirache_old_format.SRT")
    assert mavic_pro == _positions(shared, "juanirache_mavic_2_style.SRT")


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["juanirache_p4_rtk.SRT", "juanirache_mix_p4rtk_mavic2pro.srt"])
def test_distances_from_home_prove_the_order_of_coordinates(shared, name):
    checked = 0
    for cue in read_cues((shared / "data/video-telemetry" / name).read_bytes()):
        told = re.search(r"HOME \((\S+), (\S+), .*?D (\S+)m", cue.text)
        if told:
            position = read_block(cue.text).recorded.position
            distance_m = geodesic_m((position.lat, position.lon), (float(told[2]), float(told[1])))
            assert distance_m == pytest.approx(float(told[3]), abs=1.5)
            checked += 1
    assert checked >= 6


@pytest.mark.real_data
def test_attitudes_of_real_files(shared):
    told = [reading.recorded for reading in _readings(shared, "juanirache_p4_rtk.SRT")]
    assert told[0].attitude == Attitude(yaw_deg=110.4, pitch_deg=-24.4, roll_deg=0.0)
    assert told[0].aircraft_yaw_deg == 110.1
    level = _readings(shared, "callmarcus_samples_Avata360_clip.SRT")[0].recorded
    assert level.attitude == Attitude(yaw_deg=-162.8, pitch_deg=0.0, roll_deg=0.0)


@pytest.mark.parametrize("text", ["", "Hello there!", "[ROTORS WHIRRING]", "14:02", "GPS LOST"])
def test_what_is_no_telemetry_is_none(text):
    assert read_block(text) is None


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("GPS(149.0251,-20.2533,16) BAROMETER:1.9", -20.2533, 149.0251),
        ("GPS(36.6146,-6.1120,0.0M) BAROMETER:0.3M", 36.6146, -6.1120),
        ("GPS(39.906217,116.391305,69.800) BAROMETER(91.2)", 39.906217, 116.391305),
        ("GPS(-6.9,107.6,14) BAROMETER:20", -6.9, 107.6),  # no latitude is beyond 90°
        ("F/2.8, SS 30.15, ISO 260, EV -1.7, GPS (-121.7458, 48.0771, 17), D 1m, H 2.0m", 48.0771, -121.7458),
    ],
)  # fmt: skip
def test_the_order_of_coordinates_by_dialect(text, lat, lon):
    assert read_block(text).recorded.position == Position(lat, lon)


@pytest.mark.parametrize(
    "text",
    [
        "[latitude: 0.000000] [longitude: 0.000000] [rel_alt: 0.400 abs_alt: 269.099]",
        "[latitude: 91.5] [longitude: 18.2] [rel_alt: 1.3 abs_alt: 132.8]",
        "[latitude : -34.869941] [longtitude : -57.8",
        "[latitude : -34.869941] [lo",
        "GPS(N/A,N/A,9) BAROMETER:0.3",
        "GPS(-58.4563,-34.7 BAROMETER:20.1",
    ],
)
def test_no_fix_no_globe_and_cut_numbers_are_no_position(text):
    assert read_block(text).recorded.position is None


def test_heights_that_are_not_known_or_cut_are_none():
    told = "GPS (8.2090, 47.4692, 18), D n/a, H n/a, H.S 0.00m/s, V.S 0.00m/s"
    assert read_block(f"F/3.2, SS 160, {told}").recorded.height_m is None
    assert read_block("[latitude: 1.5] [longitude: 2.5] [rel_alt: 1.3").recorded.height_m is None


@pytest.mark.parametrize(
    ("focal", "equivalent_mm"),
    [
        ("[focal_len : 240]", 24.0), ("[focal_len: 24.00]", 24.0), ("[focal_len: 162.00]", 162.0),
        ("[focal_len: 24.00] [dzoom_ratio: 2.00]", 48.0), ("[focal_len: 24.00] [dzoom_ratio: 0.00]", 24.0),
        ("[focal_len: 0.00]", None), ("[iso: 100]", None),
    ],
)  # fmt: skip
def test_focal_lengths_in_both_units_with_zoom(focal, equivalent_mm):
    assert read_block(f"[latitude: 1.5] [longitude: 2.5] {focal}").equivalent_mm == equivalent_mm


def test_rounded_positions_say_how_much_was_lost():
    coarse = read_block("GPS(149.0251,-20.2533,16)").rounding_m
    fine = read_block("[latitude: -20.253312] [longitude: 149.025123] [iso: 100]").rounding_m
    assert coarse == pytest.approx(11.1 / 12**0.5, rel=0.01)
    assert fine == pytest.approx(coarse / 100)


def test_clocks_that_show_no_time_are_none():
    assert read_block("2017.13.45 25:61:00\nGPS(1.5,2.5,9)").clock is None
    assert read_block("2017.8.5 4:11:51\nGPS(1.5,2.5,9)").clock == datetime(2017, 8, 5, 4, 11, 51)


@given(st.text(max_size=300))
def test_any_text_gives_a_reading_or_none(text):
    read_block(text)
    read_block(f"[latitude: 1.5] [longitude: 2.5] {text}")
    read_block(f"GPS(1.5,2.5,9) {text}")


def test_dialects_do_not_mistake_each_other():
    texts = (
        "[latitude: 1.5] [longitude: 2.5] [rel_alt: 1.0 abs_alt: 2.0]",
        "F/2.8, SS 60, ISO 100, EV 0, GPS (2.5, 1.5, 17), D 1.0m, H 2.0m, H.S n/a, V.S n/a",
        "HOME(2.5,1.5) 2017.08.05 14:11:51\nGPS(2.5,1.5,16) BAROMETER:1.9\nISO:100 Shutter:60 EV: Fnum:2.2",
    )
    recognised = [[dialect(text) is not None for dialect in DIALECTS] for text in texts]
    assert recognised == [[True, False, False], [False, True, False], [False, False, True]]
