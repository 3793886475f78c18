"""Severity and priority by kind and size."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kinds import ROAD_KINDS
from pipeline.damage_size import DamageSize
from pipeline.defects.severity import priority_of, severity_of

HOLE = DamageSize(0.4, 0.25, 0.1)
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
    assert severity_of(kind, DamageSize(length_m, 0.1, area_m2)) == expected


@pytest.mark.parametrize(
    ("kind", "measured", "expected"),
    [
        ("pothole", {"diameter_m": 0.19}, "low"),
        ("pothole", {"diameter_m": 0.20}, "medium"),
        ("pothole", {"diameter_m": 0.45}, "high"),
        ("transverse_crack", {"crack_width_m": 0.009}, "low"),
        ("transverse_crack", {"crack_width_m": 0.010}, "medium"),
        ("longitudinal_crack", {"crack_width_m": 0.075}, "high"),
        ("longitudinal_crack", {"crack_length_m": 3.1}, "medium"),
        ("repair", {"crack_width_m": 0.2}, "low"),
    ],
)
def test_what_was_measured_of_the_damage_itself_counts(kind, measured, expected):
    box = DamageSize(0.9 if kind == "pothole" else 2.0, 0.8, 0.5)
    assert severity_of(kind, replace(box, **measured)) == expected


def test_a_narrow_crack_stays_as_severe_as_its_length_makes_it():
    assert severity_of("transverse_crack", DamageSize(12.0, 0.1, 0.1, crack_width_m=0.005)) == "high"


def test_a_pothole_comes_before_a_crack_as_severe():
    crack = DamageSize(4, 0.25, 1)
    assert priority_of("pothole", HOLE) > priority_of("transverse_crack", crack)


def test_an_uncertain_finding_comes_after_a_certain_one():
    assert priority_of("pothole", HOLE, 0.3) < priority_of("pothole", HOLE, 0.9)
    assert priority_of("pothole", HOLE, 0.0) == priority_of("pothole", HOLE) / 2


metres = st.floats(0, 500)
unsure = st.none() | metres


@given(st.sampled_from(KINDS), metres, metres, unsure, unsure, metres)
def test_priority_lies_in_0_to_100_and_grows_with_size(kind, length_m, area_m2, width_m, diameter_m, more):
    def size(added_m: float) -> DamageSize:
        grown = [None if number is None else number + added_m for number in (width_m, diameter_m)]
        sides = (length_m + added_m, 1.0, area_m2 + added_m)
        return DamageSize(*sides, crack_width_m=grown[0], diameter_m=grown[1])

    assert 0 <= priority_of(kind, size(0)) <= priority_of(kind, size(more)) <= 100
