"""What a plan must say before anybody flies it."""

from __future__ import annotations

from flight.coverage.visibility import visibility
from flight.planning.plan import Plan

_SLOWEST_MS = 1.5  # below, gusts move the vehicle more than it flies
_RETURN_HEIGHT_M = 15.0  # ArduCopter's RTL_ALT: it climbs to this before it returns


def warnings_of(plan: Plan) -> tuple[str, ...]:
    """Everything about a plan that needs a person's attention."""
    found = _about_the_unknown(plan)
    if max(sortie.return_height_m for sortie in plan.sorties) < _RETURN_HEIGHT_M:
        found.append(f"the return climbs to {_RETURN_HEIGHT_M:.0f} m first (ArduCopter's RTL_ALT)")
    if plan.speed_ms < _SLOWEST_MS:
        found.append(
            f"sharp photos allow only {plan.speed_ms:.1f} m/s; fly higher or take a faster camera or shutter"
        )
    return (*found, *_about_coverage(plan), *_about_visibility(plan))


def _about_the_unknown(plan: Plan) -> list[str]:
    found = []
    if not plan.obstacles_known:
        found.append(
            "no obstacle data: wires, trees, masts and buildings were not considered; check every site on "
            f"the ground for anything near {plan.height_m:.0f} m, transits and the return included"
        )
        found += _about_faces(plan)
    if not plan.ground_known:
        found.append(
            "no terrain data: heights are above the take-off point; on slopes the height above ground differs"
        )
    if not plan.zones:
        found.append("no zones given: whether flying is allowed here was not tested")
    return found


def _about_faces(plan: Plan) -> list[str]:
    low = [flown for sortie in plan.sorties for flown in sortie.passes if flown.look_at is not None]
    if not low:
        return []
    lowest_m = min(place.alt_m for flown in low for place in flown.waypoints)
    sites = ", ".join(sorted({flown.site for flown in low}))
    return [
        f"faces are flown down to {lowest_m:.0f} m above take-off, about {plan.height_m:.0f} m beside the "
        f"walls of {sites}: check for neighbours, trees and wires there"
    ]


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
        if entry.too_coarse_for_detector is None
        else f"{entry.kind}: is not found at all in photos coarser than {entry.too_coarse_for_detector:g} cm "
        "a pixel; fly lower"
        for entry in hidden
    ]
