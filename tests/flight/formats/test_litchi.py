"""Litchi files read back by their published columns."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.formats.litchi import litchi_text, write_litchi_file
from flight.planning.plan import Plan, Sortie

GOLDEN = Path(__file__).parents[1] / "golden" / "little-sortie.csv"


def read_litchi(text: str) -> list[dict[str, float]]:
    """The waypoints of a Litchi file: every column is a number."""
    return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(text.splitlines())]


def actions(row: dict[str, float]) -> list[tuple[int, float]]:
    pairs = [(int(row[f"actiontype{n}"]), row[f"actionparam{n}"]) for n in range(1, 16)]
    return [pair for pair in pairs if pair[0] != -1]


@settings(max_examples=30)
@given(data=st.data())
def test_places_and_heights_agree_within_1_cm(
    data: st.DataObject,
    plan_with: Callable[..., Plan],
    sorties: st.SearchStrategy[Sortie],
    flown_places: Callable[[Sortie], Any],
    off_by_m: Callable[..., float],
) -> None:
    sortie = data.draw(sorties)
    rows = read_litchi(litchi_text(plan_with("dji-mavic-2-pro", [sortie]), sortie))
    read = [(row["latitude"], row["longitude"], row["altitude(m)"]) for row in rows]
    assert off_by_m(read, flown_places(sortie)) < 0.01
    assert {row["altitudemode"] for row in rows} == {0}


def test_file_is_as_agreed(tmp_path: Path, plan_with: Callable[..., Plan], little_sortie: Sortie) -> None:
    write_litchi_file(plan_with("dji-mavic-2-pro", [little_sortie]), little_sortie, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == GOLDEN.read_text(encoding="utf-8")


def test_photos_by_distance_on_the_legs_of_passes_only(
    plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    rows = read_litchi(litchi_text(plan_with("dji-mavic-2-pro", [little_sortie]), little_sortie))
    assert [row["photo_distinterval"] for row in rows] == [-1, -1, 8, 8, -1, 8, -1, -1]
    assert {row["photo_timeinterval"] for row in rows} == {-1}


def test_the_camera_looks_down_first_and_at_faces_by_point_of_interest(
    plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    rows = read_litchi(litchi_text(plan_with("dji-mavic-2-pro", [little_sortie]), little_sortie))
    assert actions(rows[0]) == [(5, -90)]
    assert [row["gimbalmode"] for row in rows] == [2] * 5 + [1] * 2 + [2]
    target = little_sortie.passes[1].look_at
    assert target is not None
    assert (rows[5]["poi_latitude"], rows[5]["poi_longitude"]) == pytest.approx((target.lat, target.lon))
    assert (rows[5]["poi_altitude(m)"], rows[5]["poi_altitudemode"]) == (6.0, 0)
    assert rows[2]["gimbalpitchangle"] == -90 and rows[2]["heading(deg)"] == pytest.approx(82.9, abs=0.1)


def test_by_action_a_photo_at_each_waypoint_by_timer_none(
    plan_with: Callable[..., Plan], little_sortie: Sortie
) -> None:
    by_action = read_litchi(
        litchi_text(plan_with("dji-mini-4-pro-waypoint-photos", [little_sortie]), little_sortie)
    )
    taken = [row for row in by_action if (1, 0) in actions(row)]
    assert len(taken) == little_sortie.photo_count
    assert {row["photo_distinterval"] for row in by_action} == {-1}
    by_timer = read_litchi(litchi_text(plan_with("dji-mini-4-pro", [little_sortie]), little_sortie))
    assert [actions(row) for row in by_timer] == [[(5, -90)], *[[]] * 7]
