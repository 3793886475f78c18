"""A network in 8 bit integers: 1.6 times faster on CPUs with VNNI, shipped where it finds just as much.

Post-training quantisation by NNCF: ranges of the activations are measured on pictures that the network
learnt from, never on those that it is scored on. The arithmetic behind the last convolutions of the
detection head (boxes from distances, scores from logits) stays in floats: pixels up to 544 and scores
down to 0.001 do not fit into 256 steps.
"""

from __future__ import annotations

import logging
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import open_detector
from models.folder import INT8_NETWORK, INT8_WEIGHTS, ModelFolder, sha256_of, write_model_toml
from models.labelled.pictures import LabelledPicture
from models.scoring.average_precision import LOWEST_THRESHOLD, read_all, score
from vision.decoding import Undecodable, read_picture
from vision.errors import PantauError
from vision.tiling import cut_tile, tile_windows

LARGEST_LOSS_MAP50 = 0.01
"""An INT8 network whose mAP50 is lower than that of the FP32 one by more, anywhere, is not shipped."""

_CALIBRATION_PICTURES = 300
_SEED = 0
# Of the head, by the names that ultralytics gives, everything but convolutions. Its activations among
# that: on held-out tiles mAP50 is 0.571 with them in floats and 0.564 without (FP32: 0.567).
_HEAD_ARITHMETIC = "dfl|Add|Sub|Mul|Div|Sigmoid"

Advance = Callable[[int, str], None]


@dataclass(frozen=True)
class Int8Comparison:
    """mAP50 of a network in FP32 and in INT8 on the same pictures, for each part of the data with labels.

    The pictures kept for scoring are one of the parts: they can only forbid INT8, so that nothing is won
    by choosing on them. The held-out ones alone are too few to tell a hundredth.
    """

    map50: Mapping[str, tuple[float, float]]

    @property
    def is_as_good(self) -> bool:
        """Whether the INT8 network may be shipped: measured, it loses a hundredth at most on every part."""
        return bool(self.map50) and all(
            int8 >= fp32 - LARGEST_LOSS_MAP50 for fp32, int8 in self.map50.values()
        )


def quantize(network: Path, pictures: Sequence[LabelledPicture], out: Path, input_px: int) -> Path:
    """Write the INT8 version of an ONNX network as OpenVINO IR: `out` (.xml), its weights beside (.bin).

    `pictures` are some that the network learnt from; 300 of them are used, always the same ones.

    Raises PantauError when NNCF is not installed, or there is no picture.
    """
    if not pictures:
        raise PantauError(f"{network}: no pictures to measure its activations on; give training pictures.")
    nncf = _require_nncf()
    chosen = random.Random(_SEED).sample(list(pictures), min(_CALIBRATION_PICTURES, len(pictures)))
    model = _read_simplified(network)
    quantized = nncf.quantize(
        model,
        nncf.Dataset(chosen, lambda picture: _network_input(picture, input_px)),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(chosen),
        ignored_scope=nncf.IgnoredScope(patterns=_float_patterns(model), validate=False),
        # Without VNNI sums of two products of 8 bits overflow; half the range is enough for weights.
        advanced_parameters=nncf.AdvancedQuantizationParameters(overflow_fix=nncf.OverflowFix.ENABLE),
    )
    _write_whole(quantized, out)
    return out


def add_int8(
    model: ModelFolder,
    calibration: Sequence[LabelledPicture],
    parts: Mapping[str, Sequence[LabelledPicture]],
    advance: Advance = lambda steps, detail: None,
) -> tuple[ModelFolder, Int8Comparison]:
    """Quantise a model's network, compare both on parts of the data, and ship INT8 if it is as good.

    Returns the model as it is then, its `model.toml` written, and the comparison. `advance(1, name)` is
    called after each of the pictures in the parts, which are read twice.
    """
    quantize(model.network_file, calibration, model.path / INT8_NETWORK, model.input_px)
    files = {name: sha256_of(model.path / name) for name in (INT8_NETWORK, INT8_WEIGHTS)}
    fp32_only = {name: sha for name, sha in model.sha256.items() if name not in files}
    with_int8 = replace(model, sha256=fp32_only | files)
    write_model_toml(with_int8)
    comparison = Int8Comparison(
        {
            name: (
                _map50(model.path, "fp32", model, pictures, advance),
                _map50(model.path, "int8", model, pictures, advance),
            )
            for name, pictures in parts.items()
            if any(picture.boxes for picture in pictures)
        }
    )
    if comparison.is_as_good:
        return with_int8, comparison
    without = replace(model, sha256=fp32_only)
    write_model_toml(without)
    for name in files:
        (model.path / name).unlink()
    return without, comparison


def _map50(
    folder: Path, precision: Any, model: ModelFolder, pictures: Sequence[LabelledPicture], advance: Advance
) -> float:
    lowest = dict.fromkeys(model.thresholds, LOWEST_THRESHOLD)
    detector = open_detector(folder, lowest, precision).detector
    return score(read_all(detector, pictures, advance), model.thresholds).map50 or 0.0


def _network_input(picture: LabelledPicture, input_px: int) -> NDArray[np.float32]:
    """One tile of a picture as the network takes it: (1, 3, height, width), RGB in 0…1."""
    pixels = read_picture(picture.path)
    if isinstance(pixels, Undecodable):
        raise PantauError(f"{picture.path}: cannot be used for calibration, {pixels.detail}; take it out.")
    windows = tile_windows(pixels.shape[1], pixels.shape[0], input_px)
    tile = cut_tile(pixels, windows[len(windows) // 2], input_px)
    return np.asarray(tile[None, ..., ::-1].transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(255)


def _read_simplified(network: Path) -> Any:
    """The network with its activations as single operations, for tiles of any size.

    ONNX writes the activation x · sigmoid(x) as two operations. Left so, each gets a range of its own,
    which loses accuracy and keeps OpenVINO from computing it within the convolution before it: 30 ms of
    CPU for a tile instead of 24. (`openvino.convert_model` does the same, but tells its makers of it.)
    """
    import openvino
    from openvino._offline_transformations import apply_moc_transformations

    model = openvino.Core().read_model(network)
    model.reshape([1, 3, -1, -1])
    apply_moc_transformations(model, cf=True)
    return model


def _float_patterns(model: Any) -> list[str]:
    """Names of the operations that stay in floats: the arithmetic of the last module, the head."""
    names = (operation.get_friendly_name() for operation in model.get_ordered_ops())
    modules = {name.split("/")[1] for name in names if name.startswith("/model.")}
    head = max(modules, key=lambda module: int(module.removeprefix("model.")))
    return [f"/{head}/(.*/)?({_HEAD_ARITHMETIC})(_[0-9]+)?(/.*)?"]


def _write_whole(model: Any, out: Path) -> None:
    """Write both files of a network, each complete before it gets its name."""
    import openvino

    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.stem}-") as folder:
        draft = Path(folder) / out.name
        openvino.save_model(model, draft, compress_to_fp16=False)
        for file in (draft.with_suffix(".bin"), draft):
            file.replace(out.with_suffix(file.suffix))


def _require_nncf() -> Any:
    try:
        import nncf
    except ImportError as error:
        raise PantauError(
            f"INT8 networks need NNCF, which cannot be imported ({error}); "
            "install it with: pip install '.[train]' in Pantau's folder."
        ) from error
    nncf.set_log_level(logging.WARNING)
    return nncf
