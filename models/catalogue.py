"""The catalogue: the detectors that ship with Pantau, and those that users bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from models.folder import (
    DESCRIPTION,
    INT8_NETWORK,
    INT8_WEIGHTS,
    NETWORK,
    ModelFolder,
    check_files,
    read_model_folder,
    sha256_of,
)
from models.kinds import Kind
from vision.detector import Detector
from vision.errors import PantauError

DEFAULT_MODEL = "road-damage-yolo11n"
Precision = Literal["fp32", "int8"]
_SHIPPED = Path(__file__).resolve().parent


@dataclass(frozen=True)
class OpenedDetector:
    """A detector ready to read pictures, with what a register notes of it.

    `sha256` is the checksum of the network's file. `gsd_cm` is the interval of ground sample
    distances it was trained on, None where it is unknown; `coarsest_gsd_cm` the coarsest at which it
    finds a kind, for the kinds of which that is known; `view_count` in how many views it looks at a tile.
    """

    name: str
    sha256: str
    kinds: tuple[Kind, ...]
    gsd_cm: tuple[float, float] | None
    thresholds: Mapping[str, float]
    detector: Detector
    coarsest_gsd_cm: Mapping[str, float] = field(default_factory=dict)
    view_count: int = 1


def list_models() -> list[ModelFolder]:
    """The models that ship with Pantau, by name."""
    return [read_model_folder(file.parent) for file in sorted(_SHIPPED.glob(f"*/{DESCRIPTION}"))]


def find_model(name_or_path: str | Path) -> ModelFolder:
    """The model of this name in the catalogue, or the model in this folder.

    Raises PantauError that lists the known models when there is neither.
    """
    shipped = {model.name: model for model in list_models()}
    if str(name_or_path) in shipped:
        return shipped[str(name_or_path)]
    if Path(name_or_path).is_dir():
        return read_model_folder(Path(name_or_path))
    raise PantauError(
        f"{name_or_path}: is no model; known are {', '.join(shipped) or 'none'}, "
        f"or give the path of a model folder or of an ultralytics .pt file."
    )


def open_detector(
    name_or_path: str | Path | None = None,
    thresholds: Mapping[str, float] | None = None,
    precision: Precision | None = None,
    view_count: int | None = None,
) -> OpenedDetector:
    """Open a model by its name, its folder, or an ultralytics `.pt` file; None opens the default.

    `thresholds` replace the model's own, for the kinds they name. `precision` is that of the network;
    None takes INT8 where the model has it, since it then finds as much in less time; a `.pt` file has
    none to choose. `view_count` replaces the model's own number of views (not of a `.pt` file, which is
    always read in one); its thresholds are not made for another.

    Raises PantauError when there is no such model, or its files are not those that were described.
    """
    if name_or_path is not None and Path(name_or_path).suffix.lower() == ".pt":
        if precision is not None:
            raise PantauError(f"{name_or_path}: is read as it is; leave the precision {precision} out.")
        return _open_ultralytics(Path(name_or_path), thresholds or {})
    from vision.openvino_detector import OpenVinoDetector

    model = find_model(DEFAULT_MODEL if name_or_path is None else name_or_path)
    check_files(model)
    used = dict(model.thresholds) | dict(thresholds or {})
    names = [kind.name for kind in model.kinds]
    network_file, sha256 = _network(model, precision)
    looks = view_count or model.view_count
    detector = OpenVinoDetector(network_file, names, model.input_px, used, model.gsd_cm, view_count=looks)
    return OpenedDetector(
        model.name, sha256, model.kinds, model.gsd_cm, used, detector, model.coarsest_gsd_cm, looks
    )


def _network(model: ModelFolder, precision: Precision | None) -> tuple[Path, str]:
    """The file of a model's network, and the checksum that stands for it in registers."""
    if precision == "int8" and not model.has_int8:
        raise PantauError(f"{model.path}: has no network in INT8; leave the precision out, or name FP32.")
    if model.has_int8 and precision != "fp32":
        return model.path / INT8_NETWORK, model.sha256[INT8_WEIGHTS]
    return model.network_file, model.sha256[NETWORK]


def _open_ultralytics(weights: Path, thresholds: Mapping[str, float]) -> OpenedDetector:
    from models.ultralytics_detector import open_weights

    kinds, used, detector = open_weights(weights, thresholds)
    return OpenedDetector(weights.stem, sha256_of(weights), kinds, None, used, detector)
