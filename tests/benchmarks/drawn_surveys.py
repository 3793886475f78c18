"""Surveys of streets whose damages and errors are drawn: as sightings, or entered into a register.

Streets of 2.3 km run east, 200 m apart. A drone flies along them at 30 m and takes a photo every 3 m that
shows 22 by 30 m, so each damage is seen in some seven photos. Errors are those that `docs/uncertainty.md`
assumes without RTK, linear as for a camera that looks straight down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from pipeline.geotagging.ground_error import SHARED_CAUSES, error_ellipses
from pipeline.geotagging.observation import GroundPoint, Observation
from pipeline.photo import Photo, Pose
from pipeline.placing.flights import shared_errors
from pipeline.register import Register
from pipeline.register.batches import Model, add_photo, begin_run, survey_number
from pipeline.register.rows import photo_row
from pipeline.sighting import Sighting
from pipeline.sites.site_reading import Site
from vision.camera import Camera, FloatArray
from vision.detector import Detections
from vision.frames import LocalFrame

_FRAME = LocalFrame(-6.88, 107.54)
_CAMERA = Camera.centred("drawn", 4000, 3000, 3000.0)
_POSE = Pose(-6.88, 107.54, 30.0, 0.0, -90.0, 0.0)
_SHARED = shared_errors(_POSE)
_OWN = tuple(
    sqrt(total**2 - common**2)
    for total, common in (
        (_POSE.sigma_position_m, _SHARED.position_m),
        (_POSE.sigma_alt_m, _SHARED.alt_m),
        (_POSE.sigma_tilt_deg, _SHARED.tilt_deg),
        (_POSE.sigma_yaw_deg, _SHARED.yaw_deg),
    )
)
_SIGMA_GROUND_M, _SIGMA_OUTLINE_M = 1.0, 0.1
_MODEL = Model("drawn", "0", "{}")
_FIRST_DAY = datetime(2025, 3, 1, 2, 0, tzinfo=UTC)
_STREET_M, _BETWEEN_STREETS_M = 2300.0, 200.0
_PHOTO_EVERY_M, _PHOTOS_OF_A_FLIGHT = 3.0, 500
_SHOWN_M = np.array([11.0, 15.0])  # to either side of a photo's middle
_DAMAGE_EVERY_M, _NETWORK_EVERY_M = 4.5, 500.0
_NETWORK_BOXES, _NETWORK_M = 40, 6.0
_KINDS = ("pothole", "repair", "longitudinal_crack", "transverse_crack", "alligator_crack")
_SIZES_M = np.array([[0.6, 0.5], [1.2, 0.8], [5.0, 0.2], [0.2, 3.0], [2.0, 1.5]])
_CORNERS = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])


@dataclass(frozen=True)
class Damages:
    """What lies on the ground: places (N, 2) in metres and numbers (N,) of kinds; 0 is a pothole."""

    places_m: FloatArray
    kind: NDArray[np.intp]


@dataclass(frozen=True)
class Look:
    """A photo, the numbers of the damages that were found in it, and what was observed of each."""

    photo: Photo
    damages: NDArray[np.intp]
    observations: list[Observation]


def along_streets(streets: int, rng: np.random.Generator) -> Damages:
    """A damage every 4.5 m, and every 500 m a network of cracks that is found as 40 boxes."""
    single = _on_streets(streets, _DAMAGE_EVERY_M, rng)
    networks = np.repeat(_on_streets(streets, _NETWORK_EVERY_M, rng), _NETWORK_BOXES, axis=0)
    networks += rng.uniform(-_NETWORK_M / 2, _NETWORK_M / 2, networks.shape)
    kinds = np.r_[rng.integers(0, len(_KINDS), len(single)), np.full(len(networks), len(_KINDS) - 1)]
    return Damages(np.concatenate([single, networks]), kinds)


def everywhere(count: int, radius_m: float, rng: np.random.Generator) -> Damages:
    """So many in a circle, of all kinds: what a detector finds that fires everywhere."""
    angle, from_middle_m = rng.uniform(0, 2 * np.pi, count), radius_m * np.sqrt(rng.uniform(0, 1, count))
    places_m = from_middle_m[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return Damages(places_m, rng.integers(0, len(_KINDS), count))


def feet_along(streets: int) -> FloatArray:
    """The photos' places (M, 2) above the streets, one after the other."""
    east_m = np.arange(0, _STREET_M, _PHOTO_EVERY_M)
    every = [np.column_stack([east_m, np.full_like(east_m, i * _BETWEEN_STREETS_M)]) for i in range(streets)]
    return np.concatenate(every)


