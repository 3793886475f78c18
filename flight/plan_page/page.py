"""plan.html: a whole plan on one page to look at, before anybody flies it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flight.coverage.visibility import visibility
from flight.plan_page.coverage_table import site_rows
from flight.plan_page.plan_ground import plan_ground
from flight.plan_page.plan_map import draw_plan_map
from flight.plan_page.profile_chart import draw_profile
from flight.plan_page.rendering import render
from flight.plan_page.sortie_table import sortie_rows
from flight.plan_page.translation import in_language
from flight.planning.plan import Plan
from flight.rules.profile import Profile, profile_names, read_profile
from vision.whole_file import write_whole

_OPEN_PROFILES = 6  # more are folded away
_OPEN_SITES = 15


def write_plan_page(plan: Plan, path: Path, language: str = "en") -> None:
    """Write a plan as one self-contained HTML file, in English ("en") or Indonesian ("id").

    Raises PantauError for another language, or when the file cannot be written.
    """
    ground = plan_ground(plan)
    drawing = draw_plan_map(plan, ground)
    rules = _built_in_rules(plan)
    ceiling_m = min((rule.limit_m for rule in rules.tested("ceiling")), default=None) if rules else None
    html = render(
        "plan.html.j2",
        language,
        style="plan.css",
        script="plan.js",
        plan=plan,
        map=drawing,
        made_at=datetime.now(UTC),
        say=partial(in_language, language=language),
        warnings=_said_nowhere_else(plan),
        rows=sortie_rows(plan, drawing.launches),
        profiles=[(sortie, draw_profile(sortie, ceiling_m)) for sortie in plan.sorties],
        ceiling_m=ceiling_m,
        rules_title=rules.title["id" if language == "id" else "en"] if rules else "",
        open_profiles=_OPEN_PROFILES,
        seen=visibility(plan.gsd_m),
        sites=site_rows(plan),
        open_sites=_OPEN_SITES,
    )
    write_whole(path, html)


def _said_nowhere_else(plan: Plan) -> list[str]:
    """The warnings, less those that the page's first lines say in its own words."""
    unknown = {
        "no obstacle data": not plan.obstacles_known,
        "no terrain data": not plan.ground_known,
        "no zones": not plan.zones,
    }
    on_top = tuple(words for words, said in unknown.items() if said)
    return [warning for warning in plan.warnings if not warning.startswith(on_top)]


def _built_in_rules(plan: Plan) -> Profile | None:
    """The built-in profile that a plan was held against; None for a profile of one's own, or none at all."""
    if plan.rules is None or plan.rules.profile not in profile_names():
        return None
    return read_profile(plan.rules.profile)
