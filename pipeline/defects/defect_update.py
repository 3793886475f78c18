"""Bringing the defects of a register up to date with its observations.

Observations that belong to no defect yet are associated with each other and with known defects,
rejected ones included: so a false alarm that a person rejected does not come back as new. What a
person decided stays: the status and the assignee always, the kind as soon as the defect is not
`new` any more. A mended defect that is seen again stays mended; a proposal to reopen it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlite_utils import Database

from pipeline.damage_size import DamageSize
from pipeline.defects.association import Group, associate
from pipeline.defects.corroboration import weigh_defects
from pipeline.defects.crack_direction import named_by_road
from pipeline.defects.fusion import Figures, fuse_each
from pipeline.defects.review import MENDED, UNDECIDED
from pipeline.defects.severity import severity_of
from pipeline.register.identity import defect_id
from pipeline.register.rows import CRACK_WIDTH_DIGITS, rounded_or_none
from pipeline.register.sightings import neighbours, unassociated
from pipeline.register.times import now_text, time_text
from pipeline.sighting import Sighting, frame_around
from pipeline.sites.siting import SiteShape, place_on_sites

Row = dict[str, Any]

_FIGURES = (
    "kind, severity, lat, lon, sigma_m, sigma_major_m, sigma_minor_m, sigma_azimuth_deg, length_m, width_m, "
    "area_m2, outlined, crack_length_m, crack_width_m, diameter_m, score, observation_count, "
    "first_seen, last_seen"
)


@dataclass(frozen=True)
class DefectUpdate:
    """Ids of the defects that were founded, and of known ones that were seen again."""

    new: tuple[str, ...]
    seen_again: tuple[str, ...]


def update_defects(db: Database) -> DefectUpdate:
    """Associate what is not associated yet; find each defect's place on the sites, and weigh it.

    Needs a transaction of `Register.transaction`. Without new observations nothing changes but
    the places, where sites changed, and the weights, where photos came.
    """
    sites = _site_shapes(db)
    fresh = unassociated(db)
    update = _attach(db, fresh, sites) if fresh else DefectUpdate((), ())
    _find_places(db, sites)
    weigh_defects(db)
    return update


def _attach(db: Database, fresh: list[Sighting], sites: Sequence[SiteShape]) -> DefectUpdate:
    seen = named_by_road([*fresh, *neighbours(db, fresh)], sites)
    groups = [group for group in associate(seen) if _fresh(group)]
    statuses = {row["id"]: row for row in db.query("SELECT id, kind, status FROM defects")}
    named = _name_groups(groups, statuses)
    again = [defect for defect in named if defect in statuses]
    founded = [defect for defect in named if defect not in statuses]
    all_figures = fuse_each([group.members for group in named.values()], frame_around(fresh))
    rows = []
    for (defect, group), figures in zip(named.items(), all_figures, strict=True):
        before = statuses.get(defect)
        kind = figures.kind if before is None or before["status"] == UNDECIDED else before["kind"]
        rows.append({"id": defect, **_figures_row(figures, kind)})
        if before is not None and before["status"] in MENDED:
            _propose_reopening(db, defect, _fresh(group))
    _write(db, rows, founded=set(founded))
    db.conn.executemany(
        "UPDATE observations SET defect = ? WHERE detection = ?",
        [(defect, sighting.id) for defect, group in named.items() for sighting in _fresh(group)],
    )
    return DefectUpdate(tuple(founded), tuple(again))


def _fresh(group: Group) -> list[Sighting]:
    return [sighting for sighting in group.members if sighting.defect is None]


def _name_groups(groups: Sequence[Group], known: Iterable[str]) -> dict[str, Group]:
    taken = set(known)
    named = {}
    for group in groups:
        identity = group.defect or defect_id(group.members[0].id, taken)
        taken.add(identity)
        named[identity] = group
    return named


def _figures_row(figures: Figures, kind: str) -> Row:
    return {
        "kind": kind,
        "severity": severity_of(kind, figures.size),
        "lat": round(figures.position.lat, 8),
        "lon": round(figures.position.lon, 8),
        "sigma_m": round(figures.position.sigma_m, 3),
        "sigma_major_m": round(figures.position.sigma_major_m, 3),
        "sigma_minor_m": round(figures.position.sigma_minor_m, 3),
        "sigma_azimuth_deg": round(figures.position.sigma_azimuth_deg, 3),
        **_size_columns(figures.size),
        "score": figures.score,
        "observation_count": figures.observation_count,
        "first_seen": time_text(figures.first_seen) if figures.first_seen else None,
        "last_seen": time_text(figures.last_seen) if figures.last_seen else None,
    }


def _size_columns(size: DamageSize) -> Row:
    return {
        "length_m": round(size.length_m, 3),
        "width_m": round(size.width_m, 3),
        "area_m2": round(size.area_m2, 3),
        "outlined": int(size.outlined),
        "crack_length_m": rounded_or_none(size.crack_length_m, 3),
        "crack_width_m": rounded_or_none(size.crack_width_m, CRACK_WIDTH_DIGITS),
        "diameter_m": rounded_or_none(size.diameter_m, 3),
    }


def _write(db: Database, rows: list[Row], founded: set[str]) -> None:
    columns = [name.strip() for name in _FIGURES.split(",")]
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    values = ", ".join(f":{name}" for name in columns)
    db.conn.executemany(
        f"INSERT INTO defects (id, status, priority, {_FIGURES}) VALUES (:id, '{UNDECIDED}', 0, {values})",
        [row for row in rows if row["id"] in founded],
    )
    db.conn.executemany(
        f"UPDATE defects SET {assignments} WHERE id = :id", [row for row in rows if row["id"] not in founded]
    )


def _propose_reopening(db: Database, defect: str, seen: Sequence[Sighting]) -> None:
    """Photos from before the repair prove nothing: only later ones count."""
    decided = db.execute("SELECT max(at) FROM events WHERE subject = ?", [defect]).fetchone()[0]
    later = [s for s in seen if s.taken_at and (decided is None or time_text(s.taken_at) > decided)]
    open_already = db.table("proposals").count_where(
        "kind = 'reopen' AND subject = ? AND state = 'open'", [defect]
    )
    if later and not open_already:
        detail = f"seen again in photo {later[0].photo}, taken {time_text(later[0].taken_at or datetime.min)}"
        db.table("proposals").insert(
            {"kind": "reopen", "subject": defect, "detail": detail, "created_at": now_text()}
        )


def _site_shapes(db: Database) -> list[SiteShape]:
    return [
        SiteShape(row["id"], shapely.from_geojson(row["geometry"]), row["width_m"])
        for row in db.query("SELECT id, geometry, width_m FROM sites")
    ]


def _find_places(db: Database, sites: Sequence[SiteShape]) -> None:
    defects = list(db.query("SELECT id, lat, lon, site, station_m FROM defects ORDER BY id"))
    places = place_on_sites([row["lat"] for row in defects], [row["lon"] for row in defects], sites)
    changes = []
    for row, place in zip(defects, places, strict=True):
        site = place.site if place else None
        station_m = round(place.station_m, 1) if place and place.station_m is not None else None
        if (site, station_m) != (row["site"], row["station_m"]):
            changes.append((site, station_m, row["id"]))
    db.conn.executemany("UPDATE defects SET site = ?, station_m = ? WHERE id = ?", changes)
