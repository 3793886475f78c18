"""How neglected a paved site is: what share of its paving plants cover, in one survey.

Photos overlap. Each square metre of paving counts once, however many photos show it: with the share of
these photos that show plants on it. Where they disagree (their positions err by a metre or two, a crown
leans over another way) the area lies between what all of them agree on and what any of them shows; that
is the interval that is stated. Of a photo the paving counts that was looked over: what it surely shows,
without the outermost 1 σ of the paving (`pipeline.inspecting.paved_area`). Photos that no run looked over
don't count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlite_utils import Database

from pipeline.coverage.shown_ground import surely_shown
from pipeline.coverage.sites_read import site_key
from pipeline.inspecting.paved_area import paving_m
from pipeline.register import Register
from pipeline.register.batches import add_site_conditions
from pipeline.register.rows import keys_read_for
from pipeline.sites.site_reading import Site
from vision.camera import FloatArray
from vision.frames import LocalFrame
from vision.planar import intersection
from vision.surface.neglect import VEGETATION

FINEST_STEP_M = 0.2
"""How closely paving is looked at: a patch of 0.25 m² holds six points."""

_MOST_POINTS = 400_000

Shapes = NDArray[np.object_]

# A run notes the settings of its search for neglect under "surface"; one without them did not search.
_PHOTOS = """
SELECT photos.id, lat, lon, alt_agl_m, coalesce(sigma_position_m, 1.5) AS sigma_m, footprint, read_for
FROM photos JOIN surveys ON surveys.id = photos.survey JOIN runs ON runs.id = photos.run
WHERE surveys.name = ? AND status = 'used' AND footprint IS NOT NULL
    AND json_extract(runs.settings, '$.surface') IS NOT NULL
ORDER BY photos.id
"""
# What a person rejected is no plant.
_FOUND = """
SELECT detections.photo, observations.footprint
FROM observations
JOIN detections ON detections.id = observations.detection
JOIN photos ON photos.id = detections.photo
JOIN surveys ON surveys.id = photos.survey
LEFT JOIN defects ON defects.id = observations.defect
WHERE surveys.name = ? AND observations.kind = ? AND coalesce(defects.status, '') != 'rejected'
ORDER BY observations.detection
"""


@dataclass(frozen=True)
class SiteCondition:
    """What a survey shows of a paved site (its id); fields as of `SiteConditionRecord`."""

    site: str
    photos: int
    paved_seen_m2: float
    vegetation_m2: float
    vegetation_least_m2: float
    vegetation_most_m2: float


@dataclass(frozen=True)
class View:
    """What one photo shows: `shown`, the ground, and `vegetation` on it (lon, lat; both may be empty).

    `sigma_m` is the 1-σ error of its position: nearer to the paving's edge it was not looked over.
    `read_for` are the keys of the sites that it was looked at for (`pipeline.coverage.sites_read`), None for
    all.
    """

    shown: BaseGeometry
    vegetation: BaseGeometry
    sigma_m: float = 0.0
    read_for: frozenset[str] | None = None


def update_site_conditions(
    register: Register, survey: str, sites: Sequence[Site]
) -> tuple[SiteCondition, ...]:
    """Measure how neglected the paved ones of these sites are in a survey, and enter it into the register."""
    views = read_views(register.db, survey)
    measured = (condition_of(site, views) for site in sites if site.paved)
    conditions = tuple(condition for condition in measured if condition is not None)
    with register.transaction() as db:
        add_site_conditions(db, survey, _rows(conditions))
    return conditions


def condition_of(site: Site, views: Sequence[View]) -> SiteCondition | None:
    """How neglected a paved site is by these views of it; None where none shows any of its paving."""
    key = site_key(site)
    views = [view for view in views if view.read_for is None or key in view.read_for]
    lon, lat = site.geometry.centroid.coords[0]
    frame = LocalFrame(lat, lon)
    shown_m = frame.shapes_to_metres(np.array([view.shown for view in views], dtype=object))
    whole_m = paving_m(site, frame)
    points, point_m2 = _points_on(whole_m)
    looks, hits = np.zeros(len(points), int), np.zeros(len(points), int)
    photos = 0
    for view, seen_m in zip(views, shown_m, strict=True):
        if not shapely.intersects(seen_m, whole_m):
            continue
        looked_over_m = intersection(seen_m, paving_m(site, frame, view.sigma_m))
        in_view = shapely.contains_xy(looked_over_m, points)
        green = in_view & shapely.contains_xy(frame.shapes_to_metres(view.vegetation), points)
        looks, hits, photos = looks + in_view, hits + green, photos + bool(in_view.any())
    if not photos:
        return None
    seen = looks > 0
    return SiteCondition(
        site=site.id,
        photos=photos,
        paved_seen_m2=float(seen.sum() * point_m2),
        vegetation_m2=float((hits[seen] / looks[seen]).sum() * point_m2),
        vegetation_least_m2=float((seen & (hits == looks)).sum() * point_m2),
        vegetation_most_m2=float((hits > 0).sum() * point_m2),
    )


def read_views(db: Database, survey: str) -> list[View]:
    """What the photos of a survey (its name) that were looked over for neglect show."""
    photos = list(db.query(_PHOTOS, [survey]))
    found: dict[str, list[Any]] = defaultdict(list)
    for row in db.query(_FOUND, [survey, VEGETATION]):
        found[row["photo"]].append(shapely.make_valid(shapely.from_geojson(row["footprint"])))
    footprints: Shapes = np.array([shapely.from_geojson(row["footprint"]) for row in photos], dtype=object)
    columns = ("lat", "lon", "alt_agl_m", "sigma_m")
    lat, lon, alt_agl_m, sigma_m = (np.array([row[name] for row in photos], dtype=float) for name in columns)
    surely = surely_shown(footprints, lat, lon, alt_agl_m, sigma_m)
    return [
        View(shown, shapely.union_all(found[photo["id"]]), photo["sigma_m"], keys_read_for(photo["read_for"]))
        for photo, shown in zip(photos, surely, strict=True)
    ]


def _points_on(whole_m: BaseGeometry) -> tuple[FloatArray, float]:
    """A grid of points (N, 2) on the paving, and the area in m² that each of them stands for."""
    west, south, east, north = whole_m.bounds
    step_m = max(FINEST_STEP_M, sqrt(whole_m.area / _MOST_POINTS))
    columns = [
        np.column_stack([np.full_like(norths, x), norths])
        for x in np.arange(west + step_m / 2, east, step_m)
        if len(norths := np.arange(south + step_m / 2, north, step_m))
    ]
    shapely.prepare(whole_m)
    kept = [column[shapely.contains_xy(whole_m, column)] for column in columns]
    points: FloatArray = np.concatenate([np.empty((0, 2)), *kept])
    if not len(points):
        points = shapely.get_coordinates(whole_m.representative_point())
    return points, whole_m.area / len(points)


def _rows(conditions: Sequence[SiteCondition]) -> list[dict[str, Any]]:
    return [
        {name: round(value, 2) if isinstance(value, float) else value for name, value in row.items()}
        for row in map(asdict, conditions)
    ]
