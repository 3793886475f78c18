"""The texts of a plan's pages in English and Indonesian, read from texts.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from vision.errors import PantauError

LANGUAGES = ("en", "id")


@dataclass(frozen=True)
class Texts:
    """All texts in one language (an ISO 639-1 code); `texts("map.title")` gives one."""

    language: str
    entries: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key ("section.name") with {names} filled in; KeyError if there is none."""
        text = self.entries[key]
        return text.format(**values) if values else text

    def code(self, section: str, code: str, otherwise: str | None = None) -> str:
        """The text of a code of the plan; `otherwise`, or the code itself, where it has no text."""
        return self.entries.get(f"{section}.{code}", code if otherwise is None else otherwise)


def texts_in(language: str) -> Texts:
    """The texts in a language; PantauError when pages are not written in it."""
    if language not in LANGUAGES:
        raise PantauError(
            f"unknown language {language!r}: pages are written in {' and '.join(LANGUAGES)}; choose one."
        )
    entries = {
        f"{section}.{name}": translations[language]
        for section, names in _all_texts().items()
        for name, translations in names.items()
    }
    return Texts(language, entries)


@cache
def _all_texts() -> dict[str, Any]:
    return tomllib.loads(files("flight.plan_page").joinpath("texts.toml").read_text(encoding="utf-8"))
