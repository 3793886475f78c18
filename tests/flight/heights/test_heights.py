from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from flight.heights.clearance import clearance_along, raised_stretches
from flight.heights.ground import FlatGround, places_in
from flight.heights.obstacles import Obstacle, Obstacles
from flight.heights.raising import HeightRules, raise_pass, raise_transit, return_height_m
from flight.rules.airspace import Airspace
from flight.surroundings import Surroundings
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame

FRAME = LocalFrame(-6.87, 107.5)
RULES = HeightRules(photo_height_m=20, transit_height_m=45, clearance_m=5, tolerance_m=3, steepest=0.6)
BETWEEN_STATIONS_M = 0.8  # what rough ground may rise between two places that were looked at


@dataclass(frozen=True)
class ShapedGround:
    """Ground by a formula of east and north."""

    height_m: Callable[[FloatArray, FloatArray], FloatArray]
    is_known: bool = True

    def elevation_m(self, places: FloatArray) -> FloatArray:
        return np.asarray(self.height_m(places[:, 0], places[:, 1]), dtype=np.float64) + np.zeros(len(places))

    def highest_m(self, area: BaseGeometry) -> float:
        return float(self.elevation_m(places_in(area)).max())


def surroundings(
    height_m: Callable[[FloatArray, FloatArray], FloatArray] | None = None, *standing: Obstacle
) -> Surroundings:
    ground = FlatGround() if height_m is None else ShapedGround(height_m)
    return Surroundings(FRAME, ground, Obstacles(standing), Airspace())


def mast(east: float, north: float, top_m: float, radius_m: float = 1.0) -> Obstacle:
    return Obstacle("mast", Point(east, north).buffer(radius_m), top_m, top_m)


def points_of(line: LineString) -> FloatArray:
    return np.asarray(shapely.get_coordinates(line, include_z=True))


def slopes(points: FloatArray) -> FloatArray:
    return np.abs(np.diff(points[:, 2])) / np.maximum(np.hypot(*np.diff(points[:, :2], axis=0).T), 1e-9)


def agl(points: FloatArray, around: Surroundings, step_m: float = 0.25) -> FloatArray:
    """Heights above ground all along, as an independent look."""
    line = LineString(points[:, :2])
    vertices_m = np.insert(np.cumsum(np.hypot(*np.diff(points[:, :2], axis=0).T)), 0, 0)
    at_m = np.linspace(0, line.length, int(line.length / step_m) + 2)
    places = shapely.get_coordinates(shapely.line_interpolate_point(line, at_m))
    return np.interp(at_m, vertices_m, points[:, 2]) - around.ground.elevation_m(places)


def hills(seed: int, height_m: float, length_m: float) -> Callable[[FloatArray, FloatArray], FloatArray]:
    """Smooth ground: waves in all directions, no steeper than about 6 × height / length."""
    directions = np.random.default_rng(seed).uniform(0, 2 * np.pi, (4, 2))

    def at(east: FloatArray, north: FloatArray) -> FloatArray:
        waves = [
            np.sin((east * np.cos(turn) + north * np.sin(turn)) * 2 * np.pi / length_m + phase)
            for turn, phase in directions
        ]
        return height_m / 4 * np.sum(waves, axis=0)

    return at


def rough(seed: int, step_m: float, cell_m: float) -> Callable[[FloatArray, FloatArray], FloatArray]:
    """Ground between random heights on a grid, as steep as step / cell."""
    heights = np.random.default_rng(seed).uniform(0, step_m, (64, 64))

    def at(east: FloatArray, north: FloatArray) -> FloatArray:
        x, y = east / cell_m + 31, north / cell_m + 31
        column, row = np.floor(x).astype(int), np.floor(y).astype(int)
        x, y = x - column, y - row
        upper = heights[row, column] * (1 - x) + heights[row, column + 1] * x
        lower = heights[row + 1, column] * (1 - x) + heights[row + 1, column + 1] * x
        return upper * (1 - y) + lower * y

    return at


LINES = st.lists(
    st.tuples(st.integers(-300, 300), st.integers(-300, 300)), min_size=2, max_size=6, unique=True
).map(LineString)
SEEDS = st.integers(0, 10_000)
MASTS = st.lists(
    st.builds(
        mast,
        st.floats(-300, 300),
        st.floats(-300, 300),
        top_m=st.floats(5, 60),
        radius_m=st.floats(0.5, 40),
    ),
    max_size=5,
)


def test_flat_ground_adds_no_vertex() -> None:
    line = LineString([(0, 0), (100, 0), (100, 0), (300, 50)])
    for around in (
        surroundings(),
        surroundings(lambda east, north: 0 * east),
        surroundings(None, mast(50, 90, 80)),
    ):
        assert points_of(raise_pass(line, 20, around, RULES)) == pytest.approx(
            np.array([(0, 0, 20), (100, 0, 20), (100, 0, 20), (300, 50, 20)])
        )


