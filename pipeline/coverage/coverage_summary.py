"""A coverage proof as plain values: for JSON, for people, for the register.

Lengths are metres, areas square metres, shares from 0 to 1, rounded down, so that 1 means all of it.
"""

from __future__ import annotations

import json
from typing import Any

from pipeline.coverage.coverage_proof import CoverageProof, Gap, SiteCoverage
from pipeline.register.rows import geometry_text


def proof_document(proof: CoverageProof) -> dict[str, Any]:
    """The proof for JSON."""
    return {
        "survey": proof.survey,
        "covered_m": round(proof.covered_m, 1),
        "total_m": round(proof.total_m, 1),
        "covered_m2": round(proof.covered_m2, 1),
        "total_m2": round(proof.total_m2, 1),
        "share": _rounded_down(proof.share, 4),
        "photos": {"used": proof.photos_used, "rejected": dict(proof.rejected)},
        "sites": [_site_document(coverage) for coverage in proof.sites],
    }


def proof_text(proof: CoverageProof) -> str:
    """One line for people: metres and per cent of roads, square metres and per cent of facilities."""
    parts = []
    if proof.total_m:
        share = _percent(proof.covered_m / proof.total_m)
        parts.append(f"{proof.covered_m:,.0f} of {proof.total_m:,.0f} m of road ({share})")
    if proof.total_m2:
        share = _percent(proof.covered_m2 / proof.total_m2)
        parts.append(f"{proof.covered_m2:,.0f} of {proof.total_m2:,.0f} m² of facilities ({share})")
    gaps = len(proof.gaps)
    return ", ".join([*parts, f"{gaps or 'no'} gap{'' if gaps == 1 else 's'}"])


def coverage_rows(proof: CoverageProof) -> list[dict[str, Any]]:
    """The rows of the proof in the register's table `coverage`, still without the survey's number."""
    return [_row(coverage) for coverage in proof.sites]


def _row(coverage: SiteCoverage) -> dict[str, Any]:
    gaps = [
        {
            "type": "Feature",
            "properties": _gap_document(gap),
            "geometry": json.loads(geometry_text(gap.geometry)),
        }
        for gap in coverage.gaps
    ]
    return {
        "site": coverage.site.id,
        **_figures(coverage),
        "looks_fewest": coverage.looks.fewest,
        "looks_median": coverage.looks.median,
        "gaps": json.dumps({"type": "FeatureCollection", "features": gaps}),
    }


def _site_document(coverage: SiteCoverage) -> dict[str, Any]:
    return {
        "id": coverage.site.id,
        "name": coverage.site.name,
        "kind": coverage.site.kind,
        **_figures(coverage),
        "share": _rounded_down(coverage.share, 4),
        "looks": {"fewest": coverage.looks.fewest, "median": coverage.looks.median},
        "gaps": [_gap_document(gap) for gap in coverage.gaps],
    }


def _figures(coverage: SiteCoverage) -> dict[str, float]:
    return {
        "covered_m": round(coverage.covered_m, 2),
        "total_m": round(coverage.total_m, 2),
        "covered_m2": round(coverage.covered_m2, 2),
        "total_m2": round(coverage.total_m2, 2),
    }


def _gap_document(gap: Gap) -> dict[str, Any]:
    stations = {}
    if gap.from_m is not None and gap.to_m is not None:
        stations = {"from_m": round(gap.from_m, 1), "to_m": round(gap.to_m, 1)}
    return {
        **stations,
        "area_m2": round(gap.area_m2, 1),
        "cause": gap.cause,
        "rejected": dict(gap.rejected),
    }


def _rounded_down(share: float, digits: int) -> float:
    scale = float(10**digits)
    return int(share * scale + 1e-6) / scale


def _percent(share: float) -> str:
    return f"{_rounded_down(share, 3) * 100:.1f} %"
