"""What the register holds, as plain values: one record type a table that people and reports read.

Times are ISO 8601 in UTC, as text, and sort as such. Lengths are metres, areas square metres,
positions WGS 84. GeoJSON geometries (lon, lat) are dictionaries.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.damage_size import DamageSize
from pipeline.geotagging.error_radius import radius_95_m
from pipeline.register.photo_paths import frame_name

GeoJson = dict[str, Any]


@dataclass(frozen=True)
class SurveyRecord:
    """One campaign: its photos carry its name."""

    id: int
    name: str
    created_at: str
    plan: str | None


@dataclass(frozen=True)
class RunRecord:
    """One batch run of a model over photos; `settings` are the detector's, `version` is Pantau's.

    `state` is `running`, `done` or `interrupted`.
    """

    id: int
    survey: str
    model: str
    model_sha256: str
    settings: dict[str, Any]
    version: str
    state: str
    started_at: str
    ended_at: str | None


@dataclass(frozen=True)
class PhotoRecord:
    """A photo that was used, or rejected with a reason code and a sentence of detail.

    `id` is the SHA-256 of the file; `survey` the survey's name; `path` where the file was last
    seen. `camera` is the camera's name. `sigma_position_m` is the 1-σ error of the camera's own
    position, east and north alike; `footprint` is the ground that the photo shows. `run` is the
    run that read it, None for rejected photos, of which camera, pose and footprint are known only
    where the file tells them all the same. `flight` is common to the photos that share errors, None
    where it was entered before registers kept it.
    """

    id: str
    survey: str
    run: int | None
    path: Path
    taken_at: str | None
    lat: float | None
    lon: float | None
    alt_agl_m: float | None
    yaw_deg: float | None
    pitch_deg: float | None
    roll_deg: float | None
    sigma_position_m: float | None
    camera: str | None
    width_px: int | None
    height_px: int | None
    gsd_cm: float | None
    footprint: GeoJson | None
    status: str
    reason: str | None
    detail: str | None
    remarks: tuple[str, ...]
    flight: str | None = None
    frame: int | None = None

    @property
    def name(self) -> str:
        """The name of the file, and the frame of a video."""
        return self.path.name if self.frame is None else frame_name(self.path.name, self.frame)

    @property
    def place_in_video(self) -> tuple[str, int]:
        """What to sort by so that each video is read through once; all photos have the same."""
        return ("", 0) if self.frame is None else (self.path.as_posix(), self.frame)


@dataclass(frozen=True)
class DetectionRecord:
    """What the detector found in a photo: its outline in pixels, and the kind that it named.

    `defect`, `lat`, `lon` and `sigma_m` are those of the observation made of it, None where it lies
    beside all sites or could not be put on the ground.
    """

    id: str
    photo: str
    kind: str
    score: float
    outline_px: tuple[tuple[float, float], ...]
    defect: str | None
    lat: float | None
    lon: float | None
    sigma_m: float | None


@dataclass(frozen=True)
class ObservationRecord:
    """A detection on the ground. `defect` is None between detection and association only.

    `detection` is its id, `outline_px` its outline in the photo, `footprint` the same outline on
    the ground. The 1-σ error ellipse has its major axis `sigma_azimuth_deg` clockwise from north.
    `outlined` and what is measured of the damage itself: see `pipeline.geotagging.observation.Observation`,
    and so for `shared_m`, None where it was entered before registers kept it.
    """

    detection: str
    defect: str | None
    photo: str
    kind: str
    score: float
    lat: float
    lon: float
    sigma_m: float
    sigma_major_m: float
    sigma_minor_m: float
    sigma_azimuth_deg: float
    length_m: float
    width_m: float
    area_m2: float
    outlined: bool
    crack_length_m: float | None
    crack_width_m: float | None
    diameter_m: float | None
    footprint: GeoJson
    outline_px: tuple[tuple[float, float], ...]
    shared_m: tuple[tuple[float, ...], ...] | None = None


@dataclass(frozen=True)
class DefectRecord:
    """The thing itself, once, however many photos and surveys saw it.

    `site` is a site's id, `station_m` the distance along a road's centreline from its start; both
    are None away from all sites. `score` is the best of its observations, `photo_count` how many
    photos show its place (of the surveys that saw it). `first_seen` and
    `last_seen` are the times of photos, None where these carry no time. The 1-σ error ellipse is as of
    `ObservationRecord`, None where it was last seen before registers kept it.

    `length_m`, `width_m` and `area_m2` are those of its outline: its own where `outlined`, else a box's,
    which is larger. `crack_length_m` (along the crack), the mean `crack_width_m` and a pothole's
    `diameter_m` (of the circle with its area) are None where they cannot be measured.
    """

    id: str
    kind: str
    severity: str
    priority: float
    status: str
    lat: float
    lon: float
    sigma_m: float
    length_m: float
    width_m: float
    area_m2: float
    outlined: bool
    crack_length_m: float | None
    crack_width_m: float | None
    diameter_m: float | None
    score: float
    observation_count: int
    photo_count: int | None
    first_seen: str | None
    last_seen: str | None
    site: str | None
    station_m: float | None
    assignee: str | None
    duplicate_of: str | None
    sigma_major_m: float | None = None
    sigma_minor_m: float | None = None
    sigma_azimuth_deg: float | None = None

    @property
    def radius_95_m(self) -> float:
        """The circle around the place that holds the thing 95 % of the time.

        Registers of older versions know no ellipse: then it is that of a circle.
        """
        major_m = self.sigma_m if self.sigma_major_m is None else self.sigma_major_m
        minor_m = self.sigma_m if self.sigma_minor_m is None else self.sigma_minor_m
        return radius_95_m(major_m, minor_m)

    @property
    def size(self) -> DamageSize:
        """What is known of its size."""
        return DamageSize(
            self.length_m,
            self.width_m,
            self.area_m2,
            self.outlined,
            self.crack_length_m,
            self.crack_width_m,
            self.diameter_m,
        )


@dataclass(frozen=True)
class SiteRecord:
    """A road or facility as it was read from the sites file; `geometry` is GeoJSON."""

    id: str
    name: str
    kind: str
    width_m: float | None
    height_m: float | None
    paved: bool
    geometry: GeoJson


@dataclass(frozen=True)
class CoverageRecord:
    """How much of a site (its id) the photos of a survey show; see `pipeline.coverage.coverage_proof`.

    Lengths are those of a road, 0 for a facility. `looks_fewest` and `looks_median` are how many photos
    show its places. `gaps` is a GeoJSON FeatureCollection: pieces of the centreline with `from_m` and
    `to_m`, or polygons, each with its `cause`.
    """

    survey: str
    site: str
    covered_m: float
    total_m: float
    covered_m2: float
    total_m2: float
    looks_fewest: int
    looks_median: float
    gaps: GeoJson


@dataclass(frozen=True)
class SiteConditionRecord:
    """How neglected a paved site (its id) is, as a survey shows it; see `pipeline.inspecting.site_condition`.

    `photos` show some of it, `paved_seen_m2` is the paving that they show, each square metre once.
    Photos of one place may differ: `vegetation_m2` is their mean, `vegetation_least_m2` where all of
    them show plants, `vegetation_most_m2` where any of them does.
    """

    survey: str
    site: str
    photos: int
    paved_seen_m2: float
    vegetation_m2: float
    vegetation_least_m2: float
    vegetation_most_m2: float

    @property
    def vegetation_share(self) -> float:
        """The share of the paving seen that plants cover, 0…1."""
        return self.vegetation_m2 / self.paved_seen_m2 if self.paved_seen_m2 else 0.0


@dataclass(frozen=True)
class EventRecord:
    """Something that was done to a subject (a defect's id), by whom; never changed afterwards."""

    id: int
    at: str
    actor: str
    action: str
    subject: str
    old: str | None
    new: str | None
    note: str | None


@dataclass(frozen=True)
class ProposalRecord:
    """Something that a batch run noticed and only a person may decide."""

    id: int
    kind: str
    subject: str
    detail: str
    state: str
    created_at: str
