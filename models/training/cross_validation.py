"""Cross-validation for a rare kind: as many detectors as folds, each scored on the fold it never saw.

Where a scoring part holds a handful of boxes of a kind, its score says little. Here every labelled box
is scored once, by a detector that was trained, by a short recipe, on what does not show its ground. What
is measured is what the recipe and the data are good for, not the shipped weights.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from models.labelled.dataset import hold_out_groups
from models.labelled.pictures import LabelledPicture
from models.scoring.average_precision import LOWEST_THRESHOLD, Reading
from models.training.fine_tuning import TrainingSettings, gather_shown, is_begun, train
from models.training.folds import assign_folds, check_folds, groups_by_number
from models.training.forward_view import POTHOLE, find_forward_photos
from models.training.material import MATERIAL, MaterialSettings, MaterialSources, build_material
from models.training.material_folder import read_pixels
from models.training.resumption import fingerprint, hold_to_plan
from models.ultralytics_detector import load_weights
from vision.detector import Detections
from vision.whole_file import write_whole

FORWARD_VIEW = "forward view"
_READINGS = "readings.json"
_SAME_BOX_IOU = 0.6
_MOST_FINDINGS = 100

Advance = Callable[[int, str], None]


@dataclass(frozen=True)
class FoldedSource:
    """Labelled pictures of one data set with their overlap groups."""

    name: str
    pictures: Sequence[LabelledPicture]
    groups: Mapping[str, int]


@dataclass(frozen=True)
class CrossValidationSettings:
    """The recipe: how many folds, for which kind, and how each detector is trained.

    Pictures of the kind are learnt from, and `others_per_picture` times as many without it.
    """

    folds: int = 5
    kind: str = POTHOLE
    others_per_picture: float = 5.0
    hold_out_share: float = 0.06
    training: TrainingSettings = field(
        default_factory=lambda: TrainingSettings(
            epochs=12,
            imgsz_px=416,
            learning_rate=0.0015,
            close_mosaic_epochs=2,
            repeats={POTHOLE: 3},
            material=MaterialSettings(
                views_per_photo=1,
                pasted=0.4,
                enlarged=0.15,
                shrunken=0.0,
                windows=0.1,
                background=0.0,
                paved=0.0,
                paved_beside=0.0,
            ),
        )
    )
    seed: int = 0


@dataclass(frozen=True)
class FoldReadings:
    """What a fold's detector found in the pictures it never saw, by source."""

    fold: int
    by_source: Mapping[str, Sequence[Reading]]


def read_folds(
    sources: Sequence[FoldedSource],
    more: MaterialSources,
    start: Path,
    work: Path,
    settings: CrossValidationSettings,
    advance: Advance = lambda steps, detail: None,
) -> list[FoldReadings]:
    """Train a detector for each fold and let it read the fold's own pictures.

    The folds are over all pictures of the `sources`, and over the photos of `more.forward_view`, of
    which tiles are made. Everything is kept below `work`: interrupted, it goes on at the last whole
    epoch of the fold it was at. `advance(1, text)` is called after each fold.

    Raises PantauError when `work` holds folds of something else, a source has too few groups with the
    kind, a picture or `start` cannot be read, or ultralytics is not installed.
    """
    for source in sources:
        check_folds(source.name, source.pictures, source.groups, settings.kind, settings.folds)
    fold_of = {
        source.name: assign_folds(
            source.pictures, source.groups, settings.kind, settings.folds, settings.seed
        )
        for source in sources
    }
    forward_fold = _forward_folds(more, settings)
    plan = {
        "start": start.name,
        "settings": asdict(settings),
        "pictures": {name: _fingerprint(folds) for name, folds in fold_of.items()},
        "forward view": _fingerprint(forward_fold),
    }
    hold_to_plan(work, plan, is_begun=any(work.glob("fold-*")))
    readings = []
    for fold in range(settings.folds):
        task = _Fold(fold, work / f"fold-{fold + 1}", sources, fold_of, forward_fold, more, settings)
        readings.append(task.readings(start))
        advance(1, f"fold {fold + 1} of {settings.folds}")
    return readings


