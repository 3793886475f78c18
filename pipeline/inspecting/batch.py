"""The photos of a batch, sorted out by what is to be done with them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.photo import Photo, RejectedPhoto
from pipeline.register.batches import Model, Reading

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Batch:
    """The files of a batch, each content once.

    `photos` have a pose, `rejected` have none; `fresh` are those of the photos that were not used before,
    in the order in which they were taken. `known` are those that the same model has read, with the same
    settings; `of_other_model` counts those that were read otherwise, and `differences` says in what.
    `has_news` says whether the register does not know one of them at all.
    """

    photos: tuple[Photo, ...]
    rejected: tuple[RejectedPhoto, ...]
    fresh: tuple[Photo, ...]
    known: tuple[Photo, ...]
    of_other_model: int
    differences: tuple[str, ...]
    has_news: bool


def sort_out(readings: Sequence[Photo | RejectedPhoto], known: Mapping[str, Reading], model: Model) -> Batch:
    """Sort out the files of a batch by what the register knows of them."""
    by_path = sorted(readings, key=lambda reading: reading.path.as_posix())
    photos = {reading.id: reading for reading in reversed(by_path) if isinstance(reading, Photo)}
    rejected = [reading for reading in by_path if isinstance(reading, RejectedPhoto)]
    used_before = {photo_id: known[photo_id] for photo_id in photos if _was_used(known.get(photo_id))}
    differences = {photo_id: _differences(reading, model) for photo_id, reading in used_before.items()}
    same_model = [photos[photo_id] for photo_id, different in differences.items() if not different]
    fresh = [photo for photo_id, photo in photos.items() if photo_id not in used_before]
    return Batch(
        photos=tuple(photos.values()),
        rejected=tuple(rejected),
        fresh=tuple(sorted(fresh, key=_order)),
        known=tuple(sorted(same_model, key=_order)),
        of_other_model=len(used_before) - len(same_model),
        differences=tuple(sorted(set().union(*differences.values()))),
        has_news=bool(fresh) or any(photo.id not in known for photo in rejected),
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


def _order(photo: Photo) -> tuple[datetime, str, int, str]:
    """By time; frames of a video that tells no time in their own order, so that it is read through once."""
    video = photo.path.as_posix() if photo.frame is not None else ""
    return photo.taken_at or _LATEST, video, photo.frame or 0, photo.id


def _differences(reading: Reading, model: Model) -> set[str]:
    """In what a photo was read otherwise than it would be now: the model, names of settings."""
    before, now = json.loads(reading.settings or "{}"), json.loads(model.settings)
    changed = {name for name in {*before, *now} if before.get(name) != now.get(name)}
    return changed | ({"model"} if reading.model_sha256 != model.sha256 else set())


def _was_used(reading: Reading | None) -> bool:
    return reading is not None and reading.status == "used"
