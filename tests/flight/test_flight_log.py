"""The log of a flight: written line by line, read back, never overwritten."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.flight_log import EVENTS, FlightEvent, FlightLog, flight_log_of, is_complete, read_flight_log

AT = datetime(2026, 11, 22, 4, 21, 42, 339000, UTC)


def test_an_empty_log_has_no_events(tmp_path):
    file = tmp_path / "a.flight.jsonl"
    with FlightLog(file):
        pass
    assert read_flight_log(file) == []
    assert not is_complete(file)
    assert not is_complete(tmp_path / "missing.flight.jsonl")


def test_a_photo_line_holds_what_the_contract_says():
    line = FlightEvent(AT, "photo", -6.30730001, 106.84, 20.004, 90.0, -90.0, 0.0, photo=7).to_json()
    assert json.loads(line) == {
        "time": "2026-11-22T04:21:42.339+00:00",
        "event": "photo",
        "lat": -6.3073,
        "lon": 106.84,
        "alt_rel_m": 20.0,
        "yaw_deg": 90.0,
        "pitch_deg": -90.0,
        "roll_deg": 0.0,
        "photo": 7,
    }


@given(
    event=st.sampled_from(EVENTS),
    lat=st.none() | st.floats(-90, 90).map(lambda value: round(value, 7)),
    photo=st.none() | st.integers(1, 10_000),
    text=st.none() | st.text(max_size=50),
)
def test_events_come_back_as_they_were_written(tmp_path_factory, event, lat, photo, text):
    written = FlightEvent(AT, event, lat=lat, photo=photo, text=text)
    file = tmp_path_factory.mktemp("log") / "x.flight.jsonl"
    with FlightLog(file) as log:
        log.write(written)
    assert read_flight_log(file) == [written]


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path):
    file = tmp_path / "a.flight.jsonl"
    whole = FlightEvent(AT, "completed").to_json()
    file.write_text(f"{whole}\n{whole[:20]}", encoding="utf-8")
    assert [event.event for event in read_flight_log(file)] == ["completed"]
    assert is_complete(file)


def test_an_earlier_log_is_kept_under_another_name(tmp_path):
    file = tmp_path / "sortie-01.flight.jsonl"
    for text in ("first", "second", "third"):
        with FlightLog(file) as log:
            log.write(FlightEvent(AT, "said", text=text))
    kept = [tmp_path / f"sortie-01.flight-{number}.jsonl" for number in (1, 2)]
    assert [read_flight_log(other)[0].text for other in (*kept, file)] == ["first", "second", "third"]


def test_lines_are_on_disk_at_once(tmp_path):
    file = tmp_path / "a.flight.jsonl"
    with FlightLog(file) as log:
        log.write(FlightEvent(AT, "armed"))
        assert len(read_flight_log(file)) == 1


@pytest.mark.parametrize("name", ["sortie-01.plan", "survey.plan"])
def test_the_log_lies_beside_its_sortie(tmp_path, name):
    assert flight_log_of(tmp_path / name).name == name.replace(".plan", ".flight.jsonl")
