"""What is to be planned, with everything that is settled before passes are laid and ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry.base import BaseGeometry

from flight.coverage.facility_faces import LOWEST_M
from flight.coverage.photo_geometry import Swath, photo_speed_ms, swath_of
from flight.fleet import Drone
from flight.heights.ground import Ground, uncovered
from flight.heights.obstacles import Obstacle, check_surface
from flight.heights.raising import SHORT_TRANSIT_M, HeightRules
from flight.missions.mission_building import ITEMS_PER_SORTIE
from flight.planning.settings import PlanSettings
from flight.routing.flight_time import Pace, takeoff_and_landing_s
from flight.routing.transit_costs import Limits
from flight.rules.airspace import Airspace, Zone
from flight.rules.profile import Profile
from flight.rules.rule_checks import check_permits
from flight.surroundings import Surroundings
from pipeline.sites.site_reading import Site
from vision.errors import PantauError

_DEFAULT_GSD_M = 0.008  # what the shipped road detector is meant for; 20–30 m up with usual cameras
_FULL_STOP_DEG = np.array(180.0)  # a reversal is a stop and a start
_HOLD_S = 1.0  # until the camera is still
_SAFE_TRANSIT_M = 40.0  # above trees and houses of some floors, where nobody has told of obstacles


@dataclass(frozen=True)
class Task:
    """The sites (`geometries` are theirs in metres), the drone, and how high and fast it flies."""

    sites: tuple[Site, ...]
    geometries: tuple[BaseGeometry, ...]
    drone: Drone
    settings: PlanSettings
    surroundings: Surroundings
    zones: tuple[Zone, ...]
    profile: Profile
    swath: Swath
    pace: Pace
    rules: HeightRules

    @property
    def takeoff_and_landing_s(self) -> float:
        """Time of arming, climb, hover, descent and landing."""
        return takeoff_and_landing_s(self.drone, self.rules.photo_height_m)

    @property
    def photo_stop_s(self) -> float:
        """Time that one photo costs: none in flight, a stop where it is the action of a waypoint."""
        if self.drone.trigger != "action":
            return 0.0
        return float(self.pace.turn_s(_FULL_STOP_DEG)) + _HOLD_S

    def limits(self) -> Limits:
        """What one sortie may use between take-off and landing.

        Raises PantauError when the battery does not even suffice for these.
        """
        battery_s = self.battery_s
        useful_s = battery_s - self.takeoff_and_landing_s
        if useful_s <= 0:
            raise PantauError(
                f"{self.drone.name} has {battery_s:.0f} s less its reserve, too few to climb to "
                f"{self.rules.photo_height_m:.0f} m and land; fly lower or take a smaller --battery-reserve."
            )
        longest_m = self.settings.max_distance_m or float("inf")
        return Limits(useful_s, longest_m, self.drone.item_limit - ITEMS_PER_SORTIE)

    @property
    def battery_s(self) -> float:
        """The longest sortie, take-off and landing included: the endurance less the reserve."""
        return self.drone.endurance_min * 60 * (1 - self.settings.battery_reserve)


def task_of(
    sites: Sequence[Site],
    drone: Drone,
    settings: PlanSettings,
    surroundings: Surroundings,
    zones: Sequence[Zone],
    profile: Profile,
) -> Task:
    """Settle heights, speeds and airspace.

    Raises PantauError when the camera sees too little from there, an elevation model does not cover a
    site, or an approval in hand names nothing.
    """
    check_permits(settings.permits, profile, zones)
    geometries = tuple(surroundings.frame.shapes_to_metres(site.geometry) for site in sites)
    _refuse_unknown_ground(sites, geometries, surroundings)
    check_surface(surroundings.obstacles, surroundings.ground, geometries)
    height_m = settings.height_m or drone.height_for_gsd_m((settings.gsd_cm or _DEFAULT_GSD_M * 100) / 100)
    known = surroundings.obstacles
    surroundings = replace(
        surroundings, obstacles=replace(known, sites=_buildings(sites, geometries, surroundings.ground))
    )
    swath = _swath(drone, height_m, settings)
    photo_ms = photo_speed_ms(drone, drone.gsd_m(height_m), swath.photo_spacing_m, settings.exposure_s)
    swath = replace(swath, photo_spacing_m=drone.photo_spacing_m(swath.photo_spacing_m, photo_ms))
    transit_m = _transit_height_m(height_m, settings, surroundings)
    pace = Pace(
        photo_ms,
        drone.cruise_ms,
        wind_ms=settings.wind_ms,
        wind_from_deg=settings.wind_from_deg,
        rise_m=transit_m - height_m,
        rises_beyond_m=SHORT_TRANSIT_M,
        climb_ms=drone.climb_ms,
        descend_ms=drone.descend_ms,
    )
    rules = HeightRules(
        photo_height_m=height_m,
        transit_height_m=transit_m,
        clearance_m=settings.clearance_m,
        tolerance_m=settings.agl_tolerance_m,
        steepest=min(drone.climb_ms, drone.descend_ms) / photo_ms,
    )
    airspace = Airspace.around(
        zones,
        surroundings.frame,
        profile,
        lowest_m=min(height_m - settings.agl_tolerance_m, LOWEST_M),
        highest_m=transit_m + settings.agl_tolerance_m,
        clearance_m=settings.lateral_tolerance_m,
        permits=settings.permits,
    )
    return Task(
        sites=tuple(sites),
        geometries=geometries,
        drone=drone,
        settings=settings,
        surroundings=replace(surroundings, airspace=airspace),
        zones=tuple(zones),
        profile=profile,
        swath=swath,
        pace=pace,
        rules=rules,
    )


def _transit_height_m(height_m: float, settings: PlanSettings, surroundings: Surroundings) -> float:
    if settings.transit_height_m is not None:
        return max(settings.transit_height_m, height_m)
    return height_m if surroundings.obstacles.is_known else max(height_m, _SAFE_TRANSIT_M)


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


def _buildings(
    sites: Sequence[Site], geometries: Sequence[BaseGeometry], ground: Ground
) -> tuple[Obstacle, ...]:
    return tuple(
        Obstacle("facility", geometry, site.height_m, ground.highest_m(geometry) + site.height_m)
        for site, geometry in zip(sites, geometries, strict=True)
        if site.height_m
    )


def _refuse_unknown_ground(
    sites: Sequence[Site], geometries: Sequence[BaseGeometry], surroundings: Surroundings
) -> None:
    for site, geometry in zip(sites, geometries, strict=True):
        place = uncovered(surroundings.ground, geometry)
        if place is not None:
            lat, lon = surroundings.frame.to_lat_lon(place)[0]
            raise PantauError(
                f"the elevation model says nothing about {site.kind} {site.id!r} ({site.name}) at "
                f"{lat:.5f},{lon:.5f}; give a --dem that covers all sites, or leave this one out."
            )
