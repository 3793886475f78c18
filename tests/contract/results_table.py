"""What the contract suite found out about a vehicle: cases, failures survived, and what was not run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Case:
    """One case: `state` is `passed`, `failed` or `not run`; `failure` what was injected, if anything."""

    name: str
    state: str
    seconds: float
    failure: str | None = None
    reason: str = ""


@dataclass
class Results:
    """All cases of a session, in the order in which they ran."""

    vehicle: str = "not reached"
    time_factor: float = 0.0
    cases: dict[str, Case] = field(default_factory=dict)

    def add(self, case_id: str, case: Case) -> None:
        """Take a case's result; one that has failed before stays failed, its seconds add up."""
        known = self.cases.get(case_id)
        if known is None:
            self.cases[case_id] = case
            return
        known.seconds += case.seconds
        if case.state != "passed" and known.state == "passed":
            known.state, known.reason = case.state, case.reason

    def of_state(self, state: str) -> list[Case]:
        """The cases that ended so."""
        return [case for case in self.cases.values() if case.state == state]

    @property
    def failures(self) -> list[Case]:
        """The cases that inject a failure."""
        return [case for case in self.cases.values() if case.failure]

    def to_document(self) -> dict[str, Any]:
        """For a JSON file."""
        passed, failed, not_run = map(self.of_state, ("passed", "failed", "not run"))
        return {
            "vehicle": self.vehicle,
            "time_factor": self.time_factor,
            "cases": len(self.cases),
            "passed": len(passed),
            "failed": [asdict(case) for case in failed],
            "not_run": [asdict(case) for case in not_run],
            "failures": [
                {"failure": case.failure, "case": case.name, "state": _SURVIVED[case.state]}
                for case in self.failures
            ],
            "seconds": round(sum(case.seconds for case in self.cases.values()), 1),
        }

    def write(self, file: Path) -> None:
        """As JSON."""
        text = json.dumps(self.to_document(), ensure_ascii=False, indent=1)
        file.write_text(text + "\n", encoding="utf-8")

    def lines(self) -> list[str]:
        """For people."""
        passed, failed, not_run = map(self.of_state, ("passed", "failed", "not run"))
        lines = [
            f"Vehicle: {self.vehicle}, clock × {self.time_factor:g}. {len(self.cases)} cases: {len(passed)} "
            f"passed, {len(failed)} failed, {len(not_run)} not run."
        ]
        if self.failures:
            lines += ["", "Failures injected:"]
            lines += [f"  {_SURVIVED[case.state]:13} {case.failure}" for case in self.failures]
        if not_run:
            lines += ["", "Not run:", *(f"  {case.name}: {case.reason}" for case in not_run)]
        if failed:
            lines += ["", "Failed:", *(f"  {case.name}" for case in failed)]
        return lines


_SURVIVED = {"passed": "survived", "failed": "NOT SURVIVED", "not run": "not run"}
