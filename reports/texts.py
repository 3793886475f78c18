"""The report's texts in Indonesian and English, read from texts.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any


class Language(StrEnum):
    """A language that reports are written in, by its ISO 639-1 code."""

    INDONESIAN = "id"
    ENGLISH = "en"

    @property
    def other(self) -> Language:
        """The other one of the two."""
        return Language.ENGLISH if self is Language.INDONESIAN else Language.INDONESIAN


@dataclass(frozen=True)
class Texts:
    """All texts in one language; `texts("map.title")` gives one."""

    language: Language
    entries: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key ("section.name") with {names} filled in; KeyError if there is none."""
        text = self.entries[key]
        return text.format(**values) if values else text

    def code(self, section: str, code: str) -> str:
        """The text of a code from the register, or the code itself where it has no text."""
        return self.entries.get(f"{section}.{code}", code)


def texts_in(language: Language) -> Texts:
    """The texts in a language."""
    return Texts(
        language,
        {
            f"{section}.{name}": translations[language.value]
            for section, names in _all_texts().items()
            for name, translations in names.items()
        },
    )


@cache
def _all_texts() -> dict[str, Any]:
    from importlib.resources import files

    return tomllib.loads(files("reports").joinpath("texts.toml").read_text(encoding="utf-8"))
