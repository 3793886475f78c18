"""From ultralytics weights to a network that runs anywhere: ONNX in 32 bit floats."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.ultralytics_detector import load_weights, reading_px

_OPSET = 17


@dataclass(frozen=True)
class ExportedNetwork:
    """What weights say of themselves: labels in the order of the outputs, tile size, architecture.

    `epochs` and `trained_on` (date, YYYY-MM-DD) are None where the weights do not say.
    """

    labels: tuple[str, ...]
    input_px: int
    architecture: str
    epochs: int | None
    trained_on: str | None


def export_network(weights: Path, file: Path) -> ExportedNetwork:
    """Write the network of ultralytics weights as ONNX to `file`.

    Input `images` (batch, 3, height, width) RGB in 0…1 with free sizes in steps of 32; output
    (batch, 4 + kinds, anchors) without suppression. Nothing in the file names the machine it was
    trained on. The weights are copied first, since ultralytics writes beside them.

    Raises PantauError when the weights cannot be read, or ultralytics is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "weights.pt"
        shutil.copyfile(weights, copy)
        model = load_weights(copy)
        input_px = reading_px(model)
        checkpoint = model.ckpt or {}
        exported = model.export(format="onnx", imgsz=input_px, dynamic=True, simplify=False, opset=_OPSET)
        _write_without_metadata(Path(exported), file)
    arguments = checkpoint.get("train_args", {})
    return ExportedNetwork(
        labels=tuple(label for _, label in sorted(model.names.items())),
        input_px=input_px,
        architecture=Path(str(model.model.yaml.get("yaml_file", "unknown"))).stem,
        epochs=arguments.get("epochs"),
        trained_on=str(checkpoint["date"])[:10] if checkpoint.get("date") else None,
    )


def _write_without_metadata(exported: Path, file: Path) -> None:
    import onnx

    network: Any = onnx.load(str(exported))
    # Ultralytics writes the path of the training data into the description.
    del network.metadata_props[:]
    network.doc_string = ""
    for node in network.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(network)
    onnx.save(network, str(file))
