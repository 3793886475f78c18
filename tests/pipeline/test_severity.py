"""Severity and priority by kind and size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kinds import ROAD_KINDS
from pipeline.severity import priority_of, severity_of

KINDS = [kind.name for kind in ROAD_KINDS] + ["broken_roof"]


@pytest.mark.parametrize(
    ("kind", "length_m", "area_m2", "expected"),
    [
        ("pothole", 0.29, 0.05, "low"),
        ("pothole", 0.3, 0.05, "medium"),
        ("pothole", 0.6, 0.2, "high"),
        ("longitudinal_crack", 2.9, 9.0, "low"),
        ("transverse_crack", 3.0, 0.1, "medium"),
        ("longitudinal_crack", 10.0, 0.1, "high"),
        ("alligator_crack", 9.0, 0.9, "low"),
        ("alligator_crack", 1.0, 5.0, "high"),
        ("repair", 20.0, 100.0, "low"),
        ("broken_roof", 1.0, 2.0, "medium"),
    ],
)
def test_severity(kind, length_m, area_m2, expected):
    assert severity_of(kind, length_m, area_m2) == expected


def test_a_pothole_comes_before_a_crack_as_severe():
    assert priority_of("pothole", 0.4, 0.1) > priority_of("transverse_crack", 4, 1)


def test_an_uncertain_finding_comes_after_a_certain_one():
    assert priority_of("pothole", 0.4, 0.1, 0.3) < priority_of("pothole", 0.4, 0.1, 0.9)
    assert priority_of("pothole", 0.4, 0.1, 0.0) == priority_of("pothole", 0.4, 0.1) / 2


sizes = st.floats(0, 500)


@given(st.sampled_from(KINDS), sizes, sizes, sizes)
def test_priority_lies_in_0_to_100_and_grows_with_size(kind, length_m, area_m2, more):
    small = priority_of(kind, length_m, area_m2)
    assert 0 <= small <= priority_of(kind, length_m + more, area_m2 + more) <= 100
