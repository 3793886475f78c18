"""Joining and cutting areas."""

from __future__ import annotations

import pytest
from shapely import Point, box

from vision.planar import difference, intersection, union


def test_nothing_joined_is_nothing() -> None:
    assert union([]).is_empty and union([None, None]).is_empty


def test_areas_are_joined_and_cut() -> None:
    left, right = box(0, 0, 2, 1), box(1, 0, 3, 1)
    assert union([left, None, right]).equals(box(0, 0, 3, 1))
    assert intersection(left, right).equals(box(1, 0, 2, 1))
    assert difference(left, right).equals(box(0, 0, 1, 1))
    assert union(Point(x / 7, x / 3).buffer(1) for x in range(50)).area == pytest.approx(
        union(Point(x / 7, x / 3).buffer(1) for x in reversed(range(50))).area
    )