def street_sites(streets: int) -> list[Site]:
    """The streets as sites, 6 m wide."""
    ends_m = [[(0, i * _BETWEEN_STREETS_M), (_STREET_M, i * _BETWEEN_STREETS_M)] for i in range(streets)]
    lines = _FRAME.shapes_to_lon_lat(shapely.linestrings(ends_m))
    return [Site(f"street-{i}", f"Street {i}", "road", line, width_m=6.0) for i, line in enumerate(lines)]


def looks(damages: Damages, feet_m: FloatArray, rng: np.random.Generator, survey: int = 0) -> Iterator[Look]:
    """Photograph what lies below the feet (M, 2): each photo shows all damages within it."""
    tree = shapely.STRtree(shapely.points(damages.places_m))
    shown_m = np.hstack([feet_m - _SHOWN_M, feet_m + _SHOWN_M])
    photo_of, shown = tree.query(shapely.box(*shown_m.T))
    of_photos = np.split(shown, np.searchsorted(photo_of, np.arange(1, len(feet_m))))
    day = _FIRST_DAY + timedelta(days=90 * survey)
    for index, (foot_m, (lat, lon)) in enumerate(
        zip(feet_m, _FRAME.to_lat_lon(feet_m).tolist(), strict=True)
    ):
        flight, number = divmod(index, _PHOTOS_OF_A_FLIGHT)
        if number == 0:
            of_flight = rng.standard_normal(len(SHARED_CAUSES))
        name, taken_at = f"{survey}-{index:06}", day + timedelta(seconds=index + 600 * flight)
        pose = replace(_POSE, lat=lat, lon=lon)
        photo = Photo(name, Path(f"{name}.jpg"), taken_at, _CAMERA, pose, flight=f"{survey}-{flight}")
        seen = np.sort(of_photos[index])
        places_m, kinds = damages.places_m[seen], damages.kind[seen]
        yield Look(photo, seen, _observed(photo, foot_m, places_m, kinds, of_flight, rng))


def sightings_of(survey: Iterable[Look]) -> list[Sighting]:
    """What association needs; the numbers of the damages stand behind the last hyphen of the ids."""
    return [
        Sighting(
            f"{look.photo.id}-{damage}", look.photo.id, "drawn", look.photo.taken_at, look.photo.flight,
            seen.kind, seen.score, seen.position.lat, seen.position.lon, seen.position.sigma_major_m,
            seen.position.sigma_minor_m, seen.position.sigma_azimuth_deg, seen.length_m, seen.width_m,
            seen.area_m2, seen.footprint, shared_m=(tuple(seen.shared_m[0]), tuple(seen.shared_m[1])),
        )
        for look in survey
        for damage, seen in zip(look.damages.tolist(), look.observations, strict=True)
    ]  # fmt: skip


def enter(register: Register, survey: Iterable[Look], name: str) -> None:
    """Write a survey into the register as an inspection does."""
    with register.transaction() as db:
        number = survey_number(db, name, None)
        run = begin_run(db, number, _MODEL, "0")
    for look in survey:
        kinds = [seen.kind for seen in look.observations]
        found = Detections.of_boxes(np.zeros((len(kinds), 4)), np.full(len(kinds), 0.5), kinds)
        found = replace(found, outline_px=tuple(seen.outline_px for seen in look.observations))
        with register.transaction() as db:
            row = photo_row(look.photo, number, run, register.folder, _footprint(look.photo), 1.0)
            add_photo(db, row, _MODEL, found, look.observations)


