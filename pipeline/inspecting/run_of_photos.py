"""Looking at the photos of a run and entering what they show, one by one.

Three things happen at a time, each in a thread of its own: the next photo is decoded, this one is looked
at, the last one is entered into the register. They are entered in their order, so that a register does
not depend on how long anything took. At most three decoded photos are in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from models.catalogue import OpenedDetector
from pipeline.coverage.sites_read import Look
from pipeline.geotagging.geotag import photo_footprint
from pipeline.geotagging.observation import Observation
from pipeline.inspecting.photo_look import PhotoLook, PreparedPhoto, look_at, prepare
from pipeline.inspecting.working_ahead import work_ahead
from pipeline.photo import RejectedPhoto
from pipeline.photo_pixels import READING_FAILED
from pipeline.register import Register
from pipeline.register.batches import Model, add_photo, add_rejected, add_to_photo, outlines_of
from pipeline.register.rows import photo_row
from vision.errors import PantauError
from vision.video_decoding import FrameReader

# Two outlines that have so much of the smaller one in common are of one thing.
_SAME_OVERLAP = 0.5


@dataclass(frozen=True)
class Run:
    """A run of a survey, both by their numbers in the register, with the model that it reads with."""

    survey: int
    number: int
    model: Model


@dataclass
class Looked:
    """What looking at photos has come to so far; `again` counts those that were used before.

    `remarks` counts what was noticed of the others.
    """

    used: int = 0
    again: int = 0
    detections: int = 0
    observations: int = 0
    off_site: int = 0
    rejected: list[RejectedPhoto] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)

    def count(self, look: Look, seen: PhotoLook | RejectedPhoto) -> None:
        """Count one more photo."""
        if look.is_first:
            self.remarks.update((seen.photo or look.photo).remarks)
        if isinstance(seen, RejectedPhoto):
            self.rejected.append(seen)
            return
        self.used += look.is_first
        self.again += not look.is_first
        self.detections += len(seen.detections)
        self.observations += len(seen.observations)
        self.off_site += seen.off_site


def look_at_photos(
    register: Register,
    run: Run,
    looks: Sequence[Look],
    detector: OpenedDetector,
    advance: Callable[[int, str], None],
) -> Looked:
    """Look at photos as `looks` say, enter each as soon as it was looked at; `advance(1, name)` after each.

    When it is interrupted, what was entered stays; the photos in hand are left for the next run.

    Raises PantauError when several photos were looked at and all of them failed for the same reason: then
    it is not the photos.
    """
    looked = Looked()
    with (
        FrameReader() as frames,
        closing(work_ahead(lambda look: (look, prepare(look.photo, look.sites, frames)), looks)) as prepared,
        closing(work_ahead(lambda one: (one[0], _look_at(*one, detector)), prepared)) as all_seen,
    ):
        for look, seen in all_seen:
            entered = _enter(register, run, look, seen)
            looked.count(look, entered)
            advance(1, look.photo.path.name)
    _check_not_all_failed(looked)
    return looked


def _check_not_all_failed(looked: Looked) -> None:
    failures = {photo.detail for photo in looked.rejected if photo.reason == READING_FAILED}
    all_failed = not looked.used and all(photo.reason == READING_FAILED for photo in looked.rejected)
    if all_failed and len(looked.rejected) > 1 and len(failures) == 1:
        raise PantauError(
            f"none of the {len(looked.rejected)} photos could be looked at ({failures.pop()}); "
            "check the model and the installation with `pantau doctor`, then inspect them again."
        )


def _look_at(
    look: Look, prepared: PreparedPhoto | PhotoLook | RejectedPhoto, detector: OpenedDetector
) -> PhotoLook | RejectedPhoto:
    return look_at(prepared, detector, look.sites, look.for_damage)


def _enter(
    register: Register, run: Run, look: Look, seen: PhotoLook | RejectedPhoto
) -> PhotoLook | RejectedPhoto:
    """Enter what was seen; returns what of it is new."""
    with register.transaction() as db:
        if isinstance(seen, RejectedPhoto):
            add_rejected(db, seen, run.survey, register.folder)
            return seen
        if not look.is_first:
            before = outlines_of(db, look.photo.id)
            seen = replace(seen, observations=_not_yet_seen(seen.observations, before))
            found = seen.detections, seen.observations
            add_to_photo(db, look.photo.id, run.number, run.model, found, look.keys)
            return seen
        footprint = photo_footprint(seen.photo)
        folder = register.folder
        row = photo_row(seen.photo, run.survey, run.number, folder, footprint, seen.gsd_cm, look.keys)
        add_photo(db, row, run.model, seen.detections, seen.observations)
    return seen


def _not_yet_seen(
    observations: Sequence[Observation], before: Sequence[tuple[str, Polygon]]
) -> tuple[Observation, ...]:
    """What does not lie where the photo showed the same kind before: sites may share ground."""
    known = [(kind, shapely.make_valid(footprint)) for kind, footprint in before]

    def was_seen(observation: Observation) -> bool:
        seen = shapely.make_valid(observation.footprint)
        return any(
            kind == observation.kind and _overlap(seen, footprint) >= _SAME_OVERLAP
            for kind, footprint in known
        )

    return tuple(observation for observation in observations if not was_seen(observation))


def _overlap(one: BaseGeometry, other: BaseGeometry) -> float:
    """The share of the smaller shape that both have in common."""
    return float(one.intersection(other).area / max(min(one.area, other.area), 1e-30))
