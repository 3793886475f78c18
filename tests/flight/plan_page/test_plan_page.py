"""plan.html: whole, self-contained, and with everything in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from flight.plan_page.page import write_plan_page
from flight.plan_page.sheet import write_operator_sheet
from flight.planning.plan import Pass, Plan, Sortie, Waypoint
from pipeline.sites.site_reading import Site
from vision.errors import PantauError

ReadPage = Callable[..., Any]
LANGUAGES = ("en", "id")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["bare_plan", "rich_plan"])
def test_the_page_is_well_formed(
    which: str, language: str, read_page: ReadPage, request: pytest.FixtureRequest
) -> None:
    page = read_page(write_plan_page, request.getfixturevalue(which), language)
    assert page.wrong == []
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for _, attrs in page.tags if "href" in attrs]
    assert {link[1:] for link in links} <= set(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_loaded_from_anywhere(language: str, rich_plan: Plan, read_page: ReadPage) -> None:
    page = read_page(write_plan_page, rich_plan, language)
    addresses = [
        value for _, attrs in page.tags for name, value in attrs.items() if name in ("src", "href", "data")
    ]
    assert all(address.startswith("#") for address in addresses)
    policy = next(attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs)
    assert "default-src 'none'" in policy and "sha256-" in policy


def test_every_warning_and_every_rule_is_there(rich_plan: Plan, read_page: ReadPage) -> None:
    text = read_page(write_plan_page, rich_plan).text
    rules = rich_plan.rules
    assert rules is not None
    said = [*rich_plan.warnings, *rich_plan.remarks, *rules.notices]
    said += [f"{item.text} {item.article}" for item in rules.checklist]
    assert [sentence for sentence in said if sentence not in text] == []
    assert "Rules are broken: 1." in text and "Allowed by an approval in hand" in text


def test_what_nobody_told_stands_on_top(bare_plan: Plan, rich_plan: Plan, read_page: ReadPage) -> None:
    bare, rich = (read_page(write_plan_page, plan).text for plan in (bare_plan, rich_plan))
    for words in ("Obstacles were not considered.", "assumed to be flat", "No zones were given", "not held"):
        assert words in bare[: bare.index("At a glance 1")]
        assert words not in rich


def test_a_warning_in_other_words_is_never_dropped(bare_plan: Plan, read_page: ReadPage) -> None:
    plan = replace(bare_plan, warnings=("no obstacle data: look", "no obstacles near the school are known"))
    text = read_page(write_plan_page, plan).text
    assert "no obstacles near the school are known" in text and "no obstacle data: look" not in text
    known = read_page(write_plan_page, replace(plan, obstacles_known=True)).text
    assert "no obstacle data: look" in known


def test_every_sortie_is_in_the_table_on_the_map_and_in_a_profile(
    rich_plan: Plan, read_page: ReadPage
) -> None:
    sortie = rich_plan.sorties[0]
    plan = replace(rich_plan, sorties=tuple(replace(sortie, number=number) for number in range(1, 10)))
    page = read_page(write_plan_page, plan)
    numbers = {str(number) for number in range(1, 10)}
    for name in ("sortie", "badge", "profile", "transit"):
        assert {attrs["data-sortie"] for attrs in page.classes(name)} == numbers, name
    assert {
        attrs["data-sortie"] for tag, attrs in page.tags if tag == "tr" and "data-sortie" in attrs
    } == numbers
    assert "sortie-09.plan .waypoints" in page.text and "Profiles of the other 3 sorties" in page.text


def test_names_are_text_and_never_markup(bare_plan: Plan, read_page: ReadPage) -> None:
    nasty = "<script>alert(1)</script>"
    sites = (replace(bare_plan.sites[0], name=nasty), *bare_plan.sites[1:])
    plan = replace(bare_plan, sites=sites, warnings=(nasty,), remarks=(nasty,))
    page = read_page(write_plan_page, plan)
    assert page.wrong == []
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert page.text.count(nasty) >= 3


def test_the_worst_site_comes_first(rich_plan: Plan, read_page: ReadPage) -> None:
    text = read_page(write_plan_page, rich_plan).text
    table = text[text.index("How well each site") :]
    assert table.index("Jalan Dua") < table.index("Jalan Satu")
    assert "Jalan Dua id-Jalan Dua 90% 5.5 (from 2 to 9)" in table
    assert "2 of 3 sites wholly photographed" in text


def test_numbers_follow_the_language(bare_plan: Plan, read_page: ReadPage) -> None:
    plan = replace(bare_plan, lower_bound_m=bare_plan.distance_m / 1.0734)
    assert "7.3% longer than the shortest" in read_page(write_plan_page, plan, "en").text
    assert "7,3% lebih panjang dari yang terpendek" in read_page(write_plan_page, plan, "id").text


def test_unknown_languages_are_refused(bare_plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(PantauError, match=r"unknown language 'fr'.*en and id"):
        write_plan_page(bare_plan, tmp_path / "plan.html", "fr")
    assert list(tmp_path.iterdir()) == []


def test_a_page_of_1700_passes_stays_small(bare_plan: Plan, read_page: ReadPage, tmp_path: Path) -> None:
    passes = [curved(number) for number in range(1700)]
    sites = tuple(replace(bare_plan.sites[0], id=flown.site, name=f"Jalan {flown.site}") for flown in passes)
    template = bare_plan.sorties[0]
    sorties = tuple(sortie_of(template, n // 20 + 1, passes[n : n + 20]) for n in range(0, 1700, 20))
    page = read_page(
        write_plan_page, replace(bare_plan, sites=sites, sorties=sorties, covered={}, warnings=())
    )
    assert (tmp_path / "page.html").stat().st_size < 3_000_000
    assert len(page.classes("sortie")) == 85 and page.wrong == []


def curved(number: int) -> Pass:
    """A pass of ten bends, in a grid of 40 × 40."""
    south, west = -6.9 + number // 40 * 0.002, 107.5 + number % 40 * 0.002
    way = tuple(Waypoint(south + 0.0001 * (n % 2), west + 0.00015 * n, 20.0) for n in range(10))
    return Pass(f"{number}#1", str(number), way, 170.0, 4.0, ())


def sortie_of(template: Sortie, number: int, passes: list[Pass]) -> Sortie:
    """A sortie over these passes."""
    above = Waypoint(template.home.lat, template.home.lon, 20.0)
    between = [(here.waypoints[-1], there.waypoints[0]) for here, there in pairwise(passes)]
    transits = ((above, passes[0].waypoints[0]), *between, (passes[-1].waypoints[-1], above))
    return replace(template, number=number, passes=tuple(passes), transits=transits)


@pytest.mark.parametrize("write", [write_plan_page, write_operator_sheet])
def test_a_plan_with_nothing_to_fly(
    write: Callable[[Plan, Path, str], None], bare_plan: Plan, read_page: ReadPage
) -> None:
    plan = replace(bare_plan, sorties=(), covered={}, lower_bound_m=0.0)
    assert read_page(write, plan).wrong == []


def test_a_single_tiny_site_can_be_drawn(bare_plan: Plan, read_page: ReadPage) -> None:
    sites: tuple[Site, ...] = bare_plan.sites[2:]
    passes = [flown for flown in bare_plan.sorties[0].passes if flown.site == "id-park"][:1]
    plan = replace(bare_plan, sites=sites, sorties=(sortie_of(bare_plan.sorties[0], 1, passes),))
    assert "Flight plan: 1 facility" in read_page(write_plan_page, plan).text