def _on_streets(streets: int, every_m: float, rng: np.random.Generator) -> FloatArray:
    count = round(streets * _STREET_M / every_m)
    north_m = rng.integers(0, streets, count) * _BETWEEN_STREETS_M + rng.uniform(-3, 3, count)
    return np.column_stack([rng.uniform(0, _STREET_M, count), north_m])


def _observed(
    photo: Photo,
    foot_m: FloatArray,
    places_m: FloatArray,
    kinds: NDArray[np.intp],
    of_flight: FloatArray,
    rng: np.random.Generator,
) -> list[Observation]:
    """Observations of places (N, 2) with the errors of the flight, in units of σ, and the photo's own."""
    offsets_m = places_m - foot_m
    shared = _factors(offsets_m, _SHARED.position_m, _SHARED.alt_m, _SHARED.tilt_deg, _SHARED.yaw_deg)
    shared[:, :, 6] = offsets_m * _CAMERA.focal_sigma_rel
    shared[:, :, 7] = offsets_m * _SIGMA_GROUND_M / _POSE.alt_agl_m
    own = _factors(offsets_m, *_OWN)
    seen_m = places_m + shared @ of_flight + own @ rng.standard_normal(len(SHARED_CAUSES))
    seen_m = seen_m + rng.normal(0, _SIGMA_OUTLINE_M, seen_m.shape)
    ellipses = error_ellipses(shared @ shared.transpose(0, 2, 1) + own @ own.transpose(0, 2, 1))
    sizes_m = _SIZES_M[kinds] * rng.uniform(0.8, 1.25, (len(seen_m), 1))
    outlines_m = seen_m[:, None] + _CORNERS * sizes_m[:, None]
    footprints = shapely.polygons(_FRAME.to_lat_lon(outlines_m)[:, ::-1].reshape(-1, 4, 2))
    positions = [
        GroundPoint(*place, *ellipse)
        for place, ellipse in zip(_FRAME.to_lat_lon(seen_m).tolist(), ellipses.tolist(), strict=True)
    ]
    return [
        Observation(
            photo.id, _KINDS[kinds[i]], 0.5, _CORNERS * 100 + i, positions[i], footprints[i],
            float(max(sizes_m[i])), float(min(sizes_m[i])), float(sizes_m[i].prod()), shared_m=shared[i],
        )
        for i in range(len(kinds))
    ]  # fmt: skip


def _factors(
    offsets_m: FloatArray, position_m: float, alt_m: float, tilt_deg: float, yaw_deg: float
) -> FloatArray:
    """What such errors move places so far from the camera's foot (N, 2), as (N, 2, 8): `SHARED_CAUSES`."""
    height_m, (tilt, yaw) = _POSE.alt_agl_m, np.radians([tilt_deg, yaw_deg])
    factors = np.zeros((len(offsets_m), 2, len(SHARED_CAUSES)))
    factors[:, 0, 0] = factors[:, 1, 1] = position_m
    factors[:, :, 2] = offsets_m * alt_m / height_m
    factors[:, 1, 3] = factors[:, 0, 4] = height_m * tilt
    factors[:, :, 5] = offsets_m[:, ::-1] * (yaw, -yaw)
    return factors


def _footprint(photo: Photo) -> shapely.Polygon:
    middle_m = _FRAME.to_metres(photo.pose.lat, photo.pose.lon)
    (south, west), (north, east) = _FRAME.to_lat_lon(np.vstack([middle_m - _SHOWN_M, middle_m + _SHOWN_M]))
    return shapely.box(west, south, east, north)
