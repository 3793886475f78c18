"""What a register says in a few numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from pipeline.register.records import PhotoRecord, RunRecord
from pipeline.register.unfinished_runs import unfinished_surveys
from reports.contents import Contents
from reports.number_format import moment_of

SEVERITIES = ("high", "medium", "low")
STATUSES = ("new", "confirmed", "assigned", "reopened", "repaired", "verified")


@dataclass(frozen=True)
class KindRow:
    """How many defects of a kind there are, by severity in the order of `SEVERITIES`."""

    kind: str
    by_severity: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of the kind."""
        return sum(self.by_severity)


@dataclass(frozen=True)
class SurveyRow:
    """A survey: when its photos were taken, how many were used, and what read them, once a model."""

    name: str
    first_taken: datetime | None
    last_taken: datetime | None
    used: int
    rejected: int
    runs: tuple[RunRecord, ...]


@dataclass(frozen=True)
class Summary:
    """Counts of the ranked list, of what was set aside, of photos and of roads.

    Of each road counts the survey that was proved to show most of it. Of the surveys `unfinished`, photos and
    defects may be missing.
    """

    listed: int
    high: int
    unconfirmed: int
    rejected_defects: int
    duplicate_defects: int
    kinds: tuple[KindRow, ...]
    statuses: tuple[tuple[str, int], ...]
    used_photos: int
    rejected_photos: int
    rejection_reasons: tuple[tuple[str, int], ...]
    remarks: tuple[tuple[str, int], ...]
    surveys: tuple[SurveyRow, ...]
    unfinished: tuple[str, ...]
    road_length_m: float
    seen_road_length_m: float


def summarise(contents: Contents) -> Summary:
    """Count."""
    ranked = contents.ranked
    statuses = Counter(defect.status for defect in ranked)
    photos = Counter(photo.status for photo in contents.photos)
    aside = Counter(defect.status for defect in contents.set_aside)
    reasons = Counter(photo.reason or "?" for photo in contents.photos if photo.status == "rejected")
    remarks = Counter(remark for photo in contents.photos for remark in photo.remarks)
    coverage = {row.site: row for row in sorted(contents.coverage, key=lambda row: row.covered_m)}
    return Summary(
        listed=len(ranked),
        high=sum(defect.severity == "high" for defect in ranked),
        unconfirmed=statuses["new"],
        rejected_defects=aside["rejected"],
        duplicate_defects=aside["duplicate"],
        kinds=_kind_rows(contents),
        statuses=tuple((status, statuses[status]) for status in _in_order(statuses, STATUSES)),
        used_photos=photos["used"],
        rejected_photos=photos["rejected"],
        rejection_reasons=tuple(reasons.most_common()),
        remarks=tuple(remarks.most_common()),
        surveys=_survey_rows(contents),
        unfinished=unfinished_surveys(contents.runs),
        road_length_m=sum(best.total_m for best in coverage.values()),
        seen_road_length_m=sum(best.covered_m for best in coverage.values()),
    )


def _in_order(found: Counter[str], order: tuple[str, ...]) -> list[str]:
    """The codes that occur, known ones in their order, others after them."""
    return [code for code in order if code in found] + sorted(set(found) - set(order))


def _kind_rows(contents: Contents) -> tuple[KindRow, ...]:
    counts = Counter((defect.kind, defect.severity) for defect in contents.ranked)
    kinds = {kind for kind, _ in counts}
    rows = [KindRow(kind, tuple(counts[kind, severity] for severity in SEVERITIES)) for kind in kinds]
    return tuple(sorted(rows, key=lambda row: (-row.total, row.kind)))


def _survey_rows(contents: Contents) -> tuple[SurveyRow, ...]:
    return tuple(
        _survey_row(
            survey.name,
            [photo for photo in contents.photos if photo.survey == survey.name],
            [run for run in contents.runs if run.survey == survey.name],
        )
        for survey in contents.surveys
    )


def _survey_row(name: str, photos: list[PhotoRecord], runs: list[RunRecord]) -> SurveyRow:
    taken = [moment for photo in photos if (moment := moment_of(photo.taken_at))]
    latest_run_of_model = {run.model_sha256: run for run in runs}
    return SurveyRow(
        name,
        first_taken=min(taken, default=None),
        last_taken=max(taken, default=None),
        used=sum(photo.status == "used" for photo in photos),
        rejected=sum(photo.status == "rejected" for photo in photos),
        runs=tuple(latest_run_of_model.values()),
    )