def test_an_even_slope_adds_no_vertex() -> None:
    around = surroundings(lambda east, north: 0.3 * east + 100)
    points = points_of(raise_pass(LineString([(0, 0), (400, 0)]), 20, around, RULES))
    assert points == pytest.approx(np.array([(0, 0, 120), (400, 0, 240)]))


@given(line=LINES, seed=SEEDS, height_m=st.floats(0, 40), length_m=st.floats(200, 800))
def test_a_pass_over_hills_keeps_its_height_and_slope(
    line: LineString, seed: int, height_m: float, length_m: float
) -> None:
    around = surroundings(hills(seed, height_m, length_m))
    rules = replace(RULES, steepest=2.0)
    points = points_of(raise_pass(line, 20, around, rules))
    heights_m = agl(points, around)
    assert heights_m.min() >= 17 - BETWEEN_STATIONS_M
    assert heights_m.max() <= 23 + BETWEEN_STATIONS_M
    assert slopes(points).max() <= 2.0 + 1e-6
    assert not raised_stretches(LineString(points), 20, around, 3.0 + BETWEEN_STATIONS_M)


@given(line=LINES, seed=SEEDS, masts=MASTS, step_m=st.floats(0, 30), steepest=st.floats(0.2, 1.0))
def test_a_pass_keeps_clear_of_everything_however_rough(
    line: LineString, seed: int, masts: list[Obstacle], step_m: float, steepest: float
) -> None:
    around = surroundings(rough(seed, step_m, 30.0), *masts)
    points = points_of(raise_pass(line, 20, around, replace(RULES, steepest=steepest)))
    assert agl(points, around).min() >= 17 - BETWEEN_STATIONS_M
    assert slopes(points).max() <= steepest + 1e-6
    for obstacle in masts:
        assert lowest_near(points, obstacle) >= obstacle.top_m + 5 - 1e-6


@given(line=LINES, seed=SEEDS, masts=MASTS)
def test_a_pass_is_raised_only_where_something_is_near(
    line: LineString, seed: int, masts: list[Obstacle]
) -> None:
    around = surroundings(hills(seed, 10, 400), *masts)
    steep = replace(RULES, steepest=2.0)
    raised = raise_pass(line, 20, around, steep)
    reach_m = 5 + 0.5 + (60 + 5 + 20) / 2.0  # of the clearance, and of the climb from 20 m below the ground
    flown = LineString(shapely.force_2d(raised).coords)
    for stretch in raised_stretches(raised, 20, around, 3.0 + BETWEEN_STATIONS_M):
        place = flown.interpolate((stretch.from_m + stretch.to_m) / 2)
        assert min(place.distance(obstacle.shape) for obstacle in masts) <= reach_m + (
            stretch.to_m - stretch.from_m
        )
    assert points_of(raised)[:, 2].max() <= max([obstacle.top_m + 5 for obstacle in masts] + [33]) + 3.01


@given(line=LINES, seed=SEEDS, masts=MASTS)
def test_the_way_over_ground_stays_as_it_was(line: LineString, seed: int, masts: list[Obstacle]) -> None:
    around = surroundings(rough(seed, 10, 25.0), *masts)
    points = points_of(raise_pass(line, 20, around, RULES))
    flat = LineString(points[:, :2])
    assert flat.length == pytest.approx(line.length, abs=1e-6)
    assert flat.hausdorff_distance(line) < 1e-6
    assert {tuple(corner) for corner in line.coords} <= {tuple(point) for point in points[:, :2]}


def test_few_vertices_follow_a_long_valley() -> None:
    """A parabola of curvature c needs a vertex every √(16 tolerance / c) at best."""
    around = surroundings(lambda east, north: 0.001 * east**2 / 2)
    points = points_of(raise_pass(LineString([(-600, 0), (600, 0)]), 20, around, replace(RULES, steepest=2)))
    best = 1200 / np.sqrt(16 * 3 / 0.001)
    assert len(points) - 1 <= np.ceil(best) + 1
    assert np.abs(agl(points, around) - 20).max() <= 3.001


def test_bends_take_the_changes_of_slope_that_hills_need() -> None:
    around = surroundings(lambda east, north: 10 * np.sin(east / 60))
    bends = LineString([(30 * number, 10 * (number % 2)) for number in range(30)])
    raised = raise_pass(bends, 20, around, RULES)
    assert len(raised.coords) == len(bends.coords)
    assert np.abs(agl(points_of(raised), around) - 20).max() <= 3.01
    straight = raise_pass(LineString([(0, 0), (870, 0)]), 20, around, RULES)
    assert 2 < len(straight.coords) <= 20
    assert np.abs(agl(points_of(straight), around) - 20).max() <= 3.01


