"""The coverage proof: what of a survey's sites its photos really show, in metres and per cent.

What counts as shown is told in `pipeline.coverage.shown_ground`, what as covered in
`pipeline.coverage.site_coverage`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from shapely import LineString, Polygon
from shapely.geometry import shape

from pipeline.coverage.shown_ground import ShownGround, read_shown_ground
from pipeline.coverage.site_coverage import Looks, UncoveredPart, cover_facility, cover_road
from pipeline.coverage.sites_read import site_key
from pipeline.register import Register
from pipeline.register.records import SiteRecord
from pipeline.sites.site_reading import Site
from vision.errors import PantauError
from vision.frames import LocalFrame


@dataclass(frozen=True)
class Gap:
    """A part of a site that a survey's photos do not show: a road's from station to station, or a polygon.

    `geometry` is lon, lat. `rejected` counts by reason the rejected photos that would have shown some
    of it, as far as their place is known. `shown_in_part` says that used photos have its middle in them,
    but not the road's whole width, or too flatly, or no surer than their position is. `unread` photos have
    it in them and were not looked at for this site.
    """

    geometry: LineString | Polygon
    area_m2: float
    from_m: float | None
    to_m: float | None
    rejected: Mapping[str, int]
    shown_in_part: bool
    unread: int = 0

    @property
    def cause(self) -> str:
        """Why it is a gap, as far as the register tells."""
        if self.rejected:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self.rejected.items())
            return f"rejected photos: {reasons}"
        if self.unread:
            return f"{self.unread} photos show it that were not looked at for this site: inspect them again"
        if self.shown_in_part:
            return "only at the edge of photos, or too flatly"
        return "no photo"


@dataclass(frozen=True)
class SiteCoverage:
    """What photos show of one site: lengths of a road (0 for a facility), areas, looks, and the gaps.

    A metre of a road counts in `covered_m` where its whole width is shown; `covered_m2` counts each
    square metre for itself.
    """

    site: Site
    covered_m: float
    total_m: float
    covered_m2: float
    total_m2: float
    looks: Looks
    gaps: tuple[Gap, ...]

    @property
    def share(self) -> float:
        """The share (0–1) that is covered: of a road's length, of a facility's area."""
        if self.site.kind == "road":
            return self.covered_m / self.total_m
        return self.covered_m2 / self.total_m2


@dataclass(frozen=True)
class CoverageProof:
    """What a survey's photos show of its sites. `rejected` counts all its rejected photos by reason."""

    survey: str
    sites: tuple[SiteCoverage, ...]
    photos_used: int
    rejected: Mapping[str, int]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps of all sites; empty when everything is covered."""
        return tuple(gap for site in self.sites for gap in site.gaps)

    @property
    def covered_m(self) -> float:
        """Metres of road that are covered in their whole width."""
        return sum(site.covered_m for site in self.sites)

    @property
    def total_m(self) -> float:
        """Metres of road that there are."""
        return sum(site.total_m for site in self.sites)

    @property
    def covered_m2(self) -> float:
        """Square metres of facilities that are covered."""
        return sum(site.covered_m2 for site in self._facilities)

    @property
    def total_m2(self) -> float:
        """Square metres of facilities that there are."""
        return sum(site.total_m2 for site in self._facilities)

    @property
    def share(self) -> float:
        """The covered share (0–1): of the roads' length or of the facilities' area, the smaller one."""
        parts = ((self.covered_m, self.total_m), (self.covered_m2, self.total_m2))
        return min((covered / total for covered, total in parts if total > 0), default=0.0)

    @property
    def _facilities(self) -> list[SiteCoverage]:
        return [site for site in self.sites if site.site.kind == "facility"]


def prove_coverage(
    register: Register,
    survey: str | None = None,
    site_ids: Collection[str] | None = None,
    advance: Callable[[int, str], None] = lambda steps, detail: None,
) -> CoverageProof:
    """What the photos of a survey show of its sites; the newest survey without a name.

    `site_ids` are those of the sites that the survey was to show. Without them these are the ones that
    it was inspected with; all of the register where that is not known.

    Raises PantauError when there is no such survey, or no site.
    """
    number, name = _survey(register, survey)
    chosen = _sites(register, name, site_ids)
    if not chosen:
        raise PantauError(
            f"{register.path}: survey {name!r} has no sites, so nothing tells what it should show; inspect "
            "its photos again with --plan DIR or --sites FILE."
        )
    shown = read_shown_ground(register.db, number)
    sites = []
    for site in chosen:
        sites.append(_site_coverage(site, shown))
        advance(1, site.name)
    return CoverageProof(name, tuple(sites), len(shown.surely), shown.rejected_by_reason)


def _survey(register: Register, name: str | None) -> tuple[int, str]:
    known = register.surveys()
    if not known:
        raise PantauError(
            f"{register.path}: has no survey yet; inspect its photos first: "
            f"`pantau inspect PHOTOS -r {register.path} --plan DIR`."
        )
    found = [survey for survey in known if name in (None, survey.name)]
    if not found:
        names = ", ".join(repr(survey.name) for survey in known)
        raise PantauError(f"{register.path}: has no survey {name!r}; it has {names}.")
    return found[-1].id, found[-1].name


def _sites(register: Register, survey: str, site_ids: Collection[str] | None) -> list[Site]:
    wanted = site_ids
    if wanted is None:
        wanted = {row.site for row in register.coverage(survey)} or None
    return [site_of(record) for record in register.sites() if wanted is None or record.id in wanted]


def site_of(record: SiteRecord) -> Site:
    """A site of the register as the value that planning and inspection work with."""
    return Site(
        id=record.id,
        name=record.name,
        kind="road" if record.kind == "road" else "facility",
        geometry=shape(record.geometry),
        width_m=record.width_m,
        height_m=record.height_m,
        paved=record.paved,
    )


def _site_coverage(site: Site, shown: ShownGround) -> SiteCoverage:
    frame = LocalFrame(site.geometry.centroid.y, site.geometry.centroid.x)
    width_m = site.width_m or 0.0
    site_m = frame.shapes_to_metres(site.geometry)
    key = site_key(site)
    near_m = frame.shapes_to_metres(shown.surely_near(site.geometry, width_m / 2, key))
    covered = cover_road(site_m, width_m, near_m) if site.kind == "road" else cover_facility(site_m, near_m)
    return SiteCoverage(
        site=site,
        covered_m=covered.covered_m,
        total_m=covered.total_m,
        covered_m2=covered.covered_m2,
        total_m2=covered.total_m2,
        looks=covered.looks,
        gaps=tuple(_gap(part, frame, shown, key) for part in covered.gaps),
    )


def _gap(part: UncoveredPart, frame: LocalFrame, shown: ShownGround, key: str) -> Gap:
    geometry = frame.shapes_to_lon_lat(part.shape_m)
    if isinstance(geometry, LineString):
        middle = geometry.interpolate(0.5, normalized=True)
    else:
        middle = geometry.representative_point()
    read, unread = shown.photos_with(middle, key)
    return Gap(
        geometry=geometry,
        area_m2=part.area_m2,
        from_m=part.from_m,
        to_m=part.to_m,
        rejected=shown.rejected_with(geometry),
        shown_in_part=read > 0,
        unread=unread,
    )
