from __future__ import annotations

import math
from pathlib import Path
from random import Random

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString

from flight.coverage.network_cover import network_passes, road_areas
from flight.coverage.photo_geometry import TRIGGER_SLACK, Swath, footprints, headings_deg
from flight.coverage.sure_photos import is_gentle, surely_shown
from pipeline.sites.site_reading import read_sites
from vision.frames import LocalFrame


def swath_of_quad(forward_overlap: float, side_overlap: float, tolerance_m: float = 2.0) -> Swath:
    """The simulated quad's from 20 m."""
    across_m, along_m = 19.2, 14.4
    pass_spacing_m = (across_m - 2 * tolerance_m) * (1 - side_overlap)
    return Swath(across_m, along_m, along_m * (1 - forward_overlap), pass_spacing_m, 1.0, tolerance_m)


SWATH = swath_of_quad(0.7, 0.6)


def flown(track: LineString, swath: Swath, chance: Random) -> shapely.Geometry:
    """What one flight of a pass photographs: either way, the trigger late, the vehicle off to one side."""
    line = track if chance.random() < 0.5 else track.reverse()
    at_m = np.arange(0, line.length, 0.05)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, at_m))
    ends_m = np.cumsum(np.hypot(*np.diff(shapely.get_coordinates(line), axis=0).T))
    yaw_deg = headings_deg(line)[np.minimum(np.searchsorted(ends_m, at_m, side="right"), len(ends_m) - 1)]
    taken, wanted_m = [0], swath.photo_spacing_m
    for index, point in enumerate(points):
        if math.dist(point, points[taken[-1]]) >= wanted_m:
            taken.append(index)
            wanted_m = swath.photo_spacing_m * chance.uniform(1.0, TRIGGER_SLACK) - 0.05
    photos = np.column_stack([points, yaw_deg])[taken]
    photos[:, 2] += 1e-9
    angle, off_m = chance.uniform(0, 7), chance.choice([0.0, swath.tolerance_m])
    return shapely.affinity.translate(
        shapely.union_all(footprints(photos, swath)), off_m * math.cos(angle), off_m * math.sin(angle)
    )


def left_out_m2(lines: list[LineString], widths_m: list[float], swath: Swath, seed: int = 0) -> float:
    """The ground (less slivers) that flights of the passes over these roads leave out."""
    chance = Random(seed)
    tracks = [track for passes in network_passes(lines, widths_m, swath) for track in passes]
    shown = shapely.union_all([flown(track, swath, chance) for track in tracks])
    left = shapely.union_all(road_areas(lines, widths_m, swath.margin_m)).difference(shown)
    return float(left.buffer(-0.1).area)


def test_no_roads_need_no_passes() -> None:
    assert network_passes([], [], SWATH) == []


def test_straight_roads_get_their_centrelines_and_nothing_more() -> None:
    lines = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (200, 0)])]
    passes = network_passes(lines, [6.0, 6.0], SWATH)
    assert [len(tracks) for tracks in passes] == [1, 1]
    assert passes[0][0].length == pytest.approx(104.32)  # beyond its dead end only


def test_a_hairpin_is_overshot_not_flown_anew() -> None:
    hairpin = LineString([(0, 0), (0, 100), (12, 0)])
    ((track,),) = network_passes([hairpin], [12.0], SWATH)
    assert hairpin.length + 8 < track.length < hairpin.length + 8.64 + 16
    assert left_out_m2([hairpin], [12.0], SWATH) == 0


def test_the_wedge_between_roads_that_meet_at_an_angle_is_part_of_the_network() -> None:
    lines = [LineString([(0, -50), (0, 0)]), LineString([(0, 0), (50, 0)])]
    areas = road_areas(lines, [10.0, 6.0], 1.0)
    assert all(area.covers(shapely.Point(-2.5, 2.5)) for area in areas)
    assert not shapely.union_all(areas).covers(shapely.Point(-4, 4))


