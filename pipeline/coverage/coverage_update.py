"""Keeping the coverage proof of a survey up to date, as its photos come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pipeline.coverage.coverage_proof import CoverageProof, prove_coverage, site_of
from pipeline.coverage.coverage_summary import coverage_rows
from pipeline.register import Register
from pipeline.register.batches import add_coverage
from pipeline.sites.site_reading import Site


def whole_sites(register: Register, sites: Sequence[Site]) -> tuple[Site, ...]:
    """The sites, those that are a piece of a site that the register knows replaced by that site, once.

    A re-flight is planned over pieces; what it finds belongs to the road, and so does its coverage.
    """
    if not any(site.part_of for site in sites):
        return tuple(sites)
    known = {record.id: site_of(record) for record in register.sites()}
    whole = (known.get(site.part_of or "", site) for site in sites)
    return tuple({site.id: site for site in whole}.values())


def sites_of_survey(register: Register, survey: str, given: Iterable[Site]) -> tuple[Site, ...]:
    """The sites that a survey is to show: those given now, and those that it was given before."""
    ids = {site.id for site in given}
    before = {row.site for row in register.coverage(survey)} - ids
    return (*given, *(site_of(record) for record in register.sites() if record.id in before))


def update_coverage(
    register: Register, survey: str, sites: Sequence[Site], advance: Callable[[int, str], None]
) -> CoverageProof:
    """Prove what the photos of a survey show of these sites, and enter it into the register."""
    proof = prove_coverage(register, survey, {site.id for site in sites}, advance)
    with register.transaction() as db:
        add_coverage(db, survey, coverage_rows(proof))
    return proof
