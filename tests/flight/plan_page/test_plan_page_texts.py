"""Every text exists in both languages, and the pages ask for none that does not."""

from __future__ import annotations

import re
import string
import tomllib
from importlib.resources import files

import pytest

from flight.coverage.visibility import SMALLEST_DAMAGE
from flight.fleet import FILE_FORMATS, TRIGGERS
from flight.plan_page.number_format import NumberFormat
from flight.plan_page.texts import LANGUAGES, texts_in
from flight.plan_page.translation import Sentence, in_language
from flight.planning.plan import Plan
from flight.rules.profile import profile_names, read_profile

FOLDER = files("flight.plan_page")
TEXTS = tomllib.loads(FOLDER.joinpath("texts.toml").read_text(encoding="utf-8"))
TRANSLATIONS = {f"{section}.{name}": both for section, names in TEXTS.items() for name, both in names.items()}
SENTENCES = tomllib.loads(FOLDER.joinpath("sentences.toml").read_text(encoding="utf-8"))["sentences"]
ASKING = "".join(
    file.read_text(encoding="utf-8")
    for folder in (FOLDER, FOLDER.joinpath("templates"))
    for file in folder.iterdir()
    if file.name.endswith((".j2", ".py"))
)


@pytest.mark.parametrize("key", TRANSLATIONS)
def test_a_text_is_in_both_languages_with_the_same_fields(key: str) -> None:
    both = TRANSLATIONS[key]
    assert set(both) == set(LANGUAGES)
    assert all(text.strip() for text in both.values())
    assert fields_of(both["id"]) == fields_of(both["en"])


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence["en"][:40])
def test_a_translation_uses_only_what_its_sentence_has(sentence: dict[str, str]) -> None:
    assert fields_of(sentence["id"]) <= fields_of(sentence["en"])


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_pages_name_only_texts_that_exist() -> None:
    named = set(re.findall(r"""\b(?:t|texts)\(["']([\w.]+\w)["'](?! ~)""", ASKING))
    assert len(named) > 100
    assert named <= set(TRANSLATIONS)


def test_every_text_is_used() -> None:
    by_code = ("kind.", "wanted.", "load.", "camera.", "unit.", "page.")
    assert [key for key in TRANSLATIONS if key not in ASKING and not key.startswith(by_code)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_plan_has_a_text(language: str) -> None:
    entries = texts_in(language).entries
    wanted = [f"load.{name}" for name in FILE_FORMATS] + [f"camera.{name}" for name in ("distance", "action")]
    wanted += [f"{section}.{damage.kind}" for section in ("kind", "wanted") for damage in SMALLEST_DAMAGE]
    assert [key for key in wanted if key not in entries] == []
    assert set(TRIGGERS) == {"distance", "action", "timer"}


def test_what_an_inspection_must_find_is_what_the_plan_assumes() -> None:
    entries = texts_in("en").entries
    assert {damage.kind: entries[f"wanted.{damage.kind}"] for damage in SMALLEST_DAMAGE} == {
        damage.kind: damage.feature for damage in SMALLEST_DAMAGE
    }


def test_every_warning_of_a_bare_plan_is_translated(bare_plan: Plan) -> None:
    said = [in_language(warning, "id") for warning in bare_plan.warnings]
    assert said and [sentence.text for sentence in said if sentence.language != "id"] == []


def test_a_plan_too_coarse_for_the_detector_says_so_in_both_languages() -> None:
    said = in_language("repair: is not found at all in photos coarser than 1.98 cm a pixel; fly lower", "id")
    assert said.language == "id" and "1,98 cm" in said.text


def test_sentences_keep_their_values() -> None:
    said = in_language("sharp photos allow only 1.4 m/s; fly higher or take a faster camera or shutter", "id")
    assert said.language == "id" and "1,4 m/s" in said.text
    leg = in_language("sortie 3, transit to way/12#2", "id")
    assert leg == Sentence("sorti 3, perpindahan ke way/12#2", "id")


def test_a_sentence_that_nobody_translated_stays_english() -> None:
    assert in_language("beware of the goat", "id") == Sentence("beware of the goat", "en")
    assert in_language("beware of the goat", "en") == Sentence("beware of the goat", "en")


def test_the_rules_bring_their_translations() -> None:
    for name in profile_names():
        for rule in read_profile(name).rules:
            assert in_language(rule.text["en"], "id") == Sentence(rule.text["id"], "id")


def test_numbers_are_written_as_people_do() -> None:
    english, indonesian = (NumberFormat(texts_in(language)) for language in ("en", "id"))
    assert english.number(12345.67, 1) == "12,345.7" and indonesian.number(12345.67, 1) == "12.345,7"
    assert english.distance(940).replace("\u00a0", " ") == "940 m"
    assert indonesian.distance(2410).replace("\u00a0", " ") == "2,41 km"
    assert english.metres_up(30.01).replace("\u00a0", " ") == "31 m"
    assert english.percent(0.9999) == "99%" and english.percent(1.0) == "100%"
    assert english.exposure(1 / 800).replace("\u00a0", " ") == "1/800 s"
    assert indonesian.duration(59.7).replace("\u00a0", " ") == "1 mnt 00 dtk"
    assert english.number(-0.04, 1) == "0.0"
