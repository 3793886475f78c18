"""What a rule profile says about a plan: broken rules, things to know, and a checklist."""

from __future__ import annotations

from dataclasses import dataclass

from vision.errors import PantauError


@dataclass(frozen=True)
class Violation:
    """A leg that breaks a rule: which, where, the rule's article, and whether an approval is in hand.

    `permit` is what `--permit` takes to lift it, empty where no approval can.
    """

    rule: str
    leg: str
    what: str
    article: str
    permitted: bool = False
    permit: str = ""


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

    @property
    def broken(self) -> tuple[Violation, ...]:
        """The violations that no approval covers."""
        return tuple(violation for violation in self.violations if not violation.permitted)


def refuse_violations(report: RuleReport) -> None:
    """Raise PantauError for the first violation that no approval covers; it says how many there are."""
    if not report.broken:
        return
    first = report.broken[0]
    more = len(report.broken) - 1
    others = f" (and {more} more such {'stretch' if more == 1 else 'stretches'})" if more else ""
    remedies = ["cut the site", "move the launch point"]
    if first.permit:
        remedies.append(f"give --permit {_quoted(first.permit)} when the approval is in hand")
    raise PantauError(
        f"{first.leg} {first.what}: rule {first.rule!r} of profile {report.profile!r}, "
        f"{first.article}{others}; {', '.join(remedies[:-1])} or {remedies[-1]}."
    )


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
