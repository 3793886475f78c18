"""What a plan's summary knows of a sortie; whatever is wrong with it, nothing is known."""

from __future__ import annotations

import json

import pytest

from flight.sortie_facts import SortieFacts, facts_of

SORTIE = {
    "files": {"plan": "sortie-01.plan", "waypoints": "sortie-01.waypoints"},
    "duration_s": 345,
    "battery_used": 0.23,
    "photos": 103,
    "return_height_m": 40.0,
}
OBSTACLES_KNOWN = {"obstacles_known": True}


@pytest.fixture
def facts(tmp_path):
    """The facts of sortie-01.plan beside a plan.json of this text."""

    def read(summary):
        text = summary if isinstance(summary, str) else json.dumps(summary)
        (tmp_path / "plan.json").write_text(text, encoding="utf-8")
        return facts_of(tmp_path / "sortie-01.plan")

    return read


def test_of_a_lone_file_nothing_is_known(tmp_path):
    assert facts_of(tmp_path / "survey.plan") == SortieFacts()


@pytest.mark.parametrize(
    "summary",
    [
        "",
        "no json",
        "[]",
        "{}",
        {"sorties": 5},
        {"sorties": [7, {}]},
        {"sorties": [{"files": "x"}]},
        {"sorties": [SORTIE | {"files": {"plan": "sortie-02.plan"}}], "surroundings": OBSTACLES_KNOWN},
    ],
)
def test_of_a_damaged_summary_or_an_unlisted_sortie_nothing_is_known(facts, summary):
    assert facts(summary) == SortieFacts()


def test_a_summary_that_is_no_text_is_not_known(tmp_path):
    (tmp_path / "plan.json").write_bytes(b"\xff\xfe\x00")
    assert facts_of(tmp_path / "sortie-01.plan") == SortieFacts()


def test_a_listed_sortie_is_known(facts):
    assert facts({"sorties": [SORTIE], "surroundings": OBSTACLES_KNOWN}) == SortieFacts(
        return_height_m=40.0, duration_s=345.0, endurance_s=1500.0, photos=103, obstacles_known=True
    )


@pytest.mark.parametrize("value", [None, "12", True, -1, 0, float("nan"), float("inf"), 10**400, [1]])
def test_a_figure_that_is_none_is_not_known(facts, value):
    read = facts({"sorties": [SORTIE | {"duration_s": value}]})
    assert (read.duration_s, read.endurance_s) == (None, None)
    assert read.photos == 103


@pytest.mark.parametrize(
    "surroundings", [None, [], {}, {"obstacles_known": False}, {"obstacles_known": "yes"}]
)
def test_obstacles_are_known_only_where_the_plan_says_so(facts, surroundings):
    assert not facts({"sorties": [SORTIE], "surroundings": surroundings}).obstacles_known
