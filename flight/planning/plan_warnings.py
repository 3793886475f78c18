"""What a plan must say before anybody flies it."""

from __future__ import annotations

from collections.abc import Sequence

from flight.planning.plan import Plan
from flight.planning.visibility import visibility
from pipeline.sites import Site
from vision.errors import PantauError

_CLEARANCE_M = 5.0  # above the tallest facility of the sites file
_HIGHEST_M = 120.0  # 400 ft: PM 37/2020, 2.1.1.2 (verify) and the EU's open category
_SLOWEST_MS = 1.5  # below, gusts move the vehicle more than it flies
_RETURN_HEIGHT_M = 15.0  # ArduCopter's RTL_ALT: it climbs to this before it returns
_WRITTEN_FORMATS = ("plan", "waypoints")


def refuse_low_flight(sites: Sequence[Site], height_m: float) -> None:
    """Raise PantauError when a facility of known height reaches into the flight height."""
    for site in sites:
        if site.height_m is not None and site.height_m + _CLEARANCE_M > height_m:
            lowest_m = site.height_m + _CLEARANCE_M
            raise PantauError(
                f"facility {site.id!r} ({site.name}) is {site.height_m:.0f} m high, too tall for a flight "
                f"at {height_m:.0f} m; fly at --height {lowest_m:.0f} or more, or leave it out."
            )


def warnings_of(plan: Plan) -> tuple[str, ...]:
    """Everything about a plan that needs a person's attention."""
    found = [
        "no obstacle data: wires, trees, masts and buildings were not considered; check every site on the "
        f"ground for anything near {plan.height_m:.0f} m, transits and the return included",
        "no terrain data: heights are above the take-off point; on slopes the height above ground differs",
        "no zones given: whether flying is allowed here was not tested",
    ]
    if plan.height_m > _HIGHEST_M:
        found.append(
            f"the flight height of {plan.height_m:.0f} m is above 120 m: an approval is needed (PM 37/2020)"
        )
    if plan.height_m < _RETURN_HEIGHT_M:
        found.append(f"the return climbs to {_RETURN_HEIGHT_M:.0f} m first (ArduCopter's RTL_ALT)")
    if plan.speed_ms < _SLOWEST_MS:
        found.append(
            f"sharp photos allow only {plan.speed_ms:.1f} m/s; fly higher or take a faster camera or shutter"
        )
    found += _about_files(plan) + _about_faces(plan) + _about_coverage(plan) + _about_visibility(plan)
    return tuple(found)


def _about_files(plan: Plan) -> list[str]:
    if set(plan.drone.files) & set(_WRITTEN_FORMATS):
        return []
    return [
        f"{plan.drone.title} flies {', '.join(plan.drone.files)} files, which are not written yet; the .plan "
        "and .waypoints files are for viewing only"
    ]


def _about_faces(plan: Plan) -> list[str]:
    tall = [site.id for site in plan.sites if site.height_m is not None]
    return [f"faces are not flown yet, only tops: {', '.join(tall)}"] if tall else []


def _about_coverage(plan: Plan) -> list[str]:
    short = [f"{name} ({share:.0%})" for name, share in plan.covered.items() if share < 0.99]
    if not short:
        return []
    more = f" and {len(short) - 5} more" if len(short) > 5 else ""
    return [f"not fully covered, verge included: {', '.join(short[:5])}{more}"]


def _about_visibility(plan: Plan) -> list[str]:
    hidden = [entry for entry in visibility(plan.gsd_m) if not entry.shown]
    return [
        f"{entry.kind}: shows only from {entry.visible_from_m * 1000:.0f} mm on, not {entry.wanted}"
        for entry in hidden
    ]
