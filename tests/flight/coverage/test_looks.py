from __future__ import annotations

import time

import numpy as np
import pytest
from shapely import LineString, Polygon

from flight.coverage.looks import looks_of_sites
from flight.coverage.photo_geometry import Swath
from flight.coverage.tracks import Track
from flight.planning.plan import Looks
from pipeline.sites.site_reading import Site

SWATH = Swath(
    across_m=19.2, along_m=14.4, photo_spacing_m=4.32, pass_spacing_m=6.08, margin_m=1, tolerance_m=2
)


def road(name: str, points: list[tuple[float, float]], width_m: float = 6.0) -> Site:
    return Site(name, name, "road", LineString(points), width_m)


def test_no_sites_have_no_looks() -> None:
    assert looks_of_sites([], [], [], SWATH) == {}


def test_a_road_that_nobody_flies_is_never_photographed() -> None:
    site = road("a", [(0, 0), (50, 0)])
    assert looks_of_sites([site], [site.geometry], [], SWATH) == {"a": Looks(0, 0.0, 0)}


def test_photos_of_each_metre_are_counted() -> None:
    site = road("a", [(0, 0), (100, 0)])
    looks = looks_of_sites([site], [site.geometry], [Track(site, site.geometry)], SWATH)["a"]
    assert looks.fewest == 2  # photos at 0 and 4.32 show the start
    assert looks.most == 4  # 14.4 m of picture, a photo every 4.32 m
    assert 3 <= looks.median <= 4


def test_the_worse_edge_counts_and_neighbours_help() -> None:
    wide, beside = road("a", [(0, 0), (100, 0)], 30.0), road("b", [(0, 12), (100, 12)])
    geometries = [wide.geometry, beside.geometry]
    alone = looks_of_sites([wide, beside], geometries, [Track(wide, wide.geometry)], SWATH)
    assert alone["a"] == Looks(0, 0.0, 0)  # the edges are 15 m out
    assert alone["b"].fewest == 0
    both = looks_of_sites(
        [wide], [wide.geometry], [Track(wide, LineString([(0, y), (100, y)])) for y in (-12, 0, 12)], SWATH
    )
    assert both["a"].fewest >= 2


def test_passes_that_look_at_faces_do_not_count() -> None:
    site = road("a", [(0, 0), (50, 0)])
    track = Track(site, LineString([(0, 0), (50, 0)]), 10.0, (20.0, 0.0, 4.0))
    assert looks_of_sites([site], [site.geometry], [track], SWATH)["a"].most == 0


def test_a_facility_is_counted_by_its_square_metres() -> None:
    site = Site("f", "f", "facility", Polygon([(0, 0), (40, 0), (40, 12), (0, 12)]))
    track = Track(site, LineString([(0, 0), (40, 0)]))  # shows the lower 9.6 m
    looks = looks_of_sites([site], [site.geometry], [track], SWATH)["f"]
    assert (looks.fewest, looks.most) == (0, 4)
    tiny = Site("t", "t", "facility", Polygon([(0, 0), (0.2, 0), (0, 0.2)]))
    assert looks_of_sites([tiny], [tiny.geometry], [track], SWATH)["t"].fewest >= 1


@pytest.mark.slow
def test_a_district_of_roads_takes_seconds() -> None:
    turn = np.random.default_rng(1)
    starts = turn.uniform(0, 4000, (1400, 2))
    lines = [LineString([start, start + turn.uniform(-90, 90, 2)]) for start in starts]
    sites = [road(str(number), [(0, 0), (1, 1)]) for number in range(len(lines))]
    tracks = [Track(site, line) for site, line in zip(sites, lines, strict=True)]
    began_s = time.process_time()
    assert len(looks_of_sites(sites, lines, tracks, SWATH)) == 1400
    assert time.process_time() - began_s < 15
