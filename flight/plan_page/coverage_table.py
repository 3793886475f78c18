"""How well each site is photographed, as rows of a table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from flight.planning.plan import Looks, Pass, Plan
from pipeline.sites.site_reading import Site

_WHOLE = 0.99  # as the plan's warnings count: rounding of the geometry leaves a little of a covered site


@dataclass(frozen=True)
class SiteRow:
    """A site: the share of it that photos show, how often (None where not computed), and its passes."""

    site: Site
    share: float | None
    looks: Looks | None
    passes: int
    length_m: float
    photos: int

    @property
    def is_whole(self) -> bool:
        """Whether all of it is photographed."""
        return self.share is not None and self.share >= _WHOLE


def site_rows(plan: Plan) -> list[SiteRow]:
    """All sites of a plan, the least photographed first."""
    passes: dict[str, list[Pass]] = defaultdict(list)
    for sortie in plan.sorties:
        for flown in sortie.passes:
            passes[flown.site].append(flown)
    rows = [_row(plan, site, passes[site.id]) for site in plan.sites]
    return sorted(rows, key=_how_well)


def _how_well(row: SiteRow) -> tuple[bool, float, int, float]:
    fewest, median = (row.looks.fewest, row.looks.median) if row.looks else (0, 0.0)
    return row.is_whole, 0.0 if row.is_whole else row.share or 0.0, fewest, median


def _row(plan: Plan, site: Site, passes: list[Pass]) -> SiteRow:
    return SiteRow(
        site=site,
        share=plan.covered.get(site.id),
        looks=plan.looks.get(site.id),
        passes=len(passes),
        length_m=sum(flown.length_m for flown in passes),
        photos=sum(len(flown.photos) for flown in passes),
    )
