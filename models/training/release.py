"""From trained weights to a model folder: exported, thresholds chosen, scored, described."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.card import card_text
from models.catalogue import open_detector
from models.folder import DESCRIPTION, NETWORK, ModelFolder, sha256_of, write_model_toml
from models.kinds import ROAD_KINDS, kind_for_label, labels_of
from models.labelled.dataset import SPLIT, pictures_of_part
from models.labelled.pictures import LabelledPicture, read_voc_folder
from models.scoring.average_precision import LOWEST_THRESHOLD, Scores, read_all, score
from models.scoring.thresholds import UNCHOSEN_THRESHOLD, choose_thresholds
from models.training.export import ExportedNetwork, export_network
from models.training.fine_tuning import TrainingSettings, gather_pictures

CARD = "CARD.md"

Advance = Callable[[int, str], None]


@dataclass(frozen=True)
class Provenance:
    """What only people know of a model.

    `gsd_cm` is the interval of ground sample distances of the training pictures, None where it is
    unknown. `data` names each data set with its source and licence; `notes` are sentences for the card.
    """

    name: str
    version: str
    gsd_cm: tuple[float, float] | None
    data: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    licence: str = "AGPL-3.0-or-later"


@dataclass(frozen=True)
class ReleaseData:
    """The pictures a release is measured on: to choose thresholds, and to score."""

    held_out: Sequence[LabelledPicture]
    val: Sequence[LabelledPicture]


def release_data(folders: Sequence[Path], settings: TrainingSettings) -> ReleaseData:
    """The held-out part of the training pictures, and the 'val' parts of the folders that have one."""
    val: list[LabelledPicture] = []
    for folder in folders:
        if (folder / SPLIT).exists():
            val += pictures_of_part(folder, read_voc_folder(folder, labels_of(ROAD_KINDS)), "val")
    return ReleaseData(gather_pictures(folders, settings)[1], val)


def release_model(
    weights: Path,
    out: Path,
    provenance: Provenance,
    data: ReleaseData,
    advance: Advance = lambda steps, detail: None,
) -> ModelFolder:
    """Export weights, choose thresholds on the held-out pictures, score on 'val', write the folder.

    `advance(1, name)` is called after each picture. The folder's files are replaced one by one when
    everything is known; whatever fails leaves the folder as it was.

    Raises PantauError when the weights cannot be read, or ultralytics is not installed.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        draft = _draft(weights, Path(folder), provenance)
        lowest = dict.fromkeys(draft.thresholds, LOWEST_THRESHOLD)
        detector = open_detector(draft.path, lowest).detector
        names = [kind.name for kind in draft.kinds]
        held_out = read_all(detector, data.held_out, advance)
        draft = replace(draft, thresholds=choose_thresholds(held_out, names))
        scores = score(read_all(detector, data.val, advance), draft.thresholds) if data.val else None
        draft = replace(draft, scores=_scores_entry(scores) if scores else {})
        write_model_toml(draft)
        text = card_text(draft, scores, len(data.held_out), provenance.data, provenance.notes)
        (draft.path / CARD).write_text(text, encoding="utf-8")
        for name in (NETWORK, DESCRIPTION, CARD):
            (draft.path / name).replace(out / name)
    return replace(draft, path=out)


def _draft(weights: Path, folder: Path, provenance: Provenance) -> ModelFolder:
    """The exported network with a description that lacks thresholds and scores."""
    exported = export_network(weights, folder / NETWORK)
    kinds = tuple(kind_for_label(label) for label in exported.labels)
    draft = ModelFolder(
        path=folder,
        name=provenance.name,
        version=provenance.version,
        architecture=exported.architecture,
        licence=provenance.licence,
        input_px=exported.input_px,
        gsd_cm=provenance.gsd_cm,
        kinds=kinds,
        thresholds={kind.name: UNCHOSEN_THRESHOLD for kind in kinds},
        sha256={NETWORK: sha256_of(folder / NETWORK)},
        training=_training_entry(exported, provenance),
    )
    write_model_toml(draft)
    return draft


def _training_entry(exported: ExportedNetwork, provenance: Provenance) -> dict[str, Any]:
    entry = {"date": exported.trained_on, "epochs": exported.epochs, "data": list(provenance.data)}
    return {key: value for key, value in entry.items() if value}


def _scores_entry(scores: Scores) -> Mapping[str, Any]:
    return {
        "part": "val",
        "pictures": scores.pictures,
        "map50": round(scores.map50, 4),
        "map50_95": round(scores.map50_95, 4),
        "ap50": {kind.kind: round(kind.ap50, 4) for kind in scores.per_kind if kind.ap50 is not None},
        "f1": {kind.kind: round(kind.f1, 4) for kind in scores.per_kind},
    }
