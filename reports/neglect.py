"""How neglected sites are, as the report tells it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.register.records import SiteConditionRecord
from reports.contents import Contents


@dataclass(frozen=True)
class NeglectRow:
    """A site in its newest survey that shows its paving."""

    site_name: str
    condition: SiteConditionRecord

    @property
    def photos_differ(self) -> bool:
        """Whether photos of one place disagree by a tenth of a square metre or more."""
        return self.condition.vegetation_most_m2 - self.condition.vegetation_least_m2 >= 0.1


def neglect_rows(contents: Contents) -> tuple[NeglectRow, ...]:
    """One row for each site of which the paving was looked over, the most overgrown first."""
    names = {site.id: site.name or site.id for site in contents.sites}
    newest = {condition.site: condition for condition in contents.conditions}
    ranked = sorted(newest.values(), key=lambda condition: (-condition.vegetation_share, condition.site))
    return tuple(NeglectRow(names.get(condition.site, condition.site), condition) for condition in ranked)