def test_a_mast_beside_a_pass_raises_it_there_and_nowhere_else() -> None:
    around = surroundings(None, mast(200, 4, 40))
    raised = raise_pass(LineString([(0, 0), (400, 0)]), 20, around, RULES)
    points = points_of(raised)
    assert len(points) <= 6
    assert points[0, 2] == points[-1, 2] == 20
    assert 45 <= points[:, 2].max() <= 48
    stretch = raised_stretches(raised, 20, around, 3.0)[0]
    assert 150 < stretch.from_m < 195 and 205 < stretch.to_m < 250
    assert stretch.height_agl_m == pytest.approx(points[:, 2].max(), abs=0.7)
    far = surroundings(None, mast(200, 7.6, 40))
    assert len(points_of(raise_pass(LineString([(0, 0), (400, 0)]), 20, far, RULES))) == 2


def test_ground_steeper_than_the_vehicle_climbs_is_flown_higher_not_lower() -> None:
    around = surroundings(lambda east, north: np.clip(east - 100, 0, 80))
    raised = raise_pass(LineString([(0, 0), (300, 0)]), 20, around, RULES)
    assert agl(points_of(raised), around).min() >= 17 - 1e-6
    assert slopes(points_of(raised)).max() <= 0.6 + 1e-6
    assert len(raised_stretches(raised, 20, around, 3.0)) == 1


def test_a_tolerance_greater_than_the_height_does_not_touch_the_ground() -> None:
    around = surroundings(lambda east, north: 6 * np.sin(east / 20))
    points = points_of(raise_pass(LineString([(0, 0), (300, 0)]), 8, around, replace(RULES, tolerance_m=10)))
    assert agl(points, around).min() >= 5 - BETWEEN_STATIONS_M


def test_a_short_hop_goes_straight() -> None:
    start, end = np.array([0, 0, 20.0]), np.array([25, 0, 24.0])
    way = raise_transit(start, end, np.array([(0, 0), (25, 0)]), surroundings(), RULES)
    assert way == pytest.approx(np.array([start, end]))
    steep = raise_transit(start, np.array([25, 0, 44.0]), np.array([(0, 0), (25, 0)]), surroundings(), RULES)
    assert steep[:, 2] == pytest.approx([20, 44, 44])
    same = raise_transit(start, start, np.array([(0, 0), (0, 0)]), surroundings(), RULES)
    assert same == pytest.approx(np.array([start, start]))


def test_a_long_transit_climbs_when_nobody_knows_what_stands_there() -> None:
    start, end = np.array([0, 0, 20.0]), np.array([300, 0, 20.0])
    round_a_zone = np.array([(0, 0), (100, 50), (300, 0)])
    way = raise_transit(start, end, round_a_zone, surroundings(), RULES)
    assert way[:, 2] == pytest.approx([20, 45, 45, 45, 20])
    assert way[:, :2] == pytest.approx(round_a_zone[[0, 0, 1, 2, 2]])


def test_a_long_transit_stays_low_where_it_is_known_to_be_free() -> None:
    start, end = np.array([0, 0, 20.0]), np.array([300, 0, 30.0])
    flat_way = np.array([(0, 0), (300, 0)])
    free = raise_transit(start, end, flat_way, surroundings(None, mast(150, 100, 90)), RULES)
    assert free == pytest.approx(np.array([start, end]))
    lower = raise_transit(start, end, flat_way, surroundings(None, mast(40, 0, 22)), RULES)
    assert lower == pytest.approx(np.array([start, (0, 0, 30), end]))
    over = raise_transit(start, end, flat_way, surroundings(None, mast(150, 0, 58)), RULES)
    assert over[:, 2] == pytest.approx([20, 63, 63, 30])


def test_a_long_way_follows_rising_ground_instead_of_flying_needlessly_high() -> None:
    around = surroundings(lambda east, north: 0.1 * east)
    start, end = np.array([0, 0, 20.0]), np.array([3000, 0, 320.0])
    way = raise_transit(start, end, np.array([(0, 0), (3000, 0)]), around, RULES)
    assert len(way) <= 5
    assert agl(way[1:-1], around).max() <= 45 + 20 + 1e-6


