"""Defects on their sites."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString, box

from pipeline.geotagging.observation import GroundPoint, Observation
from pipeline.sites.siting import Place, SiteShape, may_lie_on_sites, place_on_sites
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.3, 106.84)


def lon_lat(*points_m: tuple[float, float]) -> list[list[float]]:
    return FRAME.to_lat_lon(list(points_m))[:, ::-1].tolist()


ROAD = SiteShape("road", LineString(lon_lat((0, 0), (100, 0), (100, 50))), 6.0)
YARD = SiteShape("yard", box(*lon_lat((20, 15))[0], *lon_lat((60, 40))[0]), None)


def place(east_m: float, north_m: float, *sites: SiteShape) -> Place | None:
    lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0]
    return place_on_sites([lat], [lon], sites)[0]


def test_without_sites_or_defects_there_are_no_places():
    assert place(0, 0) is None
    assert place_on_sites([], [], [ROAD]) == []


def test_station_runs_along_the_road():
    at = place(102, 30, ROAD, YARD)
    assert at is not None and at.site == "road"
    assert at.station_m == pytest.approx(130, abs=0.05)


@pytest.mark.parametrize(("north_m", "on_road"), [(-12.9, True), (-13.1, False)])
def test_ten_metres_beside_the_carriageway_are_the_limit(north_m, on_road):
    assert (place(50, north_m, ROAD) is not None) == on_road


def test_a_facility_has_no_stations():
    assert place(40, 25, ROAD, YARD) == Place("yard", None)


def test_the_nearer_edge_wins():
    assert place(40, 8, ROAD, YARD).site == "road"  # 5 m beside the carriageway, 7 m from the yard
    assert place(40, 10, ROAD, YARD).site == "yard"


def test_a_junction_belongs_to_the_wider_road():
    lane = SiteShape("lane", LineString(lon_lat((50, 0), (50, -80))), 4.0)  # first by name
    assert place(50, -1, lane, ROAD).site == place(50, -2.9, lane, ROAD).site == "road"
    assert place(50, -3.1, lane, ROAD) == Place("lane", pytest.approx(3.1, abs=0.01))
    yard = SiteShape("a-yard", box(*lon_lat((40, -20))[0], *lon_lat((60, -1))[0]), None)
    assert place(50, -6, lane, yard).site == "lane"
    assert place(50, -6, yard).site == "a-yard"


def test_of_equally_wide_roads_the_one_it_lies_deeper_in_wins():
    other = SiteShape("other", LineString(lon_lat((50, 0), (50, -80))), 6.0)
    assert place(51, -2, other, ROAD).site == "other"
    assert place(52, -1, other, ROAD).site == "road"


def observation(east_m: float, north_m: float, sigma_m: float) -> Observation:
    half_m = 0.5
    corners = lon_lat((east_m - half_m, north_m - half_m), (east_m + half_m, north_m + half_m))
    lat, lon = FRAME.to_lat_lon([[east_m, north_m]])[0]
    position = GroundPoint(lat, lon, sigma_m, sigma_m, 0.0)
    return Observation(
        "p", "pothole", 0.5, np.zeros((4, 2)), position, box(*corners[0], *corners[1]), 1, 1, 1
    )


@pytest.mark.parametrize(
    ("north_m", "sigma_m", "expected"),
    [
        (0.0, 0.1, True),  # on the road, whose edge is at 3 m
        (-4.3, 0.1, True),  # on its verge
        (-5.0, 0.1, False),
        (-5.0, 2.0, True),  # perhaps on the road
        (-8.0, 2.0, False),
    ],
)
def test_what_may_lie_on_a_site(north_m, sigma_m, expected):
    assert may_lie_on_sites([observation(50, north_m, sigma_m)], [ROAD]) == [expected]


def test_without_sites_everything_may_lie_on_one():
    assert may_lie_on_sites([], [ROAD]) == []
    assert may_lie_on_sites([observation(500, 500, 1.0)], []) == [True]
