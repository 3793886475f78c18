"""The map as an SVG drawing."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.register.records import DefectRecord, SiteRecord
from reports.contents import Contents
from reports.ground_plan import ground_plan
from reports.map_drawing import draw_map, round_length_m

MakeContents = Callable[..., Contents]


def test_nothing_to_draw(make_contents: MakeContents) -> None:
    assert draw_map(ground_plan(make_contents())) is None


def test_one_defect_alone_is_in_the_middle(
    make_contents: MakeContents, make_defect: Callable[..., DefectRecord]
) -> None:
    drawing = draw_map(ground_plan(make_contents(defects=(make_defect(),))))
    assert drawing is not None
    assert (drawing.markers[0].x, drawing.markers[0].y) == pytest.approx(
        (drawing.width_m / 2, drawing.height_m / 2), abs=0.1
    )
    assert drawing.roads == () and drawing.seen_path == ""


def test_a_district(sample_contents: Contents) -> None:
    drawing = draw_map(ground_plan(sample_contents))
    assert drawing is not None
    assert drawing.width_classes == ("narrow", "wide")
    assert [label.text for label in drawing.labels] == ["SDN 2 Sukamaju", "Jalan Merdeka", "Gang Cempaka"]
    assert [marker.rank for marker in drawing.markers] == list(range(20, 0, -1))
    assert drawing.width_m == pytest.approx(674 * 1.12, rel=0.03)


def test_everything_lies_within_the_drawing(sample_contents: Contents) -> None:
    drawing = draw_map(ground_plan(sample_contents))
    assert drawing is not None
    for path in (drawing.seen_path, *(road.path for road in drawing.roads)):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        assert all(0 < x < drawing.width_m for x in numbers[0::2])
        assert all(0 < y < drawing.height_m for y in numbers[1::2])


def test_north_is_up_and_east_is_right(
    make_contents: MakeContents, make_defect: Callable[..., DefectRecord]
) -> None:
    south_west = make_defect(id="D-1", lat=-6.9, lon=107.5, priority=9.0)
    north_east = make_defect(id="D-2", lat=-6.8, lon=107.6, priority=5.0)
    drawing = draw_map(ground_plan(make_contents(defects=(south_west, north_east))))
    assert drawing is not None
    second, first = drawing.markers
    assert first.x < second.x and first.y > second.y
    assert second.x - first.x == pytest.approx(11055, abs=20)


def test_names_never_stand_on_their_heads(make_contents: MakeContents) -> None:
    lines = {f"r{i}": [[107.5, -6.9], [107.5 + dx, -6.9 + dy]] for i, (dx, dy) in enumerate(_DIRECTIONS)}
    sites = tuple(
        SiteRecord(key, key, "road", 5.0, None, True, {"type": "LineString", "coordinates": line})
        for key, line in lines.items()
    )
    drawing = draw_map(ground_plan(make_contents(sites=sites)))
    assert drawing is not None and len(drawing.labels) == 8
    assert all(-90 <= label.turn_deg < 90 for label in drawing.labels)


_DIRECTIONS = [(0.01 * x, 0.01 * y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]


def test_a_stray_photo_does_not_make_the_map_a_dot(sample_contents: Contents) -> None:
    square = [[0.0, 0.0], [0.001, 0.0], [0.001, 0.001], [0.0, 0.0]]
    astray = replace(sample_contents.photos[0], footprint={"type": "Polygon", "coordinates": [square]})
    drawing = draw_map(ground_plan(replace(sample_contents, photos=(*sample_contents.photos, astray))))
    assert drawing is not None
    assert drawing.width_m == pytest.approx(674 * 1.12, rel=0.03)


@given(st.floats(0.1, 1e6))
def test_round_lengths(most_m: float) -> None:
    length_m = round_length_m(most_m)
    assert most_m / 2.5001 <= length_m <= most_m * 1.0001
    assert f"{length_m:e}"[0] in "125"
