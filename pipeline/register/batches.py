"""What a batch run writes: surveys, runs, sites, photos with their observations.

Each function takes the database within a transaction of `Register.transaction`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely import Polygon
from sqlite_utils import Database

from pipeline.geotagging.geotag import photo_footprint
from pipeline.geotagging.observation import Observation
from pipeline.photo import Photo, RejectedPhoto
from pipeline.register.identity import detection_id
from pipeline.register.photo_paths import path_and_frame, path_text
from pipeline.register.rows import keys_read_for, observation_row, outline_text, rejected_row, site_row
from pipeline.register.times import now_text
from pipeline.sites.site_reading import Site
from vision.detector import Detections
from vision.errors import PantauError

# Roads drawn again shift a little; a site of the same id this far away is another site.
_ANOTHER_PLACE_DEG = 0.001


@dataclass(frozen=True)
class Model:
    """The model of a run and its settings (`settings` as JSON with sorted keys)."""

    name: str
    sha256: str
    settings: str


@dataclass(frozen=True)
class Reading:
    """How a photo that the register knows was read; no model where it was rejected.

    `flight` is the one that its errors are shared with as recorded, "" where none is known. `read_for` are
    the keys of the sites that it was looked at for (see `pipeline.coverage.sites_read`), None where that is
    not known.
    """

    status: str
    model_sha256: str | None
    settings: str | None
    flight: str = ""
    read_for: frozenset[str] | None = None


def known_readings(db: Database) -> dict[str, Reading]:
    """All photos of the register by id, with the model that read them."""
    rows = db.query(
        "SELECT photos.id, status, model_sha256, settings, coalesce(flight, '') AS flight, read_for "
        "FROM photos LEFT JOIN runs ON runs.id = photos.run"
    )
    return {row.pop("id"): Reading(**row | {"read_for": keys_read_for(row["read_for"])}) for row in rows}


def survey_number(db: Database, name: str, plan: str | None) -> int:
    """The number of the survey of this name, which is entered where it is new."""
    db.execute(
        "INSERT INTO surveys (name, created_at, plan) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
        [name, now_text(), plan],
    )
    number: int = db.execute("SELECT id FROM surveys WHERE name = ?", [name]).fetchone()[0]
    return number


def begin_run(db: Database, survey: int, model: Model, version: str) -> int:
    """Enter a new run; runs that ended without saying so are marked as interrupted."""
    db.execute("UPDATE runs SET state = 'interrupted', ended_at = ? WHERE state = 'running'", [now_text()])
    cursor = db.execute(
        "INSERT INTO runs (survey, model, model_sha256, settings, version, state, started_at) "
        "VALUES (?, ?, ?, ?, ?, 'running', ?) RETURNING id",
        [survey, model.name, model.sha256, model.settings, version, now_text()],
    )
    number: int = cursor.fetchone()[0]
    return number


def end_run(db: Database, run: int, state: str) -> None:
    """Note that a run is `done` or `interrupted`."""
    db.table("runs").update(run, {"state": state, "ended_at": now_text()})


def note_completed(db: Database, survey: str) -> None:
    """Note that the newest run of a survey (its name) is `done` after all: nothing was left to look at."""
    db.execute(
        "UPDATE runs SET state = 'done', ended_at = ? WHERE state != 'done' AND id = "
        "(SELECT max(runs.id) FROM runs JOIN surveys ON surveys.id = runs.survey WHERE name = ?)",
        [now_text(), survey],
    )


def add_sites(db: Database, sites: Iterable[Site]) -> None:
    """Enter sites; those that the register knows by their id are brought up to date.

    Raises PantauError when an id stands for a site in another place already.
    """
    known = {row["id"]: row["geometry"] for row in db.query("SELECT id, geometry FROM sites")}
    for site in sites:
        before = known.get(site.id)
        if before and shapely.from_geojson(before).distance(site.geometry) > _ANOTHER_PLACE_DEG:
            raise PantauError(
                f"site {site.id} ({site.name}): the register knows another place by this id; "
                "give the sites of the file other ids, or use another register."
            )
        db.table("sites").upsert(site_row(site), pk="id")


def add_coverage(db: Database, survey: str, rows: Iterable[dict[str, Any]]) -> None:
    """Enter how much of its sites a survey (its name) shows, or bring it up to date.

    `rows` as `pipeline.coverage.coverage_summary` makes them.
    """
    number = db.execute("SELECT id FROM surveys WHERE name = ?", [survey]).fetchone()[0]
    numbered = ({"survey": number, **row} for row in rows)
    db.table("coverage").upsert_all(numbered, pk=("survey", "site"))


def add_site_conditions(db: Database, survey: str, rows: Iterable[dict[str, Any]]) -> None:
    """Enter how neglected sites are in a survey (its name), or bring it up to date.

    `rows` as `pipeline.inspecting.site_condition` makes them.
    """
    number = db.execute("SELECT id FROM surveys WHERE name = ?", [survey]).fetchone()[0]
    numbered = ({"survey": number, **row} for row in rows)
    db.table("site_conditions").upsert_all(numbered, pk=("survey", "site"))


def add_photo(
    db: Database,
    row: dict[str, Any],
    model: Model,
    detections: Detections,
    observations: Sequence[Observation],
) -> None:
    """Enter a photo (its row) with all that was found in it; `observations` are of its `detections`."""
    db.table("photos").upsert(row, pk="id")
    _add_found(db, row["id"], row["run"], model, detections, observations)


def add_to_photo(
    db: Database,
    photo: str,
    run: int,
    model: Model,
    found: tuple[Detections, Sequence[Observation]],
    read_for: Iterable[str],
) -> None:
    """Enter what another look at a photo (its id) found, and the sites that this look was for."""
    [keys] = db.execute("SELECT read_for FROM photos WHERE id = ?", [photo]).fetchone()
    all_keys = sorted({*(keys_read_for(keys) or ()), *read_for})
    db.table("photos").update(photo, {"read_for": json.dumps(all_keys)})
    _add_found(db, photo, run, model, *found)


def outlines_of(db: Database, photo: str) -> list[tuple[str, Polygon]]:
    """Kind and footprint (lon, lat) of all that was observed in a photo (its id)."""
    rows = db.query(
        "SELECT observations.kind, observations.footprint FROM observations "
        "JOIN detections ON detections.id = observations.detection WHERE detections.photo = ?",
        [photo],
    )
    return [(row["kind"], shapely.from_geojson(row["footprint"])) for row in rows]


def _add_found(
    db: Database,
    photo: str,
    run: int,
    model: Model,
    detections: Detections,
    observations: Sequence[Observation],
) -> None:
    found: dict[str, dict[str, Any]] = {}
    for outline_px, kind, score in zip(
        detections.outline_px, detections.kind, detections.score.tolist(), strict=True
    ):
        outline = outline_text(outline_px)
        identity = detection_id(photo, model.sha256, model.settings, kind, outline)
        found[identity] = {
            "id": identity,
            "photo": photo,
            "run": run,
            "outline_px": outline,
            "kind": kind,
            "score": round(score, 4),
        }
    seen = {}
    for observation in observations:
        outline = outline_text(observation.outline_px)
        identity = detection_id(photo, model.sha256, model.settings, observation.kind, outline)
        seen[identity] = observation_row(observation, identity)
    # Another look may find the same detection, which lay beside all sites before.
    db.table("detections").insert_all(found.values(), pk="id", ignore=True)
    db.table("observations").insert_all(seen.values(), pk="detection", ignore=True)


def add_rejected(db: Database, rejected: RejectedPhoto, survey: int | None, folder: Path) -> None:
    """Enter a rejected photo, or its newest reason; one that is known stays in its survey.

    `survey` may be None only for photos that are known. A photo that was used stays used.
    """
    before = next(
        db.query("SELECT survey, path, status, reason, detail FROM photos WHERE id = ?", [rejected.id]), None
    )
    if before and before["status"] == "used":
        return
    footprint = photo_footprint(rejected.photo) if rejected.photo else None
    row = rejected_row(rejected, before["survey"] if before else survey, folder, footprint)
    if before is None or any(row[name] != before[name] for name in before):
        db.table("photos").upsert(row, pk="id")


def note_path(db: Database, photo: Photo, folder: Path) -> None:
    """Note where a known photo lies now, if it is not where it was any more."""
    for row in db.query("SELECT path FROM photos WHERE id = ?", [photo.id]):
        if not path_and_frame(row["path"], folder)[0].exists():
            db.table("photos").update(photo.id, {"path": path_text(photo.path, folder, photo.frame)})


def settings_text(**settings: Any) -> str:
    """Settings as the register keeps and compares them."""
    return json.dumps(settings, sort_keys=True)
