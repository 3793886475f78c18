"""Numbers as people of a language write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.number_format import (
    NumberFormat,
    coordinates_text,
    geo_uri,
    moment_of,
    station_text,
)
from reports.texts import Language

NO_BREAK = "\u00a0"
INDONESIAN, ENGLISH = NumberFormat(Language.INDONESIAN), NumberFormat(Language.ENGLISH)


def test_decimal_marks() -> None:
    assert INDONESIAN.number(12345.678, 2) == "12.345,68"
    assert ENGLISH.number(12345.678, 2) == "12,345.68"


@pytest.mark.parametrize(
    ("metres", "text"),
    [(0, "0 cm"), (0.124, "12 cm"), (0.996, "1,0 m"), (3.94, "3,9 m"), (9.96, "10 m"), (999.6, "1,0 km")],
)
def test_lengths(metres: float, text: str) -> None:
    assert INDONESIAN.length(metres) == text.replace(" ", NO_BREAK)


@pytest.mark.parametrize(
    ("station_m", "text"),
    [(0, "STA 0+000"), (100.4, "STA 0+100"), (999.7, "STA 1+000"), (12345, "STA 12+345"), (-3, "STA -0+003")],
)
def test_stations(station_m: float, text: str) -> None:
    assert station_text(station_m) == text


@given(st.floats(0.001, 9.9))
def test_the_radius_is_never_rounded_down(radius_m: float) -> None:
    text = ENGLISH.radius(radius_m)
    value, unit = text.split(NO_BREAK)
    metres = float(value) / (100 if unit == "cm" else 1)
    assert radius_m <= metres + 1e-6 <= radius_m + 0.1001


def test_cracks_are_written_in_millimetres_and_their_density_in_metres_per_square_metre() -> None:
    assert (INDONESIAN.crack_width(0.0123), ENGLISH.crack_width(0.0123)) == ("12\u00a0mm", "12\u00a0mm")
    assert (INDONESIAN.density(3.25), ENGLISH.density(3.25)) == ("3,2\u00a0m/m²", "3.2\u00a0m/m²")


def test_times_are_shown_in_utc() -> None:
    moment = moment_of("2026-11-22T06:04:00+07:00")
    assert moment == datetime(2026, 11, 21, 23, 4, tzinfo=UTC)
    assert INDONESIAN.date_time(moment) == "21 November 2026, 23.04 UTC"
    assert ENGLISH.date_time(moment) == "21 November 2026, 23:04 UTC"


def test_a_text_that_is_no_time_gives_none() -> None:
    assert moment_of(None) is moment_of("") is moment_of("yesterday") is None


def test_a_range_of_one_day_is_said_once() -> None:
    morning, noon = datetime(2026, 5, 2, 8, tzinfo=UTC), datetime(2026, 5, 2, 12, tzinfo=UTC)
    assert INDONESIAN.date_range(morning, noon) == "2 Mei 2026"


def test_coordinates_can_be_pasted_into_any_map() -> None:
    assert coordinates_text(-6.88512345, 107.5) == "-6.885123, 107.500000"
    assert geo_uri(-6.88512345, 107.5, 2.44) == "geo:-6.885123,107.500000;u=2.4"
