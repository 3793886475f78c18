"""What a rule profile says about a plan: broken rules, things to know, and a checklist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """A leg that breaks a rule: which, where, the rule's article, and whether an approval is in hand."""

    rule: str
    leg: str
    what: str
    article: str
    permitted: bool = False


@dataclass(frozen=True)
class ChecklistItem:
    """Something that geometry cannot tell and a person must confirm before the flight."""

    rule: str
    text: str
    article: str


@dataclass(frozen=True)
class RuleReport:
    """A plan held against a profile; `notices` are sentences worth knowing (line of sight, daylight)."""

    profile: str
    violations: tuple[Violation, ...] = ()
    notices: tuple[str, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
