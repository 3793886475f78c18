"""Surveys whose last run did not come to its end: what it saw may not be among the defects yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.register.records import RunRecord


def unfinished_surveys(runs: Iterable[RunRecord]) -> tuple[str, ...]:
    """Surveys of which the newest run was interrupted or is still running; `runs` with the oldest first."""
    newest = {run.survey: run for run in runs}
    return tuple(survey for survey, run in newest.items() if run.state != "done")


def unfinished_warning(surveys: Sequence[str]) -> str:
    """What a person is told of unfinished surveys, in a sentence."""
    return (
        f"the last inspection of {', '.join(surveys)} was interrupted or is still running: photos and "
        "defects may be missing; give `pantau inspect` the same photos again"
    )
