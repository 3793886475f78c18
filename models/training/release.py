"""From trained weights to a model folder: exported, thresholds chosen, scored, described."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from models.card import Evidence, card_text
from models.catalogue import open_detector
from models.folder import (
    CROSS_VALIDATION,
    INT8_NETWORK,
    INT8_WEIGHTS,
    NETWORK,
    ModelFolder,
    sha256_of,
    write_model_toml,
)
from models.kinds import kind_for_label
from models.labelled.pictures import LabelledPicture
from models.scoring.average_precision import LOWEST_THRESHOLD, Scores, read_all
from models.scoring.background import BackgroundAlarms, BackgroundPicture, count_on_background
from models.scoring.evaluation import Evaluation, evaluate
from models.scoring.resolution import coarsest_resolutions, measure_resolutions
from models.scoring.thresholds import UNCHOSEN_THRESHOLD, choose_thresholds
from models.training.export import ExportedNetwork, export_network
from models.training.quantization import Int8Comparison, add_int8
from vision.detector import Detector
from vision.errors import PantauError

CARD = "CARD.md"
_TOOLS = ("onnx", "nncf")

Advance = Callable[[int, str], None]


@dataclass(frozen=True)
class Provenance:
    """What only people know of a model.

    `gsd_cm` is the interval of ground sample distances of the training pictures, None where it is
    unknown. `data` names each data set with its source and licence; `notes` are sentences for the card.
    `view_count` is in how many views it is to look at each tile (see `vision.views`).
    """

    name: str
    version: str
    gsd_cm: tuple[float, float] | None
    data: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    licence: str = "AGPL-3.0-or-later"
    view_count: int = 1


@dataclass(frozen=True)
class ReleaseData:
    """The pictures a release is measured on: to choose thresholds, and to score.

    `groups` are the overlap groups of all of them, by name; None where nobody knows them. `gsd_cm` holds
    the ground sample distance of each held-out picture, by name, in centimetres per pixel; without it
    nobody can say how coarse is too coarse. `calibration` are pictures that were learnt from; without any
    no INT8 network is made. `background` are whole photos to count false alarms on. `cross_validation` is
    what `pantau cross-validate --json` printed of the same recipe: for the card, and kept beside it.
    """

    held_out: Sequence[LabelledPicture]
    val: Sequence[LabelledPicture]
    groups: Mapping[str, int] | None = None
    gsd_cm: Mapping[str, float] | None = None
    calibration: Sequence[LabelledPicture] = ()
    background: Sequence[BackgroundPicture] = ()
    cross_validation: Mapping[str, Any] | None = None

    @property
    def readings(self) -> int:
        """How many pictures are read in a release.

        The held-out ones once for the thresholds, again where their resolution is known, those kept for
        scoring once, and all of them twice more to compare INT8 with FP32.
        """
        compared = 2 * bool(self.calibration)
        rounds = 1 + (self.gsd_cm is not None) + compared
        return len(self.held_out) * rounds + len(self.val) * (1 + compared) + len(self.background)


def check_tools() -> None:
    """Raise PantauError when a model could be trained and not be released: known before, not hours after."""
    missing = [name for name in _TOOLS if find_spec(name) is None]
    if missing:
        raise PantauError(
            f"a trained model is exported with {' and '.join(_TOOLS)}, and {' and '.join(missing)} cannot be "
            "found; install them with: pip install '.[train]' in Pantau's folder."
        )


def release_model(
    weights: Path,
    out: Path,
    provenance: Provenance,
    data: ReleaseData,
    advance: Advance = lambda steps, detail: None,
) -> ModelFolder:
    """Export weights, choose thresholds on the held-out pictures, score on 'val', write the folder.

    An INT8 network joins it where that finds as much on the held-out and on the scored pictures (see
    `models.training.quantization`); then thresholds and scores are its own, since it is what is used.

    `advance(1, name)` is called after each picture. The folder's files are replaced one by one when
    everything is known; whatever fails leaves the folder as it was.

    Raises PantauError when the weights cannot be read, or ultralytics is not installed.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        draft = _draft(weights, Path(folder), provenance)
        draft, int8 = _with_int8(draft, data, advance)
        draft, evaluation = _measured(draft, data, advance)
        write_model_toml(draft)
        evidence = Evidence(
            len(data.held_out),
            evaluation,
            _background_alarms(draft, data, advance),
            data.cross_validation,
            int8,
            provenance.data,
            provenance.notes,
        )
        (draft.path / CARD).write_text(card_text(draft, evidence), encoding="utf-8")
        if data.cross_validation:
            text = json.dumps(data.cross_validation, indent=1)
            (draft.path / CROSS_VALIDATION).write_text(text + "\n", encoding="utf-8")
        _move_files(draft.path, out)
    return replace(draft, path=out)


