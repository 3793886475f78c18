"""A batch run: photos to detections to observations to defects, in a register.

Every photo is accounted for: used, rejected with a reason, or known already. Photos are entered one
by one, so that an interrupt loses at most those being read; the next run skips what is done. What was
found is associated at the end of the batch, so that the order of the photos does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from models.catalogue import OpenedDetector
from pipeline.alignment import AlignmentReport
from pipeline.coverage.coverage_proof import CoverageProof
from pipeline.coverage.coverage_update import sites_of_survey, update_coverage, whole_sites
from pipeline.coverage.sites_read import Near, first_looks, further_looks, metres_apart, sites_near
from pipeline.defects.defect_update import DefectUpdate, update_defects
from pipeline.inspecting.batch import Batch, default_survey_name, sort_out
from pipeline.inspecting.run_of_photos import Looked, Run, look_at_photos
from pipeline.inspecting.site_condition import update_site_conditions
from pipeline.photo import RejectedPhoto
from pipeline.placing.photo_placing import Advance, Placing, Progress, place_photos
from pipeline.register import Register
from pipeline.register.batches import (
    Model,
    add_rejected,
    add_sites,
    begin_run,
    end_run,
    known_readings,
    note_completed,
    note_path,
    settings_text,
    survey_number,
)
from pipeline.sites.site_reading import Site
from vision.surface.neglect import SURFACE_SETTINGS

_NOTHING_MORE = Placing()


@contextmanager
def no_progress(task: str, total: int | None) -> Iterator[Advance]:
    """Show nothing; `vision.console.progress` shows a bar."""
    yield lambda steps, detail: None


@dataclass(frozen=True)
class InspectionResult:
    """What became of every photo, and what was found.

    `survey` is None where no photo was new. `photos_known` were read by the same model before; of them
    `photos_again` were looked at once more, for sites that they had not been looked at for.
    `photos_of_other_model` were read by another model or with other settings (`differences` names them):
    these are left as they are.
    `photos_repeated` are files with the same content as another one of the batch. `photos_rejected`
    are all rejected ones of the batch, also those rejected before. `off_site` detections lie beside
    all the survey's sites: they stay detections, and make no defects. `coverage` is what all photos of
    the survey show of its sites, None where no sites are known. `notes` say what became of each log,
    `alignment` what came of aligning the photos, None where that was not done. `remarks` counts what was
    noticed of the new photos (codes of `pipeline.reasons`), the commonest first.
    `metres_apart` is how far the sites are from the photos, None where they are not.
    """

    survey: str | None
    photos_used: int
    photos_rejected: tuple[RejectedPhoto, ...]
    photos_known: int
    photos_again: int
    photos_of_other_model: int
    differences: tuple[str, ...]
    photos_repeated: int
    detections: int
    observations: int
    off_site: int
    defects_new: tuple[str, ...]
    defects_seen_again: tuple[str, ...]
    coverage: CoverageProof | None = None
    notes: tuple[str, ...] = ()
    alignment: AlignmentReport | None = None
    remarks: Mapping[str, int] = field(default_factory=dict)
    metres_apart: float | None = None

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
    placing: Placing = _NOTHING_MORE,
) -> InspectionResult:
    """Inspect photo files and videos (see `pipeline.photo_gathering`) into a register.

    `survey` names the campaign; without it the name is made of the photos' folder and the day of
    the first one. `sites` are kept in the register and defects are placed on them; what lies beside
    them all, and beside all that the survey was given before, was not asked for and makes no defect.
    For pieces of sites that the register knows, these stand. At the end it is proved how much of its
    sites the survey shows.

    Raises PantauError when a site's id stands for another place in the register already, or when
    another program holds the register.
    """
    known = known_readings(register.db)
    used_before = {photo: reading.flight for photo, reading in known.items() if reading.status == "used"}
    placed = place_photos(photo_files, placing, used_before, progress)
    settings = settings_text(
        thresholds=dict(detector.thresholds),
        views=detector.view_count,
        surface=SURFACE_SETTINGS,
        **placing.settings(),
    )
    model = Model(detector.name, detector.sha256, settings)
    batch = sort_out(placed.readings, known, model)
    name = survey or default_survey_name(photo_files, batch.photos)
    sites = whole_sites(register, sites)
    number = _enter_what_is_known(register, batch, name, sites, plan)
    covered = name if number is not None else _newest_survey(register, batch)
    survey_sites = sites_of_survey(register, covered, sites) if covered is not None else ()
    keys_of = {photo.id: known[photo.id].read_for for photo in batch.known}
    near = _sites_near(batch, survey_sites, progress)
    looks = [
        *first_looks(batch.fresh, survey_sites, near),
        *further_looks(batch.known, keys_of, near),
    ]
    looked = Looked()
    if covered is not None and looks:
        with _run(register, covered, model) as run:
            with progress("Looking for damage", len(looks)) as advance:
                looked = look_at_photos(register, run, looks, detector, advance)
            update = _update(register)
    else:
        update = _update(register)
        if covered is not None:
            with register.transaction() as db:
                note_completed(db, covered)
    return InspectionResult(
        survey=name if number is not None else None,
        photos_used=looked.used,
        photos_rejected=tuple([*batch.rejected, *looked.rejected]),
        photos_known=len(batch.known) - looked.again,
        photos_again=looked.again,
        photos_of_other_model=batch.of_other_model,
        differences=batch.differences,
        photos_repeated=placed.repeated,
        detections=looked.detections,
        observations=looked.observations,
        off_site=looked.off_site,
        defects_new=update.new,
        defects_seen_again=update.seen_again,
        coverage=_judge_sites(register, covered, survey_sites, progress),
        notes=placed.notes,
        alignment=placed.alignment,
        remarks=dict(looked.remarks.most_common()),
        metres_apart=metres_apart(batch.photos, survey_sites, near),
    )


def _sites_near(batch: Batch, sites: Sequence[Site], progress: Progress) -> Near:
    if not sites:
        return {photo.id: {} for photo in batch.photos}
    with progress("Comparing photos with the sites", len(batch.photos)) as advance:
        return sites_near(batch.photos, sites, advance)


def _enter_what_is_known(
    register: Register, batch: Batch, survey: str, sites: Sequence[Site], plan: Path | None
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
def _run(register: Register, survey: str, model: Model) -> Iterator[Run]:
    with register.transaction() as db:
        number = survey_number(db, survey, None)
        run = Run(number, begin_run(db, number, model, version("pantau")), model)
    state = "interrupted"
    try:
        yield run
        state = "done"
    finally:
        with register.transaction() as db:
            end_run(db, run.number, state)


def _update(register: Register) -> DefectUpdate:
    with register.transaction() as db:
        return update_defects(db)


def _newest_survey(register: Register, batch: Batch) -> str | None:
    """The newest survey that the photos of a batch without news belong to; None without any."""
    ids = {*(photo.id for photo in batch.photos), *(photo.id for photo in batch.rejected)}
    surveys = {photo.survey for photo in register.photos() if photo.id in ids}
    return next((survey.name for survey in reversed(register.surveys()) if survey.name in surveys), None)


def _judge_sites(
    register: Register, survey: str | None, sites: Sequence[Site], progress: Progress
) -> CoverageProof | None:
    """Prove what the survey shows of its sites, and measure how neglected they are."""
    if survey is None or not sites:
        return None
    with progress("Proving the coverage", len(sites)) as advance:
        coverage = update_coverage(register, survey, sites, advance)
    update_site_conditions(register, survey, sites)
    return coverage
