"""What people decide about defects: states, the actions that lead from one to the next, events."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from pipeline.defects.severity import priority_of
from pipeline.register import Register
from pipeline.register.records import DefectRecord
from pipeline.register.times import now_text
from vision.errors import PantauError

STATES = ("new", "confirmed", "assigned", "repaired", "verified", "rejected", "duplicate", "reopened")


@dataclass(frozen=True)
class Action:
    """Something that a person does to a defect: from which states, and to which."""

    allowed_in: tuple[str, ...]
    leads_to: str


ACTIONS = {
    "confirm": Action(("new", "reopened", "rejected"), "confirmed"),
    "reject": Action(("new", "confirmed", "reopened"), "rejected"),
    "assign": Action(("confirmed", "assigned", "reopened"), "assigned"),
    "repair": Action(("confirmed", "assigned", "reopened"), "repaired"),
    "verify": Action(("repaired",), "verified"),
    "reopen": Action(("repaired", "verified", "rejected"), "reopened"),
}

UNDECIDED = "new"  # in every other state a person has said what the defect is: its kind stays
MENDED = ("repaired", "verified")


@dataclass(frozen=True)
class Decision:
    """An action by somebody, with a note and, for `assign`, the team or person it goes to."""

    action: str
    actor: str
    note: str | None = None
    assignee: str | None = None


def decide(register: Register, defect_ids: Sequence[str], decision: Decision) -> list[DefectRecord]:
    """Carry out a decision on several defects, all or none; returns them as they are now.

    Ids may be shortened as long as they stay unambiguous. Each change becomes an event.

    Raises PantauError when an id fits no defect or several, or when a defect's state does not
    allow the action: the message names the states that do.
    """
    with register.transaction() as db:
        defects = list({defect.id: defect for defect in map(register.defect, defect_ids)}.values())
        for defect in defects:
            require_allowed(defect, decision.action)
        for defect in defects:
            _carry_out(db, defect, decision)
    return [register.defect(defect.id) for defect in defects]


def _carry_out(db: Database, defect: DefectRecord, decision: Decision) -> None:
    after = ACTIONS[decision.action].leads_to
    assignee = decision.assignee or defect.assignee
    remarks = (f"to {decision.assignee}" if decision.assignee else None, decision.note)
    priority = priority_of(defect.kind, defect.size)
    db.table("defects").update(defect.id, {"status": after, "assignee": assignee, "priority": priority})
    db.table("events").insert(
        {
            "at": now_text(),
            "actor": decision.actor,
            "action": decision.action,
            "subject": defect.id,
            "old": defect.status,
            "new": after,
            "note": "; ".join(filter(None, remarks)) or None,
        }
    )


def require_allowed(defect: DefectRecord, action: str) -> None:
    """Raise PantauError unless the table of actions allows `action` in the defect's state."""
    allowed = ACTIONS[action].allowed_in
    if defect.status not in allowed:
        possible = [name for name, other in ACTIONS.items() if defect.status in other.allowed_in]
        raise PantauError(
            f"{defect.id}: is {defect.status}; `{action}` needs it to be {' or '.join(allowed)}. "
            f"Possible now: {', '.join(possible) or 'nothing'}."
        )


def require_state(name: str) -> None:
    """Raise PantauError, which lists the states, unless `name` is one of them."""
    if name not in STATES:
        raise PantauError(f"{name}: is no state of a defect; the states are {', '.join(STATES)}.")


def current_actor() -> str:
    """The name of the person at this computer, `unknown` where the system cannot tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
