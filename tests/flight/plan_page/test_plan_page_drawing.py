"""Maps, profiles and places as they are drawn and written."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box

from flight.plan_page.label_placing import FreeSpace, Label, along
from flight.plan_page.map_view import MapView, round_length_m
from flight.plan_page.pass_marks import arrows_along
from flight.plan_page.plan_ground import plan_ground
from flight.plan_page.plan_map import draw_plan_map
from flight.plan_page.plus_code import plus_code
from flight.plan_page.profile_chart import draw_profile, pass_spans_m
from flight.plan_page.sortie_map import draw_sortie_map
from flight.planning.plan import Plan, ProfilePoint

VIEW = MapView.around((0.0, 0.0, 1000.0, 500.0), (1.5, 2.5), 1000)


def points_of(path: str) -> list[tuple[float, float]]:
    """The corners of a path of M and l commands, in drawing units."""
    points: list[tuple[float, float]] = []
    for command, numbers in re.findall(r"([Ml])([-\d. ]+)", path):
        values = [float(number) for number in numbers.split()]
        for dx, dy in zip(values[0::2], values[1::2], strict=True):
            x, y = (0.0, 0.0) if command == "M" else points[-1]
            points.append((x + dx, y + dy))
    return points


def test_north_is_up_and_east_is_right() -> None:
    first, last = points_of(VIEW.path(LineString([(0, 0), (1000, 500)])))
    assert last[0] - first[0] == pytest.approx(1000, abs=0.2)
    assert last[1] - first[1] == pytest.approx(-500, abs=0.2)


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 500)), min_size=2, max_size=30, unique=True))
def test_a_path_is_true_to_a_quarter_of_a_pixel(places: list[tuple[float, float]]) -> None:
    line = LineString(places)
    drawn = points_of(VIEW.path(line))
    east_north = [(x + VIEW.west_m, VIEW.north_m - y) for x, y in drawn]
    shown = LineString(east_north if len(east_north) > 1 else east_north * 2)
    assert line.hausdorff_distance(shown) <= VIEW.detail_m + 0.11


def test_a_hole_is_a_ring_of_the_same_path() -> None:
    path = VIEW.path(box(0, 0, 100, 100).difference(box(20, 20, 50, 50)))
    assert path.count("M") == 2 and path.count("z") == 2


@pytest.mark.parametrize(("most_m", "length_m"), [(1, 1), (49, 20), (50, 50), (999, 500), (1000, 1000)])
def test_scale_bars_have_round_lengths(most_m: float, length_m: float) -> None:
    assert round_length_m(most_m) == length_m


def test_arrows_point_the_way_that_is_flown() -> None:
    east, north = LineString([(0, 0), (100, 0)]), LineString([(0, 0), (0, 100)])
    assert [mark.turn_deg for mark in arrows_along([east, north, east.reverse()], VIEW, 500)] == [0, -90, 180]
    assert len(arrows_along([LineString([(0, 0), (1000, 0)])], VIEW, 100)) > 5


def test_labels_never_overlap_and_never_stand_on_their_heads() -> None:
    space = FreeSpace()
    assert space.take(Label("Jalan Sudirman", 100, 100), 12)
    assert not space.take(Label("Gang Surya", 120, 104), 12)
    assert space.take(Label("Gang Surya", 100, 140), 12)
    for dx, dy in [(1, 0), (-1, 0), (-1, 1), (0, 1), (0, -1)]:
        assert -90 <= along("a", LineString([(0, 0), (100 * dx, 100 * dy)]), 0.5, 0.0).turn_deg < 90


def test_everything_flown_lies_on_the_map(rich_plan: Plan) -> None:
    drawing = draw_plan_map(rich_plan, plan_ground(rich_plan))
    shapes = [drawing.photographed, *(way for s in drawing.sorties for way in (s.passes, s.transits))]
    assert all(
        0 <= x <= drawing.view.width_m and 0 <= y <= drawing.view.height_m
        for path in shapes
        for x, y in points_of(path)
    )
    assert [zone.zone.id for zone in drawing.zones] == ["z1", "z2"]
    assert [launch.letter for launch in drawing.launches] == ["A"]
    assert {"Jalan Satu", "Taman & Kota"} <= {label.text for label in drawing.near_names}


def test_a_zone_far_away_is_not_drawn(rich_plan: Plan) -> None:
    far = tuple(replace(zone, area=box(108, -7, 108.1, -6.9)) for zone in rich_plan.zones)
    plan = replace(rich_plan, zones=far)
    assert draw_plan_map(plan, plan_ground(plan)).zones == ()


def test_a_sortie_map_numbers_every_pass(bare_plan: Plan) -> None:
    ground = plan_ground(bare_plan)
    drawing = draw_sortie_map(ground, ground.sorties[0], 2.1)
    assert [badge.text for badge in drawing.badges] == [
        str(n) for n in range(1, len(bare_plan.sorties[0].passes) + 1)
    ]
    places = [(badge.x, badge.y) for badge in drawing.badges]
    assert len(set(places)) == len(places)
    assert drawing.view.width_m / drawing.view.height_m == pytest.approx(2.1)


def test_launch_points_go_by_letters(bare_plan: Plan) -> None:
    sortie = bare_plan.sorties[0]
    homes = [replace(sortie.home, lat=sortie.home.lat + n / 1000) for n in (0, 1, 0)]
    sorties = tuple(replace(sortie, number=n, home=home) for n, home in enumerate(homes, start=1))
    plan = replace(bare_plan, sorties=sorties)
    launches = draw_plan_map(plan, plan_ground(plan)).launches
    assert [(launch.letter, launch.sorties) for launch in launches] == [("A", (1, 3)), ("B", (2,))]


def test_without_a_profile_there_is_no_chart(bare_plan: Plan) -> None:
    assert draw_profile(bare_plan.sorties[0]) is None


def test_a_profile_tells_how_near_it_comes(rich_plan: Plan) -> None:
    chart = draw_profile(rich_plan.sorties[0])
    assert chart is not None
    assert chart.clearance_m == pytest.approx(12.0)  # 25 m up over a tree that ends at 13 m
    assert (chart.lowest_agl_m, chart.highest_agl_m) == pytest.approx((20.0, 20.0))
    assert chart.obstacles and not chart.ceiling
    assert len(chart.bands) == len(rich_plan.sorties[0].passes)


def test_the_ceiling_is_drawn_where_it_is_near(rich_plan: Plan) -> None:
    near, far = (draw_profile(rich_plan.sorties[0], ceiling_m) for ceiling_m in (22.0, 120.0))
    assert near is not None and near.ceiling
    assert far is not None and not far.ceiling


def test_passes_follow_each_other_on_the_profile(bare_plan: Plan) -> None:
    sortie = bare_plan.sorties[0]
    spans = pass_spans_m(sortie)
    assert all(begin <= end for begin, end in spans)
    assert [end - begin for begin, end in spans] == pytest.approx(
        [p.length_m for p in sortie.passes], rel=1e-3
    )
    assert spans[-1][1] <= sortie.distance_m + 0.5


def test_a_lone_mast_is_wide_enough_to_be_seen(rich_plan: Plan) -> None:
    points = [ProfilePoint(float(x), 20.0, 0.0, 15.0 if x == 200 else None) for x in range(0, 401, 100)]
    chart = draw_profile(replace(rich_plan.sorties[0], profile=tuple(points)))
    assert chart is not None
    across = [float(x) for x in re.findall(r"[ML]([\d.]+) ", chart.obstacles)]
    assert max(across) - min(across) >= 3.0


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [  # from the test data of Open Location Code
        (47.365590, 8.524997, "8FVC9G8F+6X"),
        (-41.2730625, 174.7859375, "4VCPPQGP+Q9"),
        (90.0, 1.0, "CFX3X2X2+X2"),
    ],
)
def test_plus_codes(lat: float, lon: float, code: str) -> None:
    assert plus_code(lat, lon) == code