@given(
    ends=st.tuples(st.tuples(*[st.floats(-400, 400)] * 2), st.tuples(*[st.floats(-400, 400)] * 2)),
    above=st.tuples(st.floats(8, 80), st.floats(8, 80)),
    seed=SEEDS,
    masts=MASTS,
    step_m=st.floats(0, 60),
    bend=st.none() | st.tuples(*[st.floats(-400, 400)] * 2),
)
def test_a_transit_keeps_clear_and_meets_its_ends(
    ends: tuple[tuple[float, float], ...],
    above: tuple[float, float],
    seed: int,
    masts: list[Obstacle],
    step_m: float,
    bend: tuple[float, float] | None,
) -> None:
    around = surroundings(rough(seed, step_m, 60.0), *masts)
    flat_way = np.array([ends[0], *([bend] if bend else []), ends[1]])
    ground_m = around.ground.elevation_m(flat_way[[0, -1]])
    start, end = (np.append(flat_way[n], ground_m[n] + above[n]) for n in (0, -1))
    way = raise_transit(start, end, flat_way, around, RULES)
    assert way[0] == pytest.approx(start) and way[-1] == pytest.approx(end)
    assert LineString(way[:, :2]).hausdorff_distance(LineString(flat_way)) < 1e-6
    on_the_move = np.hypot(*np.diff(way[:, :2], axis=0).T) > 1e-6
    assert slopes(way)[on_the_move].max(initial=0) <= RULES.steepest + 1e-3
    horizontal = way[np.append(on_the_move, False) | np.insert(on_the_move, 0, False)]
    if len(horizontal):
        assert agl(horizontal, around).min() >= min(5.0, *above) - BETWEEN_STATIONS_M
        for obstacle in masts:
            assert lowest_near(horizontal, obstacle) >= obstacle.top_m + 5 - 1e-6


@given(
    places=st.lists(st.tuples(*[st.integers(-400, 400)] * 2), min_size=2, max_size=6, unique=True),
    home=st.tuples(*[st.integers(-400, 400)] * 2),
    seed=SEEDS,
    masts=MASTS,
    share=st.floats(0, 1),
)
def test_the_return_clears_everything_from_any_point_of_the_sortie(
    places: list[tuple[int, int]],
    home: tuple[int, int],
    seed: int,
    masts: list[Obstacle],
    share: float,
) -> None:
    around = surroundings(rough(seed, 40, 60.0), *masts)
    flown = np.column_stack([np.array(places), np.full(len(places), 30.0)])
    height_m = return_height_m([flown[:2], flown[1:]], np.array(home), around, RULES)
    from_here = LineString(places).interpolate(share, normalized=True)
    line = np.array([(*from_here.coords[0], height_m), (*home, height_m)])
    assert height_m >= 30
    between_grid_m = 5.0
    assert agl(line, around).min() >= (17 if masts else 45) - between_grid_m
    assert clearance_along(line, around, RULES.clearance_m, step_m=0.5)[0] >= RULES.clearance_m - 1e-6
    for obstacle in masts:
        if LineString(line[:, :2]).distance(obstacle.shape) <= 5:
            assert height_m >= obstacle.top_m + 5


def test_the_return_stays_high_where_nobody_knows_what_stands_there() -> None:
    flown = np.array([(0, 0, 20.0), (300, 0, 20.0)])
    home = np.array([0.0, 200.0])
    assert return_height_m([flown], home, surroundings(), RULES) == 45
    assert return_height_m([flown], home, surroundings(None, mast(900, 0, 90)), RULES) == 20
    assert return_height_m([flown], home, surroundings(None, mast(100, 100, 90)), RULES) == 95


def test_ground_that_nobody_knows_is_refused_with_its_place() -> None:
    around = surroundings(lambda east, north: np.where(east > 200, np.nan, 0.0))
    with pytest.raises(PantauError, match=r"does not cover -6\.8\d+,107\.50\d+.*--dem"):
        raise_pass(LineString([(0, 0), (300, 0)]), 20, around, RULES)
    points = np.array([(0, 0, 20.0), (300, 0, 20.0)])
    with pytest.raises(PantauError, match="does not cover"):
        raise_transit(points[0], points[1], points[:, :2], around, RULES)
    with pytest.raises(PantauError, match="does not cover"):
        return_height_m([points[:1].repeat(2, axis=0)], np.array([300.0, 50.0]), around, RULES)


def lowest_near(points: FloatArray, obstacle: Obstacle) -> float:
    """The lowest height of a polyline in space within the clearance of an obstacle; by sampling."""
    near: Polygon = obstacle.shape.buffer(RULES.clearance_m, quad_segs=32)
    lowest_m = np.inf
    for start, end in pairwise(points):
        shares = np.linspace(0, 1, int(np.hypot(*(end - start)[:2]) / 0.2) + 2)[:, None]
        samples = start + shares * (end - start)
        inside = shapely.contains_xy(near, samples[:, 0], samples[:, 1])
        lowest_m = min(lowest_m, samples[inside, 2].min(initial=np.inf))
    return float(lowest_m)
