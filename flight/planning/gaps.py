"""What a survey left uncovered, as sites to plan again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from pipeline.coverage.coverage_proof import CoverageProof, Gap, SiteCoverage, prove_coverage
from pipeline.register import Register
from pipeline.sites.site_reading import Site
from vision.frames import LocalFrame

# Flown again beside a gap, so that the new photos tie in with those that there are.
_OVERLAP_M = 5.0
_SHORTEST_M = 20.0  # the vehicle has hardly its speed before
_JOIN_M = 20.0  # what lies nearer together is flown as one: leaving and coming back costs more
_SIMPLIFY_M = 0.5


def sites_with_gaps(
    register_path: Path | str, survey: str | None = None
) -> tuple[tuple[Site, ...], CoverageProof]:
    """The uncovered parts of a survey's sites as sites to plan again, and the proof that they are.

    The newest survey without a name. Of a road these are pieces from station to station, somewhat longer
    than the gap at both ends; of a facility the uncovered part with a margin. A site that is uncovered from
    end to end stands as it is, and so does a facility whose faces are flown: part of an orbit would lead
    through it. Each piece names the site that it is `part_of`. No sites where nothing is uncovered.

    Raises PantauError when the register has no such survey or no sites, or cannot be read.
    """
    with Register.open(register_path, read_only=True) as register:
        proof = prove_coverage(register, survey)
    return tuple(piece for coverage in proof.sites for piece in _pieces(coverage)), proof


def _pieces(coverage: SiteCoverage) -> Iterable[Site]:
    site = coverage.site
    if not coverage.gaps:
        return []
    if site.height_m is not None:
        return [site]
    frame = LocalFrame(site.geometry.centroid.y, site.geometry.centroid.x)
    site_m = frame.shapes_to_metres(site.geometry)
    if isinstance(site_m, LineString):
        return _road_pieces(site, site_m, coverage.gaps, frame)
    return _facility_pieces(site, site_m, coverage.gaps, frame)


def _road_pieces(site: Site, line: LineString, gaps: Sequence[Gap], frame: LocalFrame) -> list[Site]:
    spans = [(gap.from_m, gap.to_m) for gap in gaps if gap.from_m is not None and gap.to_m is not None]
    pieces = []
    for from_m, to_m in _joined([_widened(*span, line.length) for span in spans]):
        if (from_m, to_m) == (0.0, line.length):
            return [site]
        stations = f"{_station(from_m)}–{_station(to_m)}"
        shape = frame.shapes_to_lon_lat(substring(line, from_m, to_m))
        pieces.append(_piece(site, f"STA {stations}", shape))
    return pieces


def _widened(from_m: float, to_m: float, length_m: float) -> tuple[float, float]:
    """A stretch with its overlap, and no shorter than can be flown, as far as the road goes."""
    more_m = max(_OVERLAP_M, (_SHORTEST_M - (to_m - from_m)) / 2)
    from_m, to_m = from_m - more_m, to_m + more_m
    if from_m < 0:
        from_m, to_m = 0.0, max(to_m, _SHORTEST_M)
    if to_m > length_m:
        from_m, to_m = min(from_m, length_m - _SHORTEST_M), length_m
    return max(from_m, 0.0), to_m


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for from_m, to_m in sorted(spans):
        if joined and from_m - joined[-1][1] < _JOIN_M:
            joined[-1] = (joined[-1][0], max(to_m, joined[-1][1]))
        else:
            joined.append((from_m, to_m))
    return joined


def _facility_pieces(site: Site, outline: Polygon, gaps: Sequence[Gap], frame: LocalFrame) -> list[Site]:
    gaps_m = frame.shapes_to_metres([gap.geometry for gap in gaps])
    reach_m = _OVERLAP_M + _JOIN_M / 2
    near = shapely.union_all(gaps_m).buffer(reach_m).buffer(_OVERLAP_M - reach_m).simplify(_SIMPLIFY_M)
    parts = [part for part in _polygons(near.intersection(outline)) if shapely.intersects(part, gaps_m).any()]
    if shapely.union_all(parts).area > outline.area * (1 - 1e-6):
        return [site]
    in_order = sorted(parts, key=lambda part: part.bounds)
    return [
        _piece(site, f"gap {number}", frame.shapes_to_lon_lat(part))
        for number, part in enumerate(in_order, start=1)
    ]


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    return [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon) and part.area > 0]


def _piece(site: Site, which: str, geometry: LineString | Polygon) -> Site:
    return replace(
        site, id=f"{site.id} {which}", name=f"{site.name}, {which}", geometry=geometry, part_of=site.id
    )


def _station(station_m: float) -> str:
    """A distance along a road in the notation of road authorities: 1234.6 m is 1+235."""
    kilometres, metres = divmod(round(station_m), 1000)
    return f"{kilometres}+{metres:03d}"
