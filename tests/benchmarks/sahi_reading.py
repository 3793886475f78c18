"""SAHI with ultralytics, and Pantau with the same weights, for `bench_reading`."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from models.kinds import ROAD_KINDS, labels_of
from vision.detector import Detector
from vision.openvino_detector import OpenVinoDetector
from vision.tiled_detector import TILE_OVERLAP

SHARED = Path(__file__).resolve().parents[3] / "shared"
WEIGHTS = SHARED / "weights/road-damage-yolo11n-512-12epochs.pt"
TWO_VIEWS = " in two views"
_TILES = SHARED / "data/road-damage/drone"
_THRESHOLD = 0.25
_CALIBRATION_TILES = 32  # enough for the time it takes; its scores are not looked at


def missing() -> str:
    """What to do before this can be measured; "" where it can be."""
    absent = [name for name in ("torch", "ultralytics", "sahi") if find_spec(name) is None]
    if absent:
        return f"install {', '.join(absent)}: pip install '.[train]' sahi"
    return "" if WEIGHTS.is_file() else f"put the weights at {WEIGHTS}"


def same_weights(folder: Path) -> dict[str, Detector]:
    """Detectors of ours with these weights: in FP32, and in INT8 where NNCF is installed.

    The last one looks at each tile in two views, as the shipped model does; SAHI has nothing like it.
    """
    from models.training.export import export_network

    exported = export_network(WEIGHTS, folder / "same.onnx")
    networks = {"FP32": folder / "same.onnx"}
    if find_spec("nncf") is not None:
        from models.labelled.reading import read_labelled_folder
        from models.training.quantization import quantize

        tiles = read_labelled_folder(_TILES, labels_of(ROAD_KINDS))[:_CALIBRATION_TILES]
        networks["INT8"] = quantize(networks["FP32"], tiles, folder / "same.int8.xml", exported.input_px)
    thresholds = dict.fromkeys(exported.labels, _THRESHOLD)

    def detector(file: Path, view_count: int) -> Detector:
        return OpenVinoDetector(file, exported.labels, exported.input_px, thresholds, view_count=view_count)

    detectors = {name: detector(file, 1) for name, file in networks.items()}
    fastest = list(networks)[-1]
    return detectors | {f"{fastest}{TWO_VIEWS}": detector(networks[fastest], 2)}


def sahi_reader() -> Callable[[Path], Any]:
    """What decodes and reads a photo by SAHI, with both cores, at our tile size and overlap."""
    from models.torch_compat import import_ultralytics

    import_ultralytics()
    import torch
    from sahi import AutoDetectionModel
    from sahi.predict import get_sliced_prediction

    from models.ultralytics_detector import load_weights, reading_px

    tile_px = reading_px(load_weights(WEIGHTS))
    model = AutoDetectionModel.from_pretrained(
        "ultralytics",
        model_path=str(WEIGHTS),
        device="cpu",
        confidence_threshold=_THRESHOLD,
        image_size=tile_px,
        fuse=True,
    )

    def read(file: Path) -> Any:
        # Ultralytics leaves torch one core of two when it predicts first; from the second time on both work.
        torch.set_num_threads(os.cpu_count() or 1)
        return get_sliced_prediction(
            str(file),
            model,
            slice_height=tile_px,
            slice_width=tile_px,
            overlap_height_ratio=TILE_OVERLAP,
            overlap_width_ratio=TILE_OVERLAP,
            perform_standard_pred=False,
            verbose=0,
        )

    return read
