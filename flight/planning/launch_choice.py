"""From where the sorties of a survey begin: as the operator says, or proposed; and whether that is safe."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from flight.coverage.tracks import Track
from flight.planning.task import Task
from flight.routing.launching import propose_launches
from flight.rules.rule_checks import check_launches
from pipeline.sites.site_reading import Site
from vision.camera import FloatArray
from vision.errors import PantauError

_WITH_CAMERA_ON = 0.8  # of a sortie's time, about; the rest goes into turns, climbs and transits
_STEP_BACK_M = 5.0  # a place to stand, outside of what is too near a building
_LOW_M = 1.5  # what is lower beside a launch point (a kerb, a hedge, roughness of a surface model) is let be


def choose_launches(task: Task, tracks: Sequence[Track]) -> FloatArray:
    """The launch points (L, 2) in metres: the operator's, or proposed ones.

    Raises PantauError when one lies in a closed zone, beside an obstacle that the vehicle would climb
    past, or where the elevation model says nothing.
    """
    if task.settings.launches:
        lat, lon = zip(*task.settings.launches, strict=True)
        launches = task.surroundings.frame.to_metres(lat, lon)
    else:
        launches = _proposed(task, tracks)
    check_launches(launches, task.surroundings.airspace)
    _check_surroundings(launches, task)
    return launches


def _proposed(task: Task, tracks: Sequence[Track]) -> FloatArray:
    airspace = task.surroundings.airspace
    limits = task.limits()
    closed = [airspace.forbidden, _beside_obstacles(task)]
    areas = [area for area in closed if area is not None]
    return propose_launches(
        [_outside(site, geometry, task) for site, geometry in zip(task.sites, task.geometries, strict=True)],
        [track.line for track in tracks],
        task.settings.launches_at_most,
        sortie_m=min(limits.distance_m, limits.duration_s * task.pace.photo_ms * _WITH_CAMERA_ON),
        forbidden=shapely.union_all(areas) if areas else None,
        range_m=task.settings.max_range_m or math.inf,
        distances=airspace.distances_m if airspace.closures else None,
    )


def _outside(site: Site, geometry: BaseGeometry, task: Task) -> BaseGeometry:
    """A site with its edge where one can launch: a building's is as far away as its clearance demands."""
    return geometry.buffer(task.rules.clearance_m + _STEP_BACK_M) if site.height_m else geometry


def _beside_obstacles(task: Task) -> BaseGeometry | None:
    """The ground too close to the obstacles of a file, and to surveyed buildings, to take off from."""
    obstacles = task.surroundings.obstacles
    shapes = [obstacle.shape for obstacle in (*obstacles.standing, *obstacles.sites)]
    if not shapes:
        return None
    area: BaseGeometry = shapely.union_all(shapely.buffer(shapes, task.rules.clearance_m, quad_segs=4))
    return area


def _check_surroundings(launches: FloatArray, task: Task) -> None:
    ground_m = task.surroundings.ground.elevation_m(launches)
    tops_m = task.surroundings.obstacles.tops_m(launches, task.rules.clearance_m)
    for number, (place, ground, top) in enumerate(zip(launches, ground_m, tops_m, strict=True), start=1):
        lat, lon = task.surroundings.frame.to_lat_lon(place)[0]
        where = f"launch point {number} ({lat:.5f},{lon:.5f})"
        if np.isnan(ground):
            raise PantauError(
                f"{where} lies where the elevation model says nothing; give a --dem that covers it, or "
                "another --launch."
            )
        if top - ground > _LOW_M:
            raise PantauError(
                f"{where} lies within {task.rules.clearance_m:g} m of something {top - ground:.0f} m high, "
                "past which the vehicle would climb; move it with --launch, or take a smaller --clearance."
            )
