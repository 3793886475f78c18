"""From sites to sorties: the whole way of a plan, as a function from values to values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from flight.coverage import covered_share, dead_ends, facility_passes, road_passes
from flight.fleet import Drone
from flight.flight_time import Pace, takeoff_and_landing_s
from flight.launching import propose_launch
from flight.lower_bound import lower_bound_m
from flight.mission import Home
from flight.mission_building import ITEMS_PER_PASS, ITEMS_PER_SORTIE
from flight.photo_geometry import (
    Swath,
    headings_deg,
    photo_positions,
    photo_speed_ms,
    swath_of,
)
from flight.plan import Pass, PhotoPoint, Plan, PlanSettings, Search, Sortie
from flight.plan_warnings import refuse_low_flight, warnings_of
from flight.routing import Limits, Route, Run, costs, find_routes, fits_alone
from pipeline.sites import Site
from vision.camera import FloatArray
from vision.errors import PantauError
from vision.frames import LocalFrame

_DEFAULT_GSD_M = 0.008  # what the shipped road detector is meant for; 20–30 m up with usual cameras
_SHORTEST_PART_M = 20.0  # a pass that must be cut below this is out of reach


@dataclass(frozen=True)
class _Track:
    """A pass in metres of the local frame."""

    site: Site
    line: LineString


def plan_survey(
    sites: Sequence[Site],
    drone: Drone,
    settings: PlanSettings,
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
    frame = _frame(sites)
    geometries = [frame.shapes_to_metres(site.geometry) for site in sites]
    tracks = _tracks(sites, geometries, swath)
    launches = _launches(settings, frame, geometries, tracks)
    limits = _limits(drone, settings, height_m)
    tracks, runs = _parts_that_fit(tracks, launches, pace, limits, frame, _items_per_pass(drone))
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
    sorties = _sorties(routing.routes, tracks, launches, frame, swath, takeoff_and_landing_s(drone, height_m))
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
        covered=_covered(sites, geometries, tracks, swath),
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


def _frame(sites: Sequence[Site]) -> LocalFrame:
    west, south, east, north = shapely.total_bounds([site.geometry for site in sites])
    return LocalFrame((south + north) / 2, (west + east) / 2)


def _tracks(sites: Sequence[Site], geometries: Sequence[BaseGeometry], swath: Swath) -> list[_Track]:
    roads = [geometry for geometry in geometries if isinstance(geometry, LineString)]
    dead = iter(dead_ends(roads))
    tracks: list[_Track] = []
    for site, geometry in zip(sites, geometries, strict=True):
        if isinstance(geometry, Polygon):
            lines = facility_passes(geometry, swath)
        else:
            lines = road_passes(geometry, site.width_m or 0.0, swath, next(dead))
        tracks += [_Track(site, line) for line in lines]
    return tracks


def _launches(
    settings: PlanSettings,
    frame: LocalFrame,
    geometries: Sequence[BaseGeometry],
    tracks: Sequence[_Track],
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


def _items_per_pass(drone: Drone) -> int:
    return ITEMS_PER_PASS if drone.limit_counts_commands else 0


def _run(track: _Track, pace: Pace, items_per_pass: int) -> Run:
    headings = headings_deg(track.line)
    points = track.line.coords
    return Run(
        start=points[0],
        end=points[-1],
        start_heading_deg=headings[0],
        end_heading_deg=headings[-1],
        length_m=track.line.length,
        duration_s=pace.pass_s(track.line.length, headings),
        items=len(points) + items_per_pass,
    )


def _parts_that_fit(
    tracks: Sequence[_Track],
    launches: FloatArray,
    pace: Pace,
    limits: Limits,
    frame: LocalFrame,
    items_per_pass: int,
) -> tuple[list[_Track], list[Run]]:
    """The passes, those halved (again and again) that no single battery or sortie can fly."""
    waiting = list(reversed(tracks))
    parts: list[_Track] = []
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
        waiting += [_Track(track.site, half) for half in halves]
    return parts, runs


def _out_of_reach(track: _Track, launches: FloatArray, frame: LocalFrame) -> PantauError:
    away_m = min(track.line.distance(point) for point in shapely.points(launches))
    lat, lon = frame.to_lat_lon(track.line.coords[0])[0]
    return PantauError(
        f"site {track.site.id!r} ({track.site.name}) is {away_m:.0f} m from the nearest launch point, out "
        "of reach of one battery or of --max-distance; add a launch point nearer, such as "
        f"--launch {lat:.5f},{lon:.5f}."
    )


def _bound_m(runs: Sequence[Run]) -> float:
    return lower_bound_m(
        np.array([run.start for run in runs]),
        np.array([run.end for run in runs]),
        np.array([run.length_m for run in runs]),
    )


def _sorties(
    routes: Sequence[Route],
    tracks: Sequence[_Track],
    launches: FloatArray,
    frame: LocalFrame,
    swath: Swath,
    ground_s: float,
) -> tuple[Sortie, ...]:
    homes = [Home(float(lat), float(lon)) for lat, lon in frame.to_lat_lon(launches)]
    ids = _pass_ids(tracks)
    return tuple(
        Sortie(
            number=number,
            home=homes[route.launch],
            passes=tuple(
                _pass(ids[visit.run], tracks[visit.run], visit.backwards, frame, swath)
                for visit in route.visits
            ),
            distance_m=route.distance_m,
            duration_s=route.duration_s + ground_s,
        )
        for number, route in enumerate(routes, start=1)
    )


def _pass_ids(tracks: Sequence[_Track]) -> list[str]:
    counts: dict[str, int] = {}
    ids = []
    for track in tracks:
        counts[track.site.id] = counts.get(track.site.id, 0) + 1
        ids.append(f"{track.site.id}#{counts[track.site.id]}")
    return ids


def _pass(pass_id: str, track: _Track, backwards: bool, frame: LocalFrame, swath: Swath) -> Pass:
    line = track.line.reverse() if backwards else track.line
    photos = photo_positions(line, swath.photo_spacing_m)
    places = frame.to_lat_lon(photos[:, :2])
    return Pass(
        id=pass_id,
        site=track.site.id,
        waypoints=tuple((float(lat), float(lon)) for lat, lon in frame.to_lat_lon(line.coords)),
        length_m=line.length,
        trigger_distance_m=swath.photo_spacing_m,
        photos=tuple(
            PhotoPoint(float(lat), float(lon), float(yaw))
            for (lat, lon), yaw in zip(places, photos[:, 2], strict=True)
        ),
    )


def _covered(
    sites: Sequence[Site], geometries: Sequence[BaseGeometry], tracks: Sequence[_Track], swath: Swath
) -> dict[str, float]:
    lines: dict[str, list[LineString]] = {site.id: [] for site in sites}
    for track in tracks:
        lines[track.site.id].append(track.line)
    covered = {}
    for site, geometry in zip(sites, geometries, strict=True):
        reach_m = swath.margin_m + (site.width_m or 0.0) / 2
        area = geometry.buffer(max(reach_m, 0.1), cap_style="flat")
        covered[site.id] = covered_share(area, lines[site.id], swath)
    return covered
