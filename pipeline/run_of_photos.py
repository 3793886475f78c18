"""Looking at the photos of a run and entering what they show, one by one.

Three things happen at a time, each in a thread of its own: the next photo is decoded, this one is looked
at, the last one is entered into the register. They are entered in their order, so that a register does
not depend on how long anything took. At most three decoded photos are in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from models.catalogue import OpenedDetector
from pipeline.geotag import photo_footprint
from pipeline.photo import Photo, RejectedPhoto
from pipeline.photo_look import READING_FAILED, PhotoLook, decode, look_at
from pipeline.register import Register
from pipeline.register.batches import Model, add_photo, add_rejected
from pipeline.register.rows import photo_row
from pipeline.sites import Site
from pipeline.working_ahead import work_ahead
from vision.errors import PantauError
from vision.video_decoding import FrameReader


@dataclass(frozen=True)
class Run:
    """A run of a survey, both by their numbers in the register, with the model that it reads with."""

    survey: int
    number: int
    model: Model


@dataclass
class Looked:
    """What looking at photos has come to so far."""

    used: int = 0
    detections: int = 0
    observations: int = 0
    off_site: int = 0
    rejected: list[RejectedPhoto] = field(default_factory=list)

    def count(self, seen: PhotoLook | RejectedPhoto) -> None:
        """Count one more photo."""
        if isinstance(seen, RejectedPhoto):
            self.rejected.append(seen)
            return
        self.used += 1
        self.detections += len(seen.detections)
        self.observations += len(seen.observations)
        self.off_site += seen.off_site


def look_at_photos(
    register: Register,
    run: Run,
    photos: Sequence[Photo],
    detector: OpenedDetector,
    sites: Sequence[Site],
    advance: Callable[[int, str], None],
) -> Looked:
    """Look at photos and enter each as soon as it was looked at; `advance(1, name)` after each.

    When it is interrupted, what was entered stays; the photos in hand are left for the next run.

    Raises PantauError when several photos were looked at and all of them failed for the same reason: then
    it is not the photos.
    """
    looked = Looked()
    with (
        FrameReader() as frames,
        closing(work_ahead(lambda photo: decode(photo, frames), photos)) as decoded,
        closing(work_ahead(lambda photo: look_at(photo, detector, sites), decoded)) as looks,
    ):
        for seen in looks:
            _enter(register, run, seen)
            looked.count(seen)
            advance(1, (seen if isinstance(seen, RejectedPhoto) else seen.photo).path.name)
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


def _enter(register: Register, run: Run, seen: PhotoLook | RejectedPhoto) -> None:
    with register.transaction() as db:
        if isinstance(seen, RejectedPhoto):
            add_rejected(db, seen, run.survey, register.folder)
            return
        footprint = photo_footprint(seen.photo)
        row = photo_row(seen.photo, run.survey, run.number, register.folder, footprint, seen.gsd_cm)
        add_photo(db, row, run.model, seen.detections, seen.observations)
