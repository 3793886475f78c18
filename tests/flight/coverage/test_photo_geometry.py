from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString, Point

from flight.coverage.photo_geometry import footprints, photo_positions, photo_speed_ms, swath_of
from flight.fleet import find_drone

QUAD = find_drone("simulated-quad")
SWATH = swath_of(QUAD, 20.0, 0.7, 0.6, 1.0, 2.0)


def test_swath_lays_the_long_side_across() -> None:
    assert (SWATH.across_m, SWATH.along_m) == (pytest.approx(19.2), pytest.approx(14.4))
    assert SWATH.photo_spacing_m == pytest.approx(4.32)
    assert SWATH.usable_m == pytest.approx(15.2)


def test_photos_are_evenly_spaced_around_a_bend() -> None:
    photos = photo_positions(LineString([(0, 0), (0, 10), (10, 10)]), 4.0)
    assert photos.tolist() == [[0, 0, 0], [0, 4, 0], [0, 8, 0], [2, 10, 90], [6, 10, 90], [10, 10, 90]]


def test_a_pass_shorter_than_the_spacing_has_one_photo() -> None:
    assert photo_positions(LineString([(0, 0), (1, 0)]), 4.0).tolist() == [[0, 0, 90]]


def test_footprint_turns_with_the_yaw() -> None:
    (north,), (east,) = (footprints(np.array([[0.0, 0.0, yaw]]), SWATH) for yaw in (0.0, 90.0))
    assert north.bounds == pytest.approx((-9.6, -7.2, 9.6, 7.2))
    assert east.bounds == pytest.approx((-7.2, -9.6, 7.2, 9.6))
    assert north.covers(Point(9, -7))


def test_speed_is_limited_by_blur_interval_and_the_drone() -> None:
    assert photo_speed_ms(QUAD, 0.008, 4.32, 1 / 1000) == pytest.approx(4.0)  # half a pixel in 1 ms
    assert photo_speed_ms(QUAD, 0.008, 1.0, 1 / 10000) == pytest.approx(1.8)  # 1 m in 0.5 s / 0.9
    assert photo_speed_ms(QUAD, 0.1, 50.0, 1 / 10000) == QUAD.cruise_ms
