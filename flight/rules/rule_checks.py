"""A plan held against a rule profile: every leg, take-off, transits and return included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from shapely import Point

from flight.planning.plan import Sortie
from flight.planning.settings import PlanSettings
from flight.rules.airspace import Airspace, Zone
from flight.rules.daylight import daylight, days_needed
from flight.rules.flown_stretches import HomePoints, Stretches, flown_stretches, home_points
from flight.rules.profile import Language, Profile, Rule
from flight.rules.rule_report import ChecklistItem, RuleReport, Violation
from flight.rules.zone_checks import FlownPieces, ZoneCheck
from flight.surroundings import Surroundings
from vision.camera import FloatArray
from vision.errors import PantauError

_PIECE_M = 10.0  # heights above ground are taken this often
_ROUNDING_M = 0.05  # of heights in files
_NAMED = 3
_UTC = "%Y-%m-%dT%H:%MZ"


def check_rules(
    sorties: Sequence[Sortie],
    profile: Profile,
    zones: Sequence[Zone],
    surroundings: Surroundings,
    settings: PlanSettings,
    language: Language = "en",
) -> RuleReport:
    """Hold sorties against a profile and zones; the checklist's texts are in this language.

    Violations are in the order in which they would be flown. What could not be tested (no zones, no day
    given, line of sight) is in the checklist too.
    """
    homes = home_points(sorties, surroundings)
    stretches = flown_stretches(sorties, homes, surroundings)
    pieces, unknown = _above_ground(stretches, homes, surroundings)
    zone_check = ZoneCheck(zones, profile, settings.permits, surroundings)
    found = [*zone_check.violations(pieces), *_too_high(pieces, profile, settings)]
    found.sort(key=lambda one: one[0])
    notices = [
        *unknown,
        *_out_of_sight(sorties, profile, stretches, homes, surroundings),
        *zone_check.returns_across(stretches, homes),
        *_daylight(sorties, profile, surroundings, settings),
    ]
    return RuleReport(
        profile=profile.name,
        violations=(*(violation for _, violation in found), *_too_far(sorties, settings)),
        notices=tuple(notices),
        checklist=tuple(
            ChecklistItem(rule.id, rule.text[language], rule.citation)
            for rule in profile.rules
            if _is_for_people(rule, zones, settings)
        ),
    )


def check_permits(permits: Sequence[str], profile: Profile, zones: Sequence[Zone]) -> None:
    """Raise PantauError when an approval in hand names nothing, or what no approval can lift."""
    known = {rule.id.casefold(): rule for rule in profile.rules}
    for zone in zones:
        rule = profile.rule_for(zone.kind)
        if rule is not None:
            known |= {zone.id.casefold(): rule, zone.name.casefold(): rule}
    for permit in permits:
        rule = known.get(permit.casefold())
        if rule is None:
            names = ", ".join(rule.id for rule in profile.rules if rule.approval)
            raise PantauError(
                f"--permit {permit!r} names no closed zone and no rule; zones go by name or id, rules "
                f"of profile {profile.name!r} are {names}."
            )
        if not rule.approval:
            raise PantauError(
                f"--permit {permit!r}: profile {profile.name!r} knows no approval for rule {rule.id!r} "
                f"({rule.citation}); keep the rule, or take another --profile."
            )


def check_launches(launches: FloatArray, airspace: Airspace) -> None:
    """Raise PantauError, naming point and zone, when a launch point (N, 2) in metres is in a zone."""
    for number, place in enumerate(launches, start=1):
        closure = airspace.closing(Point(place))
        if closure is None:
            continue
        where = f"launch point {number}"
        if airspace.frame is not None:
            where += " ({:.5f},{:.5f})".format(*airspace.frame.to_lat_lon(place)[0])
        remedy = "move it"
        if closure.rule.approval:
            remedy += f', or give --permit "{closure.zone.id}" when the approval is in hand'
        raise PantauError(
            f"{where} lies in or too near {closure.zone.title}: rule "
            f"{closure.rule.id!r}, {closure.rule.citation}; {remedy}."
        )


def _above_ground(
    stretches: Stretches, homes: HomePoints, surroundings: Surroundings
) -> tuple[FlownPieces, list[str]]:
    """The flown way in short pieces over the ground, and a notice where the ground is not known."""
    pieces = stretches.cut(_PIECE_M)
    starts_m = surroundings.ground.elevation_m(pieces.starts[:, :2])
    ends_m = surroundings.ground.elevation_m(pieces.ends[:, :2])
    unknown = np.isnan(starts_m) | np.isnan(ends_m)
    instead_m = homes.ground_m[pieces.sortie]
    flown = FlownPieces(
        pieces,
        pieces.starts[:, 2] - np.where(unknown, instead_m, starts_m),
        pieces.ends[:, 2] - np.where(unknown, instead_m, ends_m),
    )
    legs = [pieces.legs[leg] for leg in np.unique(pieces.leg[unknown])]
    if not legs:
        return flown, []
    return flown, [
        f"the ground is not known under {_some(legs)}: heights above ground were tested as if it were as "
        "high as at the launch point"
    ]


def _too_high(
    pieces: FlownPieces, profile: Profile, settings: PlanSettings
) -> Iterator[tuple[int, Violation]]:
    legs = pieces.stretches.legs
    highest_m = np.full(len(legs), -np.inf)
    np.maximum.at(highest_m, pieces.stretches.leg, pieces.highest_m)
    for rule in profile.tested("ceiling"):
        for leg in np.flatnonzero(highest_m > rule.limit_m + _ROUNDING_M):
            what = f"is up to {highest_m[leg]:.1f} m above ground, over the ceiling of {rule.limit_m:.0f} m"
            lifted = rule.is_lifted(settings.permits)
            permit = rule.id if rule.approval else ""
            yield int(leg), Violation(rule.id, legs[leg], what, rule.citation, lifted, permit)


def _too_far(sorties: Sequence[Sortie], settings: PlanSettings) -> Iterator[Violation]:
    if settings.max_distance_m is None:
        return
    for sortie in sorties:
        if sortie.distance_m > settings.max_distance_m + _ROUNDING_M:
            what = f"is {sortie.distance_m:.0f} m long, not {settings.max_distance_m:.0f} m at most"
            yield Violation("max-distance", f"sortie {sortie.number}", what, "own setting (--max-distance)")


def _out_of_sight(
    sorties: Sequence[Sortie],
    profile: Profile,
    stretches: Stretches,
    homes: HomePoints,
    surroundings: Surroundings,
) -> Iterator[str]:
    away_m = np.hypot(*(stretches.ends[:, :2] - homes.places[stretches.sortie]).T)
    for rule in profile.tested("line_of_sight"):
        for index, sortie in enumerate(sorties):
            beyond = np.flatnonzero((stretches.sortie == index) & (away_m > rule.limit_m))
            if not len(beyond):
                continue
            farthest = beyond[away_m[beyond].argmax()]
            lat, lon = surroundings.frame.to_lat_lon(stretches.ends[farthest, :2])[0]
            prefix = f"sortie {sortie.number}, "
            legs = [stretches.legs[leg].removeprefix(prefix) for leg in np.unique(stretches.leg[beyond])]
            yield (
                f"sortie {sortie.number} is up to {away_m[farthest]:.0f} m from its launch point, beyond the "
                f"line of sight of {rule.limit_m:.0f} m, on {_some(legs)} ({rule.citation}); add a launch "
                f"point nearer, such as --launch {lat:.5f},{lon:.5f}, or place observers"
            )


def _daylight(
    sorties: Sequence[Sortie], profile: Profile, surroundings: Surroundings, settings: PlanSettings
) -> Iterator[str]:
    for rule in profile.tested("daylight"):
        if settings.day is None:
            yield f"no day was given: daylight was not tested ({rule.citation}); give --date"
            continue
        sun = daylight(surroundings.frame.lat, surroundings.frame.lon, settings.day)
        if sun.duration_s == 0:
            yield f"the sun does not rise on {settings.day} here ({rule.citation}); choose another --date"
            continue
        durations_s = [sortie.duration_s for sortie in sorties]
        days = days_needed(durations_s, sun.duration_s)
        needs = "one sortie alone is longer" if days is None else f"needs {days} day{'s' * (days > 1)}"
        yield (
            f"daylight of {settings.day} is from {sun.sunrise:{_UTC}} to {sun.sunset:{_UTC}}, "
            f"{_hours(sun.duration_s)} ({rule.citation}); {_hours(sum(durations_s))} in the air, battery "
            f"changes and driving not counted: {needs}"
        )


def _is_for_people(rule: Rule, zones: Sequence[Zone], settings: PlanSettings) -> bool:
    """Whether a person must confirm a rule: geometry cannot tell, or was not given what it needs."""
    if rule.test == "zones":
        return not zones and "*" not in rule.kinds
    if rule.test == "daylight":
        return settings.day is None
    return rule.test in ("checklist", "line_of_sight")


def _hours(duration_s: float) -> str:
    hours, minutes = divmod(round(duration_s / 60), 60)
    return f"{hours} h {minutes:02d} min"


def _some(legs: Sequence[str]) -> str:
    more = f" and {len(legs) - _NAMED} more" if len(legs) > _NAMED else ""
    return "; ".join(legs[:_NAMED]) + more
