"""Which passes a survey needs: over roads and facilities, and along the faces of high facilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from shapely import LineString, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from flight.coverage.facility_faces import face_tracks
from flight.coverage.looks import photographed_ground
from flight.coverage.network_cover import network_passes, road_areas
from flight.coverage.passes import facility_passes
from flight.coverage.tracks import Track
from flight.heights.clearance import raised_stretches
from flight.heights.raising import raise_pass
from flight.planning.task import Task
from vision.planar import intersection, union

_NAMED = 5  # sites in a sentence; the height profiles show them all


@dataclass(frozen=True)
class Laid:
    """All passes in space, and remarks on what they do not show or show more coarsely."""

    tracks: tuple[Track, ...]
    remarks: tuple[str, ...]


def lay_passes(task: Task) -> Laid:
    """The passes that cover all sites, each at its height above ground and over obstacles."""
    flat = [*_road_tracks(task)]
    remarks: list[str] = []
    for site, geometry in zip(task.sites, task.geometries, strict=True):
        if not isinstance(geometry, Polygon):
            continue
        top_m = task.rules.photo_height_m + site.height_m if site.height_m else None
        flat += [Track(site, line, top_m) for line in facility_passes(geometry, task.swath)]
        if site.height_m:
            faces = face_tracks(
                site,
                geometry,
                site.height_m,
                task.drone,
                task.swath,
                stand_off_m=task.rules.photo_height_m,
                side_overlap=task.settings.side_overlap,
            )
            flat += faces.tracks
            remarks += faces.remarks
    tracks = [_raised(track, task) for track in flat]
    return Laid(tuple(tracks), (*remarks, *_coarser(tracks, task)))


def covered_shares(task: Task, tracks: Sequence[Track]) -> dict[str, float]:
    """For each site's id the share (0–1) of its area, verge included, that any photos show."""
    shown = np.array(photographed_ground(tracks, task.swath), dtype=object)
    tree = STRtree(shown)

    def share(area: BaseGeometry) -> float:
        near = union(shown[tree.query(area, predicate="intersects")])
        return float(intersection(area, near).area / area.area)

    return {site_id: share(area) for site_id, area in _areas(task).items()}


def _road_tracks(task: Task) -> list[Track]:
    roads = _roads(task)
    lines = [geometry for geometry, _ in roads.values()]
    widths_m = [width_m for _, width_m in roads.values()]
    passes = network_passes(lines, widths_m, task.swath)
    sites = [site for site in task.sites if site.id in roads]
    return [Track(site, line) for site, lines in zip(sites, passes, strict=True) for line in lines]


def _roads(task: Task) -> dict[str, tuple[LineString, float]]:
    return {
        site.id: (geometry, site.width_m or 0.0)
        for site, geometry in zip(task.sites, task.geometries, strict=True)
        if isinstance(geometry, LineString)
    }


def _areas(task: Task) -> dict[str, BaseGeometry]:
    """What must be photographed of each site, in metres: its area and the verge beside it."""
    roads = _roads(task)
    lines, widths_m = zip(*roads.values(), strict=True) if roads else ((), ())
    areas = dict(zip(roads, road_areas(lines, widths_m, task.swath.margin_m), strict=True))
    for site, geometry in zip(task.sites, task.geometries, strict=True):
        if site.id not in areas:
            areas[site.id] = geometry.buffer(task.swath.margin_m, join_style="mitre", mitre_limit=2.0)
    return areas


def _height_agl_m(track: Track, task: Task) -> float:
    return task.rules.photo_height_m if track.height_agl_m is None else track.height_agl_m


def _raised(track: Track, task: Task) -> Track:
    line = raise_pass(track.line, _height_agl_m(track, task), task.surroundings, task.rules)
    return replace(track, line=line)


def _coarser(tracks: Sequence[Track], task: Task) -> list[str]:
    """A sentence on the sites whose photos are coarser somewhere, because obstacles or slopes raise them."""
    highest: dict[str, tuple[float, float]] = {}
    if not (task.surroundings.ground.is_known or task.surroundings.obstacles.is_known):
        return []
    for track in tracks:
        wanted_m = _height_agl_m(track, task)
        stretches = raised_stretches(track.line, wanted_m, task.surroundings, task.rules.tolerance_m)
        for stretch in stretches:
            raised_m, top_m = highest.get(track.site.id, (0.0, 0.0))
            length_m = stretch.to_m - stretch.from_m
            highest[track.site.id] = (raised_m + length_m, max(top_m, stretch.height_agl_m))
    worst = sorted(highest.items(), key=lambda entry: -entry[1][1])
    named = [
        f"{site_id} ({raised_m:.0f} m, {task.drone.gsd_m(top_m) * 100:.1f} cm a pixel)"
        for site_id, (raised_m, top_m) in worst[:_NAMED]
    ]
    if not named:
        return []
    more = f" and {len(worst) - _NAMED} more" if len(worst) > _NAMED else ""
    return [f"flown higher over obstacles or steep slopes, with coarser photos: {', '.join(named)}{more}"]