@pytest.mark.parametrize("width_m", [4.0, 13.0, 30.0])
@pytest.mark.parametrize(
    "shape",
    [
        [[(0, 0), (100, 0)], [(50, 0), (50, 60)]],
        [[(0, 0), (100, 0)], [(50, -60), (50, 60)]],
        [[(0, 0), (60, 0)], [(60, 0), (80, 50)], [(60, 0), (30, -50)]],
        [[(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)]],
        [[(0, 0), (3, 0)]],
        [[(0, 0), (0.4, 0), (0.4, 0.4)], [(0.4, 0.4), (90, 70)]],
        [[(0, 0), (30, 5), (2, 8), (30, 12), (3, 15)]],
    ],
    ids=["T", "X", "star", "loop", "very short", "short and bent", "zigzag"],
)
def test_joints_loops_and_short_roads_are_photographed(
    shape: list[list[tuple[float, float]]], width_m: float
) -> None:
    lines = [LineString(points) for points in shape]
    widths_m = [width_m, *[6.0] * (len(lines) - 1)]
    assert left_out_m2(lines, widths_m, SWATH) == 0


places = st.tuples(*[st.floats(0, 150).map(lambda value: round(value, 1))] * 2)
roads = st.tuples(st.lists(st.integers(0, 5), min_size=2, max_size=5), st.floats(1.0, 40.0))


@settings(max_examples=40)
@given(
    nodes=st.lists(places, min_size=6, max_size=6, unique=True),
    chosen=st.lists(roads, min_size=1, max_size=4),
    forward_overlap=st.floats(0.5, 0.85),
    side_overlap=st.floats(0.0, 0.8),
    seed=st.integers(0, 99),
)
def test_nothing_of_a_random_network_is_left_out(
    nodes: list[tuple[float, float]],
    chosen: list[tuple[list[int], float]],
    forward_overlap: float,
    side_overlap: float,
    seed: int,
) -> None:
    lines = [LineString([nodes[number] for number in road]) for road, _ in chosen]
    assume(all(line.length > 1 for line in lines))
    swath = swath_of_quad(forward_overlap, side_overlap)
    assert left_out_m2(lines, [width_m for _, width_m in chosen], swath, seed) < 0.05


@settings(max_examples=40)
@given(points=st.lists(places, min_size=2, max_size=6, unique=True), seed=st.integers(0, 99))
def test_what_is_surely_shown_is_on_every_flight(points: list[tuple[float, float]], seed: int) -> None:
    track = LineString(points)
    shown = flown(track, SWATH, Random(seed))
    assert surely_shown(track, SWATH).difference(shown).buffer(-0.1).is_empty


@settings(max_examples=60)
@given(
    turns_deg=st.lists(st.floats(-50, 50), max_size=8),
    step_m=st.floats(2.0, 30.0),
    reach_m=st.floats(1.0, 8.0),
)
def test_a_gentle_pass_surely_shows_what_lies_beside_it(
    turns_deg: list[float], step_m: float, reach_m: float
) -> None:
    headings = np.radians(np.cumsum([0.0, 0.0, *turns_deg, 0.0]))
    steps = np.column_stack([np.sin(headings), np.cos(headings)]) * step_m
    track = LineString(np.vstack([[0, 0], np.cumsum(steps, axis=0)]))
    assume(is_gentle(track, reach_m, SWATH))
    beside = track.buffer(reach_m, cap_style="flat")
    assert beside.difference(surely_shown(track, SWATH)).buffer(-0.05).is_empty


@pytest.mark.real_data
def test_every_metre_of_a_real_district_is_photographed_for_few_metres_more(shared: Path) -> None:
    sites = read_sites(shared / "data/roads/bandung-cimahi.geojson").sites
    west, south, east, north = shapely.total_bounds([site.geometry for site in sites])
    frame = LocalFrame((south + north) / 2, (west + east) / 2)
    lines = [frame.shapes_to_metres(site.geometry) for site in sites]
    widths_m = [site.width_m or 0.0 for site in sites]
    assert left_out_m2(lines, widths_m, SWATH) == 0
    flown_m = sum(track.length for tracks in network_passes(lines, widths_m, SWATH) for track in tracks)
    assert flown_m < 1.03 * sum(line.length for line in lines)