@dataclass(frozen=True)
class _Fold:
    """One fold: what is learnt, what is read, and where it is kept."""

    number: int
    work: Path
    sources: Sequence[FoldedSource]
    fold_of: Mapping[str, Mapping[str, int]]
    forward_fold: Mapping[str, int]
    more: MaterialSources
    settings: CrossValidationSettings

    def readings(self, start: Path) -> FoldReadings:
        unseen = self._unseen()
        kept = self.work / _READINGS
        if not kept.is_file():
            weights = self._train(start)
            found = {name: self._found(weights, pictures) for name, pictures in unseen.items()}
            write_whole(kept, json.dumps(found))
            # What is left can be made again from what is kept.
            for folder in (self.work / "data", self.work / MATERIAL):
                shutil.rmtree(folder, ignore_errors=True)
        found = json.loads(kept.read_text(encoding="utf-8"))
        return FoldReadings(
            self.number,
            {
                name: [Reading(picture, self._detections(found[name][picture.name])) for picture in pictures]
                for name, pictures in unseen.items()
            },
        )

    def _train(self, start: Path) -> Path:
        learn: list[LabelledPicture] = []
        held_out: list[LabelledPicture] = []
        for source in self.sources:
            fold_of = self.fold_of[source.name]
            others = [one for one in source.pictures if fold_of[one.name] != self.number]
            rich = self._rich_in_kind(others)
            share, seed = self.settings.hold_out_share, self.settings.seed
            kept, out = hold_out_groups(rich, source.groups, share, seed)
            learn += kept
            held_out += out
        unseen = frozenset(name for name, fold in self.forward_fold.items() if fold == self.number)
        sources = replace(self.more, leave_out=self.more.leave_out | unseen)
        training = self.settings.training
        shown = [] if is_begun(self.work) else gather_shown(learn, self.work, training, sources)
        return train(shown, held_out, start, self.work, training)

    def _rich_in_kind(self, pictures: Sequence[LabelledPicture]) -> list[LabelledPicture]:
        has_kind = [any(box.kind == self.settings.kind for box in one.boxes) for one in pictures]
        rest = [one for one, has in zip(pictures, has_kind, strict=True) if not has]
        wanted = round(sum(has_kind) * self.settings.others_per_picture)
        chosen = random.Random(self.settings.seed).sample(rest, min(wanted, len(rest)))
        return [one for one, has in zip(pictures, has_kind, strict=True) if has] + chosen

    def _unseen(self) -> dict[str, list[LabelledPicture]]:
        """The fold's own pictures by source; of forward-looking photos, tiles made of them."""
        unseen = {
            source.name: [
                one for one in source.pictures if self.fold_of[source.name][one.name] == self.number
            ]
            for source in self.sources
        }
        if self.forward_fold:
            seen = frozenset(name for name, fold in self.forward_fold.items() if fold != self.number)
            only = MaterialSources(self.more.forward_view, leave_out=self.more.leave_out | seen)
            material = self.settings.training.material or MaterialSettings()
            tiles = replace(material, views_per_photo=1)
            unseen[FORWARD_VIEW] = build_material([], only, self.work / "unseen", tiles, {})
        return unseen

    def _found(self, weights: Path, pictures: Sequence[LabelledPicture]) -> dict[str, list[list[float]]]:
        """Boxes (left, top, right, bottom, score) of the kind, by the picture's name."""
        model = load_weights(weights)
        wanted = [number for number, label in model.names.items() if label == self.settings.kind]
        found = {}
        for picture in pictures:
            # The picture is read as large as it was in training, whatever its own size.
            [result] = model.predict(
                read_pixels(picture.path),
                imgsz=self.settings.training.imgsz_px,
                conf=LOWEST_THRESHOLD,
                iou=_SAME_BOX_IOU,
                max_det=_MOST_FINDINGS,
                classes=wanted,
                verbose=False,
            )
            found[picture.name] = result.boxes.data[:, :5].tolist()
        return found

    def _detections(self, found: Sequence[Sequence[float]]) -> Detections:
        table = np.array(found, dtype=float).reshape(-1, 5)
        return Detections.of_boxes(table[:, :4], table[:, 4], [self.settings.kind] * len(table))


def _fingerprint(fold_of: Mapping[str, int]) -> str:
    return fingerprint(f"{name} {fold}" for name, fold in fold_of.items())


def _forward_folds(more: MaterialSources, settings: CrossValidationSettings) -> dict[str, int]:
    if more.forward_view is None:
        return {}
    photos = find_forward_photos(more.forward_view)
    # Which photo holds how many potholes matters less than that neighbours stay together.
    pictures = [LabelledPicture(photo, 1, 1, ()) for photo in photos]
    groups = groups_by_number([photo.stem for photo in photos])
    return assign_folds(pictures, groups, settings.kind, settings.folds, settings.seed)
