"""The operator's sheet: what a person does, sortie by sortie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flight.plan_page.operator_work import camera_runs, pass_rows
from flight.plan_page.plus_code import plus_code
from flight.plan_page.sheet import write_operator_sheet
from flight.planning.plan import Plan, Sortie, Waypoint
from vision.errors import PantauError

ReadPage = Callable[..., Any]


@pytest.fixture(scope="module")
def timer_plan(make_plan: Callable[..., Plan]) -> Plan:
    return make_plan("dji-mini-4-pro")


def looking_at_a_wall(sortie: Sortie) -> Sortie:
    last = replace(sortie.passes[-1], look_at=Waypoint(-6.87, 107.503, 4.0))
    return replace(sortie, passes=(*sortie.passes[:-1], last))


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("which", ["bare_plan", "rich_plan", "timer_plan"])
def test_the_sheet_is_well_formed(
    which: str, language: str, read_page: ReadPage, request: pytest.FixtureRequest
) -> None:
    page = read_page(write_operator_sheet, request.getfixturevalue(which), language)
    assert page.wrong == []
    assert [tag for tag, _ in page.tags].count("script") == 0
    assert all(attrs["href"].startswith("#") for _, attrs in page.tags if "href" in attrs)


def test_the_cover_has_every_warning_and_something_to_tick(rich_plan: Plan, read_page: ReadPage) -> None:
    page = read_page(write_operator_sheet, rich_plan)
    assert all(warning in page.text for warning in rich_plan.warnings)
    assert "The pilot is certified. PKPS 107, 107.12" in page.text
    assert "Broken: sortie 1, pass a#1 is too high PM 37/2020, 2.1.1.2" in page.text
    assert len(page.classes("ticks")) == 3 and "Signature" in page.text


def test_a_sheet_without_rules_says_so(bare_plan: Plan, read_page: ReadPage) -> None:
    text = read_page(write_operator_sheet, bare_plan).text
    assert "was not held against flight rules" in text
    assert "The plan knows of no obstacles." in text
    assert "20 m above ground, and 5 m must stay clear" in text and "none rises above 15 m" in text


def test_every_sortie_has_its_page(bare_plan: Plan, read_page: ReadPage) -> None:
    plan = replace(bare_plan, sorties=tuple(replace(bare_plan.sorties[0], number=n) for n in (1, 2, 3)))
    page = read_page(write_operator_sheet, plan)
    assert len(page.classes("paper")) == 4
    for number in (1, 2, 3):
        assert f"Sortie {number} of 3" in page.text and f"sortie-0{number}.plan" in page.text


def test_a_sortie_tells_where_to_launch_and_how_high_to_return(bare_plan: Plan, read_page: ReadPage) -> None:
    sortie = replace(bare_plan.sorties[0], return_height_m=31.2)
    text = read_page(write_operator_sheet, replace(bare_plan, sorties=(sortie,))).text
    assert f"{sortie.home.lat:.6f}, {sortie.home.lon:.6f}" in text
    assert plus_code(sortie.home.lat, sortie.home.lon) in text
    assert "return height to 32 m: RTL_ALT = 3200 (centimetres)" in text
    assert "1/1000 s or shorter" in text and f"Photos taken (plan: {sortie.photo_count})" in text


def test_whoever_flies_a_timer_drone_reads_when_to_press(timer_plan: Plan, read_page: ReadPage) -> None:
    runs = camera_runs(timer_plan, timer_plan.sorties[0])
    text = read_page(write_operator_sheet, timer_plan).text
    assert "choose timed shot (interval), 2 s, never longer" in text
    for run in runs:
        assert f"waypoint {run.start_waypoint}, {run.first.begins_m_away:.0f} m from launch" in text
        assert f"waypoint {run.stop_waypoint}, {run.last.ends_m_away:.0f} m from launch" in text
    assert "return height (RTH) on the remote" in text and "DJI Fly cannot import" in text
    assert "wind is above 10.7 m/s" in text and "nobody presses anything" not in text
    assert "Tekan MULAI sebelum" in read_page(write_operator_sheet, timer_plan, "id").text


def test_every_pass_is_in_exactly_one_run_of_the_camera(timer_plan: Plan) -> None:
    for sortie in timer_plan.sorties:
        runs = camera_runs(timer_plan, sortie)
        numbers = [n for run in runs for n in range(run.first.number, run.last.number + 1)]
        assert numbers == list(range(1, len(sortie.passes) + 1))
        assert all(run.start_waypoint < run.stop_waypoint for run in runs)
        # Photos of the timer lie at least as close as the plan asks.
        flown_m = sum(flown.length_m for flown in sortie.passes)
        assert sum(run.photos for run in runs) >= flown_m / timer_plan.swath.photo_spacing_m


@pytest.mark.parametrize(
    ("drone", "words"),
    [
        ("simulated-quad", "takes a photo every"),
        ("dji-mini-4-pro-waypoint-photos", "stops at each waypoint of a pass and takes a photo"),
    ],
)
def test_whoever_presses_nothing_reads_what_to_see(
    drone: str, words: str, make_plan: Callable[..., Plan], read_page: ReadPage
) -> None:
    plan = make_plan(drone)
    text = read_page(write_operator_sheet, plan).text
    assert words in text and "nobody presses anything" in text and "Press START" not in text
    first = plan.sorties[0].passes[0]
    assert f"{first.length_m:.0f} m · {len(first.photos)} photos" in text


@pytest.mark.parametrize(
    ("drone", "words"), [("simulated-quad", "turns up by itself"), ("dji-mini-4-pro", "by hand if")]
)
def test_faces_are_announced(
    drone: str, words: str, make_plan: Callable[..., Plan], read_page: ReadPage
) -> None:
    plan = make_plan(drone)
    plan = replace(plan, sorties=tuple(looking_at_a_wall(sortie) for sortie in plan.sorties))
    last = pass_rows(plan, plan.sorties[0])[-1]
    assert last.beside
    text = read_page(write_operator_sheet, plan).text
    assert f"Passes {last.number} fly beside the building and look at it" in text and words in text


def test_wind_is_told_as_planned(make_plan: Callable[..., Plan], read_page: ReadPage) -> None:
    plan = make_plan()
    calm = read_page(write_operator_sheet, plan).text
    assert "planned for calm air" in calm and "______ m/s" in calm
    windy = replace(plan, settings=replace(plan.settings, wind_ms=4.0))
    assert "planned for wind up to 4.0 m/s" in read_page(write_operator_sheet, windy).text


def test_names_are_text_on_the_sheet_too(bare_plan: Plan, read_page: ReadPage) -> None:
    nasty = "<script>alert(1)</script>"
    sites = tuple(replace(site, name=nasty) for site in bare_plan.sites)
    page = read_page(write_operator_sheet, replace(bare_plan, sites=sites, warnings=(nasty,)))
    assert page.wrong == [] and nasty in page.text
    assert [tag for tag, _ in page.tags].count("script") == 0


def test_a_sheet_in_an_unknown_language_is_refused(bare_plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(PantauError, match="unknown language 'xx'"):
        write_operator_sheet(bare_plan, tmp_path / "operator-sheet.html", "xx")
    assert list(tmp_path.iterdir()) == []