def _with_int8(
    draft: ModelFolder, data: ReleaseData, advance: Advance
) -> tuple[ModelFolder, Int8Comparison | None]:
    if not data.calibration or not data.held_out:
        return draft, None
    parts = {"held-out": data.held_out, "scored": data.val}
    return add_int8(draft, data.calibration, {name: part for name, part in parts.items() if part}, advance)


def _measured(
    draft: ModelFolder, data: ReleaseData, advance: Advance
) -> tuple[ModelFolder, Evaluation | None]:
    """The model with thresholds, limits and scores, as it is read with when nobody says how."""
    lowest = dict.fromkeys(draft.thresholds, LOWEST_THRESHOLD)
    detector = open_detector(draft.path, lowest).detector
    held_out = read_all(detector, data.held_out, advance)
    thresholds = choose_thresholds(held_out, [kind.name for kind in draft.kinds])
    trained_cm = draft.gsd_cm[1] if draft.gsd_cm else 0.0
    measured_cm = _coarsest(detector, data, thresholds, advance)
    # What was trained and scored at a resolution is not denied there: the limits are known too roughly.
    limits_cm = {kind: max(limit_cm, trained_cm) for kind, limit_cm in measured_cm.items()}
    draft = replace(draft, thresholds=thresholds, coarsest_gsd_cm=limits_cm)
    if not data.val:
        return draft, None
    evaluation = evaluate(read_all(detector, data.val, advance), thresholds, data.groups, draft.gsd_cm)
    return replace(draft, scores=_scores_entry(evaluation.scores)), evaluation


def _background_alarms(draft: ModelFolder, data: ReleaseData, advance: Advance) -> BackgroundAlarms | None:
    if not data.background:
        return None
    return count_on_background(open_detector(draft.path).detector, data.background, advance)


def _move_files(draft: Path, out: Path) -> None:
    written = {file.name for file in draft.iterdir()}
    for name in sorted(written):
        (draft / name).replace(out / name)
    for name in {INT8_NETWORK, INT8_WEIGHTS, CROSS_VALIDATION} - written:
        (out / name).unlink(missing_ok=True)


def _coarsest(
    detector: Detector, data: ReleaseData, thresholds: Mapping[str, float], advance: Advance
) -> dict[str, float]:
    """For each kind the coarsest ground resolution it is found at; nothing where resolutions are unknown."""
    if data.gsd_cm is None or not data.held_out:
        return {}
    measured = measure_resolutions(detector, data.held_out, data.gsd_cm, thresholds, data.groups, advance)
    return coarsest_resolutions(measured)


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
        view_count=provenance.view_count,
        training=_training_entry(exported, provenance),
    )
    write_model_toml(draft)
    return draft


def _training_entry(exported: ExportedNetwork, provenance: Provenance) -> dict[str, Any]:
    entry = {"date": exported.trained_on, "epochs": exported.epochs, "data": list(provenance.data)}
    return {key: value for key, value in entry.items() if value}


def _scores_entry(scores: Scores) -> Mapping[str, Any]:
    """The scores for `model.toml`, without what nobody knows."""
    means = {"map50": scores.map50, "map50_95": scores.map50_95, "f1_mean": scores.f1}
    return {
        "part": "val",
        "pictures": scores.pictures,
        **_rounded(means),
        "ap50": _rounded({kind.kind: kind.ap50 for kind in scores.per_kind}),
        "f1": _rounded({kind.kind: kind.f1 for kind in scores.per_kind}),
    }


def _rounded(scores: Mapping[str, float | None]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in scores.items() if value is not None}
