"""Cracks named by the direction of their road."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Polygon, affinity, box

from pipeline.defects.crack_direction import LONGITUDINAL, TRANSVERSE, named_by_road
from pipeline.sighting import Sighting
from pipeline.sites.siting import SiteShape
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.3, 106.84)


def lon_lat(points_m) -> np.ndarray:
    return FRAME.to_lat_lon(points_m)[:, ::-1]


def road(bearing_deg: float) -> SiteShape:
    east, north = np.sin(np.radians(bearing_deg)), np.cos(np.radians(bearing_deg))
    line = LineString(lon_lat([(-50 * east, -50 * north), (50 * east, 50 * north)]))
    return SiteShape("road", line, 6.0)


def crack(bearing_deg: float, kind: str, length_m=3.0, width_m=0.4, east_m=1.0) -> Sighting:
    """A crack that runs to `bearing_deg`."""
    upright = box(-width_m / 2, -length_m / 2, width_m / 2, length_m / 2)
    turned = affinity.translate(affinity.rotate(upright, -bearing_deg, origin=(0, 0)), east_m, 0)
    footprint = Polygon(lon_lat(np.array(turned.exterior.coords)))
    lat, lon = FRAME.to_lat_lon([[east_m, 0]])[0]
    figures = (0.5, lat, lon, 1.0, 1.0, 0.0, length_m, width_m, length_m * width_m)
    return Sighting("d", "p", "s", None, "f", kind, *figures, footprint)


def test_nothing_to_name():
    assert named_by_road([], [road(0)]) == []
    seen = [crack(0, TRANSVERSE)]
    assert named_by_road(seen, []) == seen


@given(
    road_deg=st.floats(0, 360),
    off_deg=st.floats(-29, 29),
    given_kind=st.sampled_from([LONGITUDINAL, TRANSVERSE]),
)
def test_the_road_decides_whatever_the_detector_said(road_deg, off_deg, given_kind):
    along, across = crack(road_deg + off_deg, given_kind), crack(road_deg + 90 + off_deg, given_kind)
    kinds = [sighting.kind for sighting in named_by_road([along, across], [road(road_deg)])]
    assert kinds == [LONGITUDINAL, TRANSVERSE]


@pytest.mark.parametrize(
    "left_alone",
    [
        crack(45, TRANSVERSE),  # diagonal
        crack(0, TRANSVERSE, length_m=0.5),  # nearly square
        crack(0, TRANSVERSE, east_m=30),  # beside the road
        crack(0, "pothole"),
    ],
)
def test_where_nothing_is_clear_the_detector_decides(left_alone):
    assert named_by_road([left_alone], [road(0)]) == [left_alone]


def test_a_footprint_without_width_has_its_direction():
    line = crack(90, LONGITUDINAL, width_m=0.0)
    assert [seen.kind for seen in named_by_road([line], [road(0)])] == [TRANSVERSE]


def test_a_facility_has_no_axis():
    yard = SiteShape("yard", box(*lon_lat([(-20, -20)])[0], *lon_lat([(20, 20)])[0]), None)
    assert named_by_road([crack(0, TRANSVERSE)], [yard])[0].kind == TRANSVERSE
