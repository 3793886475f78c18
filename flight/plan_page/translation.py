"""Sentences that a plan holds in English, in the language of a page.

Warnings, notices and checklists are sentences made elsewhere. sentences.toml has them as they are made,
with {names} where a value stands, beside their translation. A sentence that is not in it stays English:
better a foreign warning than none. The rules of the built-in profiles bring their own translations.
"""

from __future__ import annotations

import re
import string
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from flight.rules.profile import profile_names, read_profile


@dataclass(frozen=True)
class Sentence:
    """A sentence and the language that it is in."""

    text: str
    language: str


def in_language(english: str, language: str) -> Sentence:
    """An English sentence in a language, or as it is where nobody has translated it."""
    if language == "en":
        return Sentence(english, "en")
    if english in _rules(language):
        return Sentence(_rules(language)[english], language)
    for pattern, translation in _patterns(language):
        found = pattern.fullmatch(english)
        if found:
            values = {name: _value(text, language) for name, text in found.groupdict().items()}
            return Sentence(translation.format(**values), language)
    return Sentence(english, "en")


def _value(text: str, language: str) -> str:
    """A value of a sentence: a number with its decimal mark, a part that is a sentence itself, or a name."""
    if re.fullmatch(r"\d+\.\d+", text):
        return text.replace(".", ",")
    return in_language(text, language).text


@cache
def _rules(language: str) -> dict[str, str]:
    rules = [rule for name in profile_names() for rule in read_profile(name).rules]
    return {rule.text["en"]: rule.text["id"] for rule in rules}


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    text = files("flight.plan_page").joinpath("sentences.toml").read_text(encoding="utf-8")
    return tuple(
        (_pattern(sentence["en"]), sentence[language]) for sentence in tomllib.loads(text)["sentences"]
    )


def _pattern(english: str) -> re.Pattern[str]:
    parts = (
        re.escape(words) + (f"(?P<{name}>.+?)" if name else "")
        for words, name, _, _ in string.Formatter().parse(english)
    )
    return re.compile("".join(parts), re.DOTALL)
