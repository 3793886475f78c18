"""From sites to sorties: the whole way of a plan, as a function from values to values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from flight.fleet import Drone
from flight.mission_building import ITEMS_PER_PASS, ITEMS_PER_SORTIE
from flight.planning.flight_time import Pace, takeoff_and_landing_s
from flight.planning.heights import HeightRules
from flight.planning.launching import propose_launch
from flight.planning.lower_bound import lower_bound_m
from flight.planning.photo_geometry import Swath, photo_speed_ms, swath_of
from flight.planning.plan import Plan, Search
from flight.planning.plan_warnings import refuse_low_flight, warnings_of
from flight.planning.routing import Limits, Run, costs, find_routes
from flight.planning.settings import PlanSettings
from flight.planning.sorties import SortieBuilder
from flight.planning.surroundings import Surroundings
from flight.planning.tracks import Track, covered_shares, parts_that_fit, tracks_of
from pipeline.sites import Site
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame

_DEFAULT_GSD_M = 0.008  # what the shipped road detector is meant for; 20–30 m up with usual cameras


def plan_survey(
    sites: Sequence[Site],
    drone: Drone,
    settings: PlanSettings,
    surroundings: Surroundings | None = None,
    advance: Callable[[int, str], None] | None = None,
) -> Plan:
    """Plan the flights that photograph all sites with this drone.

    `advance(per_cent, detail)` is told how far the search is.

    Raises PantauError when the sites cannot be flown: too low for the camera, too tall a facility, a
    site out of reach of the battery.
    """
    if not sites:
        raise PantauError("there are no sites to plan for; give at least one road or facility.")
    height_m = settings.height_m or drone.height_for_gsd_m((settings.gsd_cm or _DEFAULT_GSD_M * 100) / 100)
    refuse_low_flight(sites, height_m)
    swath = _swath(drone, height_m, settings)
    pace = Pace(
        photo_speed_ms(drone, drone.gsd_m(height_m), swath.photo_spacing_m, settings.exposure_s),
        drone.cruise_ms,
    )
    surroundings = surroundings or Surroundings.unknown(frame_of(sites))
    frame = surroundings.frame
    geometries = [frame.shapes_to_metres(site.geometry) for site in sites]
    tracks = tracks_of(sites, geometries, swath)
    launches = _launches(settings, frame, geometries, tracks)
    limits = _limits(drone, settings, height_m)
    tracks, runs = parts_that_fit(tracks, launches, pace, limits, frame, _items_per_pass(drone))
    table = costs(launches, runs, pace)
    routing = find_routes(
        table,
        runs,
        limits,
        seed=settings.seed,
        seconds=settings.solver_seconds,
        iterations=settings.solver_iterations,
        advance=advance,
    )
    sorties = SortieBuilder(
        tracks=tracks,
        launches=launches,
        surroundings=surroundings,
        swath=swath,
        rules=_height_rules(drone, height_m, pace),
        ground_s=takeoff_and_landing_s(drone, height_m),
    ).sorties(routing.routes)
    plan = Plan(
        sites=tuple(sites),
        drone=drone,
        settings=settings,
        height_m=height_m,
        speed_ms=pace.photo_ms,
        swath=swath,
        sorties=sorties,
        lower_bound_m=_bound_m(runs),
        search=Search(settings.seed, routing.iterations, routing.seconds),
        covered=covered_shares(sites, geometries, tracks, swath),
    )
    return replace(plan, warnings=warnings_of(plan))


def _swath(drone: Drone, height_m: float, settings: PlanSettings) -> Swath:
    swath = swath_of(
        drone,
        height_m,
        settings.forward_overlap,
        settings.side_overlap,
        settings.verge_margin_m,
        settings.lateral_tolerance_m,
    )
    if swath.usable_m < 1.0:
        raise PantauError(
            f"at {height_m:.1f} m a photo of {drone.name} is only {swath.across_m:.1f} m wide, less than the "
            "vehicle strays; fly higher or accept a coarser --gsd."
        )
    return swath


def frame_of(sites: Sequence[Site]) -> LocalFrame:
    """The local frame of a survey: around the middle of its sites."""
    west, south, east, north = shapely.total_bounds([site.geometry for site in sites])
    return LocalFrame((south + north) / 2, (west + east) / 2)


def _launches(
    settings: PlanSettings,
    frame: LocalFrame,
    geometries: Sequence[BaseGeometry],
    tracks: Sequence[Track],
) -> FloatArray:
    if not settings.launches:
        return propose_launch(geometries, [track.line for track in tracks])
    lat, lon = zip(*settings.launches, strict=True)
    return frame.to_metres(lat, lon)


def _limits(drone: Drone, settings: PlanSettings, height_m: float) -> Limits:
    battery_s = drone.endurance_min * 60 * (1 - settings.battery_reserve)
    useful_s = battery_s - takeoff_and_landing_s(drone, height_m)
    if useful_s <= 0:
        raise PantauError(
            f"{drone.name} has {battery_s:.0f} s less its reserve, too few to climb to {height_m:.0f} m and "
            "land; fly lower or take a smaller --battery-reserve."
        )
    return Limits(useful_s, settings.max_distance_m or float("inf"), drone.item_limit - ITEMS_PER_SORTIE)


def _height_rules(drone: Drone, height_m: float, pace: Pace) -> HeightRules:
    return HeightRules(
        photo_height_m=height_m,
        transit_height_m=height_m,
        clearance_m=5.0,
        tolerance_m=3.0,
        steepest=min(drone.climb_ms, drone.descend_ms) / pace.photo_ms,
    )


def _items_per_pass(drone: Drone) -> int:
    return ITEMS_PER_PASS if drone.limit_counts_commands else 0


def _bound_m(runs: Sequence[Run]) -> float:
    return lower_bound_m(
        np.array([run.start for run in runs]),
        np.array([run.end for run in runs]),
        np.array([run.length_m for run in runs]),
    )
