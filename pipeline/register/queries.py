"""Reading the register: rows to records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from pipeline.register.photo_paths import path_and_frame
from pipeline.register.records import (
    CoverageRecord,
    DefectRecord,
    DetectionRecord,
    EventRecord,
    ObservationRecord,
    PhotoRecord,
    ProposalRecord,
    RunRecord,
    SiteConditionRecord,
    SiteRecord,
    SurveyRecord,
)

Row = dict[str, Any]
Parameters = Sequence[Any] | dict[str, Any]

_PHOTOS = """
SELECT photos.id, surveys.name AS survey, run, path, taken_at, lat, lon, alt_agl_m, yaw_deg, pitch_deg,
    roll_deg, sigma_position_m, camera, width_px, height_px, gsd_cm, footprint, status,
    reason, detail, remarks, flight
FROM photos JOIN surveys ON surveys.id = photos.survey
"""
_OBSERVATIONS = """
SELECT observations.*, detections.photo, detections.outline_px
FROM observations
JOIN detections ON detections.id = observations.detection
JOIN photos ON photos.id = detections.photo
"""
_DETECTIONS = """
SELECT detections.id, detections.photo, detections.kind, detections.score, outline_px, observations.defect,
    observations.lat, observations.lon, observations.sigma_m
FROM detections LEFT JOIN observations ON observations.detection = detections.id
ORDER BY detections.photo, detections.id
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
_SITE_CONDITIONS = """
SELECT surveys.name AS survey, site, photos, paved_seen_m2, vegetation_m2, vegetation_least_m2,
    vegetation_most_m2
FROM site_conditions JOIN surveys ON surveys.id = site_conditions.survey
ORDER BY site_conditions.survey, site
"""
IN_ORDER_OF_TIME = "ORDER BY photos.taken_at IS NULL, photos.taken_at, photos.id"


def read_defects(db: Database, where: str = "", parameters: Parameters = ()) -> list[DefectRecord]:
    """Defects, the most urgent first."""
    rows = _rows(db, f"SELECT * FROM defects {where} ORDER BY priority DESC, id", parameters)
    return [DefectRecord(**row | {"outlined": bool(row["outlined"])}) for row in rows]


def read_observations(db: Database, where: str = "", parameters: Parameters = ()) -> list[ObservationRecord]:
    """Observations in the order in which their photos were taken."""
    rows = _rows(db, f"{_OBSERVATIONS} {where} {IN_ORDER_OF_TIME}, observations.detection", parameters)
    return [_observation(row) for row in rows]


def read_detections(db: Database) -> list[DetectionRecord]:
    """Detections with what became of them, by photo."""
    rows = _rows(db, _DETECTIONS)
    return [DetectionRecord(**row | {"outline_px": _outline(row["outline_px"])}) for row in rows]


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


def read_site_conditions(db: Database) -> list[SiteConditionRecord]:
    """Site conditions by survey, in the order in which these entered the register, and site."""
    return [SiteConditionRecord(**row) for row in _rows(db, _SITE_CONDITIONS)]


def read_events(db: Database, where: str = "", parameters: Parameters = ()) -> list[EventRecord]:
    """Events, the oldest first."""
    return [EventRecord(**row) for row in _rows(db, f"SELECT * FROM events {where} ORDER BY id", parameters)]


def read_proposals(db: Database) -> list[ProposalRecord]:
    """Proposals, the oldest first."""
    return [ProposalRecord(**row) for row in _rows(db, "SELECT * FROM proposals ORDER BY id")]


def _rows(db: Database, sql: str, parameters: Parameters = ()) -> Iterator[Row]:
    return db.query(sql, parameters)


def _outline(text: str) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in json.loads(text))


def _observation(row: Row) -> ObservationRecord:
    outline = _outline(row["outline_px"])
    return ObservationRecord(
        **row
        | {
            "footprint": json.loads(row["footprint"]),
            "outline_px": outline,
            "outlined": bool(row["outlined"]),
            "shared_m": tuple(map(tuple, json.loads(row["shared_m"]))) if row["shared_m"] else None,
        }
    )


def _photo(row: Row, folder: Path) -> PhotoRecord:
    path, frame = path_and_frame(row["path"], folder)
    return PhotoRecord(
        **row
        | {
            "path": path,
            "frame": frame,
            "footprint": json.loads(row["footprint"]) if row["footprint"] else None,
            "remarks": tuple(json.loads(row["remarks"])),
        }
    )
