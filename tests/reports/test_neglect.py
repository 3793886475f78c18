"""Neglected sites in the report: which rows, in which order, with the accuracy beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.register import Register
from pipeline.register.records import SiteConditionRecord
from reports.contents import Contents
from reports.neglect import neglect_rows
from reports.report import write_report
from reports.texts import Language


def condition(
    site: str, vegetation_m2: float, survey: str = "S", spread_m2: float = 0.0
) -> SiteConditionRecord:
    least_m2, most_m2 = vegetation_m2 - spread_m2, vegetation_m2 + spread_m2
    return SiteConditionRecord(survey, site, 3, 400.0, vegetation_m2, least_m2, most_m2)


def test_without_conditions_there_are_no_rows(make_contents: Callable[..., Contents]):
    assert neglect_rows(make_contents()) == ()


def test_each_site_has_its_newest_condition_the_most_overgrown_first(make_contents: Callable[..., Contents]):
    conditions = (condition("a", 80.0), condition("b", 40.0), condition("a", 20.0, "T", spread_m2=1.0))
    rows = neglect_rows(make_contents(conditions=conditions))
    assert [(row.site_name, row.condition.survey, row.photos_differ) for row in rows] == [
        ("b", "S", False),
        ("a", "T", True),
    ]


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (Language.ENGLISH, ["Surface condition", "6.3 %", "97.9 %", "88.2 %", "crown of a tree"]),
        (Language.INDONESIAN, ["Kondisi permukaan", "6,3 %", "97,9 %", "88,2 %", "Tajuk pohon"]),
    ],
)
def test_the_report_shows_share_and_accuracy(tmp_path: Path, language: Language, wanted: list[str]):
    site: dict[str, Any] = {"id": "yard", "name": "Lapangan Merdeka", "kind": "facility", "paved": 1}
    square = '{"type": "Polygon", "coordinates": [[[107, -6], [107.001, -6], [107.001, -6.001], [107, -6]]]}'
    row = {"survey": 1, "site": "yard", "photos": 4, "paved_seen_m2": 400.0, "vegetation_m2": 25.2}
    with Register.open(tmp_path / "r.db", create=True) as register:
        assert "neglect" not in page(register, tmp_path / "before", language)
        with register.transaction() as db:
            db.table("surveys").insert({"id": 1, "name": "S", "created_at": "2026-11-22T00:00:00.000Z"})
            db.table("sites").insert(site | {"geometry": square})
            db.table("site_conditions").insert(
                row | {"vegetation_least_m2": 20.0, "vegetation_most_m2": 31.0}
            )
        text = page(register, tmp_path / "after", language)
    assert [words for words in [*wanted, "Lapangan Merdeka"] if words not in text] == []


def page(register: Register, folder: Path, language: Language) -> str:
    return write_report(register, folder, language).pages[language].read_text(encoding="utf-8")
