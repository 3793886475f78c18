"""Detectors that run by OpenVINO on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.detector import Picture
from vision.errors import PantauError
from vision.tiled_detector import NMS_IOU, TILE_OVERLAP, TiledDetector


class OpenVinoDetector(TiledDetector):
    """Finds damage with an ONNX file or OpenVINO's own format (.xml).

    See `TiledDetector` for the meaning of the arguments.
    """

    def __init__(
        self,
        model_file: Path,
        kinds: Sequence[str],
        input_px: int,
        thresholds: Mapping[str, float],
        gsd_cm: tuple[float, float] | None = None,
        nms_iou: float = NMS_IOU,
        overlap: float = TILE_OVERLAP,
        view_count: int = 1,
    ) -> None:
        network = OpenVinoNetwork(model_file, input_px, len(kinds))
        super().__init__(network, kinds, thresholds, gsd_cm, nms_iou, overlap, view_count)


class OpenVinoNetwork:
    """A YOLO network as an ONNX file or in OpenVINO's own format (.xml).

    Input (batch, 3, H, W) RGB in 0…1, output (batch, 4 + K, anchors).

    A network in 32 bit floats computes in these on every machine, so that results repeat: OpenVINO would
    choose bf16 where the CPU has it. Tiles are read one by one on as many streams as OpenVINO chooses for
    the machine's cores; no more than those few tiles are in memory at a time.

    Raises PantauError when the file is no network of this form.
    """

    def __init__(self, model_file: Path, input_px: int, kind_count: int) -> None:
        self.input_px = input_px
        self._model_file = model_file
        try:
            model = self._read((1, 3, input_px, input_px))
            output_shape = tuple(model.output().get_shape())
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise PantauError(
                f"{model_file}: cannot be read as a detector ({reason}); expected an ONNX file "
                f"with one input (batch, 3, {input_px}, {input_px}) and one output."
            ) from error
        if len(output_shape) != 3 or output_shape[1] != 4 + kind_count:
            raise PantauError(
                f"{model_file}: its output has the shape {output_shape}, which does not fit {kind_count} "
                f"kinds; expected (1, {4 + kind_count}, anchors): list the model's kinds in its model.toml."
            )
        self._queues = {(input_px, input_px): _compiled(model)}

    def run(self, tiles: Iterable[Picture], take: Callable[[int, NDArray[np.float32]], None]) -> None:
        """See `vision.tiled_detector.TileNetwork.run`."""
        used: dict[tuple[int, int], Any] = {}
        try:
            for number, tile in enumerate(tiles):
                size_px = tile.shape[0], tile.shape[1]
                if size_px not in used:
                    used[size_px] = self._queue(size_px)
                    used[size_px].set_callback(
                        lambda request, number: take(number, request.get_output_tensor().data[0])
                    )
                used[size_px].start_async({0: tile[None]}, number)
        finally:
            for queue in used.values():
                queue.wait_all()

    def _queue(self, size_px: tuple[int, int]) -> Any:
        """The network for tiles of this size (height, width); one for any size takes 5 ms more a tile."""
        if size_px not in self._queues:
            self._queues[size_px] = _compiled(self._read((1, 3, *size_px)))
        return self._queues[size_px]

    def _read(self, shape: tuple[int, ...]) -> Any:
        import openvino

        model = openvino.Core().read_model(self._model_file)
        model.reshape(list(shape))
        return model


def _compiled(model: Any) -> Any:
    """A queue that computes with a model on all cores."""
    import openvino

    compiled = openvino.Core().compile_model(
        _reading_pixels(model),
        "CPU",
        {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "THROUGHPUT"},
    )
    return openvino.AsyncInferQueue(compiled)


def _reading_pixels(model: Any) -> Any:
    """The model with 8 bit pixels in OpenCV's layout and order of colours as its input."""
    from openvino import Layout, Type
    from openvino.preprocess import ColorFormat, PrePostProcessor

    steps = PrePostProcessor(model)
    tensor = steps.input().tensor()
    tensor.set_element_type(Type.u8).set_layout(Layout("NHWC")).set_color_format(ColorFormat.BGR)
    steps.input().model().set_layout(Layout("NCHW"))
    preprocess = steps.input().preprocess()
    preprocess.convert_element_type(Type.f32).convert_color(ColorFormat.RGB).scale(255.0)
    return steps.build()
