"""Fusion: the figures of one thing from all its sightings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from pipeline.defects.fusion import Figures, fuse
from pipeline.geotagging.ground_error import SHARED_CAUSES
from pipeline.sighting import Sighting
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.3, 106.84)
SEEN = Sighting(
    "a", "p1", "march", datetime(2025, 3, 1, tzinfo=UTC), "flight-1", "pothole", 0.5, -6.3, 106.84,
    2.0, 2.0, 0.0, 0.6, 0.4, 0.2, box(106.84, -6.3, 106.840005, -6.299995),
)  # fmt: skip


def moved(east_m: float, north_m: float, **changes: object) -> Sighting:
    lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0].tolist()
    return replace(SEEN, lat=lat, lon=lon, **changes)


def of_causes(**columns: tuple[float, float]) -> tuple[tuple[float, ...], ...]:
    """What some of the shared causes move a place, east and north, in metres; the others nothing."""
    return tuple(tuple(columns.get(cause, (0.0, 0.0))[axis] for cause in SHARED_CAUSES) for axis in (0, 1))


def east_m(figures: Figures) -> float:
    return float(FRAME.to_metres(figures.position.lat, figures.position.lon)[0][0])


def test_one_sighting_is_taken_as_it_is():
    seen = replace(SEEN, sigma_minor_m=1.0, sigma_azimuth_deg=30.0)
    figures = fuse([seen], FRAME)
    place = figures.position
    assert (place.lat, place.lon) == pytest.approx((SEEN.lat, SEEN.lon), abs=1e-9)
    assert (place.sigma_major_m, place.sigma_minor_m, place.sigma_azimuth_deg) == pytest.approx((2, 1, 30))
    assert (figures.size.length_m, figures.observation_count) == (0.6, 1)
    assert figures.first_seen == figures.last_seen == SEEN.taken_at


def test_the_surer_sighting_weighs_more():
    figures = fuse([moved(0, 0, sigma_major_m=1.0, sigma_minor_m=1.0), moved(5, 0, photo="p2")], FRAME)
    assert east_m(figures) == pytest.approx(1.0, abs=0.1)  # not exactly: outlines never fit quite


def test_ten_photos_of_one_flight_keep_what_they_share():
    shared_m = of_causes(east=(1.6, 0.0), north=(0.0, 1.6))
    seen = [replace(SEEN, id=str(i), photo=f"p{i}", shared_m=shared_m) for i in range(10)]
    assert fuse(seen, FRAME).position.sigma_m == pytest.approx((1.6**2 + (2**2 - 1.6**2) / 10) ** 0.5)


def test_two_flights_are_surer_than_one():
    shared_m = of_causes(east=(2.0, 0.0), north=(0.0, 2.0))
    seen = [replace(SEEN, flight=flight, shared_m=shared_m) for flight in ("flight-1", "flight-2")]
    assert fuse(seen, FRAME).position.sigma_m == pytest.approx(2.0 / 2**0.5)


def test_photos_without_a_flight_share_nothing_with_each_other():
    shared_m = of_causes(east=(2.0, 0.0), north=(0.0, 2.0))
    seen = [replace(SEEN, photo=photo, flight="", shared_m=shared_m) for photo in ("p1", "p2")]
    assert fuse(seen, FRAME).position.sigma_m == pytest.approx(2.0 / 2**0.5)


def test_a_wrong_height_drops_out_between_opposite_edges_of_pictures():
    left, right = of_causes(height=(-1.9, 0.0)), of_causes(height=(1.9, 0.0))
    seen = [moved(-1.5, 0, shared_m=left), moved(1.5, 0, photo="p2", shared_m=right)]
    figures = fuse(seen, FRAME)
    assert east_m(figures) == pytest.approx(0.0, abs=1e-6)
    assert figures.position.sigma_major_m == pytest.approx(2 / 2**0.5)  # north, where both stand alone
    assert figures.position.sigma_minor_m == pytest.approx(((2**2 - 1.9**2) / 2) ** 0.5)


def test_the_middles_of_a_crack_that_edges_cut_are_averaged_not_extrapolated():
    far, near = of_causes(height=(1.9, 0.0)), of_causes(height=(0.9, 0.0))
    seen = [moved(4, 0, length_m=12.0, shared_m=far), moved(0, 0, photo="p2", length_m=12.0, shared_m=near)]
    assert 0 <= east_m(fuse(seen, FRAME)) <= 4


def test_more_is_shared_than_there_is_where_a_register_rounded():
    shared_m = of_causes(east=(2.0004, 0.0), north=(0.0, 2.0004))
    seen = [replace(SEEN, photo=photo, shared_m=shared_m) for photo in ("p1", "p2")]
    assert fuse(seen, FRAME).position.sigma_m == pytest.approx(2.0, abs=1e-3)


def test_the_kind_with_the_most_score_wins():
    seen = [replace(SEEN, id=str(i), kind=kind) for i, kind in enumerate(("repair", "pothole", "pothole"))]
    assert fuse(seen, FRAME).kind == "pothole"
    assert fuse([replace(seen[0], score=0.99), seen[1]], FRAME).kind == "repair"


def test_photos_without_a_time_leave_the_times_out():
    assert fuse([replace(SEEN, taken_at=None)], FRAME).first_seen is None


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=8))
def test_the_mean_of_equally_sure_sightings_is_their_mean(offsets):
    seen = [moved(e, n, id=str(i), photo=f"p{i}") for i, (e, n) in enumerate(offsets)]
    position = fuse(seen, FRAME).position
    expected = [sum(axis) / len(offsets) for axis in zip(*offsets, strict=True)]
    assert FRAME.to_metres(position.lat, position.lon)[0].tolist() == pytest.approx(expected, abs=1e-3)
