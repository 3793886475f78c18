"""From sites to sorties: the whole way of a plan, as a function from values to values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from flight.coverage.looks import looks_of_sites
from flight.coverage.tracks import Track
from flight.fleet import Drone
from flight.heights.leg_clearance import refuse_close_legs
from flight.planning.fitting import parts_that_fit
from flight.planning.launch_choice import choose_launches
from flight.planning.laying import covered_shares, lay_passes
from flight.planning.plan import Plan, Search
from flight.planning.plan_warnings import warnings_of
from flight.planning.settings import PlanSettings
from flight.planning.site_checks import refuse_closed_sites, refuse_high_sites
from flight.planning.sortie_search import fitting_plan
from flight.planning.task import Task, task_of
from flight.routing.lower_bound import lower_bound_m
from flight.routing.transit_costs import Run
from flight.rules.airspace import Zone
from flight.rules.profile import Profile, read_profile
from flight.rules.rule_checks import check_rules
from flight.rules.rule_report import refuse_violations
from flight.surroundings import Surroundings, frame_of
from pipeline.sites.site_reading import Site
from vision.errors import PantauError


def plan_survey(
    sites: Sequence[Site],
    drone: Drone,
    settings: PlanSettings,
    surroundings: Surroundings | None = None,
    zones: Sequence[Zone] = (),
    profile: Profile | None = None,
    advance: Callable[[int, str], None] | None = None,
) -> Plan:
    """Plan the flights that photograph all sites with this drone.

    `surroundings` says what ground and obstacles are like; its airspace is made here, from `zones` by
    the rules of `profile` (Indonesia's when None). `advance(per_cent, detail)` is told how far the
    search is.

    Raises PantauError when the sites cannot be flown: too low for the camera, ground that the elevation
    model does not cover, a leg that breaks a rule, a site out of reach of the battery.
    """
    if not sites:
        raise PantauError("there are no sites to plan for; give at least one road or facility.")
    surroundings = surroundings or Surroundings.unknown(frame_of(sites))
    task = task_of(sites, drone, settings, surroundings, zones, profile or read_profile("indonesia"))
    laid = lay_passes(task)
    refuse_closed_sites(laid.tracks, task)
    refuse_high_sites(laid.tracks, task)
    launches = choose_launches(task, laid.tracks)
    tracks, runs = parts_that_fit(laid.tracks, launches, task)
    draft = _draft(task, laid.tracks, runs)
    plan = fitting_plan(draft, task, tracks, runs, launches, advance)
    report = check_rules(plan.sorties, task.profile, task.zones, task.surroundings, settings)
    refuse_violations(report)
    refuse_close_legs(plan.sorties, task.surroundings, settings.clearance_m)
    plan = replace(plan, rules=report)
    return replace(plan, warnings=(*warnings_of(plan), *laid.remarks))


def _draft(task: Task, tracks: Sequence[Track], runs: Sequence[Run]) -> Plan:
    """The plan as far as it does not depend on the order of the passes."""
    return Plan(
        sites=task.sites,
        drone=task.drone,
        settings=task.settings,
        height_m=task.rules.photo_height_m,
        transit_height_m=task.rules.transit_height_m,
        speed_ms=task.pace.photo_ms,
        swath=task.swath,
        sorties=(),
        lower_bound_m=_bound_m(runs),
        search=Search(task.settings.seed, 0, 0.0),
        covered=covered_shares(task, tracks),
        looks=looks_of_sites(task.sites, task.geometries, tracks, task.swath),
        zones=task.zones,
        ground_known=task.surroundings.ground.is_known,
        obstacles_known=task.surroundings.obstacles.is_known,
    )


def _bound_m(runs: Sequence[Run]) -> float:
    return lower_bound_m(
        np.array([run.start for run in runs]),
        np.array([run.end for run in runs]),
        np.array([run.length_m for run in runs]),
    )
