"""Every text exists in both languages, and the pages ask for none that does not."""

import re
import string
import tomllib
from importlib.resources import files

import pytest

from pipeline.defects.review import STATES
from pipeline.reasons import REJECTED, REMARKS
from reports.kind_looks import remark_text
from reports.texts import Language, texts_in

TEXTS = tomllib.loads(files("reports").joinpath("texts.toml").read_text(encoding="utf-8"))
TRANSLATIONS = {f"{section}.{name}": both for section, names in TEXTS.items() for name, both in names.items()}


@pytest.mark.parametrize("key", TRANSLATIONS)
def test_a_text_is_in_both_languages_with_the_same_fields(key: str) -> None:
    both = TRANSLATIONS[key]
    assert set(both) == {"id", "en"}
    assert all(text.strip() for text in both.values())
    assert _fields(both["id"]) == _fields(both["en"])


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_templates_name_only_texts_that_exist() -> None:
    templates = files("reports").joinpath("templates")
    pages = "".join(file.read_text(encoding="utf-8") for file in templates.iterdir() if "j2" in file.name)
    named = set(re.findall(r"""\bt\(["']([\w.]+\w)["'](?! ~)""", pages))
    assert len(named) > 60
    assert named <= set(TRANSLATIONS)


def test_every_text_is_used() -> None:
    templates = files("reports").joinpath("templates")
    pages = "".join(file.read_text(encoding="utf-8") for file in templates.iterdir() if "j2" in file.name)
    by_code = ("severity.", "status.", "reason.", "remark.", "picture.", "reading.", "map.road_")
    unused = [key for key in TRANSLATIONS if key not in pages and not key.startswith(by_code)]
    assert unused == []


@pytest.mark.parametrize("language", Language)
def test_every_code_of_the_register_has_a_text(language: Language) -> None:
    texts = texts_in(language)
    codes = [("reason", REJECTED), ("remark", REMARKS), ("status", STATES), ("severity", ("low", "high"))]
    missing = [f"{section}.{code}" for section, names in codes for code in names]
    assert [key for key in missing if key not in texts.entries] == []


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert texts_in(Language.INDONESIAN).code("reason", "eaten_by_goat") == "eaten_by_goat"


def test_values_are_filled_in() -> None:
    assert texts_in(Language.ENGLISH)("summary.photos_rejected", count=3) == "3 rejected"


def test_a_remark_that_names_a_kind_names_it_in_both_languages():
    told = [remark_text("too_coarse_for:pothole", texts_in(language)) for language in Language]
    assert "lubang" in told[0] and "pothole" in told[1]
    assert remark_text("tilted", texts_in(Language.ENGLISH)).startswith("the camera looked")
