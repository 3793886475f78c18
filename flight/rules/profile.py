"""Rule profiles: what a country's rules ask of a flight, each rule with its article.

A profile is a TOML file. `title` and every rule's `text` are given in English (`en`) and Indonesian
(`id`). Each `[[rules]]` table has an `id`, the `article` that it comes from, `verify = true` until
somebody has read that article itself, and a `test`:

    ceiling         the highest height above ground is `limit_m`
    zones           zones of these `kinds` are closed, and `margin_m` beside them; "*" is any other kind
    line_of_sight   the vehicle is seen up to `limit_m` from the pilot; listed, not enforced
    daylight        flights between sunrise and sunset
    checklist       geometry cannot tell; a person confirms it

`approval` names who can lift a rule; a rule without it cannot be lifted. `open_kinds` of the profile are
kinds of zones that its rules leave open.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from vision.errors import PantauError

Test = Literal["ceiling", "zones", "line_of_sight", "daylight", "checklist"]
Language = Literal["en", "id"]

_FOLDER = Path(__file__).parent
_ANY_KIND = "*"
_NUMBERS = {"ceiling": ("limit_m",), "zones": ("kinds",), "line_of_sight": ("limit_m",)}


@dataclass(frozen=True)
class Rule:
    """One rule of a profile; see the module for what each `test` needs."""

    id: str
    test: Test
    text: Mapping[Language, str]
    article: str
    verify: bool = False
    approval: str = ""
    limit_m: float = 0.0
    kinds: tuple[str, ...] = ()
    margin_m: float = 0.0

    @property
    def citation(self) -> str:
        """The article, marked where nobody has read it itself."""
        return f"{self.article} (verify)" if self.verify else self.article

    def is_lifted(self, permits: Sequence[str], *zone_names: str) -> bool:
        """Whether an approval in hand names this rule, or one of these names of a zone under it."""
        in_hand = {permit.casefold() for permit in permits}
        return bool(self.approval) and bool(in_hand & {name.casefold() for name in (self.id, *zone_names)})


@dataclass(frozen=True)
class Profile:
    """The rules that a plan is held against."""

    name: str
    title: Mapping[Language, str]
    rules: tuple[Rule, ...]
    open_kinds: tuple[str, ...] = ()

    def tested(self, test: Test) -> tuple[Rule, ...]:
        """The rules of one test, in file order."""
        return tuple(rule for rule in self.rules if rule.test == test)

    def rule_for(self, kind: str) -> Rule | None:
        """The rule that closes zones of a kind; None where the profile leaves them open."""
        if kind in self.open_kinds:
            return None
        zones = self.tested("zones")
        named = (rule for rule in zones if kind in rule.kinds)
        others = (rule for rule in zones if _ANY_KIND in rule.kinds)
        return next(named, None) or next(others, None)


def profile_names() -> list[str]:
    """The names of the built-in profiles."""
    return sorted(file.stem for file in _FOLDER.glob("*.toml"))


def read_profile(name_or_path: str | Path) -> Profile:
    """Read a built-in profile by its name, or one's own from a TOML file.

    Raises PantauError, with the known names, when there is none, or when a rule lacks something.
    """
    file = _FOLDER / f"{name_or_path}.toml"
    if str(name_or_path) not in profile_names():
        file = Path(name_or_path)
        if not file.is_file():
            raise PantauError(
                f"unknown rule profile {str(name_or_path)!r}; known are {', '.join(profile_names())}, "
                "or name a TOML file of the same form."
            )
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PantauError(f"{file}: cannot be read as a rule profile ({error}); it must be TOML.") from error
    return _profile(file, table)


def _profile(file: Path, table: Mapping[str, Any]) -> Profile:
    rules = table.get("rules")
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        raise PantauError(f"{file}: has no [[rules]]; see the built-in {_FOLDER.name} for the form.")
    read = tuple(_rule(file, number, rule) for number, rule in enumerate(rules, start=1))
    ids = [rule.id for rule in read]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise PantauError(f"{file}: rule {twice[0]!r} stands there twice; give each an id of its own.")
    title = _texts(file, "the profile", table.get("title"))
    return Profile(file.stem, title, read, tuple(table.get("open_kinds", ())))


def _rule(file: Path, number: int, table: Mapping[str, Any]) -> Rule:
    who = f"rule {table.get('id', number)!r}"
    unknown = table.keys() - {field.name for field in fields(Rule)}
    if unknown:
        raise PantauError(f"{file}: {who} has unknown {', '.join(sorted(unknown))}; correct or remove it.")
    if table.get("test") not in get_args(Test):
        raise PantauError(f"{file}: {who} needs a test, one of {', '.join(get_args(Test))}.")
    missing = [
        name for name in ("id", "article", *_NUMBERS.get(table["test"], ())) if table.get(name) in (None, "")
    ]
    if missing:
        raise PantauError(f"{file}: {who} lacks {', '.join(missing)}; add it.")
    lengths = [table.get(name, 0.0) for name in ("limit_m", "margin_m")]
    if not all(isinstance(length, int | float) and length >= 0 for length in lengths):
        raise PantauError(f"{file}: {who} has a length that is no number of metres; correct it.")
    text = _texts(file, who, table.get("text"))
    return Rule(**{**table, "text": text, "kinds": tuple(table.get("kinds", ()))})


def _texts(file: Path, who: str, texts: object) -> Mapping[Language, str]:
    if not isinstance(texts, dict) or not all(isinstance(texts.get(name), str) for name in ("en", "id")):
        raise PantauError(f"{file}: {who} needs its words in English (en) and Indonesian (id).")
    return {"en": texts["en"], "id": texts["id"]}
