"""A batch run: photos to detections to observations to defects, in a register.

Every photo is accounted for: used, rejected with a reason, or known already. Photos are entered one
by one, so that an interrupt loses at most the one being read; the next run skips what is done. What
was found is associated at the end of the batch, so that the order of the photos does not matter.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import compress
from pathlib import Path

from models.catalogue import OpenedDetector
from pipeline.coverage_proof import CoverageProof
from pipeline.coverage_update import sites_of_survey, update_coverage, whole_sites
from pipeline.defect_update import DefectUpdate, update_defects
from pipeline.geotag import ground_sample_distance_cm, observe, photo_footprint
from pipeline.photo import Photo, RejectedPhoto
from pipeline.photo_reading import read_photo
from pipeline.register import Register
from pipeline.register.batches import (
    Model,
    Reading,
    add_photo,
    add_rejected,
    add_sites,
    begin_run,
    end_run,
    known_readings,
    note_path,
    settings_text,
    survey_number,
)
from pipeline.register.rows import photo_row
from pipeline.sites import Site
from pipeline.siting import SiteShape, may_lie_on_sites
from vision.decoding import Undecodable, read_picture

Advance = Callable[[int, str], None]
Progress = Callable[[str, int | None], AbstractContextManager[Advance]]

_LATEST = datetime.max.replace(tzinfo=UTC)


@contextmanager
def no_progress(task: str, total: int | None) -> Iterator[Advance]:
    """Show nothing; `vision.console.progress` shows a bar."""
    yield lambda steps, detail: None


@dataclass(frozen=True)
class InspectionResult:
    """What became of every photo, and what was found.

    `survey` is None where no photo was new. `photos_known` were read by the same model before,
    `photos_of_other_model` by another one or with other settings: these are left as they are.
    `photos_repeated` are files with the same content as another one of the batch. `photos_rejected`
    are all rejected ones of the batch, also those rejected before. `off_site` detections lie beside
    all the survey's sites: they stay detections, and make no defects. `coverage` is what all photos of
    the survey show of its sites, None where no sites are known.
    """

    survey: str | None
    photos_used: int
    photos_rejected: tuple[RejectedPhoto, ...]
    photos_known: int
    photos_of_other_model: int
    photos_repeated: int
    detections: int
    observations: int
    off_site: int
    defects_new: tuple[str, ...]
    defects_seen_again: tuple[str, ...]
    coverage: CoverageProof | None = None

    @property
    def rejected_by_reason(self) -> dict[str, int]:
        """How many photos were rejected for each reason code, the commonest first."""
        return dict(Counter(photo.reason for photo in self.photos_rejected).most_common())


def inspect_photos(
    register: Register,
    photo_files: Sequence[Path],
    detector: OpenedDetector,
    survey: str | None = None,
    sites: Sequence[Site] = (),
    plan: Path | None = None,
    progress: Progress = no_progress,
) -> InspectionResult:
    """Inspect photo files (see `pipeline.photo_gathering`) into a register.

    `survey` names the campaign; without it the name is made of the photos' folder and the day of
    the first one. `sites` are kept in the register and defects are placed on them; what lies beside
    them all, and beside all that the survey was given before, was not asked for and makes no defect.
    For pieces of sites that the register knows, these stand. At the end it is proved how much of its
    sites the survey shows.

    Raises PantauError when a site's id stands for another place in the register already, or when
    another program holds the register.
    """
    readings = _read_all(photo_files, progress)
    model = Model(detector.name, detector.sha256, settings_text(thresholds=dict(detector.thresholds)))
    batch = _sort_out(readings, known_readings(register.db), model)
    name = survey or default_survey_name(photo_files, batch.photos)
    sites = whole_sites(register, sites)
    number = _enter_what_is_known(register, batch, name, sites, plan)
    covered = name if number is not None else _newest_survey(register, batch)
    survey_sites = sites_of_survey(register, covered, sites) if covered is not None else ()
    looked = _Looked()
    if number is not None and batch.fresh:
        with _run(register, number, model) as run:
            shapes = tuple(SiteShape(site.id, site.geometry, site.width_m) for site in survey_sites)
            look = _Look(register, detector, model, number, run, shapes)
            looked = look.at_all(batch.fresh, progress)
            update = _update(register)
    else:
        update = _update(register)
    return InspectionResult(
        survey=name if number is not None else None,
        photos_used=looked.used,
        photos_rejected=tuple([*batch.rejected, *looked.rejected]),
        photos_known=batch.known,
        photos_of_other_model=batch.of_other_model,
        photos_repeated=len(readings) - len(batch.photos) - len(batch.rejected),
        detections=looked.detections,
        observations=looked.observations,
        off_site=looked.off_site,
        defects_new=update.new,
        defects_seen_again=update.seen_again,
        coverage=_coverage(register, covered, survey_sites, progress),
    )


def default_survey_name(photo_files: Sequence[Path], photos: Sequence[Photo]) -> str:
    """The name of the folder that holds all the files, and the day of the first photo."""
    folders = [str(file.resolve().parent) for file in photo_files] or [""]
    try:
        folder = Path(os.path.commonpath(folders))
    except ValueError:  # on several drives
        folder = Path(min(folders))
    days = [photo.taken_at.date().isoformat() for photo in photos if photo.taken_at]
    return " ".join(filter(None, [folder.name, min(days, default="")])) or "survey"


@dataclass(frozen=True)
class _Batch:
    """The files of a batch, each content once, by what is to be done with them."""

    photos: tuple[Photo, ...]
    rejected: tuple[RejectedPhoto, ...]
    fresh: tuple[Photo, ...]
    known: int
    of_other_model: int
    has_news: bool


@dataclass
class _Looked:
    """What looking at photos has come to so far."""

    used: int = 0
    detections: int = 0
    observations: int = 0
    off_site: int = 0
    rejected: list[RejectedPhoto] = field(default_factory=list)


def _read_all(photo_files: Sequence[Path], progress: Progress) -> list[Photo | RejectedPhoto]:
    readings = []
    with progress("Reading photos", len(photo_files)) as advance:
        for file in photo_files:
            readings.append(read_photo(file))
            advance(1, file.name)
    return readings


def _sort_out(
    readings: Sequence[Photo | RejectedPhoto], known: Mapping[str, Reading], model: Model
) -> _Batch:
    by_path = sorted(readings, key=lambda reading: reading.path.as_posix())
    photos = {reading.id: reading for reading in reversed(by_path) if isinstance(reading, Photo)}
    rejected = [reading for reading in by_path if isinstance(reading, RejectedPhoto)]
    used_before = {photo_id: known[photo_id] for photo_id in photos if _was_used(known.get(photo_id))}
    same_model = [
        reading
        for reading in used_before.values()
        if (reading.model_sha256, reading.settings) == (model.sha256, model.settings)
    ]
    fresh = [photo for photo_id, photo in photos.items() if photo_id not in used_before]
    return _Batch(
        photos=tuple(photos.values()),
        rejected=tuple(rejected),
        fresh=tuple(sorted(fresh, key=lambda photo: (photo.taken_at or _LATEST, photo.id))),
        known=len(same_model),
        of_other_model=len(used_before) - len(same_model),
        has_news=bool(fresh) or any(photo.id not in known for photo in rejected),
    )


def _was_used(reading: Reading | None) -> bool:
    return reading is not None and reading.status == "used"


def _enter_what_is_known(
    register: Register, batch: _Batch, survey: str, sites: Sequence[Site], plan: Path | None
) -> int | None:
    """Enter sites, survey and rejected photos; returns the survey's number, None without news."""
    with register.transaction() as db:
        add_sites(db, sites)
        number = survey_number(db, survey, str(plan) if plan else None) if batch.has_news else None
        for rejected in batch.rejected:
            add_rejected(db, rejected, number, register.folder)
        for photo in batch.photos:
            note_path(db, photo, register.folder)
    return number


