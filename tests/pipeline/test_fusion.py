"""Fusion: the figures of one thing from all its sightings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from pipeline.fusion import fuse
from pipeline.sighting import Sighting
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.3, 106.84)
SEEN = Sighting(
    "a", "p1", "march", datetime(2025, 3, 1, tzinfo=UTC), 1.5, "pothole", 0.5, -6.3, 106.84, 2.0, 2.0, 0.0,
    0.6, 0.4, 0.2, box(106.84, -6.3, 106.840005, -6.299995),
)  # fmt: skip


def moved(east_m: float, north_m: float, **changes: object) -> Sighting:
    lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0].tolist()
    return replace(SEEN, lat=lat, lon=lon, **changes)


def test_one_sighting_is_taken_as_it_is():
    figures = fuse([SEEN], FRAME)
    assert (figures.lat, figures.lon) == pytest.approx((SEEN.lat, SEEN.lon), abs=1e-9)
    assert (figures.sigma_m, figures.size.length_m, figures.observation_count) == (2.0, 0.6, 1)
    assert figures.first_seen == figures.last_seen == SEEN.taken_at


def test_the_surer_sighting_weighs_more():
    figures = fuse([moved(0, 0, sigma_major_m=1.0, sigma_minor_m=1.0), moved(5, 0, photo="p2")], FRAME)
    east_m = FRAME.to_metres(figures.lat, figures.lon)[0][0]
    assert east_m == pytest.approx(1.0, abs=1e-6)


def test_many_photos_of_one_survey_are_no_surer_than_the_best():
    seen = [replace(SEEN, id=str(i), photo=f"p{i}") for i in range(10)]
    assert fuse(seen, FRAME).sigma_m == pytest.approx(2.0)


def test_two_surveys_are_surer_than_one():
    assert fuse([SEEN, replace(SEEN, survey="june")], FRAME).sigma_m == pytest.approx(2.0 / 2**0.5)


def test_the_kind_with_the_most_score_wins():
    seen = [replace(SEEN, id=str(i), kind=kind) for i, kind in enumerate(("repair", "pothole", "pothole"))]
    assert fuse(seen, FRAME).kind == "pothole"
    assert fuse([replace(seen[0], score=0.99), seen[1]], FRAME).kind == "repair"


def test_photos_without_a_time_leave_the_times_out():
    assert fuse([replace(SEEN, taken_at=None)], FRAME).first_seen is None


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=8))
def test_the_mean_of_equally_sure_sightings_is_their_mean(offsets):
    seen = [moved(e, n, id=str(i), photo=f"p{i}") for i, (e, n) in enumerate(offsets)]
    figures = fuse(seen, FRAME)
    expected = [sum(axis) / len(offsets) for axis in zip(*offsets, strict=True)]
    assert FRAME.to_metres(figures.lat, figures.lon)[0].tolist() == pytest.approx(expected, abs=1e-3)
