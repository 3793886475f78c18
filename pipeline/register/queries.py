"""Reading the register: rows to records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from pipeline.register.records import (
    CoverageRecord,
    DefectRecord,
    EventRecord,
    ObservationRecord,
    PhotoRecord,
    ProposalRecord,
    RunRecord,
    SiteRecord,
    SurveyRecord,
)

Row = dict[str, Any]
Parameters = Sequence[Any] | dict[str, Any]

_PHOTOS = """
SELECT photos.id, surveys.name AS survey, run, path, taken_at, lat, lon, alt_agl_m, yaw_deg, pitch_deg,
    roll_deg, sigma_position_m, camera, width_px, height_px, gsd_cm, footprint, status,
    reason, detail, remarks
FROM photos JOIN surveys ON surveys.id = photos.survey
"""
_OBSERVATIONS = """
SELECT observations.*, detections.photo, detections.outline_px
FROM observations
JOIN detections ON detections.id = observations.detection
JOIN photos ON photos.id = detections.photo
"""
_RUNS = """
SELECT runs.id, surveys.name AS survey, model, model_sha256, settings, version, state, started_at, ended_at
FROM runs JOIN surveys ON surveys.id = runs.survey
"""
_COVERAGE = """
SELECT surveys.name AS survey, site, covered_m, total_m, covered_m2, total_m2, looks_fewest, looks_median,
    gaps
FROM coverage JOIN surveys ON surveys.id = coverage.survey
"""
IN_ORDER_OF_TIME = "ORDER BY photos.taken_at IS NULL, photos.taken_at, photos.id"


def read_defects(db: Database, where: str = "", parameters: Parameters = ()) -> list[DefectRecord]:
    """Defects, the most urgent first."""
    rows = _rows(db, f"SELECT * FROM defects {where} ORDER BY priority DESC, id", parameters)
    return [DefectRecord(**row) for row in rows]


def read_observations(db: Database, where: str = "", parameters: Parameters = ()) -> list[ObservationRecord]:
    """Observations in the order in which their photos were taken."""
    rows = _rows(db, f"{_OBSERVATIONS} {where} {IN_ORDER_OF_TIME}, observations.detection", parameters)
    return [_observation(row) for row in rows]


def read_photos(
    db: Database, folder: Path, where: str = "", parameters: Parameters = ()
) -> list[PhotoRecord]:
    """Photos in the order in which they were taken; `folder` is the one that holds the register."""
    return [_photo(row, folder) for row in _rows(db, f"{_PHOTOS} {where} {IN_ORDER_OF_TIME}", parameters)]


def read_surveys(db: Database) -> list[SurveyRecord]:
    """Surveys in the order in which they entered the register."""
    return [SurveyRecord(**row) for row in _rows(db, "SELECT * FROM surveys ORDER BY id")]


def read_runs(db: Database) -> list[RunRecord]:
    """Runs, the oldest first."""
    rows = _rows(db, f"{_RUNS} ORDER BY runs.id")
    return [RunRecord(**row | {"settings": json.loads(row["settings"])}) for row in rows]


def read_sites(db: Database) -> list[SiteRecord]:
    """Sites, sorted by id."""
    rows = _rows(db, "SELECT * FROM sites ORDER BY id")
    return [
        SiteRecord(**row | {"paved": bool(row["paved"]), "geometry": json.loads(row["geometry"])})
        for row in rows
    ]


def read_coverage(db: Database, where: str = "", parameters: Parameters = ()) -> list[CoverageRecord]:
    """Coverage by survey, in the order in which these entered the register, and site."""
    rows = _rows(db, f"{_COVERAGE} {where} ORDER BY coverage.survey, site", parameters)
    return [CoverageRecord(**row | {"gaps": json.loads(row["gaps"])}) for row in rows]


def read_events(db: Database, where: str = "", parameters: Parameters = ()) -> list[EventRecord]:
    """Events, the oldest first."""
    return [EventRecord(**row) for row in _rows(db, f"SELECT * FROM events {where} ORDER BY id", parameters)]


def read_proposals(db: Database) -> list[ProposalRecord]:
    """Proposals, the oldest first."""
    return [ProposalRecord(**row) for row in _rows(db, "SELECT * FROM proposals ORDER BY id")]


def _rows(db: Database, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
    return db.query(sql, parameters)


def _observation(row: Row) -> ObservationRecord:
    outline = tuple((float(x), float(y)) for x, y in json.loads(row["outline_px"]))
    return ObservationRecord(**row | {"footprint": json.loads(row["footprint"]), "outline_px": outline})


def _photo(row: Row, folder: Path) -> PhotoRecord:
    return PhotoRecord(
        **row
        | {
            "path": folder / row["path"],
            "footprint": json.loads(row["footprint"]) if row["footprint"] else None,
            "remarks": tuple(json.loads(row["remarks"])),
        }
    )
