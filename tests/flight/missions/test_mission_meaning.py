"""When two mission items mean the same to a vehicle."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.missions.mission import MissionItem
from flight.missions.mission_meaning import difference, place_e7

WAYPOINT = MissionItem(16, 3, (2.0, 0.0, 0.0, 0.0), -6.3073, 106.8404, 20.0)
RTL = MissionItem(20, 2, (0.0,) * 4, 0.0, 0.0, 0.0)


@given(lat=st.floats(-90, 90), lon=st.floats(-180, 180))
def test_a_place_survives_the_wire_to_a_centimetre(lat, lon):
    x, y = place_e7(replace(WAYPOINT, lat=lat, lon=lon))
    stored = replace(WAYPOINT, lat=x / 1e7, lon=y / 1e7)
    assert difference(replace(WAYPOINT, lat=lat, lon=lon), stored) is None
    assert abs(stored.lat - lat) <= 0.51e-7


@pytest.mark.parametrize("sent, stored", [(6, 3), (3, 3), (5, 0), (11, 10)])
def test_frames_that_mean_the_same(sent, stored):
    assert difference(replace(WAYPOINT, frame=sent), replace(WAYPOINT, frame=stored)) is None


def test_items_without_a_place_come_back_with_frame_0():
    assert difference(RTL, replace(RTL, frame=0)) is None


def test_a_yaw_that_a_copter_does_not_keep_means_nothing():
    nan_yaw = replace(WAYPOINT, params=(2.0, 0.0, 0.0, float("nan")))
    assert difference(nan_yaw, WAYPOINT) is None


@pytest.mark.parametrize(
    "changed, word",
    [
        (replace(WAYPOINT, command=17), "command"),
        (replace(WAYPOINT, frame=0), "frame"),
        (replace(WAYPOINT, lat=-6.3072997), "position"),
        (replace(WAYPOINT, lon=106.8404003), "position"),
        (replace(WAYPOINT, alt_m=20.05), "height"),
        (replace(WAYPOINT, params=(3.0, 0.0, 0.0, 0.0)), "param1"),
    ],
)
def test_what_is_different_is_named(changed, word):
    assert word in difference(WAYPOINT, changed)
