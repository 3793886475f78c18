"""Plans to show, and how pages are read in tests."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from shapely import LineString, Point, box

from flight.fleet import find_drone
from flight.planning.plan import Looks, Plan, ProfilePoint, Sortie
from flight.planning.settings import PlanSettings
from flight.planning.survey import plan_survey
from flight.rules.airspace import Zone
from flight.rules.rule_report import ChecklistItem, RuleReport, Violation
from pipeline.sites.site_reading import Site

APART = {"td", "th", "dd", "dt", "li", "p", "h1", "h2", "h3", "br"}
VOID = {"meta", "br", "img", "input", "hr", "link"}


class Page(HTMLParser):
    """A page as read by somebody strict: its tags, its attributes, its text, and what is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.wrong: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.wrong += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.words.append(" " if tag in APART else "")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else, line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self) -> str:
        """All text for people, white space squeezed."""
        return " ".join("".join(self.words).replace("\u00a0", " ").split())

    def classes(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of all tags of a class."""
        return [attrs for _, attrs in self.tags if name in (attrs.get("class") or "").split()]


def site(name: str, *east_north_m: tuple[float, float], width_m: float = 6.0) -> Site:
    """A road, in metres from 6.87° S, 107.5° E."""
    places = [(107.5 + east / 110_500, -6.87 + north / 110_600) for east, north in east_north_m]
    return Site(f"id-{name}", name, "road", LineString(places), width_m=width_m)


def park() -> Site:
    """A facility of 60 m beside the roads."""
    outline = box(107.5 + 320 / 110_500, -6.87, 107.5 + 380 / 110_500, -6.87 + 60 / 110_600)
    return Site("id-park", "Taman & Kota", "facility", outline)


@pytest.fixture(scope="session")
def make_plan() -> Callable[..., Plan]:
    """Plan two roads and a park for a drone, as quickly as it goes."""

    def make(drone: str = "simulated-quad", **settings: object) -> Plan:
        sites = [site("Jalan Satu", (0, 0), (300, 0)), site("Jalan Dua", (0, 80), (300, 120)), park()]
        wanted = PlanSettings(solver_iterations=20, **settings)  # type: ignore[arg-type]
        return plan_survey(sites, find_drone(drone), wanted)

    return make


@pytest.fixture(scope="session")
def bare_plan(make_plan: Callable[..., Plan]) -> Plan:
    """A plan of which nobody has told anything but the sites."""
    plan = make_plan()
    sorties = tuple(replace(sortie, profile=()) for sortie in plan.sorties)
    return replace(plan, sorties=sorties, looks={}, zones=(), rules=None, obstacles_known=False)


@pytest.fixture(scope="session")
def rich_plan(bare_plan: Plan) -> Plan:
    """The same plan with everything that a plan can hold."""
    area = Point(107.5005, -6.8695).buffer(0.0005)
    return replace(
        bare_plan,
        sorties=tuple(with_profile(sortie) for sortie in bare_plan.sorties),
        zones=(
            Zone("z1", "Bandara", "airport", area, 0.0, math.inf),
            Zone("z2", "Helipad", "helipad", area, 30.0, 150.0),
        ),
        rules=RuleReport(
            "indonesia",
            violations=(
                Violation("ceiling", "sortie 1, pass a#1", "is too high", "PM 37/2020, 2.1.1.2"),
                Violation("helipad", "sortie 1, return", "crosses Helipad", "PM 37/2020, 2.2.2", True),
            ),
            notices=("sortie 1 goes out of sight",),
            checklist=(ChecklistItem("pilot", "The pilot is certified.", "PKPS 107, 107.12"),),
        ),
        looks={each.id: Looks(2, 5.5, 9) for each in bare_plan.sites},
        covered={**bare_plan.covered, "id-Jalan Dua": 0.9},
        ground_known=True,
        obstacles_known=True,
        warnings=("beware of the goat", "beware of <the> wind"),
        remarks=("left out: 3 exact duplicates",),
    )


def with_profile(sortie: Sortie) -> Sortie:
    """A sortie over a hill of 5 m with a tree on it."""
    points = (
        ProfilePoint(0.0, 20.0, 0.0, None),
        ProfilePoint(sortie.distance_m / 2, 25.0, 5.0, 13.0),
        ProfilePoint(sortie.distance_m, 20.0, 0.0, None),
    )
    return replace(sortie, profile=points)


@pytest.fixture
def read_page(tmp_path: Path) -> Callable[..., Page]:
    """Write a page of a plan with one of the writers, and read it."""

    def read(write: Callable[[Plan, Path, str], None], plan: Plan, language: str = "en") -> Page:
        write(plan, tmp_path / "page.html", language)
        page = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
        assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
        return page

    return read
