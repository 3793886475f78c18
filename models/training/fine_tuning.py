"""Fine-tuning a detector with ultralytics, in pieces that resume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.kinds import ROAD_KINDS, labels_of
from models.labelled.dataset import (
    OVERLAP_GROUPS,
    SPLIT,
    hold_out_groups,
    oversample,
    pictures_of_part,
    read_groups,
    write_yolo_dataset,
)
from models.labelled.pictures import LabelledPicture, read_voc_folder
from models.torch_compat import require_ultralytics
from models.training.cpu_training import train_on_all_of_the_cpu
from vision.errors import PantauError


@dataclass(frozen=True)
class TrainingSettings:
    """What makes a training repeatable.

    `repeats` says how often pictures of a rare kind are shown per epoch. `hold_out_share` of the
    training pictures, by whole overlap groups, choose the best epoch.
    """

    epochs: int = 14
    imgsz_px: int = 512
    batch: int = 16
    learning_rate: float = 0.001
    close_mosaic_epochs: int = 4
    hold_out_share: float = 0.08
    repeats: Mapping[str, int] = field(default_factory=lambda: {"pothole": 4, "alligator_crack": 2})
    seed: int = 0


def gather_pictures(
    folders: Sequence[Path], settings: TrainingSettings
) -> tuple[list[LabelledPicture], list[LabelledPicture]]:
    """Read VOC folders; returns (to learn from, to choose the best epoch on).

    Where a folder has a `split.json`, only its 'train' part is used at all: 'val' stays unseen.
    Where it has `overlap_groups.json`, part of the groups is held out.
    """
    learn: list[LabelledPicture] = []
    held_out: list[LabelledPicture] = []
    for folder in folders:
        pictures = read_voc_folder(folder, labels_of(ROAD_KINDS))
        if (folder / SPLIT).exists():
            pictures = pictures_of_part(folder, pictures, "train")
        if (folder / OVERLAP_GROUPS).exists():
            groups = read_groups(folder / OVERLAP_GROUPS)
            pictures, part = hold_out_groups(pictures, groups, settings.hold_out_share, settings.seed)
            held_out += part
        learn += pictures
    return learn, held_out


def train(folders: Sequence[Path], start: Path, work: Path, settings: TrainingSettings) -> Path:
    """Train from the weights `start`; returns the path of the best weights.

    Everything is kept below `work`; a training that was interrupted goes on at its last whole
    epoch, with the settings it began with, when it is called again with the same `work`. One that
    is finished returns at once.

    Raises PantauError when `start` or a folder cannot be read, or ultralytics is not installed.
    """
    if not start.is_file():
        raise PantauError(f"{start}: there is no such file; give the path of ultralytics weights (.pt).")
    ultralytics = require_ultralytics()
    last = work / "run" / "weights" / "last.pt"
    best = last.with_name("best.pt")
    if last.exists():
        model = ultralytics.YOLO(str(last))
        if _is_finished(model):
            return best
        train_on_all_of_the_cpu(model)
        model.train(resume=True)
    else:
        learn, held_out = gather_pictures(folders, settings)
        parts = {"train": oversample(learn, settings.repeats), "val": held_out or learn}
        data = write_yolo_dataset(work / "data", [kind.name for kind in ROAD_KINDS], parts)
        model = ultralytics.YOLO(str(start))
        train_on_all_of_the_cpu(model)
        model.train(**_arguments(data, work, settings))
    return best


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
