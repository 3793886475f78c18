"""Corroboration: how many of the photos that show a place saw the defect there.

Photos overlap, so a place is looked at several times in one survey. What a detector finds in each of
them is likely to be there; what it finds in one of six is likely to be a shadow. It stays in the
register for a person to decide, and comes later in the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import shapely
from shapely import STRtree
from sqlite_utils import Database

from pipeline.damage_size import DamageSize
from pipeline.defects.review import UNDECIDED
from pipeline.defects.severity import priority_of


def weigh_defects(db: Database) -> None:
    """Bring `photo_count` and `priority` of all defects up to date.

    `photo_count` are the photos whose footprints hold the defect's position, of the surveys that saw
    it at all: a later survey without it says that it was repaired, not that it never was. An
    undecided defect counts by its score times the share of these photos that saw it. Needs a
    transaction of `Register.transaction`.
    """
    defects = list(
        db.query(
            "SELECT id, kind, status, lat, lon, length_m, width_m, area_m2, outlined, crack_length_m, "
            "crack_width_m, diameter_m, score, observation_count, photo_count, priority "
            "FROM defects ORDER BY id"
        )
    )
    counts = _photo_counts(db, defects)
    changes = []
    for defect in defects:
        photo_count = max(counts[defect["id"]], defect["observation_count"])
        certainty = 1.0
        if defect["status"] == UNDECIDED and photo_count:
            certainty = defect["score"] * defect["observation_count"] / photo_count
        priority = priority_of(defect["kind"], _size(defect), certainty)
        if (photo_count, priority) != (defect["photo_count"], defect["priority"]):
            changes.append((photo_count, priority, defect["id"]))
    db.conn.executemany("UPDATE defects SET photo_count = ?, priority = ? WHERE id = ?", changes)


def _size(defect: dict[str, Any]) -> DamageSize:
    return DamageSize(**{field.name: defect[field.name] for field in fields(DamageSize)})


def _photo_counts(db: Database, defects: list[dict[str, object]]) -> Counter[object]:
    """How many photos of a defect's own surveys show its position, by the defect's id."""
    photos = list(
        db.query("SELECT survey, footprint FROM photos WHERE status = 'used' AND footprint IS NOT NULL")
    )
    if not photos or not defects:
        return Counter()
    tree = STRtree(shapely.from_geojson([photo["footprint"] for photo in photos]))
    points = shapely.points([(defect["lon"], defect["lat"]) for defect in defects])
    pairs: Iterable[tuple[int, int]] = tree.query(points, predicate="intersects").T.tolist()
    surveys = _surveys_that_saw(db)
    shown = ((defects[point]["id"], photos[photo]["survey"]) for point, photo in pairs)
    return Counter(defect for defect, survey in shown if (defect, survey) in surveys)


def _surveys_that_saw(db: Database) -> set[tuple[str, int]]:
    rows = db.execute(
        "SELECT DISTINCT observations.defect, photos.survey FROM observations "
        "JOIN detections ON detections.id = observations.detection "
        "JOIN photos ON photos.id = detections.photo WHERE observations.defect IS NOT NULL"
    )
    return {(defect, survey) for defect, survey in rows.fetchall()}
