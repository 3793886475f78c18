"""Fine-tuning a detector with ultralytics, in pieces that resume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.kinds import ROAD_KINDS
from models.labelled.dataset import oversample, write_yolo_dataset
from models.labelled.pictures import LabelledPicture
from models.training.cpu_training import train_on_all_of_the_cpu
from models.training.material import (
    Advance,
    MaterialSettings,
    MaterialSources,
    build_material,
    is_oblique,
)
from models.ultralytics_detector import load_weights


@dataclass(frozen=True)
class TrainingSettings:
    """What makes a training repeatable.

    `repeats` says how often pictures of a rare kind are shown per epoch; oblique ones, which are less
    like what a drone sees, are shown once. `material` says what is made of them; None makes nothing.
    """

    epochs: int = 14
    imgsz_px: int = 512
    batch: int = 16
    learning_rate: float = 0.001
    close_mosaic_epochs: int = 4
    repeats: Mapping[str, int] = field(default_factory=lambda: {"pothole": 4, "alligator_crack": 2})
    material: MaterialSettings | None = field(default_factory=MaterialSettings)
    seed: int = 0


def gather_shown(
    learn: Sequence[LabelledPicture],
    work: Path,
    settings: TrainingSettings,
    sources: MaterialSources,
    advance: Advance = lambda steps, detail: None,
) -> list[LabelledPicture]:
    """Everything that an epoch shows: the pictures to learn from, rare kinds often, and the material."""
    above = [picture for picture in learn if not is_oblique(picture, sources)]
    oblique = [picture for picture in learn if is_oblique(picture, sources)]
    shown = [*oversample(above, settings.repeats), *oblique]
    if settings.material is not None:
        shown += build_material(learn, sources, work, settings.material, settings.repeats, advance)
    return shown


def train(
    shown: Sequence[LabelledPicture],
    held_out: Sequence[LabelledPicture],
    start: Path,
    work: Path,
    settings: TrainingSettings,
) -> Path:
    """Train from the weights `start`; returns the path of the weights that are best on `held_out`.

    An epoch shows `shown` (`gather_shown`). Everything is kept below `work`; a training that was
    interrupted goes on at its last whole epoch, with the pictures and settings it began with, when it
    is called again with the same `work` (`is_begun`). One that is finished returns at once.

    Raises PantauError when `start` is no detector's weights, or ultralytics is not installed.
    """
    last = _last_weights(work)
    best = last.with_name("best.pt")
    if is_begun(work):
        model = load_weights(last)
        if _is_finished(model):
            return best
        train_on_all_of_the_cpu(model)
        model.train(resume=True)
    else:
        model = load_weights(start)
        parts = {"train": shown, "val": held_out or shown}
        data = write_yolo_dataset(work / "data", [kind.name for kind in ROAD_KINDS], parts)
        train_on_all_of_the_cpu(model)
        model.train(**_arguments(data, work, settings))
    return best


def is_begun(work: Path) -> bool:
    """Whether `work` holds a training with at least one whole epoch, which `train` goes on with."""
    return _last_weights(work).exists()


def _last_weights(work: Path) -> Path:
    return work / "run" / "weights" / "last.pt"


def _is_finished(model: Any) -> bool:
    """Ultralytics strips the optimizer from the weights of a finished training and sets the epoch to −1."""
    return bool(model.ckpt["epoch"] == -1)


def _arguments(data: Path, work: Path, settings: TrainingSettings) -> dict[str, Any]:
    return {
        "data": str(data),
        "project": str(work.resolve()),
        "name": "run",
        "exist_ok": True,
        "epochs": settings.epochs,
        "imgsz": settings.imgsz_px,
        "batch": settings.batch,
        "optimizer": "AdamW",
        "lr0": settings.learning_rate,
        "lrf": 0.02,
        "cos_lr": True,
        "warmup_epochs": 1.0,
        "close_mosaic": settings.close_mosaic_epochs,
        # Seen from above there is no up; but a quarter turn would make D00 of D10.
        "flipud": 0.5,
        "fliplr": 0.5,
        "scale": 0.5,
        "workers": 1,
        "seed": settings.seed,
        "plots": False,
    }
