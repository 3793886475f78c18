"""All that a report tells about a register, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shapely import Geometry, GeometryCollection, make_valid
from shapely.geometry import shape

from pipeline.register.records import (
    CoverageRecord,
    DefectRecord,
    ObservationRecord,
    PhotoRecord,
    RunRecord,
    SiteConditionRecord,
    SiteRecord,
    SurveyRecord,
)

if TYPE_CHECKING:
    from pipeline.register import Register

SET_ASIDE = ("rejected", "duplicate")
DONE = ("repaired", "verified")


@dataclass(frozen=True)
class Contents:
    """A register's records; `observations` by defect id, the best score first."""

    sites: tuple[SiteRecord, ...]
    surveys: tuple[SurveyRecord, ...]
    runs: tuple[RunRecord, ...]
    photos: tuple[PhotoRecord, ...]
    defects: tuple[DefectRecord, ...]
    observations: Mapping[str, tuple[ObservationRecord, ...]]
    conditions: tuple[SiteConditionRecord, ...] = ()
    coverage: tuple[CoverageRecord, ...] = ()

    @property
    def ranked(self) -> tuple[DefectRecord, ...]:
        """The defects of the list: open ones first, then by priority; none rejected or duplicate."""
        listed = [defect for defect in self.defects if defect.status not in SET_ASIDE]
        return tuple(sorted(listed, key=lambda d: (d.status in DONE, -d.priority, d.id)))

    @property
    def set_aside(self) -> tuple[DefectRecord, ...]:
        """Rejected defects and duplicates."""
        aside = [defect for defect in self.defects if defect.status in SET_ASIDE]
        return tuple(sorted(aside, key=lambda d: (d.status, d.id)))


def read_contents(register: Register) -> Contents:
    """Read everything that reports and exports need."""
    observations: dict[str, list[ObservationRecord]] = {defect.id: [] for defect in register.defects()}
    for observation in sorted(register.observations(), key=lambda o: (-o.score, o.detection)):
        if observation.defect is not None:
            observations[observation.defect].append(observation)
    return Contents(
        sites=tuple(register.sites()),
        surveys=tuple(register.surveys()),
        runs=tuple(register.runs()),
        photos=tuple(register.photos()),
        defects=tuple(register.defects()),
        observations={defect: tuple(found) for defect, found in observations.items()},
        conditions=tuple(register.site_conditions()),
        coverage=tuple(register.coverage()),
    )


def geometry_of(geojson: Mapping[str, Any] | None) -> Geometry:
    """The shape (lon, lat) of a GeoJSON geometry from the register, made valid; empty for none."""
    return make_valid(shape(geojson)) if geojson else GeometryCollection()
