"""Passes as routing sees them, cut until each fits into a sortie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from flight.coverage.passes import cut_in_half
from flight.coverage.photo_geometry import headings_deg, photo_positions
from flight.coverage.tracks import Track
from flight.missions.mission_building import ITEMS_PER_LOOK, ITEMS_PER_PASS
from flight.planning.task import Task
from flight.routing.transit_costs import Run, costs, fits_alone
from vision.camera import FloatArray
from vision.errors import PantauError

_SHORTEST_PART_M = 20.0  # a pass that must be cut below this is out of reach


def parts_that_fit(
    tracks: Sequence[Track], launches: FloatArray, task: Task
) -> tuple[list[Track], list[Run]]:
    """The passes, those halved (again and again) that no single battery or sortie can fly.

    Raises PantauError that names the site which is out of reach.
    """
    limits = task.limits()
    distances = task.surroundings.airspace.distances_m
    waiting = list(reversed(tracks))
    parts: list[Track] = []
    runs: list[Run] = []
    while waiting:
        track = waiting.pop()
        run = replace(_run(track, task), within_range=_within_range(track, launches, task))
        if fits_alone(costs(launches, [run], task.pace, distances), 0, limits, run.items):
            parts.append(track)
            runs.append(run)
            continue
        if run.length_m < _SHORTEST_PART_M:
            raise _out_of_reach(track, launches, task)
        first, second = cut_in_half(track.line, task.swath)
        waiting += [replace(track, line=second), replace(track, line=first)]
    return parts, runs


def _within_range(track: Track, launches: FloatArray, task: Task) -> tuple[bool, ...]:
    """For each launch point whether all of a pass lies within range of it."""
    range_m = task.settings.max_range_m
    if range_m is None:
        return ()
    away = shapely.get_coordinates(track.line)[None] - launches[:, None]
    farthest_m = np.hypot(away[..., 0], away[..., 1]).max(axis=1)
    return tuple((farthest_m <= range_m).tolist())


def _run(track: Track, task: Task) -> Run:
    points = shapely.get_coordinates(track.line)
    headings = headings_deg(track.line)
    legs_m = np.hypot(*np.diff(points, axis=0).T)
    photos = len(photo_positions(track.line, task.swath.photo_spacing_m))
    extra_s = task.photo_stop_s * photos + _climb_s(track, task)
    return Run(
        start=(float(points[0, 0]), float(points[0, 1])),
        end=(float(points[-1, 0]), float(points[-1, 1])),
        start_heading_deg=float(headings[0]),
        end_heading_deg=float(headings[-1]),
        length_m=track.line.length,
        duration_s=task.pace.pass_s(legs_m, headings) + extra_s,
        items=_item_count(track, photos, task),
        duration_back_s=task.pace.pass_s(legs_m[::-1], (headings[::-1] + 180) % 360) + extra_s,
    )


def _climb_s(track: Track, task: Task) -> float:
    """The time of climbing from the height of transits up to a higher pass, and down again."""
    ends = shapely.get_coordinates(track.line, include_z=True)[[0, -1]]
    above_ground_m = ends[:, 2] - task.surroundings.ground.elevation_m(ends[:, :2])
    climbs_m = np.maximum(0.0, above_ground_m - task.rules.transit_height_m)
    return float((climbs_m / [task.pace.climb_ms, task.pace.descend_ms]).sum())


def _item_count(track: Track, photos: int, task: Task) -> int:
    """Mission items of a pass and the way to it: usual ones.

    Passes that touch share a place, and a transit that climbs has two more; the one for the other.
    """
    drone = task.drone
    items = len(track.line.coords) + drone.items_per_photo * photos
    if drone.limit_counts_commands:
        items += ITEMS_PER_PASS + (ITEMS_PER_LOOK if track.look_at is not None else 0)
    return items


def _out_of_reach(track: Track, launches: FloatArray, task: Task) -> PantauError:
    away_m = min(track.line.distance(point) for point in shapely.points(launches))
    lat, lon = task.surroundings.frame.to_lat_lon(shapely.get_coordinates(track.line)[:1])[0]
    return PantauError(
        f"site {track.site.id!r} ({track.site.name}) is {away_m:.0f} m from the nearest launch point, out "
        "of reach of one battery, of --max-distance or of --max-range; add a launch point nearer, such as "
        f"--launch {lat:.5f},{lon:.5f}."
    )
