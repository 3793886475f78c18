"""The passes of a survey before anybody orders them: lines in metres of the local frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from flight.planning.coverage import covered_share, dead_ends, facility_passes, road_passes
from flight.planning.flight_time import Pace
from flight.planning.photo_geometry import Swath, headings_deg
from flight.planning.routing import Limits, Run, costs, fits_alone
from pipeline.sites import Site
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame

_SHORTEST_PART_M = 20.0  # a pass that must be cut below this is out of reach


@dataclass(frozen=True)
class Track:
    """A pass over a site as a line (2-D) in metres.

    `look_at` (east, north, height above the ground there) is where the camera points when a
    facility's face is flown, from `height_agl_m` above ground; both None when it looks straight down
    from the survey's height.
    """

    site: Site
    line: LineString
    height_agl_m: float | None = None
    look_at: tuple[float, float, float] | None = None


def tracks_of(sites: Sequence[Site], geometries: Sequence[BaseGeometry], swath: Swath) -> list[Track]:
    """The passes that cover all sites; `geometries` are the sites' in metres."""
    roads = [geometry for geometry in geometries if isinstance(geometry, LineString)]
    dead = iter(dead_ends(roads))
    tracks: list[Track] = []
    for site, geometry in zip(sites, geometries, strict=True):
        if isinstance(geometry, Polygon):
            lines = facility_passes(geometry, swath)
        else:
            lines = road_passes(geometry, site.width_m or 0.0, swath, next(dead))
        tracks += [Track(site, line) for line in lines]
    return tracks


def parts_that_fit(
    tracks: Sequence[Track],
    launches: FloatArray,
    pace: Pace,
    limits: Limits,
    frame: LocalFrame,
    items_per_pass: int,
) -> tuple[list[Track], list[Run]]:
    """The passes, those halved (again and again) that no single battery or sortie can fly.

    Raises PantauError that names the site which is out of reach.
    """
    waiting = list(reversed(tracks))
    parts: list[Track] = []
    runs: list[Run] = []
    while waiting:
        track = waiting.pop()
        run = _run(track, pace, items_per_pass)
        if fits_alone(costs(launches, [run], pace), 0, limits, run.items):
            parts.append(track)
            runs.append(run)
            continue
        if run.length_m < _SHORTEST_PART_M:
            raise _out_of_reach(track, launches, frame)
        halves = [substring(track.line, *span, normalized=True) for span in ((0.5, 1.0), (0.0, 0.5))]
        waiting += [Track(track.site, half, track.height_agl_m, track.look_at) for half in halves]
    return parts, runs


def pass_ids(tracks: Sequence[Track]) -> list[str]:
    """An id for each pass: its site's, and a number within the site."""
    counts: Counter[str] = Counter()
    ids = []
    for track in tracks:
        counts[track.site.id] += 1
        ids.append(f"{track.site.id}#{counts[track.site.id]}")
    return ids


def covered_shares(
    sites: Sequence[Site], geometries: Sequence[BaseGeometry], tracks: Sequence[Track], swath: Swath
) -> dict[str, float]:
    """For each site's id the share (0–1) of its area, verge included, that its passes photograph."""
    lines: dict[str, list[LineString]] = {site.id: [] for site in sites}
    for track in tracks:
        if track.look_at is None:
            lines[track.site.id].append(track.line)
    return {
        site.id: covered_share(site_area(site, geometry, swath), lines[site.id], swath)
        for site, geometry in zip(sites, geometries, strict=True)
    }


def site_area(site: Site, geometry: BaseGeometry, swath: Swath) -> BaseGeometry:
    """What must be photographed of a site, in metres: its area and the verge beside it."""
    reach_m = swath.margin_m + (site.width_m or 0.0) / 2
    return geometry.buffer(max(reach_m, 0.1), cap_style="flat")


def _run(track: Track, pace: Pace, items_per_pass: int) -> Run:
    headings = headings_deg(track.line)
    points = shapely.get_coordinates(track.line)
    return Run(
        start=(float(points[0, 0]), float(points[0, 1])),
        end=(float(points[-1, 0]), float(points[-1, 1])),
        start_heading_deg=float(headings[0]),
        end_heading_deg=float(headings[-1]),
        length_m=track.line.length,
        duration_s=pace.pass_s(track.line.length, headings),
        items=len(points) + items_per_pass,
    )


def _out_of_reach(track: Track, launches: FloatArray, frame: LocalFrame) -> PantauError:
    away_m = min(track.line.distance(point) for point in shapely.points(launches))
    lat, lon = frame.to_lat_lon(np.array(track.line.coords[:1]))[0]
    return PantauError(
        f"site {track.site.id!r} ({track.site.name}) is {away_m:.0f} m from the nearest launch point, out "
        "of reach of one battery or of --max-distance; add a launch point nearer, such as "
        f"--launch {lat:.5f},{lon:.5f}."
    )