@contextmanager
def _run(register: Register, survey: int, model: Model) -> Iterator[int]:
    with register.transaction() as db:
        run = begin_run(db, survey, model, version("pantau"))
    state = "interrupted"
    try:
        yield run
        state = "done"
    finally:
        with register.transaction() as db:
            end_run(db, run, state)


@dataclass(frozen=True)
class _Look:
    """Looks at photos for one run of one survey."""

    register: Register
    detector: OpenedDetector
    model: Model
    survey: int
    run: int
    sites: tuple[SiteShape, ...]

    def at_all(self, photos: Sequence[Photo], progress: Progress) -> _Looked:
        looked = _Looked()
        with progress("Looking for damage", len(photos)) as advance:
            for photo in photos:
                self._at(photo, looked)
                advance(1, photo.path.name)
        return looked

    def _at(self, photo: Photo, looked: _Looked) -> None:
        picture = read_picture(photo.path)
        if isinstance(picture, Undecodable):
            rejected = RejectedPhoto(photo.id, photo.path, picture.reason, picture.detail, photo)
            looked.rejected.append(rejected)
            with self.register.transaction() as db:
                add_rejected(db, rejected, self.survey, self.register.folder)
            return
        gsd_cm = _finite(ground_sample_distance_cm(photo))
        detections = self.detector.detector.detect(picture, gsd_cm=gsd_cm)
        on_the_ground = observe(photo, detections)
        on_sites = may_lie_on_sites(on_the_ground, self.sites)
        observations = list(compress(on_the_ground, on_sites))
        row = photo_row(photo, self.survey, self.run, self.register.folder, photo_footprint(photo), gsd_cm)
        with self.register.transaction() as db:
            add_photo(db, row, self.model, detections, observations)
        looked.used += 1
        looked.detections += len(detections)
        looked.observations += len(observations)
        looked.off_site += len(on_the_ground) - len(observations)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _update(register: Register) -> DefectUpdate:
    with register.transaction() as db:
        return update_defects(db)


def _newest_survey(register: Register, batch: _Batch) -> str | None:
    """The newest survey that the photos of a batch without news belong to; None without any."""
    ids = {*(photo.id for photo in batch.photos), *(photo.id for photo in batch.rejected)}
    surveys = {photo.survey for photo in register.photos() if photo.id in ids}
    return next((survey.name for survey in reversed(register.surveys()) if survey.name in surveys), None)


def _coverage(
    register: Register, survey: str | None, sites: Sequence[Site], progress: Progress
) -> CoverageProof | None:
    if survey is None or not sites:
        return None
    with progress("Proving the coverage", len(sites)) as advance:
        return update_coverage(register, survey, sites, advance)
